//! # Fan in
//!
//! 15 minutes
//!
//! Several sensors report, each through a channel of its own, and a display
//! wants one channel to listen to. `fan_in` makes one out of many. It returns at
//! once, and when any of the sensors sends a value, it comes out of the channel
//! that `fan_in` returned, with the number of the sensor. The values of one
//! sensor stay in order. The channel ends when all sensors have ended. When the
//! display drops its end, the threads of `fan_in` end as well, so that before
//! long a sensor's `send` fails.
//!
//! The starter listens to the sensors one after the other.
//!
//! Hint: A thread for each sensor. The thread owns its receiver and a clone of
//! the sender. Who owns the sender that you cloned from?

use std::sync::mpsc::{self, Receiver};
use std::thread;

/// What a sensor sends, and which one it is.
pub type Report = (usize, i32);

pub mod starter {
    use super::*;

    /// One channel for all sensors. Does not wait for any of them.
    pub fn fan_in(sensors: Vec<Receiver<i32>>) -> Receiver<Report> {
        let (sender, together) = mpsc::channel();
        thread::spawn(move || {
            for (number, sensor) in sensors.into_iter().enumerate() {
                for value in sensor {
                    let _ = sender.send((number, value));
                }
            }
        });
        together
    }
}

pub mod solution {
    use super::*;

    /// One channel for all sensors. Does not wait for any of them.
    pub fn fan_in(sensors: Vec<Receiver<i32>>) -> Receiver<Report> {
        let (sender, together) = mpsc::channel();
        for (number, sensor) in sensors.into_iter().enumerate() {
            let sender = sender.clone();
            thread::spawn(move || {
                for value in sensor {
                    // The display is gone, and the sensor should learn it:
                    // leaving the loop drops its receiver.
                    if sender.send((number, value)).is_err() {
                        break;
                    }
                }
            });
        }
        // The sender that was cloned ends with this function: the channel ends
        // with the last of the threads.
        together
    }
}

/// Your one thread takes a value from each sensor in turn. `recv` waits, so a
/// sensor that has something to say is not heard until those before it have
/// spoken, and a silent one silences all.
///
/// Caught by `a_sensor_is_heard_while_the_one_before_it_is_silent`.
pub mod wrong_takes_turns {
    use super::*;

    pub fn fan_in(sensors: Vec<Receiver<i32>>) -> Receiver<Report> {
        let (sender, together) = mpsc::channel();
        thread::spawn(move || {
            let mut sensors: Vec<_> = sensors.into_iter().enumerate().collect();
            while !sensors.is_empty() {
                sensors.retain(|(number, sensor)| match sensor.recv() {
                    Ok(value) => sender.send((*number, value)).is_ok(),
                    Err(_) => false,
                });
            }
        });
        together
    }
}

/// You start a thread for each sensor and wait for all of them before you
/// return. They end when the sensors do, so the display gets its channel when
/// there is nothing left to come.
///
/// Caught by `it_returns_at_once`.
pub mod wrong_waits_for_its_threads {
    use super::*;

    pub fn fan_in(sensors: Vec<Receiver<i32>>) -> Receiver<Report> {
        let (sender, together) = mpsc::channel();
        thread::scope(|scope| {
            for (number, sensor) in sensors.into_iter().enumerate() {
                let sender = sender.clone();
                scope.spawn(move || {
                    for value in sensor {
                        if sender.send((number, value)).is_err() {
                            break;
                        }
                    }
                });
            }
        });
        together
    }
}

/// You ignore a `send` that fails. When the display is gone, the threads go on
/// taking the values and throwing them away, and the sensors measure and send
/// for nothing, for as long as the program runs.
///
/// Caught by `when_the_display_is_gone_the_sensors_learn_it`.
pub mod wrong_throws_away {
    use super::*;

    pub fn fan_in(sensors: Vec<Receiver<i32>>) -> Receiver<Report> {
        let (sender, together) = mpsc::channel();
        for (number, sensor) in sensors.into_iter().enumerate() {
            let sender = sender.clone();
            thread::spawn(move || {
                for value in sensor {
                    let _ = sender.send((number, value));
                }
            });
        }
        together
    }
}

