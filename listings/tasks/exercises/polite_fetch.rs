//! # Fetch politely
//!
//! 30 minutes
//!
//! A small site asks its visitors to fetch no more than a few pages at a time.
//! Write `fetch_all`: it fetches every page, never more than `at_once` of them
//! at the same time, and not fewer while there are pages left. The texts come
//! back in the order in which the pages were named.
//!
//! The site counts how many fetches are open, and remembers the most there ever
//! were. The tests ask it.
//!
//! Hint: `tokio::sync::Semaphore::new(n)` hands out so many permits and no more;
//! an `Arc` lets all tasks have it. `acquire().await` returns a `Result`, an error
//! only if the semaphore has been closed. A task gives its permit back when it drops it:
//! bind it to a name, since `let _ = …` drops it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::task::yield_now;

/// A site that counts its visitors.
#[derive(Default)]
pub struct Site {
    open: AtomicUsize,
    most: AtomicUsize,
    fetched: AtomicUsize,
    /// How many pages come before the cover.
    others: usize,
}

impl Site {
    /// Fetches one page; meanwhile other tasks run.
    pub async fn fetch(&self, page: &str) -> String {
        let open = self.open.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(open, SeqCst);
        // The cover is large, and comes when all others have come.
        while page == "cover" && self.fetched.load(SeqCst) < self.others {
            yield_now().await;
        }
        for _ in 0..3 + page.len() % 4 {
            yield_now().await;
        }
        self.fetched.fetch_add(1, SeqCst);
        self.open.fetch_sub(1, SeqCst);
        format!("text of {page}")
    }

    /// The most fetches that were ever open at the same time.
    pub fn most_at_once(&self) -> usize {
        self.most.load(SeqCst)
    }
}

pub mod starter {
    use super::*;

    /// The text of every page, in the order of `pages`. Never are more than
    /// `at_once` fetches open.
    #[allow(unused_variables)]
    pub async fn fetch_all(
        site: Arc<Site>,
        pages: Vec<String>,
        at_once: usize,
    ) -> Vec<String> {
        todo!("start a task for each page, and let it wait for a permit")
    }
}

pub mod solution {
    use super::*;

    use tokio::sync::Semaphore;

    /// The text of every page, in the order of `pages`. Never are more than
    /// `at_once` fetches open.
    pub async fn fetch_all(
        site: Arc<Site>,
        pages: Vec<String>,
        at_once: usize,
    ) -> Vec<String> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |page: String| {
            let (site, permits) = (site.clone(), permits.clone());
            tokio::spawn(async move {
                // Held until the task ends: its drop lets the next one in.
                let _permit =
                    permits.acquire().await.expect("it is never closed");
                site.fetch(&page).await
            })
        };
        // All tasks are started before the first is waited for.
        let tasks: Vec<_> = pages.into_iter().map(start).collect();
        let mut texts = Vec::new();
        for task in tasks {
            texts.push(task.await.expect("fetching does not panic"));
        }
        texts
    }
}

/// Waits for a permit and binds it to `_`, which drops it at once. Each task
/// gives its permit back before it fetches, so the next one has it right away:
/// all the fetches are open together, and the site locks you out.
///
/// Caught by `never_are_more_fetches_open_than_allowed`.
pub mod wrong_permit_dropped_at_once {
    use super::*;

    use tokio::sync::Semaphore;

    /// The text of every page, in the order of `pages`. Never are more than
    /// `at_once` fetches open.
    pub async fn fetch_all(
        site: Arc<Site>,
        pages: Vec<String>,
        at_once: usize,
    ) -> Vec<String> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |page: String| {
            let (site, permits) = (site.clone(), permits.clone());
            tokio::spawn(async move {
                let _ = permits.acquire().await.expect("it is never closed");
                site.fetch(&page).await
            })
        };
        let tasks: Vec<_> = pages.into_iter().map(start).collect();
        let mut texts = Vec::new();
        for task in tasks {
            texts.push(task.await.expect("fetching does not panic"));
        }
        texts
    }
}

