//! # A pipeline that does not run ahead
//!
//! 15 minutes
//!
//! A mill grinds sacks of grain: one thread fetches the sacks, a second grinds
//! them, and the caller stores the flour. The starter works, and fetches the
//! whole harvest into memory before the first sack is stored.
//!
//! Write `mill` so that at no time more than `room` sacks lie between two
//! steps, that every sack arrives in the order in which it was fetched, and that
//! fetching ends soon after `store` has said that it takes no more. That is no
//! error: `mill` returns then, as it does when there are no sacks left.
//!
//! The tests count how many sacks were fetched and how many were stored.
//!
//! Hint: `sync_channel`. With room for 0, `send` waits until the other side
//! receives. A `send` that fails says that no receiver is left: what should a
//! step do that learns it? (`ControlFlow::Break` is how `store` says stop.)

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

pub mod starter {
    use super::*;

    /// Fetches sacks until there are none, grinds each, and hands it to
    /// `store`, until that breaks. Between two steps there is room for `room`
    /// sacks.
    #[allow(unused_variables)]
    pub fn mill<S: Send, F: Send>(
        room: usize,
        fetch: impl FnMut() -> Option<S> + Send,
        grind: impl FnMut(S) -> F + Send,
        store: impl FnMut(F) -> ControlFlow<()>,
    ) {
        let (mut fetch, mut store) = (fetch, store);
        let (fetched, to_grind) = mpsc::channel();
        let (ground, to_store) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(sack) = fetch() {
                    let _ = fetched.send(sack);
                }
            });
            scope.spawn(move || {
                for flour in to_grind.into_iter().map(grind) {
                    let _ = ground.send(flour);
                }
            });
            for flour in to_store {
                if store(flour).is_break() {
                    break;
                }
            }
        });
    }
}

pub mod solution {
    use super::*;

    /// Fetches sacks until there are none, grinds each, and hands it to
    /// `store`, until that breaks. Between two steps there is room for `room`
    /// sacks.
    pub fn mill<S: Send, F: Send>(
        room: usize,
        fetch: impl FnMut() -> Option<S> + Send,
        grind: impl FnMut(S) -> F + Send,
        store: impl FnMut(F) -> ControlFlow<()>,
    ) {
        let (mut fetch, mut store) = (fetch, store);
        let (fetched, to_grind) = mpsc::sync_channel(room);
        let (ground, to_store) = mpsc::sync_channel(room);
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(sack) = fetch() {
                    // The grinder is gone: there is no point in fetching.
                    if fetched.send(sack).is_err() {
                        break;
                    }
                }
            });
            scope.spawn(move || {
                for flour in to_grind.into_iter().map(grind) {
                    // To leave drops `to_grind`: the news goes upstream.
                    if ground.send(flour).is_err() {
                        break;
                    }
                }
            });
            // The loop owns the receiver, and drops it when it ends: before
            // the scope waits for the two threads, which is what frees them.
            for flour in to_store {
                if store(flour).is_break() {
                    break;
                }
            }
        });
    }
}

/// You bound both channels and ignore a `send` that fails. When storing ends,
/// the two threads go on to the end of the harvest: each sack is fetched,
/// ground, and thrown away, and `mill` returns only after the last of them.
///
/// Caught by `when_storing_ends_fetching_ends`.
pub mod wrong_goes_on_fetching {
    use super::*;

    pub fn mill<S: Send, F: Send>(
        room: usize,
        fetch: impl FnMut() -> Option<S> + Send,
        grind: impl FnMut(S) -> F + Send,
        store: impl FnMut(F) -> ControlFlow<()>,
    ) {
        let (mut fetch, mut store) = (fetch, store);
        let (fetched, to_grind) = mpsc::sync_channel(room);
        let (ground, to_store) = mpsc::sync_channel(room);
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(sack) = fetch() {
                    let _ = fetched.send(sack);
                }
            });
            scope.spawn(move || {
                for flour in to_grind.into_iter().map(grind) {
                    let _ = ground.send(flour);
                }
            });
            for flour in to_store {
                if store(flour).is_break() {
                    break;
                }
            }
        });
    }
}

/// You borrow the receiver in your loop, so that it lives on after the loop is
/// over. The channel fills up, the grinder waits in `send` for room that never
/// comes, and `mill` waits for the grinder.
///
/// Caught by `when_storing_ends_fetching_ends`.
pub mod wrong_keeps_the_receiver {
    use super::*;

    pub fn mill<S: Send, F: Send>(
        room: usize,
        fetch: impl FnMut() -> Option<S> + Send,
        grind: impl FnMut(S) -> F + Send,
        store: impl FnMut(F) -> ControlFlow<()>,
    ) {
        let (mut fetch, mut store) = (fetch, store);
        let (fetched, to_grind) = mpsc::sync_channel(room);
        let (ground, to_store) = mpsc::sync_channel(room);
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(sack) = fetch() {
                    if fetched.send(sack).is_err() {
                        break;
                    }
                }
            });
            scope.spawn(move || {
                for flour in to_grind.into_iter().map(grind) {
                    if ground.send(flour).is_err() {
                        break;
                    }
                }
            });
            for flour in &to_store {
                if store(flour).is_break() {
                    break;
                }
            }
        });
    }
}

/// You take a `send` that fails for an error, and unwrap it. When storing ends,
/// no receiver is left, so both threads panic, and the caller who only had
/// enough flour gets the panic.
///
/// Caught by `when_storing_ends_fetching_ends`.
pub mod wrong_unwraps_the_send {
    use super::*;

