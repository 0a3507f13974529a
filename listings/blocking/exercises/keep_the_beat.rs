//! # Keep the beat
//!
//! 30 minutes
//!
//! A library counts the words of a text, and blocks the thread that calls it.
//! Write `count_all`: it counts the words of every text while the other tasks
//! of its thread go on. There are never more than `at_once` calls in progress,
//! and no fewer while there are texts left. The counts come back in the order of
//! the texts. Where the library panics, the text's count is `None`.
//!
//! In the tests everything runs on one thread, on which a heart beats as well.
//! A call of the library returns after the heart has beaten a few times, and one
//! for the text "long" when all other calls are over as well. If that has not
//! happened within five seconds, the call says so and panics.
//!
//! Hint: `tokio::task::spawn_blocking` takes a closure, and its handle can be
//! awaited; after a panic it gives an error. A `tokio::sync::Semaphore` counts
//! the calls. `acquire_owned` on an `Arc` of it gives a permit that can move into
//! a task.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A library that blocks.
pub struct Library {
    texts: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    beats: usize,
    calls: usize,
    most: usize,
    over: usize,
    /// A call has waited for the heart in vain. The others need not.
    in_vain: bool,
}

impl Library {
    /// It will be called for so many texts.
    pub fn new(texts: usize) -> Library {
        Library { texts, state: Mutex::default(), changed: Condvar::new() }
    }

    /// How many words the text has. Blocks the thread that calls it.
    ///
    /// # Panics
    /// If the text is "unreadable".
    pub fn count_words(&self, text: &str) -> usize {
        let words = text.split_whitespace().count();
        let mut state = self.state.lock().unwrap();
        state.calls += 1;
        state.most = state.most.max(state.calls);
        let until = state.beats + 3 + words % 4;
        let others = if text == "long" { self.texts - 1 } else { 0 };
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, Duration::from_secs(5), |state| {
                !state.in_vain && (state.beats < until || state.over < others)
            })
            .unwrap();
        let (beats, over) = (state.beats, state.over);
        state.calls -= 1;
        state.over += 1;
        state.in_vain |= beats < until;
        drop(state);
        self.changed.notify_all();
        assert!(beats >= until, "the heart stands still while this waits");
        assert!(over >= others, "{over} of {others} other calls are over");
        assert_ne!(text, "unreadable");
        words
    }

    /// The heart beats.
    pub fn beat(&self) {
        self.state.lock().unwrap().beats += 1;
        self.changed.notify_all();
    }

    /// The most calls that were ever in progress at a time.
    pub fn most_at_once(&self) -> usize {
        self.state.lock().unwrap().most
    }
}

pub mod starter {
    use super::*;

    /// The number of words of every text, in the order of `texts`.
    #[allow(unused_variables)]
    pub async fn count_all(
        library: Arc<Library>,
        texts: Vec<String>,
        at_once: usize,
    ) -> Vec<Option<usize>> {
        texts.iter().map(|text| Some(library.count_words(text))).collect()
    }
}

pub mod solution {
    use super::*;

    use tokio::sync::Semaphore;
    use tokio::task::spawn_blocking;

    /// The number of words of every text, in the order of `texts`.
    pub async fn count_all(
        library: Arc<Library>,
        texts: Vec<String>,
        at_once: usize,
    ) -> Vec<Option<usize>> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |text: String| {
            let (library, permits) = (library.clone(), permits.clone());
            tokio::spawn(async move {
                // The permit is awaited here, where a wait costs no thread.
                let permit = permits.acquire_owned().await;
                let count = move || {
                    // It goes with the call, and comes back when that ends,
                    // even if nobody waits for the task any more.
                    let _permit = permit.expect("nobody closes it");
                    library.count_words(&text)
                };
                spawn_blocking(count).await.ok()
            })
        };
        // All tasks are started before the first is waited for.
        let tasks: Vec<_> = texts.into_iter().map(start).collect();
        let mut counts = Vec::new();
        for task in tasks {
            counts.push(task.await.expect("a task does not panic"));
        }
        counts
    }
}

/// Gives each text a task of its own and calls the library there. A task has no
/// thread of its own, so the call blocks the thread that all tasks share: no
/// other task goes on meanwhile, and no second call can begin.
///
/// Caught by `every_text_is_counted_in_its_place_while_the_heart_beats`.
pub mod wrong_blocks_in_a_task {
    use super::*;

    use tokio::sync::Semaphore;

    pub async fn count_all(
        library: Arc<Library>,
        texts: Vec<String>,
        at_once: usize,
    ) -> Vec<Option<usize>> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |text: String| {
            let (library, permits) = (library.clone(), permits.clone());
            tokio::spawn(async move {
                let _permit = permits.acquire().await;
                library.count_words(&text)
            })
        };
        let tasks: Vec<_> = texts.into_iter().map(start).collect();
        let mut counts = Vec::new();
        for task in tasks {
            counts.push(task.await.ok());
        }
        counts
    }
}

/// Takes a permit with `let _ = …`, which keeps nothing: the permit is dropped
/// in the same statement, where `let _permit = …` would have kept it to the end
/// of the block. All calls begin at once, and each takes a thread.
///
/// Caught by `never_are_more_calls_in_progress_than_allowed_and_no_fewer`.
pub mod wrong_permit_is_gone_at_once {
    use super::*;

    use tokio::sync::Semaphore;
    use tokio::task::spawn_blocking;

