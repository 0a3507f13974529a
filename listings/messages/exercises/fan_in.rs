//! # Fan in
//!
//! 15 minutes
//!
//! Several sensors report, each through a channel of its own. Whoever draws the
//! display wants one channel to listen to. `fan_in` makes one out of many: it
//! returns at once, and whatever any of the sensors sends, sooner or later,
//! comes out of the channel that it returned, with the number of its sensor.
//! What one sensor sends stays in order. The channel ends when all of them have
//! ended. When nobody listens to it any more, its threads end, so that a sensor's
//! `send` fails.
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
                    // Nobody listens: then the sensor should learn it too.
                    // Leaving drops its receiver.
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

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::Sender;
    use std::time::Duration;

    const LIMIT: Duration = Duration::from_secs(10);

    fn sensors(count: usize) -> (Vec<Sender<i32>>, Receiver<Report>) {
        let (senders, receivers) = (0..count).map(|_| mpsc::channel()).unzip();
        (senders, fan_in(receivers))
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
    fn when_nobody_listens_the_sensors_learn_it() {
        let (senders, together) = sensors(1);
        drop(together);
        let started = std::time::Instant::now();
        while senders[0].send(0).is_ok() {
            assert!(
                started.elapsed() < LIMIT,
                "the listener has left, and the sensor can still send"
            );
            thread::yield_now();
        }
    }
}