    pub fn mill<S: Send, F: Send>(
        room: usize,
        fetch: impl FnMut() -> Option<S> + Send,
        grind: impl FnMut(S) -> F + Send,
        store: impl FnMut(F) -> ControlFlow<()>,
    ) {
        let (mut fetch, mut store) = (fetch, store);
        let (fetched, to_grind) = mpsc::sync_channel(room);
        let (ground, to_store) = mpsc::sync_channel(room);
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(sack) = fetch() {
                    fetched.send(sack).expect("the grinder listens");
                }
            });
            scope.spawn(move || {
                for flour in to_grind.into_iter().map(grind) {
                    ground.send(flour).expect("the caller listens");
                }
            });
            for flour in to_store {
                if store(flour).is_break() {
                    break;
                }
            }
        });
    }
}

/// You bound the channel behind the fetching and leave the other one as it was.
/// The grinder always has room for its flour, so it empties the first channel
/// as fast as it is filled, and the whole harvest lies in the second.
///
/// Caught by `no_step_runs_ahead_further_than_there_is_room`.
pub mod wrong_bounds_only_the_first {
    use super::*;

    pub fn mill<S: Send, F: Send>(
        room: usize,
        fetch: impl FnMut() -> Option<S> + Send,
        grind: impl FnMut(S) -> F + Send,
        store: impl FnMut(F) -> ControlFlow<()>,
    ) {
        let (mut fetch, mut store) = (fetch, store);
        let (fetched, to_grind) = mpsc::sync_channel(room);
        let (ground, to_store) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(sack) = fetch() {
                    if fetched.send(sack).is_err() {
                        break;
                    }
                }
            });
            scope.spawn(move || {
                for flour in to_grind.into_iter().map(grind) {
                    if ground.send(flour).is_err() {
                        break;
                    }
                }
            });
            for flour in to_store {
                if store(flour).is_break() {
                    break;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::mpsc::RecvTimeoutError;
    use std::time::{Duration, Instant};

    /// What the call returns; a message if it hangs.
    fn within_five_seconds<T: Send + 'static>(
        call: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let (done, result) = mpsc::channel();
        thread::spawn(move || done.send(call()));
        result.recv_timeout(Duration::from_secs(5)).unwrap_or_else(|error| {
            match error {
                RecvTimeoutError::Timeout => panic!(
                    "`mill` did not return: does one of its threads wait in \
                     `send`, for a receiver that lives and receives nothing?"
                ),
                RecvTimeoutError::Disconnected => panic!(
                    "`mill` panicked: a `send` fails when storing has ended, \
                     and that is no error"
                ),
            }
        })
    }

    /// Mills `sacks` sacks and stores at most `stored` of them. Returns what
    /// was stored, how many were fetched in all, and the most that were fetched
    /// and not yet stored.
    fn milled(
        room: usize,
        sacks: usize,
        stored: usize,
    ) -> (Vec<usize>, usize, usize) {
        within_five_seconds(move || {
            let fetched = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&fetched);
            let fetch = move || {
                let sack = counter.fetch_add(1, SeqCst);
                (sack < sacks).then_some(sack)
            };
            let (mut flour, mut ahead) = (Vec::new(), 0);
            mill(
                room,
                fetch,
                |sack| sack * 10,
                |ground| {
                    if flour.len() == stored {
                        return ControlFlow::Break(());
                    }
                    // While the first is stored, the other steps have every
                    // chance to run ahead.
                    let start = Instant::now();
                    while flour.is_empty()
                        && fetched.load(SeqCst) <= at_most_ahead(room)
                        && start.elapsed() < Duration::from_millis(200)
                    {
                        thread::yield_now();
                    }
                    ahead = ahead.max(fetched.load(SeqCst) - flour.len());
                    flour.push(ground);
                    ControlFlow::Continue(())
                },
            );
            (flour, fetched.load(SeqCst), ahead)
        })
    }

    /// In each channel `room`, one in the hands of each of the three steps, and
    /// one that was just fetched.
    fn at_most_ahead(room: usize) -> usize {
        2 * room + 4
    }

    #[test]
    fn every_sack_arrives_in_order() {
        let (flour, ..) = milled(3, 100, usize::MAX);
        assert_eq!(flour, (0..100).map(|sack| sack * 10).collect::<Vec<_>>());
    }

    #[test]
    fn without_sacks_it_ends() {
        assert!(milled(3, 0, usize::MAX).0.is_empty());
    }

    #[test]
    fn no_step_runs_ahead_further_than_there_is_room() {
        for room in [0, 1, 5] {
            let (_, _, ahead) = milled(room, 300, usize::MAX);
            assert!(
                ahead <= at_most_ahead(room),
                "with room for {room}, {ahead} sacks were fetched and not yet \
                 stored"
            );
        }
    }

    #[test]
    fn fetching_goes_on_while_there_is_room() {
        let in_time = within_five_seconds(|| {
            let fetched = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&fetched);
            let fetch = move || {
                let sack = counter.fetch_add(1, SeqCst);
                (sack < 300).then_some(sack)
            };
            // Nothing is stored before there is no room for more.
            let until = Instant::now() + Duration::from_secs(3);
            let store = |_| {
                while fetched.load(SeqCst) < 10 && Instant::now() < until {
                    thread::yield_now();
                }
                ControlFlow::Continue(())
            };
            mill(5, fetch, |sack| sack, store);
            Instant::now() < until
        });
        assert!(
            in_time,
            "there was room for 5 sacks in each of two channels, and fewer \
             than 10 were fetched while the first one was stored"
        );
    }

    #[test]
    fn when_storing_ends_fetching_ends() {
        let (flour, fetched, _) = milled(2, 10_000, 5);
        assert_eq!(flour, [0, 10, 20, 30, 40]);
        assert!(
            fetched <= 5 + at_most_ahead(2),
            "5 sacks were stored, and {fetched} were fetched"
        );
    }
}
