//! Threads in front of a closed door, in every order that shuttle finds.
//!
//! The forms of chapter 16 that run on tokio are not here: shuttle does not run it. The updates lost
//! across an `.await` are explored by their own listing, which polls its tasks in every order.

use std::panic;

use checks::shim::sync::{Arc, RwLock};
use checks::shim::thread;
use checks::tasks::many_threads::{self, Crowd};

#[test]
fn every_order_lets_the_whole_crowd_go() {
    for wanted in [0, 1, 2] {
        let whole = move || {
            let expected = Crowd { waited: wanted, refused: 0 };
            assert_eq!(many_threads::threads(wanted), expected);
        };
        shuttle::check_dfs(whole, Some(20_000));
    }
}

#[test]
fn a_door_that_is_never_opened_is_caught() {
    let forgotten = || {
        let door = Arc::new(RwLock::new(()));
        let closed = door.write().unwrap();
        let waiting = {
            let door = Arc::clone(&door);
            thread::spawn(move || drop(door.read()))
        };
        waiting.join().unwrap(); // the door is still closed
        drop(closed);
    };
    let caught = panic::catch_unwind(|| shuttle::check_dfs(forgotten, None));
    assert!(caught.is_err(), "shuttle missed the deadlock");
}