    pub async fn count_all(
        library: Arc<Library>,
        texts: Vec<String>,
        at_once: usize,
    ) -> Vec<Option<usize>> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |text: String| {
            let (library, permits) = (library.clone(), permits.clone());
            tokio::spawn(async move {
                let _ = permits.acquire().await;
                let count = move || library.count_words(&text);
                spawn_blocking(count).await.ok()
            })
        };
        let tasks: Vec<_> = texts.into_iter().map(start).collect();
        let mut counts = Vec::new();
        for task in tasks {
            counts.push(task.await.expect("a task does not panic"));
        }
        counts
    }
}

/// Starts `at_once` calls, waits for all of them, and then starts the next
/// `at_once`. A single long call holds up the whole batch: the other places stay
/// empty until it is over, although there are texts left.
///
/// Caught by `while_one_call_takes_long_the_other_texts_are_counted`.
pub mod wrong_in_batches {
    use super::*;

    use tokio::task::spawn_blocking;

    pub async fn count_all(
        library: Arc<Library>,
        texts: Vec<String>,
        at_once: usize,
    ) -> Vec<Option<usize>> {
        let mut counts = Vec::new();
        for batch in texts.chunks(at_once) {
            let start = |text: &String| {
                let (library, text) = (library.clone(), text.clone());
                spawn_blocking(move || library.count_words(&text))
            };
            let calls: Vec<_> = batch.iter().map(start).collect();
            for call in calls {
                counts.push(call.await.ok());
            }
        }
        counts
    }
}

/// Starts the tasks in a `JoinSet`, whose `join_all` returns the results in the
/// order in which the tasks end. As soon as one text takes longer than the next,
/// its count stands in the place of another text.
///
/// Caught by `the_counts_come_back_in_the_order_of_the_texts`.
pub mod wrong_order_of_completion {
    use super::*;

    use tokio::sync::Semaphore;
    use tokio::task::{JoinSet, spawn_blocking};

    pub async fn count_all(
        library: Arc<Library>,
        texts: Vec<String>,
        at_once: usize,
    ) -> Vec<Option<usize>> {
        let permits = Arc::new(Semaphore::new(at_once));
        let mut tasks = JoinSet::new();
        for text in texts {
            let (library, permits) = (library.clone(), permits.clone());
            tasks.spawn(async move {
                let permit = permits.acquire_owned().await;
                let count = move || {
                    let _permit = permit.expect("nobody closes it");
                    library.count_words(&text)
                };
                spawn_blocking(count).await.ok()
            });
        }
        tasks.join_all().await
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;
    use tokio::time::sleep;

    /// What `count_all` returns beside a heart, and the most calls at once.
    fn counted(texts: &[&str], at_once: usize) -> (Vec<Option<usize>>, usize) {
        let texts: Vec<String> = texts.iter().map(|t| t.to_string()).collect();
        let (done, result) = mpsc::channel();
        thread::spawn(move || {
            let mut one_thread = tokio::runtime::Builder::new_current_thread();
            let one_thread = one_thread.enable_time().build().unwrap();
            let counted = one_thread.block_on(async {
                let library = Arc::new(Library::new(texts.len()));
                let heart = library.clone();
                tokio::spawn(async move {
                    loop {
                        heart.beat();
                        sleep(Duration::from_millis(1)).await;
                    }
                });
                let counts = count_all(library.clone(), texts, at_once).await;
                (counts, library.most_at_once())
            });
            done.send(counted)
        });
        // Longer than a call of the library waits.
        match result.recv_timeout(Duration::from_secs(7)) {
            Ok(counted) => counted,
            Err(RecvTimeoutError::Timeout) => {
                panic!("still not done after 7 s: does a permit come back?")
            }
            Err(RecvTimeoutError::Disconnected) => {
                panic!("`count_all` panicked; the message above says where")
            }
        }
    }

    #[test]
    fn every_text_is_counted_in_its_place_while_the_heart_beats() {
        // Those with fewer words are done sooner.
        let texts = ["a b c", "", "a", "a b", "a b c", ""];
        let counts = [3, 0, 1, 2, 3, 0].map(Some);
        assert_eq!(counted(&texts, 6).0, counts);
    }

    #[test]
    fn the_counts_come_back_in_the_order_of_the_texts() {
        let counts = [1, 2, 0, 3, 0].map(Some);
        assert_eq!(
            counted(&["long", "a b", "", "a b c", ""], 2).0,
            counts,
            "the text \"long\" is the first, and the others are done before it"
        );
    }

    #[test]
    fn never_are_more_calls_in_progress_than_allowed_and_no_fewer() {
        for at_once in [1, 2, 5] {
            let (counts, most) = counted(&["some words"; 12], at_once);
            assert_eq!(counts, [Some(2); 12]);
            assert_eq!(most, at_once, "calls at once, of {at_once} allowed");
        }
    }

    #[test]
    fn while_one_call_takes_long_the_other_texts_are_counted() {
        for long in 0..6 {
            let (mut texts, mut counts) = (["a b"; 6], [Some(2); 6]);
            (texts[long], counts[long]) = ("long", Some(1));
            assert_eq!(
                counted(&texts, 2),
                (counts.to_vec(), 2),
                "text {long} of 6 is the long one, and two calls are allowed: \
                 the other texts must not wait for it"
            );
        }
    }

    #[test]
    fn a_panic_of_the_library_costs_its_own_text_and_no_other() {
        let texts = ["one", "unreadable", "two words", "unreadable", ""];
        let counts = [Some(1), None, Some(2), None, Some(0)];
        assert_eq!(counted(&texts, 1).0, counts);
    }

    #[test]
    fn without_texts_there_is_nothing_to_wait_for() {
        assert_eq!(counted(&[], 3), (Vec::new(), 0));
    }
}
