//! # Find the serial part
//!
//! 25 minutes
//!
//! `summary` reads some documents in threads, a thread for each, and returns
//! their summaries in the order of their names. For four documents it takes 12 s
//! on one core, and 10.2 s on four cores.
//!
//! First write `serial_fraction`, which is Amdahl's law the other way round. If a
//! program takes the time `one` on one core and `many` on several, what share of
//! it does not split? (For the times above it is four fifths.)
//!
//! Then find that part in `summary`, and let the threads share it. Reading and
//! summarizing are both slow, and both need nothing but their own document. The
//! tests check that all documents are being summarized at the same time.
//!
//! Hint: Solve 1 / (s + (1 - s) / p) = one / many for s. In `summary`, ask of
//! each line which thread runs it.

use std::thread;
use std::time::Duration;

pub mod starter {
    use super::*;

    /// The share of the program that does not split.
    pub fn serial_fraction(one: Duration, many: Duration, cores: u32) -> f64 {
        let _ = cores;
        many.as_secs_f64() / one.as_secs_f64()
    }

    /// A summary of each document, in the order of the names.
    pub fn summary(
        names: &[&str],
        read: impl Fn(&str) -> String + Sync,
        summarize: impl Fn(&str) -> String + Sync,
    ) -> Vec<String> {
        thread::scope(|scope| {
            let readers: Vec<_> =
                names.iter().map(|name| scope.spawn(|| read(name))).collect();
            readers
                .into_iter()
                .map(|reader| reader.join().expect("no reader panics"))
                .map(|document| summarize(&document))
                .collect()
        })
    }
}

pub mod solution {
    use super::*;

    /// The share of the program that does not split.
    pub fn serial_fraction(one: Duration, many: Duration, cores: u32) -> f64 {
        let inverse = many.as_secs_f64() / one.as_secs_f64();
        let share = 1.0 / f64::from(cores);
        (inverse - share) / (1.0 - share)
    }

    /// A summary of each document, in the order of the names.
    pub fn summary(
        names: &[&str],
        read: impl Fn(&str) -> String + Sync,
        summarize: impl Fn(&str) -> String + Sync,
    ) -> Vec<String> {
        thread::scope(|scope| {
            // What came after `join` was done by the thread that joins: one
            // document after the other, however many threads had read them.
            let workers: Vec<_> = names
                .iter()
                .map(|name| scope.spawn(|| summarize(&read(name))))
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().expect("no worker panics"))
                .collect()
        })
    }
}

/// From the share of the time that is left you subtract what would be left if
/// all of it split, and stop there. For a program of which nothing splits that is
/// three quarters on four cores, where it should be one, so the result still has
/// to be divided by three quarters. You find 0.6 instead of 0.8, and promise a
/// speedup that does not come.
///
/// Caught by `the_serial_fraction_follows_from_two_times`.
pub mod wrong_not_divided_by_what_can_be_saved {
    pub use super::solution::summary;
    use super::*;

    pub fn serial_fraction(one: Duration, many: Duration, cores: u32) -> f64 {
        many.as_secs_f64() / one.as_secs_f64() - 1.0 / f64::from(cores)
    }
}

/// Each thread summarizes its own document, but it calls `summarize` in the
/// middle of the line that pushes into the list. The guard is taken at the
/// beginning of that line and held to its end, so while one thread summarizes,
/// the others wait for the lock, and the serial part is still all there.
///
/// Caught by `all_documents_are_summarized_at_the_same_time`.
pub mod wrong_summarizes_under_the_lock {
    pub use super::solution::serial_fraction;
    use super::*;
    use std::sync::Mutex;

    pub fn summary(
        names: &[&str],
        read: impl Fn(&str) -> String + Sync,
        summarize: impl Fn(&str) -> String + Sync,
    ) -> Vec<String> {
        let summaries = Mutex::new(Vec::new());
        let (done, read, summarize) = (&summaries, &read, &summarize);
        thread::scope(|scope| {
            for (place, name) in names.iter().enumerate() {
                scope.spawn(move || {
                    let document = read(name);
                    done.lock().unwrap().push((place, summarize(&document)));
                });
            }
        });
        let mut summaries = summaries.into_inner().unwrap();
        summaries.sort();
        summaries.into_iter().map(|(_, summary)| summary).collect()
    }
}

