//! # Shrink the lock
//!
//! 20 minutes
//!
//! A server keeps the pages it has drawn, so that it draws each of them once.
//! Drawing takes a long time. The starter is correct, but while one page is drawn,
//! no visitor gets any page, not even one that was drawn yesterday.
//!
//! Write `page` so that the lock is not held while `draw` runs. Two threads that
//! ask for the same new page at the same moment can then both draw it, but both
//! must be given the same copy. A page that is there is not drawn again.
//!
//! The tests look whether the lock is free while `draw` runs.
//!
//! Hint: Three steps: look, draw, put away. When you put it away, another thread
//! can have been faster.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Pages by their address.
pub type Pages = Mutex<HashMap<String, Arc<String>>>;

pub mod starter {
    use super::*;

    /// The page at this address; drawn if it is not there yet.
    pub fn page(
        pages: &Pages,
        address: &str,
        draw: impl FnOnce() -> String,
    ) -> Arc<String> {
        let mut pages = pages.lock().expect("nobody panics");
        let page = pages
            .entry(address.to_string())
            .or_insert_with(|| Arc::new(draw()));
        Arc::clone(page)
    }
}

pub mod solution {
    use super::*;

    /// The page at this address; drawn if it is not there yet.
    pub fn page(
        pages: &Pages,
        address: &str,
        draw: impl FnOnce() -> String,
    ) -> Arc<String> {
        // The guard lives to the end of this statement, and no longer. In
        // `if let Some(page) = pages.lock()…` it would live through the block.
        let known = pages.lock().expect("nobody panics").get(address).cloned();
        if let Some(page) = known {
            return page;
        }
        let drawn = Arc::new(draw());
        let mut pages = pages.lock().expect("nobody panics");
        // Whoever was first stays: both get the same copy.
        Arc::clone(pages.entry(address.to_string()).or_insert(drawn))
    }
}

/// You look under a short guard, and then draw inside `or_insert_with`. That
/// runs while the guard of the second `lock` lives, so every visitor still
/// waits for the drawing of every new page.
///
/// Caught by `the_lock_is_free_while_a_page_is_drawn`.
pub mod wrong_draws_inside_the_entry {
    use super::*;

    pub fn page(
        pages: &Pages,
        address: &str,
        draw: impl FnOnce() -> String,
    ) -> Arc<String> {
        let known = pages.lock().expect("nobody panics").get(address).cloned();
        known.unwrap_or_else(|| {
            let mut pages = pages.lock().expect("nobody panics");
            let entry = pages.entry(address.to_string());
            Arc::clone(entry.or_insert_with(|| Arc::new(draw())))
        })
    }
}

/// You look in the head of a `match`, whose guard lives to the end of the
/// `match`. So the lock is held while the page is drawn, and to put it away the
/// thread locks again and waits for itself.
///
/// Caught by `a_page_is_drawn_once_and_then_kept`.
pub mod wrong_guard_of_the_match {
    use super::*;

    pub fn page(
        pages: &Pages,
        address: &str,
        draw: impl FnOnce() -> String,
    ) -> Arc<String> {
        match pages.lock().expect("nobody panics").get(address) {
            Some(page) => Arc::clone(page),
            None => {
                let drawn = Arc::new(draw());
                let mut pages = pages.lock().expect("nobody panics");
                Arc::clone(pages.entry(address.to_string()).or_insert(drawn))
            }
        }
    }
}

/// You put the page away with `insert`, without a second look. If another
/// thread was faster, its page is thrown out, and two visitors who came at the
/// same moment have two copies of one page.
///
/// Caught by `a_page_that_was_there_first_stays`.
pub mod wrong_overwrites {
    use super::*;

    pub fn page(
        pages: &Pages,
        address: &str,
        draw: impl FnOnce() -> String,
    ) -> Arc<String> {
        let known = pages.lock().expect("nobody panics").get(address).cloned();
        if let Some(page) = known {
            return page;
        }
        let drawn = Arc::new(draw());
        let mut pages = pages.lock().expect("nobody panics");
        pages.insert(address.to_string(), Arc::clone(&drawn));
        drawn
    }
}

