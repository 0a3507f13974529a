//! # A time-out for each
//!
//! 20 minutes
//!
//! Some weather stations answer at once, and some never do. Write `ask_each`:
//! it asks all of them at the same time, and gives each the same patience. A
//! station that has not answered by then is `None`, and its question is
//! dropped. A station that is silent costs you no other's answer, and if all
//! have answered, you do not wait for the end of the patience.
//!
//! The stations count the questions that are open. The tests look at the
//! answers, at the most questions that were open at a time, and at how many are
//! left open when `ask_each` is done.
//!
//! Hint: The time-out belongs inside the task.

use std::future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Weather stations, and how many questions to them are open.
pub struct Stations {
    /// The temperature of each; `None`: it never answers.
    degrees: Vec<Option<i32>>,
    open: AtomicUsize,
    most: AtomicUsize,
}

/// A question that is open until it is dropped.
struct Question<'a>(&'a Stations);

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
    }
}

impl Stations {
    pub fn new(degrees: &[Option<i32>]) -> Arc<Stations> {
        Arc::new(Stations {
            degrees: degrees.to_vec(),
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        })
    }

    pub fn count(&self) -> usize {
        self.degrees.len()
    }

    /// Asks one station. Other tasks run meanwhile.
    pub async fn ask(&self, station: usize) -> i32 {
        let open = self.open.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(open, SeqCst);
        let _question = Question(self);
        tokio::task::yield_now().await;
        match self.degrees[station] {
            Some(degrees) => degrees,
            None => future::pending().await,
        }
    }

    pub fn open_now(&self) -> usize {
        self.open.load(SeqCst)
    }

    pub fn most_open(&self) -> usize {
        self.most.load(SeqCst)
    }
}

pub mod starter {
    use super::*;

    /// The answer of every station, in their order; `None` for one that did not
    /// answer within `patience`.
    #[allow(unused_variables)]
    pub async fn ask_each(
        stations: Arc<Stations>,
        patience: Duration,
    ) -> Vec<Option<i32>> {
        todo!("a task for each station, with a time-out of its own")
    }
}

pub mod solution {
    use super::*;

    use tokio::time::timeout;

    /// The answer of every station, in their order; `None` for one that did not
    /// answer within `patience`.
    pub async fn ask_each(
        stations: Arc<Stations>,
        patience: Duration,
    ) -> Vec<Option<i32>> {
        let start = |station| {
            let stations = stations.clone();
            // `timeout` drops the question when the time is up. Around the
            // `await` below, it would drop the handle, and the task would go on.
            tokio::spawn(async move {
                timeout(patience, stations.ask(station)).await.ok()
            })
        };
        let asked: Vec<_> = (0..stations.count()).map(start).collect();
        let mut answers = Vec::new();
        for task in asked {
            answers.push(task.await.expect("asking does not panic"));
        }
        answers
    }
}

/// Puts the time-out around the handle. When the time is up, `timeout` drops
/// the handle, and the task goes on without it: the question stays open, and if
/// you ask every minute, you leave one more of them at each silent station
/// every minute.
///
/// Caught by `no_question_is_left_open`.
pub mod wrong_timeout_around_the_handle {
    use super::*;

    use tokio::time::timeout;

    /// The answer of every station, in their order; `None` for one that did not
    /// answer within `patience`.
    pub async fn ask_each(
        stations: Arc<Stations>,
        patience: Duration,
    ) -> Vec<Option<i32>> {
        let start = |station| {
            let stations = stations.clone();
            tokio::spawn(async move { stations.ask(station).await })
        };
        let asked: Vec<_> = (0..stations.count()).map(start).collect();
        let mut answers = Vec::new();
        for task in asked {
            let answer = timeout(patience, task).await.ok();
            answers.push(answer.map(|a| a.expect("asking does not panic")));
        }
        answers
    }
}

/// Asks a station, waits for its answer or the end of the patience, and then
/// asks the next one. Each answer is right, but every silent station costs you
/// a patience of its own, and with a hundred of them the answer of the last
/// station is a hundred times as late.
///
/// Caught by `all_are_asked_at_the_same_time`.
pub mod wrong_one_after_the_other {
    use super::*;

    use tokio::time::timeout;

    /// The answer of every station, in their order; `None` for one that did not
    /// answer within `patience`.
    pub async fn ask_each(
        stations: Arc<Stations>,
        patience: Duration,
    ) -> Vec<Option<i32>> {
        let mut answers = Vec::new();
        for station in 0..stations.count() {
            let answer = timeout(patience, stations.ask(station)).await;
            answers.push(answer.ok());
        }
        answers
    }
}

/// Asks all of them, sleeps until the patience is over, and then looks which have
/// answered. You wait the whole time even if every station answered at once, so
/// the limit has become a delay.
///
/// Caught by `who_answers_is_not_waited_for_any_longer`.
pub mod wrong_sleeps_until_the_limit {
    use super::*;

    use tokio::time::sleep;

    /// The answer of every station, in their order; `None` for one that did not
    /// answer within `patience`.
    pub async fn ask_each(
        stations: Arc<Stations>,
        patience: Duration,
    ) -> Vec<Option<i32>> {
        let start = |station| {
            let stations = stations.clone();
            tokio::spawn(async move { stations.ask(station).await })
        };
        let asked: Vec<_> = (0..stations.count()).map(start).collect();
        sleep(patience).await;
        let mut answers = Vec::new();
        for task in asked {
            if !task.is_finished() {
                task.abort();
            }
            // An error if the task was stopped.
            answers.push(task.await.ok());
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(3600);

    async fn answers(
        degrees: &[Option<i32>],
        patience: Duration,
    ) -> (Vec<Option<i32>>, Arc<Stations>) {
        let stations = Stations::new(degrees);
        let all = ask_each(stations.clone(), patience);
        let answers = tokio::time::timeout(Duration::from_secs(5), all)
            .await
            .unwrap_or_else(|_| {
                panic!(
                    "not done after 5 s, with a patience of {patience:?}: \
              what is it waiting for?"
                )
            });
        (answers, stations)
    }

    #[tokio::test]
    async fn a_silent_station_is_none_and_the_others_are_there_in_order() {
        let degrees = [Some(11), None, Some(7), None, Some(-3)];
        assert_eq!(answers(&degrees, SOON).await.0, degrees);
    }

    #[tokio::test]
    async fn all_are_asked_at_the_same_time() {
        let (_, stations) = answers(&[None; 8], SOON).await;
        assert_eq!(stations.most_open(), 8, "questions open at a time");
    }

    #[tokio::test]
    async fn no_question_is_left_open() {
        let (_, stations) = answers(&[None, Some(4), None], SOON).await;
        assert_eq!(stations.open_now(), 0, "questions still open at the end");
    }

    #[tokio::test]
    async fn who_answers_is_not_waited_for_any_longer() {
        // With an hour of patience, this ends only if answers end the waiting.
        let degrees = [Some(1), Some(2), Some(3)];
        assert_eq!(answers(&degrees, LATE).await.0, degrees);
    }
}
