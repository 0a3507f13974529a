//! Waiting for all of many: every future polled at each wake, or the one that
//! was woken.

use std::collections::BTreeMap;

use lab::{Experiment, Kind};
use listings::futures::join_all::{call_all, naive, own_wakers};

const TITLE: &str = "Guests in rooms, each called once, until all have heard";
/// In all rooms together.
const GUESTS: usize = 400_000;

fn main() -> lab::Exit {
    Experiment::new("join_all", TITLE)
        .demo(listings::futures::join_all::main)
        .setting("guests", "400 000, in rooms of so many")
        .axis("guests in a room", [10, 100, 1_000], true)
        .different_work()
        .base("alone", |()| polls(own_wakers, 1))
        .kind(Kind::Tasks)
        .label("a room for each guest")
        .per("guest", GUESTS as f64)
        .arm_over("naive", |(), room| polls(naive, room))
        .kind(Kind::Tasks)
        .label("polls all")
        .per("guest", GUESTS as f64)
        .arm_over("own_wakers", |(), room| polls(own_wakers, room))
        .kind(Kind::Tasks)
        .label("polls the one woken")
        .per("guest", GUESTS as f64)
        .outcomes(|polls| BTreeMap::from([("polls".to_string(), *polls)]))
        .run()
}

fn polls(way: listings::futures::join_all::Way, room: usize) -> u64 {
    (0..GUESTS / room).map(|_| call_all(way, room)).sum()
}
