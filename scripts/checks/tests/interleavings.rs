//! Every order of the bank's steps, explored by shuttle.

mod explore;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::panic;
use std::path::Path;
use std::sync::{Arc, Mutex};

use checks::{bank_atomic, bank_mutex, bank_race, guard_dropped, overdrawn};
use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};

/// How many schedules there were, and how many of them ended with which balance.
fn endings_by(
    scheduler: impl Scheduler + 'static,
    trial: fn() -> i64,
) -> (usize, BTreeMap<String, u64>) {
    let endings = Arc::new(Mutex::new(BTreeMap::new()));
    let seen = Arc::clone(&endings);
    let mut config = Config::default();
    config.silence_warnings = true; // that atomics are sequentially consistent is said in the text
    let schedules = Runner::new(scheduler, config).run(move || {
        *seen.lock().unwrap().entry(trial().to_string()).or_default() += 1;
    });
    let endings = endings.lock().unwrap().clone();
    (schedules, endings)
}

/// Every schedule, one after the other, each once.
fn every_schedule() -> DfsScheduler {
    DfsScheduler::new(None, false)
}

fn only(endings: &BTreeMap<String, u64>) -> Vec<&str> {
    endings.keys().map(String::as_str).collect()
}

#[test]
fn the_race_has_three_endings_and_the_book_says_how_often() {
    let (schedules, endings) = endings_by(every_schedule(), bank_race::plain_spawn);
    assert_eq!(only(&endings), ["1000", "400", "900"]);
    let checker = "shuttle, every schedule (check_dfs)";
    let found = serde_json::json!({
        "checker": checker, "schedules": schedules, "endings": endings
    });
    let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../listings/shared_state/bank_race.endings.json");
    if env::var_os("UPDATE_ENDINGS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let recorded = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        recorded == text,
        "{} does not say what shuttle found: write it anew with\n\
         UPDATE_ENDINGS=1 cargo test -p checks --test interleavings\n\nfound:\n{text}",
        file.display()
    );
}

#[test]
fn a_yield_between_the_steps_adds_no_ending() {
    let (_, endings) = endings_by(every_schedule(), bank_race::yielding);
    assert_eq!(only(&endings), ["1000", "400", "900"]);
}

#[test]
fn starting_together_adds_no_ending() {
    // While one spins the other can always wait another turn: the schedules have no end, so these are drawn.
    let drawn = RandomScheduler::new_from_seed(17, 2_000);
    let (_, endings) = endings_by(drawn, bank_race::started_together);
    assert_eq!(only(&endings), ["1000", "400", "900"]);
}

#[test]
fn behind_a_lock_every_order_ends_in_900() {
    let (schedules, endings) = endings_by(every_schedule(), bank_mutex::both_tellers);
    assert!(schedules > 1, "shuttle saw {schedules} schedule");
    assert_eq!(only(&endings), ["900"]);
}

#[test]
fn with_atomic_changes_every_order_ends_in_900() {
    let (schedules, endings) = endings_by(every_schedule(), bank_atomic::both_tellers);
    assert!(schedules > 1, "shuttle saw {schedules} schedule");
    assert_eq!(only(&endings), ["900"]);
}

#[test]
fn of_two_withdrawals_that_exceed_the_balance_one_is_refused_in_every_order() {
    shuttle::check_dfs(|| assert_eq!(bank_atomic::two_withdrawals(), (1, 100)), None);
}

#[test]
fn two_withdrawals_that_look_before_they_take_can_both_find_enough() {
    let found = endings_by(every_schedule(), overdrawn::two_withdrawals);
    let checker = "shuttle, every schedule (check_dfs)";
    explore::stand_in("shared_state/overdrawn.endings.json", checker, &found);
    assert_eq!(only(&found.1), ["-300", "100"]);
}

#[test]
fn a_lock_that_is_let_go_between_the_steps_has_the_endings_of_the_race() {
    let found = endings_by(every_schedule(), guard_dropped::both_tellers);
    let checker = "shuttle, every schedule (check_dfs)";
    explore::stand_in("shared_state/guard_dropped.endings.json", checker, &found);
    assert_eq!(only(&found.1), ["1000", "400", "900"]);
}

#[test]
fn a_lock_that_is_let_go_between_the_steps_is_caught_and_its_schedule_replayed() {
    fn trial() {
        assert_eq!(guard_dropped::both_tellers(), 900, "money was lost or made");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.failure_persistence = FailurePersistence::File(Some(folder.path().into()));
    let caught = panic::catch_unwind(|| Runner::new(every_schedule(), config).run(trial));
    assert!(caught.is_err(), "shuttle missed the race");
    let schedule = fs::read_dir(folder.path()).unwrap().next().expect("a schedule").unwrap().path();
    println!("caught by the schedule {}", fs::read_to_string(&schedule).unwrap());
    let again = panic::catch_unwind(|| shuttle::replay_from_file(trial, &schedule));
    assert!(again.is_err(), "the schedule does not lead to the same ending");
}