/// You draw before you take the lock, and then ask the map whether the page was
/// there. The lock is held for a moment only, and each page is drawn as often
/// as it is asked for.
///
/// Caught by `a_page_is_drawn_once_and_then_kept`.
pub mod wrong_draws_every_time {
    use super::*;

    pub fn page(
        pages: &Pages,
        address: &str,
        draw: impl FnOnce() -> String,
    ) -> Arc<String> {
        let drawn = Arc::new(draw());
        let mut pages = pages.lock().expect("nobody panics");
        Arc::clone(pages.entry(address.to_string()).or_insert(drawn))
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;
    use std::time::Duration;

    /// What is asked of some pages; a message if it hangs.
    fn asked<T: Send + 'static>(
        pages: &Arc<Pages>,
        ask: impl FnOnce(&Pages) -> T + Send + 'static,
    ) -> T {
        let (pages, (done, result)) = (Arc::clone(pages), mpsc::channel());
        thread::spawn(move || done.send(ask(&pages)));
        result.recv_timeout(Duration::from_secs(5)).unwrap_or_else(|error| {
            match error {
                RecvTimeoutError::Timeout => panic!(
                    "`page` did not return: does it lock again while its first \
                     guard lives? The guard in a `match` or an `if let` lives \
                     through the block"
                ),
                RecvTimeoutError::Disconnected => panic!("`page` panicked"),
            }
        })
    }

    /// Whether the lock was free while a page was drawn.
    fn free_meanwhile() -> bool {
        let pages = Arc::new(Pages::default());
        let free = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&free);
        asked(&pages, move |pages| {
            page(pages, "/", || {
                seen.store(pages.try_lock().is_ok(), Relaxed);
                "home".into()
            })
        });
        free.load(Relaxed)
    }

    #[test]
    fn the_lock_is_free_while_a_page_is_drawn() {
        assert!(free_meanwhile(), "`draw` ran while the lock was held");
    }

    #[test]
    fn a_page_is_drawn_once_and_then_kept() {
        let pages = Arc::new(Pages::default());
        let first = asked(&pages, |pages| page(pages, "/", || "home".into()));
        let (again, drawn) = asked(&pages, |pages| {
            let mut drawn = false;
            let again = page(pages, "/", || {
                drawn = true;
                "home".into()
            });
            (again, drawn)
        });
        assert!(!drawn, "the page was there, and it was drawn again");
        assert!(Arc::ptr_eq(&first, &again), "two copies of one page");
        let news =
            asked(&pages, |pages| page(pages, "/news", || "news".into()));
        assert_eq!(*news, "news");
    }

    #[test]
    fn two_who_draw_the_same_page_are_given_the_same_copy() {
        // Were the lock held while drawing, the two could never meet below.
        assert!(free_meanwhile(), "`draw` ran while the lock was held");
        let both = Arc::new((Barrier::new(2), AtomicUsize::new(0)));
        let pages = Arc::new(Pages::default());
        let ask = |pages: &Pages, both: &(Barrier, AtomicUsize)| {
            page(pages, "/slow", || {
                both.0.wait();
                format!("copy {}", both.1.fetch_add(1, Relaxed))
            })
        };
        let (one, other) = asked(&pages, move |pages| {
            thread::scope(|scope| {
                let other = scope.spawn(|| ask(pages, &both));
                let one = ask(pages, &both);
                (one, other.join().expect("drawing does not panic"))
            })
        });
        assert!(Arc::ptr_eq(&one, &other), "they got {one} and {other}");
    }

    #[test]
    fn a_page_that_was_there_first_stays() {
        assert!(free_meanwhile(), "`draw` ran while the lock was held");
        let pages = Arc::new(Pages::default());
        let late = asked(&pages, |pages| {
            page(pages, "/", || {
                let mut pages = pages.try_lock().expect("it is free");
                pages.insert("/".into(), Arc::new("the first".into()));
                "the second".into()
            })
        });
        assert_eq!(
            *late, "the first",
            "while this page was drawn, another thread put one away: that one \
             is the page from then on, for this caller as well"
        );
    }
}