/// Every thread pushes its summary into the list when it has one. The threads
/// share all the work now, but the list is in the order in which they were done,
/// and you hand out one document's summary under the name of another.
///
/// Caught by `summaries_are_in_the_order_of_the_names`.
pub mod wrong_order_of_the_ends {
    pub use super::solution::serial_fraction;
    use super::*;
    use std::sync::Mutex;

    pub fn summary(
        names: &[&str],
        read: impl Fn(&str) -> String + Sync,
        summarize: impl Fn(&str) -> String + Sync,
    ) -> Vec<String> {
        let summaries = Mutex::new(Vec::new());
        let (done, read, summarize) = (&summaries, &read, &summarize);
        thread::scope(|scope| {
            for name in names {
                scope.spawn(move || {
                    let summary = summarize(&read(name));
                    done.lock().unwrap().push(summary);
                });
            }
        });
        summaries.into_inner().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::cell::RefCell;
    use std::sync::mpsc::{self, Sender};
    use std::sync::{Condvar, Mutex};

    #[test]
    fn the_serial_fraction_follows_from_two_times() {
        for (one, many, cores, expected) in [
            (8.0, 2.0, 4, 0.0), // all of it splits
            (8.0, 8.0, 4, 1.0), // none of it splits
            (12.0, 10.2, 4, 0.8),
            (16.0, 2.5, 16, 0.1),
        ] {
            let found = serial_fraction(
                Duration::from_secs_f64(one),
                Duration::from_secs_f64(many),
                cores,
            );
            assert!(
                (found - expected).abs() < 1e-9,
                "{one} s on one core and {many} s on {cores}: the serial \
                 fraction is {expected}, and not {found}"
            );
        }
    }

    #[test]
    fn summaries_are_in_the_order_of_the_names() {
        // A thread has the sender of its document until it ends, and the summary
        // of the document before waits for that: so the last is done first.
        thread_local! {
            static MINE: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
        }
        let names = ["c", "a", "b"];
        let channels = names.map(|_| mpsc::channel());
        let channels = channels
            .map(|(end, ended)| (Mutex::new(Some(end)), Mutex::new(ended)));
        let found = summary(
            &names,
            |name| format!("{name}{name}"),
            |document| {
                let of = |name: &&str| document.starts_with(*name);
                let place = names.iter().position(of).unwrap();
                MINE.set(channels[place].0.lock().unwrap().take());
                if let Some((_, next_ended)) = channels.get(place + 1) {
                    let patience = Duration::from_secs(2);
                    let _ = next_ended.lock().unwrap().recv_timeout(patience);
                }
                format!("[{document}]")
            },
        );
        assert_eq!(
            found,
            ["[cc]", "[aa]", "[bb]"],
            "the names are {names:?}; the last document is done first"
        );
    }

    #[test]
    fn all_documents_are_summarized_at_the_same_time() {
        let names = ["a", "b", "c", "d"];
        // Each waits in the middle of its summary until all have come so far.
        // The first that waits in vain gives up for the others, too.
        #[derive(Default)]
        struct Seen {
            in_progress: usize,
            most: usize,
            given_up: bool,
        }
        let (seen, changed) = (Mutex::new(Seen::default()), Condvar::new());
        summary(&names, str::to_string, |document| {
            let mut now = seen.lock().unwrap();
            now.in_progress += 1;
            now.most = now.most.max(now.in_progress);
            changed.notify_all();
            let patience = Duration::from_secs(3);
            let (mut now, waited) = changed
                .wait_timeout_while(now, patience, |now| {
                    now.most < names.len() && !now.given_up
                })
                .unwrap();
            now.given_up |= waited.timed_out();
            now.in_progress -= 1;
            document.to_string()
        });
        let most = seen.into_inner().unwrap().most;
        assert_eq!(
            most,
            names.len(),
            "of {} summaries, this many were in progress at the same time: which \
             thread runs `summarize`, and what do the others wait for?",
            names.len()
        );
    }
}
