//! Chapter 7: what gets stuck is found, with the order that leads there; what is repaired is explored.

mod explore;

use std::panic;

use checks::locks::price_list::Market;
use checks::locks::{
    closing, contention, critical_section, ledger, locked_twice, philosophers, price_list,
    stuck_philosophers, transfer,
};
use checks::story;
use explore::{
    Caught, always, caught, drawn, endings, endings_and_stuck, every_schedule, stand_in,
};
use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

const STEPS: usize = 10_000;

#[test]
fn three_philosophers_get_stuck_and_the_book_shows_how() {
    let found = caught(every_schedule(), STEPS, || {
        stuck_philosophers::dine(3);
    });
    assert!(found.message.contains("deadlock"), "{}", found.message);
    found.stands_in("locks/stuck_philosophers.found.txt");
}

/// Three philosophers have more schedules than a test has time for. The explorer walks every order of their steps.
const DRAWN: &str = "shuttle, 2000 schedules drawn by lot";

#[test]
fn three_philosophers_eat_or_get_stuck_and_the_explorer_says_both() {
    let found = endings_and_stuck(drawn(2_000), || stuck_philosophers::dine(3) / 2);
    stand_in("locks/stuck_philosophers.endings.json", DRAWN, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["3", "stuck"]);
}

#[test]
fn three_philosophers_whose_forks_have_an_order_eat_and_the_explorer_says_no_more() {
    let found = endings(drawn(2_000), || philosophers::dine(3, 1, philosophers::ordered) / 2);
    stand_in("locks/philosophers.endings.json", DRAWN, &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["3"]);
}

#[test]
fn two_philosophers_eat_in_every_order_if_forks_have_one() {
    always(every_schedule(), || philosophers::dine(2, 1, philosophers::ordered).to_string(), "4");
}

#[test]
fn two_philosophers_eat_in_every_order_if_they_ask_the_waiter() {
    always(
        every_schedule(),
        || philosophers::dine(2, 1, philosophers::with_waiter).to_string(),
        "4",
    );
}

#[test]
fn five_philosophers_eat_in_every_order_that_is_drawn() {
    always(drawn(300), || philosophers::dine(5, 1, philosophers::ordered).to_string(), "10");
    always(drawn(300), || philosophers::dine(5, 1, philosophers::with_waiter).to_string(), "10");
    always(drawn(300), || philosophers::dine(5, 1, philosophers::polite).to_string(), "10");
}

/// Lets everybody take one step, and then everybody the next.
struct InStep;

impl Scheduler for InStep {
    fn new_execution(&mut self) -> Option<Schedule> {
        Some(Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        _: bool,
    ) -> Option<TaskId> {
        let all = || runnable.iter().map(|task| task.id());
        let main = TaskId::from(0); // starts the others, and then waits for them
        let next = all().find(|id| Some(*id) > current);
        all().find(|id| *id == main).or(next).or_else(|| all().next())
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

#[test]
fn two_who_put_back_their_fork_in_step_never_eat() {
    let found = caught(InStep, 1_000, || {
        philosophers::dine(2, 1, philosophers::polite);
    });
    assert!(found.message.contains("exceeded max_steps"), "{}", found.message);
    assert!(found.story.len() > 100, "they took a fork {} times", found.story.len());
    let mut start = found;
    start.story.truncate(6);
    start.story.push("… and so on".into());
    start.schedule.clear();
    start.stands_in("locks/polite.found.txt");
}

#[test]
fn transfers_both_ways_get_stuck_and_the_book_shows_how() {
    let found = caught(every_schedule(), STEPS, || {
        transfer::both_ways(1, transfer::as_it_comes);
    });
    assert!(found.message.contains("deadlock"), "{}", found.message);
    found.stands_in("locks/transfer.found.txt");
}

#[test]
fn transfers_as_they_come_end_with_the_money_or_stuck_and_the_explorer_says_both() {
    let trial = || transfer::both_ways(1, transfer::as_it_comes).0;
    let found = endings_and_stuck(every_schedule(), trial);
    stand_in("locks/transfer.endings.json", "shuttle, every schedule (check_dfs)", &found);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["500", "stuck"]);
}

#[test]
fn in_order_every_order_ends_with_all_the_money() {
    let trial = || format!("{:?}", transfer::both_ways(1, transfer::in_order));
    always(every_schedule(), trial, "(500, 500)");
}

#[test]
fn a_lock_that_is_taken_twice_is_found() {
    let (_, endings) = endings(every_schedule(), || {
        story::begin();
        let panic = panic::catch_unwind(locked_twice::transfer).expect_err("it has to panic");
        let message = panic.downcast::<String>().map(|message| *message).unwrap_or_default();
        let found = Caught { message, story: story::so_far(), schedule: String::new() };
        found.text()
    });
    let text = endings.keys().next().expect("an ending");
    assert!(text.contains("already holds"), "{text}");
    explore::stands_in(text, "locks/locked_twice.found.txt");
}

#[test]
fn a_journal_holds_what_it_accepted_in_every_order() {
    let (schedules, endings) = endings(every_schedule(), || {
        let (accepted, lines) = closing::write_and_close();
        assert_eq!(accepted, lines.len());
        accepted
    });
    assert!(schedules > 1);
    // Closed before both, between the two, after both: each of them happens.
    assert_eq!(endings.keys().collect::<Vec<_>>(), ["0", "1", "2"]);
}

#[test]
fn no_addition_is_lost_in_any_order() {
    always(every_schedule(), || contention::mutex(2, 2).to_string(), "2");
    always(every_schedule(), || contention::rwlock(2, 2).to_string(), "2");
    always(every_schedule(), || contention::atomic(2, 2).to_string(), "2");
    always(every_schedule(), || contention::sharded(2, 2).to_string(), "2");
}

#[test]
fn prices_are_the_same_in_every_order() {
    const SMALL: Market = Market { articles: 3, questions: 2, per_change: 2 };
    let expected = price_list::sequential(SMALL).to_string();
    always(every_schedule(), || price_list::mutex(SMALL, 2).to_string(), &expected);
    always(every_schedule(), || price_list::rwlock(SMALL, 2).to_string(), &expected);
}

#[test]
fn every_entry_is_in_the_ledger_in_every_order() {
    const SMALL: ledger::Day = ledger::Day { entries: 1, steps: 1 };
    let complete = || (ledger::threads(SMALL) == ledger::sequential(SMALL)).to_string();
    always(every_schedule(), complete, "true");
}

#[test]
fn every_letter_is_sealed_in_every_order() {
    const SMALL: critical_section::Mail = critical_section::Mail { letters: 2, steps: 1 };
    let expected = critical_section::sequential(SMALL).to_string();
    let around = || critical_section::lock_around(SMALL, 2).to_string();
    let after = || critical_section::lock_after(SMALL, 2).to_string();
    always(every_schedule(), around, &expected);
    always(every_schedule(), after, &expected);
}
