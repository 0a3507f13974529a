// A future that holds a lock and is not polled any more, while the code that
// should poll it waits for that lock: wrong on purpose in `borrowed`.
//
// Checked on shuttle's tokio, which includes this file and finds the order in
// which it gets stuck; and polled by hand, with a ring before each poll.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::task::yield_now;
use tokio::time::timeout;
use tracing::info;

// ANCHOR: pot
/// How often it was stirred.
type Pot = Arc<Mutex<u32>>;

/// Stirs once, with the lock in hand while it waits.
async fn stir(pot: Pot) {
    let mut stirred = pot.lock().await;
    info!("stir: has the lock");
    yield_now().await;
    *stirred += 1;
    info!("stir: lets it go");
}

/// Looks into the pot.
async fn look(pot: &Pot) {
    info!("look: wants the lock");
    let stirred = pot.lock().await;
    info!("look: stirred {} times", *stirred);
}
// ANCHOR_END: pot

// ANCHOR: borrowed
/// Stirs, and looks whenever the bell rings.
pub async fn borrowed(pot: Pot, mut bell: mpsc::Receiver<()>) {
    let mut stirring = Box::pin(stir(pot.clone()));
    loop {
        tokio::select! {
            biased; // hears the bell before it stirs
            Some(()) = bell.recv() => look(&pot).await,
            () = &mut stirring => return,
        }
    }
}
// ANCHOR_END: borrowed

// ANCHOR: spawned
/// The same, and the stirring is a task.
pub async fn spawned(pot: Pot, mut bell: mpsc::Receiver<()>) {
    let mut stirring = tokio::spawn(stir(pot.clone())); // New!
    loop {
        tokio::select! {
            biased;
            Some(()) = bell.recv() => look(&pot).await,
            _ = &mut stirring => return,
        }
    }
}
// ANCHOR_END: spawned

/// Runs one of them beside a task that rings; returns how often it was stirred.
pub async fn with_a_ring(cook: impl AsyncFn(Pot, mpsc::Receiver<()>)) -> u32 {
    let pot = Pot::default();
    let (ring, bell) = mpsc::channel(1);
    tokio::spawn(async move {
        info!("the bell rings");
        let _ = ring.send(()).await; // it can be done before it is heard
    });
    cook(pot.clone(), bell).await;
    *pot.lock().await
}

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let limit = Duration::from_millis(200);
    for name in ["borrowed", "spawned"] {
        let stirred = timeout(limit, async {
            match name {
                "borrowed" => with_a_ring(borrowed).await,
                _ => with_a_ring(spawned).await,
            }
        });
        match stirred.await {
            Ok(times) => println!("{name}: done, stirred {times}"),
            Err(_) => println!("{name}: stuck, given up after {limit:?}"),
        }
    }
}
// ANCHOR_END: main

/// Set where something can go on.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// Polls `borrowed` by hand, with a ring before each of its polls in turn, and
/// at last without one. Returns how it ended, `None` where nothing can wake it.
pub fn every_moment() -> Vec<Option<u32>> {
    let mut endings = Vec::new();
    for rings_before in 0.. {
        let pot = Pot::default();
        let (ring, bell) = mpsc::channel(1);
        let mut cooking = Box::pin(borrowed(pot.clone(), bell));
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        let mut polls = 0;
        let done = loop {
            if polls == rings_before {
                ring.try_send(()).expect("there is room for one ring");
            }
            if !woken.0.swap(false, SeqCst) {
                break false; // nothing will wake it
            }
            polls += 1;
            let mut context = Context::from_waker(&waker);
            if cooking.as_mut().poll(&mut context).is_ready() {
                break true;
            }
        };
        drop(cooking);
        let stirred = *pot.try_lock().expect("what held it is dropped");
        endings.push(done.then_some(stirred));
        if polls <= rings_before {
            break; // done before the bell rang
        }
    }
    endings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rung_for_while_it_stirs_the_borrowed_one_is_stuck() {
        assert_eq!(every_moment(), [Some(1), None, Some(1)]);
    }

    #[tokio::test]
    async fn the_spawned_one_ends_though_the_bell_rings() {
        assert_eq!(with_a_ring(spawned).await, 1);
    }
}
