//! Chapter 8: what waits goes on in every order; what waits wrongly is caught, with the order that leads there.

mod explore;

use checks::waiting::handoff::{Meeting, Parking, Sending, Telling, Turn, round_trips};
use checks::waiting::{
    bounded_buffer, event, if_instead, lost_wakeup, one_notify_too_few, park, phases, semaphore,
    told,
};
use explore::{always, caught, drawn, endings, endings_and_stuck, every_schedule, stand_in};
use shuttle::scheduler::PctScheduler;

const STEPS: usize = 10_000;
const EVERY: &str = "shuttle, every schedule (check_dfs)";
const DRAWN: &str = "shuttle, 2000 schedules drawn by lot";

#[test]
fn whoever_is_told_goes_on_in_every_order() {
    let main = || {
        told::main();
        "ready".to_string()
    };
    always(every_schedule(), main, "ready");
}

#[test]
fn a_wake_up_is_lost_and_the_book_shows_how() {
    let found = caught(every_schedule(), STEPS, || {
        lost_wakeup::bake();
    });
    assert!(found.message.contains("deadlock"), "{}", found.message);
    found.stands_in("waiting/lost_wakeup.found.txt");
}

#[test]
fn the_bell_without_the_lock_ends_ready_or_stuck_and_the_explorer_says_both() {
    let found = endings_and_stuck(every_schedule(), lost_wakeup::bake);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1", "stuck"]);
    stand_in("waiting/lost_wakeup.endings.json", EVERY, &found);
}

#[test]
fn what_is_put_is_taken_in_every_order() {
    let found = endings(every_schedule(), || bounded_buffer::through(1));
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["2"]);
    stand_in("waiting/bounded_buffer.endings.json", EVERY, &found);
    always(drawn(2_000), || bounded_buffer::through(2).to_string(), "4");
}

#[test]
fn an_if_takes_what_is_not_there_and_the_book_shows_how() {
    let found = caught(every_schedule(), STEPS, || {
        if_instead::two_takers();
    });
    assert!(found.message.contains("panicked"), "{}", found.message);
    found.stands_in("waiting/if_instead.found.txt");
}

#[test]
fn one_notify_too_few_gets_stuck_and_the_book_shows_how() {
    let found = caught(every_schedule(), STEPS, || {
        one_notify_too_few::two_takers();
    });
    assert!(found.message.contains("deadlock"), "{}", found.message);
    found.stands_in("waiting/one_notify_too_few.found.txt");
}

#[test]
fn one_notify_too_few_ends_with_both_items_or_stuck_and_the_explorer_says_both() {
    let found = endings_and_stuck(drawn(2_000), one_notify_too_few::two_takers);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["2", "stuck"]);
    stand_in("waiting/one_notify_too_few.endings.json", DRAWN, &found);
}

#[test]
fn never_are_more_inside_than_there_are_permits() {
    always(drawn(2_000), || semaphore::most_inside(3, 1).to_string(), "1");
    let (_, most) = endings(drawn(2_000), || semaphore::most_inside(3, 2));
    assert_eq!(most.keys().collect::<Vec<_>>(), ["1", "2"], "each of them happens");
    let crowded = || u8::from(semaphore::most_inside(3, 2) > 2);
    let found = endings(drawn(2_000), crowded);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["0"]);
    stand_in("waiting/semaphore.endings.json", DRAWN, &found);
}

#[test]
fn everybody_hears_the_shot_in_every_order() {
    always(every_schedule(), || event::race(2).to_string(), "2");
}

/// shuttle wakes a parked thread without a reason, as `std` allows itself to. Orders in which it does so
/// again and again have no end, so these are drawn.
#[test]
fn an_early_unpark_is_not_lost() {
    let found = endings(drawn(2_000), || u8::from(park::bake()));
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1"]);
    stand_in("waiting/park.endings.json", DRAWN, &found);
    endings(drawn(100), || {
        park::early();
        "it did not wait"
    });
}

const BLINKER: [&str; 5] = [".....", "..#..", "..#..", "..#..", "....."];

#[test]
fn with_a_barrier_every_order_makes_the_same_generations() {
    always(few_changes(200), || phases::live(&BLINKER, 2, 2), &phases_alone());
}

#[test]
fn without_a_barrier_generations_mix() {
    let (_, boards) = endings(few_changes(200), || phases::without_barrier(&BLINKER, 2, 2));
    assert!(boards.len() > 1, "{boards:?}");
}

/// By one thread, under the checker as well.
fn phases_alone() -> String {
    let (_, boards) = endings(drawn(1), || phases::live(&BLINKER, 2, 1));
    boards.into_keys().next().expect("a board")
}

/// So many orders in which a thread goes on for long before another does, which brings them apart.
fn few_changes(schedules: usize) -> PctScheduler {
    PctScheduler::new_from_seed(17, 3, schedules)
}

fn trips<T: Turn + Default>() -> String {
    round_trips(&T::default(), 2).len().to_string()
}

#[test]
fn the_turn_comes_back_in_every_order_that_is_drawn() {
    always(drawn(1_000), trips::<Telling>, "2");
    always(drawn(1_000), trips::<Meeting>, "2");
    always(drawn(1_000), trips::<Sending>, "2");
    always(drawn(1_000), trips::<Parking>, "2");
}