/// Fetches as many pages as are allowed, waits for all of them, and then
/// fetches the next ones. One large page holds up its whole batch and all that
/// come after it, while the other places that the site grants you stay empty.
///
/// Caught by `a_page_that_takes_long_holds_up_no_other`.
pub mod wrong_in_batches {
    use super::*;

    /// The text of every page, in the order of `pages`. Never are more than
    /// `at_once` fetches open.
    pub async fn fetch_all(
        site: Arc<Site>,
        pages: Vec<String>,
        at_once: usize,
    ) -> Vec<String> {
        let mut texts = Vec::new();
        for batch in pages.chunks(at_once) {
            let start = |page: &String| {
                let (site, page) = (site.clone(), page.clone());
                tokio::spawn(async move { site.fetch(&page).await })
            };
            let tasks: Vec<_> = batch.iter().map(start).collect();
            for task in tasks {
                texts.push(task.await.expect("fetching does not panic"));
            }
        }
        texts
    }
}

/// Starts the tasks in a `JoinSet` and takes each text when it comes. The texts
/// then stand in the order in which the fetches ended, and nothing says which
/// page each of them belongs to: a large page that you named first comes last.
///
/// Caught by `a_page_that_takes_long_holds_up_no_other`.
pub mod wrong_order_of_completion {
    use super::*;

    use tokio::sync::Semaphore;
    use tokio::task::JoinSet;

    /// The text of every page, in the order of `pages`. Never are more than
    /// `at_once` fetches open.
    pub async fn fetch_all(
        site: Arc<Site>,
        pages: Vec<String>,
        at_once: usize,
    ) -> Vec<String> {
        let permits = Arc::new(Semaphore::new(at_once));
        let mut tasks = JoinSet::new();
        for page in pages {
            let (site, permits) = (site.clone(), permits.clone());
            tasks.spawn(async move {
                let _permit =
                    permits.acquire().await.expect("it is never closed");
                site.fetch(&page).await
            });
        }
        let mut texts = Vec::new();
        while let Some(text) = tasks.join_next().await {
            texts.push(text.expect("fetching does not panic"));
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use std::time::Duration;

    async fn fetched(pages: usize, at_once: usize) -> (Vec<String>, usize) {
        let site = Arc::new(Site::default());
        let names = (0..pages).map(|n| format!("page {n}")).collect();
        let all = fetch_all(site.clone(), names, at_once);
        let texts = tokio::time::timeout(Duration::from_secs(5), all)
            .await
            .expect("still not done after 5 s: does a fetch wait forever?");
        (texts, site.most_at_once())
    }

    #[tokio::test]
    async fn every_page_comes_back_in_the_order_asked_for() {
        let (texts, _) = fetched(20, 3).await;
        let expected: Vec<String> =
            (0..20).map(|n| format!("text of page {n}")).collect();
        assert_eq!(texts, expected);
    }

    #[tokio::test]
    async fn never_are_more_fetches_open_than_allowed() {
        for at_once in [1, 2, 5] {
            let (_, most) = fetched(20, at_once).await;
            assert!(most <= at_once, "{most} at once, {at_once} allowed");
        }
    }

    #[tokio::test]
    async fn as_many_fetches_are_open_as_allowed() {
        for at_once in [1, 2, 5] {
            let (_, most) = fetched(20, at_once).await;
            assert!(most >= at_once, "only {most} at once, of {at_once}");
        }
    }

    #[tokio::test]
    async fn a_page_that_takes_long_holds_up_no_other() {
        let site = Arc::new(Site { others: 9, ..Site::default() });
        let pages = (1..10).map(|n| format!("page {n}"));
        let names = ["cover".to_string()].into_iter().chain(pages).collect();
        let all = fetch_all(site, names, 2);
        let texts = tokio::time::timeout(Duration::from_secs(5), all)
            .await
            .expect("the others wait for one that takes long");
        assert_eq!(texts.len(), 10);
        // It was the last to come, and was asked for first.
        assert_eq!(texts[0], "text of cover", "the page asked for first");
    }

    #[tokio::test]
    async fn fewer_pages_than_permits_and_no_page_at_all_are_fine() {
        assert_eq!(fetched(2, 10).await.0.len(), 2);
        assert_eq!(fetched(0, 3).await, (Vec::new(), 0));
    }
}
