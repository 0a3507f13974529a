//! # Find the serial part
//!
//! 25 minutes
//!
//! `summary` reads some documents in threads, a thread for each, and returns
//! the summaries in their order. It takes 12 s for four documents on one core,
//! and 10.2 s on four cores.
//!
//! First write `serial_fraction`: Amdahl's law, the other way round. What share
//! of the program does not split, if it takes `one` on one core and `many` on so
//! many cores? (For the times above it is four fifths.)
//!
//! Then find that part in `summary`, and let the threads share it. Reading and
//! summarizing are both slow, and both need nothing but their own document. The
//! tests look whether all documents are being summarized at the same time.
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

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Condvar, Mutex};

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    #[test]
    fn the_serial_fraction_follows_from_two_times() {
        let fraction = |one: f64, many: f64, cores| {
            serial_fraction(
                Duration::from_secs_f64(one),
                Duration::from_secs_f64(many),
                cores,
            )
        };
        let found = fraction(12.0, 10.2, 4);
        assert!(close(found, 0.8), "12 s and 10.2 s on 4 cores: {found}");
        assert!(close(fraction(16.0, 2.5, 16), 0.1), "6.4 times as fast");
        assert!(close(fraction(8.0, 2.0, 4), 0.0), "all of it splits");
        assert!(close(fraction(8.0, 8.0, 4), 1.0), "none of it splits");
    }

    #[test]
    fn summaries_are_in_the_order_of_the_names() {
        let names = ["c", "a", "b"];
        let found = summary(
            &names,
            |name| format!("{name}{name}"),
            |document| format!("[{document}]"),
        );
        assert_eq!(found, ["[cc]", "[aa]", "[bb]"]);
    }

    #[test]
    fn all_documents_are_summarized_at_the_same_time() {
        let names = ["a", "b", "c", "d"];
        // Each waits in the middle of its summary until all have come so far.
        let (arrived, all) = (Mutex::new(0), Condvar::new());
        let met = Mutex::new(0);
        summary(&names, str::to_string, |document| {
            let mut count = arrived.lock().unwrap();
            *count += 1;
            all.notify_all();
            let patience = Duration::from_secs(2);
            let (_count, waited) = all
                .wait_timeout_while(count, patience, |n| *n < names.len())
                .unwrap();
            *met.lock().unwrap() += usize::from(!waited.timed_out());
            document.to_string()
        });
        let met = met.into_inner().unwrap();
        assert_eq!(
            met,
            names.len(),
            "only {met} of {} summaries were in progress together: who runs \
             `summarize`?",
            names.len()
        );
    }
}
