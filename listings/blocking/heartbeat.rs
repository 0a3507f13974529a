//! Four guests fetch pages while a heart beats beside them, all on one thread:
//! how late is each beat?
//!
//! Runs locally only: it opens sockets and starts a process.
// A clock and sockets: there is no order of steps for a model checker to
// explore.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime;
use tokio::task::{self, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::blocking::pages::{
    Error, LATENCY, Pages, clients, fetch, fetch_blocking,
};

pub const GUESTS: usize = 4;
/// That each of them fetches, one after the other.
pub const PAGES: usize = 15;
/// From one beat to the next.
pub const EVERY: Duration = Duration::from_millis(1);

/// By how much each beat was late.
pub type Beats = Result<Vec<Duration>, Error>;

// ANCHOR: beat
/// Beats at fixed moments until the work is over, and then makes up for those
/// that were due by then. A beat that comes late counts from when it was due.
async fn beat(over: Arc<OnceLock<Instant>>) -> Vec<Duration> {
    let (mut late, mut due) = (Vec::new(), Instant::now());
    while over.get().is_none_or(|end| due < *end) {
        due += EVERY;
        sleep_until(due).await;
        late.push(due.elapsed());
    }
    late
}
// ANCHOR_END: beat

/// The work and the heart, on the thread that calls this.
fn beside_a_heart(work: impl Future<Output = Result<(), Error>>) -> Beats {
    let one_thread =
        runtime::Builder::new_current_thread().enable_all().build()?;
    one_thread.block_on(async {
        let over = Arc::new(OnceLock::new());
        let heart = task::spawn(beat(Arc::clone(&over)));
        task::yield_now().await; // it begins before the work does
        let worked = work.await;
        let _ = over.set(Instant::now()); // the first time
        let late = heart.await.expect("a heart does not panic");
        worked.map(|()| late)
    })
}

// ANCHOR: polite
/// Every guest awaits its pages.
pub fn polite(pages: &Pages) -> Beats {
    let ((_, client), url) = (clients()?, pages.url("page"));
    beside_a_heart(by_all_guests(move || {
        let (client, url) = (client.clone(), url.clone());
        async move {
            for _ in 0..PAGES {
                fetch(&client, &url).await?;
            }
            Ok(())
        }
    }))
}
// ANCHOR_END: polite

// ANCHOR: blocking
/// Every guest blocks the thread until its page is there.
pub fn blocking(pages: &Pages) -> Beats {
    let ((client, _), url) = (clients()?, pages.url("page"));
    beside_a_heart(by_all_guests(move || {
        let (client, url) = (client.clone(), url.clone());
        async move {
            for _ in 0..PAGES {
                fetch_blocking(&client, &url)?;
            }
            Ok(())
        }
    }))
}
// ANCHOR_END: blocking

// ANCHOR: spawn_blocking
/// The same library; another thread waits for it.
pub fn moved_away(pages: &Pages) -> Beats {
    let ((client, _), url) = (clients()?, pages.url("page"));
    beside_a_heart(by_all_guests(move || {
        let (client, url) = (client.clone(), url.clone());
        async move {
            for _ in 0..PAGES {
                let (client, url) = (client.clone(), url.clone());
                let call = move || fetch_blocking(&client, &url);
                let fetched = task::spawn_blocking(call).await;
                fetched.expect("fetching does not panic")?;
            }
            Ok(())
        }
    }))
}
// ANCHOR_END: spawn_blocking

// ANCHOR: guests
/// A task for each guest.
async fn by_all_guests<Visit>(guest: impl Fn() -> Visit) -> Result<(), Error>
where
    Visit: Future<Output = Result<(), Error>> + Send + 'static,
{
    let mut guests = JoinSet::new();
    for _ in 0..GUESTS {
        guests.spawn(guest());
    }
    guests.join_all().await.into_iter().collect()
}
// ANCHOR_END: guests

/// Nobody fetches anything: what the clock itself is late by.
pub fn alone(_: &Pages) -> Beats {
    beside_a_heart(async {
        sleep(LATENCY * PAGES as u32).await;
        Ok(())
    })
}

pub fn main() -> ExitCode {
    let printed = || -> Result<(), Error> {
        let pages = Pages::open(&[])?;
        for (form, name) in [
            (alone as fn(&Pages) -> Beats, "nobody fetches"),
            (polite, "polite"),
            (blocking, "blocking"),
            (moved_away, "spawn_blocking"),
        ] {
            let late = form(&pages)?;
            let most = late.iter().max().copied().unwrap_or_default();
            println!("{name}: {} beats, the latest {most:?} late", late.len());
        }
        Ok(())
    };
    match printed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    const A_WHILE: Duration = Duration::from_millis(100);

    #[test]
    fn a_task_that_blocks_stops_the_heart_and_every_missed_beat_is_counted() {
        let work = by_all_guests(|| async {
            thread::sleep(A_WHILE);
            Ok(())
        });
        let late = beside_a_heart(work).unwrap();
        let all = A_WHILE * GUESTS as u32;
        // One that was due early came only when all had finished.
        let stopped = late.iter().filter(|late| **late >= all / 2).count();
        assert!(stopped >= 100, "{stopped} of {}", late.len());
        assert!(late.len() >= 400, "{} beats in {all:?}", late.len());
    }

    #[test]
    fn what_waits_on_another_thread_leaves_the_heart_its_beats() {
        let began = Instant::now();
        let work = by_all_guests(|| async {
            let asleep = task::spawn_blocking(|| thread::sleep(A_WHILE));
            asleep.await.expect("it sleeps");
            Ok(())
        });
        let late = beside_a_heart(work).unwrap();
        let on_time = late.iter().filter(|late| **late < A_WHILE).count();
        assert!(on_time >= 50, "{on_time} of {}", late.len());
        assert!(began.elapsed() < A_WHILE * GUESTS as u32, "all at once");
    }

    #[test]
    fn an_error_of_a_guest_ends_the_heart_too() {
        let work = by_all_guests(|| async {
            Err(std::io::Error::other("the page is gone").into())
        });
        let error = beside_a_heart(work).unwrap_err().to_string();
        assert_eq!(error, "fetching pages: the page is gone");
    }
}
