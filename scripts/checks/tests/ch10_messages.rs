//! Chapter 10: std's channels, explored in every order; what gets stuck is found.

mod explore;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use checks::messages::pipeline::Batch;
use checks::messages::{bank_actor, never_closed, pipeline, stuck_pool, worker_pool};
use checks::shim::sync::mpsc;
use checks::shim::thread;
use explore::{always, caught, drawn, endings, endings_and_stuck, every_schedule, stand_in};

#[test]
fn two_senders_meet_in_every_order() {
    let (_, endings) = endings(every_schedule(), || {
        let (first, receiver) = mpsc::channel();
        let second = first.clone();
        thread::spawn(move || "ab".chars().for_each(|letter| first.send(letter).unwrap()));
        thread::spawn(move || "cd".chars().for_each(|letter| second.send(letter).unwrap()));
        receiver.into_iter().collect::<String>()
    });
    let all = ["abcd", "acbd", "acdb", "cabd", "cadb", "cdab"];
    assert_eq!(endings.keys().collect::<Vec<_>>(), all);
}

#[test]
fn the_actor_ends_with_900_in_every_order() {
    always(every_schedule(), || bank_actor::both_tellers().to_string(), "900");
}

#[test]
fn of_two_withdrawals_the_actor_refuses_one_in_every_order() {
    always(every_schedule(), || format!("{:?}", bank_actor::two_withdrawals()), "(1, 100)");
}

#[test]
fn a_pipeline_stores_its_pages_in_order_whatever_the_schedule() {
    fn stored(pages: u32) -> String {
        let batch = Batch { pages, bytes: 3, device: Duration::ZERO };
        let numbers = pipeline::pipeline(batch, 1).into_iter().map(|(number, _)| number);
        format!("{:?}", numbers.collect::<Vec<_>>())
    }
    always(every_schedule(), || stored(1), "[0]");
    always(drawn(2_000), || stored(4), "[0, 1, 2, 3]");
}

#[test]
fn a_pool_answers_every_job_in_every_order_that_is_drawn() {
    let squares = || format!("{:?}", worker_pool::pool(2, vec![3, 4, 5], |n: u32| n * n));
    always(drawn(2_000), squares, "[9, 16, 25]");
}

/// The most workers that are at work at the same time, in any order.
fn most_at_work(pool: fn(&(dyn Fn(u32) + Sync))) -> usize {
    static MOST: AtomicUsize = AtomicUsize::new(0);
    MOST.store(0, SeqCst);
    endings(drawn(300), move || {
        let at_work = AtomicUsize::new(0);
        pool(&|_| {
            MOST.fetch_max(at_work.fetch_add(1, SeqCst) + 1, SeqCst);
            thread::yield_now();
            at_work.fetch_sub(1, SeqCst);
        });
        ""
    });
    MOST.load(SeqCst)
}

#[test]
fn a_guard_in_the_condition_of_a_loop_makes_a_line_of_a_pool() {
    let in_line = most_at_work(|work| worker_pool::pool_in_line(2, vec![1, 2, 3], work));
    assert_eq!(in_line, 1, "in no order are two at work");
    let pool = most_at_work(|work| {
        worker_pool::pool(2, vec![1, 2, 3], work);
    });
    assert_eq!(pool, 2, "in some order both are");
}

#[test]
fn three_numbers_get_through_two_bounded_queues_in_every_order() {
    always(every_schedule(), || format!("{:?}", stuck_pool::squares(&[1, 2, 3])), "[1, 4, 9]");
}

#[test]
fn four_numbers_get_stuck_and_the_book_shows_how() {
    let found = caught(every_schedule(), 10_000, || {
        stuck_pool::squares(&[1, 2, 3, 4]);
    });
    assert!(found.message.contains("deadlock"), "{}", found.message);
    found.stands_in("messages/stuck_pool.found.txt");
}

/// What is written into the files that the explorers are held against.
const EVERY: &str = "shuttle, every schedule (check_dfs)";

#[test]
fn four_numbers_get_stuck_in_every_order_and_the_explorer_says_no_more() {
    let trial = || stuck_pool::squares(&[1, 2, 3, 4]).len();
    let found = endings_and_stuck(every_schedule(), trial);
    stand_in("messages/stuck_pool.endings.json", EVERY, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["stuck"]);
}

#[test]
fn a_receiver_with_a_sender_of_its_own_waits_forever_in_every_order() {
    let found = endings_and_stuck(every_schedule(), never_closed::kept);
    stand_in("messages/never_closed.endings.json", EVERY, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["stuck"]);
}

#[test]
fn a_receiver_that_gives_up_its_sender_comes_to_the_end_in_every_order() {
    let found = endings_and_stuck(every_schedule(), never_closed::dropped);
    stand_in("messages/closed_in_time.endings.json", EVERY, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["3"]);
}
