//! Several things at once in one task or in several: all of them, the first of
//! them, each as it comes, and not for longer than so long.

use std::time::Duration;

use tokio::runtime;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, info_span, trace};

// ANCHOR: ask
/// Asks a station for its temperature, and waits for the answer.
async fn ask(station: &str) -> i32 {
    let (delay, degrees) = match station {
        "harbor" => (60, 11),
        "hill" => (20, 7),
        _ => (40, 9),
    };
    let way = info_span!("wait for the station", ended_by = "the clock");
    sleep(Duration::from_millis(delay)).instrument(way).await; // there and back
    degrees
}
// ANCHOR_END: ask

// ANCHOR: join
/// Both answers: waits as long as the slower one.
async fn both() -> i32 {
    let (harbor, hill) = tokio::join!(ask("harbor"), ask("hill"));
    harbor - hill
}
// ANCHOR_END: join

// ANCHOR: select
/// The first answer: the question to the other station is dropped.
async fn first() -> (&'static str, i32) {
    tokio::select! {
        degrees = ask("harbor") => ("harbor", degrees),
        degrees = ask("hill") => ("hill", degrees),
    }
}
// ANCHOR_END: select

// ANCHOR: timeout
/// The answer, or nothing after so long: then the question is dropped.
async fn in_time(station: &str, patience: Duration) -> Option<i32> {
    timeout(patience, ask(station)).await.ok()
}
// ANCHOR_END: timeout

// ANCHOR: join_set
/// A task for each station; every answer is handled when it comes.
async fn as_they_come(mut handle: impl FnMut(&str, i32)) {
    let mut asked = JoinSet::new();
    for station in STATIONS {
        let question = async move {
            let degrees = ask(station).await;
            trace!(sends = "answer");
            (station, degrees)
        };
        asked.spawn(question.instrument(info_span!("task", name = station)));
    }
    while !asked.is_empty() {
        let waiting = info_span!("wait for an answer", until = "answer");
        if let Some(answer) = asked.join_next().instrument(waiting).await {
            let (station, degrees) = answer.expect("no task panics");
            handle(station, degrees);
        }
    }
}
// ANCHOR_END: join_set

const STATIONS: [&str; 3] = ["harbor", "hill", "bridge"];

/// Runs it to its end, on the thread that calls this.
fn finish<F: Future>(asking: F) -> F::Output {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let main = info_span!("task", name = "main");
    runtime.expect("the system gives a timer").block_on(asking.instrument(main))
}

/// The sum of the answers of tasks that wait at the same time.
pub fn tasks() -> i32 {
    let mut sum = 0;
    finish(as_they_come(|_, degrees| sum += degrees));
    sum
}

/// The same, one question after the other.
pub fn sequential() -> i32 {
    finish(async {
        let mut sum = 0;
        for station in STATIONS {
            sum += ask(station).await;
        }
        sum
    })
}

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    println!("both: the harbor is warmer by {}", both().await);
    println!("first: {:?}", first().await);
    let patience = Duration::from_millis(1);
    println!("within 1 ms: {:?}", in_time("harbor", patience).await);
    as_they_come(|station, degrees| println!("{station}: {degrees}")).await;
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn join_has_both_answers_and_select_one_of_them() {
        assert_eq!(both().await, 4);
        assert!([("harbor", 11), ("hill", 7)].contains(&first().await));
    }

    #[tokio::test]
    async fn without_patience_there_is_no_answer_and_with_enough_there_is() {
        assert_eq!(in_time("hill", Duration::ZERO).await, None);
        assert_eq!(in_time("hill", Duration::from_secs(3600)).await, Some(7));
    }

    #[test]
    fn the_answers_are_the_same_one_by_one_and_all_at_once() {
        assert_eq!((sequential(), tasks()), (27, 27));
    }

    #[tokio::test]
    async fn every_answer_is_handled_once() {
        let mut seen = Vec::new();
        as_they_come(|station, degrees| {
            seen.push((station.to_string(), degrees));
        })
        .await;
        seen.sort();
        let all = [("bridge", 9), ("harbor", 11), ("hill", 7)];
        assert_eq!(seen, all.map(|(name, t)| (name.to_string(), t)));
    }
}
