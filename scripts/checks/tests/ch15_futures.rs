//! Chapter 15: a task that waits is woken in every order; one whose waker comes too late is caught, with the order
//! that leads there; and what the compiler makes of an async function.

mod explore;

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use checks::atomics::{caught as caught_by_loom, every_execution};
use checks::futures::executor::Executor;
use checks::futures::{await_cost, lost_wake, parking, weak};
use explore::{always, caught, drawn, endings, endings_and_stuck, stand_in, stands_in};

const STEPS: usize = 10_000;
const DRAWN: &str = "shuttle, 2000 schedules drawn by lot";

#[test]
fn the_parked_task_is_woken_in_every_execution() {
    let executions = every_execution(|| {
        let (bread, _) = weak::parking::block_on(weak::parking::bake(Duration::ZERO));
        assert_eq!(bread, "bread");
    });
    assert!(executions > 1, "loom saw {executions} execution");
}

/// shuttle wakes a parked thread without a reason, as `std` may. Orders in which it does so again and again have no
/// end, so these are drawn.
#[test]
fn a_wake_up_without_a_reason_does_no_harm() {
    always(
        drawn(2_000),
        || parking::block_on(parking::bake(Duration::ZERO)).0.to_string(),
        "bread",
    );
}

#[test]
fn a_waker_that_is_left_too_late_is_caught_and_the_book_shows_how() {
    let found = caught(drawn(2_000), STEPS, || {
        lost_wake::bake();
    });
    assert!(found.message.contains("deadlock"), "{}", found.message);
    found.stands_in("futures/lost_wake.found.txt");
}

#[test]
fn the_late_waker_ends_with_bread_or_stuck_and_the_explorer_says_both() {
    let found = endings_and_stuck(drawn(2_000), lost_wake::bake);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1", "stuck"]);
    stand_in("futures/lost_wake.endings.json", DRAWN, &found);
}

#[test]
fn loom_catches_the_late_waker_too() {
    let (_, message) = caught_by_loom(|| {
        weak::lost_wake::bake();
    });
    assert!(message.contains("deadlock"), "{message}");
}

#[test]
fn a_baker_who_looks_again_is_woken_in_every_execution() {
    let executions = every_execution(|| assert_eq!(weak::lost_wake::bake_and_look_again(), 1));
    assert!(executions > 1, "loom saw {executions} execution");
    let found = endings(drawn(2_000), lost_wake::bake_and_look_again);
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1"]);
    stand_in("futures/looks_again.endings.json", DRAWN, &found);
}

#[test]
fn the_event_loop_polls_every_task_that_is_woken_and_ends() {
    let breads = || {
        let (executor, (note, noted)) = (Executor::new(), mpsc::channel());
        for _ in 0..2 {
            let note = note.clone();
            executor.spawn(async move {
                let bread = parking::bake(Duration::ZERO).await;
                note.send(bread).expect("the trial listens");
            });
        }
        drop(note);
        executor.run();
        noted.into_iter().collect::<Vec<_>>().join(" ")
    };
    always(drawn(2_000), breads, "bread bread");
}

#[test]
fn two_who_wake_each_other_take_every_turn() {
    always(drawn(2_000), || await_cost::threads(6).to_string(), "6");
    always(drawn(2_000), || await_cost::tasks(6).to_string(), "6");
}

/// With an option that rustc has for its own developers, and that can change.
#[test]
fn what_the_compiler_makes_of_an_async_function_is_what_the_chapter_shows() {
    let listing =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings/futures/state_machine.rs");
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "-Zprint-type-sizes", "--out-dir"])
        .arg(folder.path())
        .arg(listing)
        .env("RUSTC_BOOTSTRAP", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("print-type-size "));
    let is_future = |line: &&str| line.starts_with("type: `{async fn body of sum()}`");
    let shown = lines.skip_while(|line| !is_future(line));
    let mut shown: Vec<&str> = shown.collect();
    let end = shown.iter().skip(1).position(|line| line.starts_with("type: "));
    shown.truncate(end.map_or(shown.len(), |end| end + 1));
    stands_in(&(shown.join("\n") + "\n"), "futures/state_machine.found.txt");
}
