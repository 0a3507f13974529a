//! Chapter 16 on shuttle's tokio: locks and channels in every order that it finds, and what gets stuck.

// The one that `shuttle_tokio` is made for; `explore` speaks of it here.
extern crate shuttle_of_tokio as shuttle;

mod explore;

use std::collections::BTreeMap;

use checks::on_tokio::{cancel, futurelock, many_waiting, orders, two_sources};
use checks::tasks::many_threads::Crowd;
use explore::{
    Endings, always, caught, drawn, endings, endings_and_stuck, every_schedule, stand_in,
};
use shuttle::future::block_on;

#[test]
fn who_waits_for_room_is_served_in_every_order_that_is_drawn() {
    always(drawn(2_000), || format!("{:?}", block_on(orders::patient())), "([1, 2, 3, 4, 5], [])");
}

#[test]
fn no_order_is_both_cooked_and_turned_away_and_none_is_lost() {
    let (_, found) = endings(drawn(2_000), || {
        let (cooked, away) = block_on(orders::hurried());
        assert!(cooked.starts_with(&[1, 2]), "there is room for two: {cooked:?}");
        let mut all: Vec<u32> = cooked.iter().chain(&away).copied().collect();
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 4, 5]);
        format!("{} turned away", away.len())
    });
    assert!(found.len() > 1, "how many are turned away depends on the order: {found:?}");
}

#[test]
fn what_is_urgent_is_read_in_every_order_and_two_of_the_others() {
    let (_, found) = endings(drawn(2_000), || {
        let read = block_on(two_sources::read_while_they_write());
        let mut sorted = read.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["more rain", "rain", "the bridge is closed"]);
        format!("{read:?}")
    });
    assert_eq!(found.len(), 3, "what is urgent comes first, second or third: {found:?}");
}

#[test]
fn half_a_message_is_lost_only_where_it_is_begun_anew() {
    let (_, found) = endings(drawn(2_000), || {
        let [forgetful, patient] = block_on(cancel::both_ways());
        assert_eq!(patient.as_deref(), Some("good morning"));
        format!("{forgetful:?}")
    });
    assert_eq!(found.keys().collect::<Vec<_>>(), ["None", "Some(\"good morning\")"]);
}

#[test]
fn every_order_lets_the_whole_crowd_of_tasks_go() {
    let trial = || format!("{:?}", many_waiting::tasks(2).unwrap());
    always(drawn(2_000), trial, &format!("{:?}", Crowd { waited: 2, refused: 0 }));
}

fn borrowed() -> u32 {
    block_on(futurelock::with_a_ring(futurelock::borrowed))
}

#[test]
fn a_future_that_is_borrowed_gets_stuck_with_the_lock_and_the_book_shows_how() {
    let found = caught(every_schedule(), 10_000, || {
        borrowed();
    });
    assert!(found.message.contains("deadlock"), "{}", found.message);
    found.stands_in("tasks/futurelock.found.txt");
    let (_, found) = endings_and_stuck(every_schedule(), borrowed);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["1", "stuck"]);
}

#[test]
fn a_task_that_stirs_is_never_stuck() {
    let spawned = || block_on(futurelock::with_a_ring(futurelock::spawned)).to_string();
    always(every_schedule(), spawned, "1");
}

/// The explorer has one task in it, so that polling it by hand is all that can happen.
#[test]
fn polled_by_hand_the_borrowed_one_has_the_endings_of_the_explorer() {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for ending in listings_tokio::tasks::futurelock::every_moment() {
        let ending = ending.map_or("stuck".into(), |stirred| stirred.to_string());
        *found.entry(ending).or_default() += 1;
    }
    let found: Endings = (found.values().sum::<u64>() as usize, found);
    let checker =
        "polling its future by hand, with a ring before each of its polls and without one";
    stand_in("tasks/futurelock.endings.json", checker, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1", "stuck"]);
}

/// An `Rc` that ends before the await is accepted, and the program runs to its end.
#[test]
fn what_is_let_go_before_an_await_need_not_be_send() {
    let_go::run();
}

mod let_go {
    include!("../../../listings/tasks/held_across/2_let_go.rs");

    pub fn run() {
        main();
    }
}

/// A list behind the standard library's lock, which no task holds across an await.
#[test]
fn a_lock_let_go_before_an_await_need_not_be_send() {
    shared::run();
}

mod shared {
    include!("../../../listings/tasks/held_across/3_shared.rs");

    pub fn run() {
        main();
    }
}