/// Your one thread asks all sensors in a circle with `try_recv`, and ends when
/// one of them has ended. The others are still sending, and their values are
/// lost.
///
/// Caught by `a_sensor_that_ends_takes_no_other_with_it`.
pub mod wrong_ends_with_the_first {
    use super::*;
    use std::sync::mpsc::TryRecvError;
    use std::time::Duration;

    pub fn fan_in(sensors: Vec<Receiver<i32>>) -> Receiver<Report> {
        let (sender, together) = mpsc::channel();
        thread::spawn(move || {
            loop {
                for (number, sensor) in sensors.iter().enumerate() {
                    match sensor.try_recv() {
                        Ok(value) => {
                            if sender.send((number, value)).is_err() {
                                return;
                            }
                        }
                        Err(TryRecvError::Empty) => {}
                        Err(TryRecvError::Disconnected) => return,
                    }
                }
                thread::sleep(Duration::from_micros(100));
            }
        });
        together
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::Sender;
    use std::time::Duration;

    const LIMIT: Duration = Duration::from_secs(5);

    fn sensors(count: usize) -> (Vec<Sender<i32>>, Receiver<Report>) {
        let (senders, receivers) = (0..count).map(|_| mpsc::channel()).unzip();
        let (done, result) = mpsc::channel();
        thread::spawn(move || done.send(fan_in(receivers)));
        let together = result.recv_timeout(LIMIT).expect(
            "`fan_in` did not return, and no sensor has ended: does it wait for \
             its threads?",
        );
        (senders, together)
    }

    #[test]
    fn it_returns_at_once() {
        drop(sensors(2));
    }

    #[test]
    fn a_sensor_is_heard_while_the_one_before_it_is_silent() {
        let (senders, together) = sensors(3);
        for number in [2, 0, 1] {
            senders[number].send(7).unwrap();
            let heard = together.recv_timeout(LIMIT);
            assert_eq!(
                heard,
                Ok((number, 7)),
                "sensor {number} has sent, and the others are silent"
            );
        }
    }

    #[test]
    fn nothing_is_lost_and_each_sensor_stays_in_order() {
        let (senders, together) = sensors(4);
        for sender in &senders {
            (0..500).for_each(|value| sender.send(value).unwrap());
        }
        let mut next = [0; 4];
        for _ in 0..4 * 500 {
            let report = together.recv_timeout(LIMIT);
            let (number, value) = report.expect("something was lost");
            assert_eq!(value, next[number], "sensor {number} out of order");
            next[number] += 1;
        }
    }

    #[test]
    fn the_channel_ends_with_the_last_sensor() {
        let (mut senders, together) = sensors(2);
        senders[0].send(1).unwrap();
        senders.remove(0);
        senders[0].send(2).unwrap();
        senders.clear();
        let mut heard: Vec<_> = (0..2)
            .map(|_| together.recv_timeout(LIMIT).expect("two were sent"))
            .collect();
        heard.sort();
        assert_eq!(heard, [(0, 1), (1, 2)]);
        assert_eq!(
            together.recv_timeout(LIMIT),
            Err(mpsc::RecvTimeoutError::Disconnected),
            "every sensor has ended, and the channel has not: who holds a \
             sender?"
        );
    }

    #[test]
    fn a_sensor_that_ends_takes_no_other_with_it() {
        let (mut senders, together) = sensors(2);
        senders.remove(0);
        for value in 0..3 {
            let sent = senders[0].send(value);
            let heard = together.recv_timeout(LIMIT);
            assert!(
                sent.is_ok() && heard == Ok((1, value)),
                "sensor 0 has ended, and since then sensor 1 is not heard"
            );
        }
    }

    #[test]
    fn when_the_display_is_gone_the_sensors_learn_it() {
        let (senders, together) = sensors(1);
        drop(together);
        let started = std::time::Instant::now();
        while senders[0].send(0).is_ok() {
            assert!(
                started.elapsed() < LIMIT,
                "the display has dropped its end, and after five seconds a \
                 sensor can still send: does its thread go on?"
            );
            thread::yield_now();
        }
    }
}
