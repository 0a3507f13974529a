//! Threads in front of a closed door, in every order that shuttle finds.
//!
//! The forms of chapter 16 that run on tokio are in `ch16_tokio`, on a newer shuttle. The updates lost
//! across an `.await` are explored by their own listing, which polls its tasks in every order, and the
//! transfer that is canceled by its own, which drops it after every number of polls.

mod explore;

use std::collections::BTreeMap;
use std::panic;

use checks::shim::sync::{Arc, RwLock};
use checks::shim::thread;
use checks::tasks::many_threads::{self, Crowd};
use explore::{Endings, stand_in};
use listings_tokio::tasks::{canceled, lost_update};

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

fn counted(all: impl IntoIterator<Item = i64>) -> Endings {
    let mut endings: BTreeMap<String, u64> = BTreeMap::new();
    for ending in all {
        *endings.entry(ending.to_string()).or_default() += 1;
    }
    (endings.values().sum::<u64>() as usize, endings)
}

const POLLED: &str = "polling its futures by hand, in every order";

#[test]
fn an_update_is_lost_across_an_await_and_the_explorer_has_the_same_endings() {
    let orders = lost_update::every_order(lost_update::naive);
    let found = counted(orders.into_iter().map(|(_, balance)| balance));
    stand_in("tasks/lost_update.endings.json", POLLED, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1000", "400", "900"]);
}

#[test]
fn under_a_lock_no_update_is_lost_across_an_await_and_the_explorer_says_no_more() {
    let orders = lost_update::every_order(lost_update::locked);
    let found = counted(orders.into_iter().map(|(_, balance)| balance));
    stand_in("tasks/locked_update.endings.json", POLLED, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["900"]);
}

#[test]
fn a_canceled_transfer_loses_the_money_at_its_await_and_the_explorer_says_so() {
    let found = counted(canceled::every_end(canceled::halfway));
    let checker = "dropping its future before and after each of its polls";
    stand_in("tasks/canceled.endings.json", checker, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1000", "900"]);
}

#[test]
fn a_transfer_that_asks_first_can_be_canceled_anywhere() {
    assert_eq!(canceled::every_end(canceled::at_once), [1_000; 3]);
}
