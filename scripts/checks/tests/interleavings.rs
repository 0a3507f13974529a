//! Every order of the bank's steps, explored by shuttle; and that steps sleep and wake as its threads do.

mod explore;

use std::collections::BTreeMap;
use std::fs;
use std::panic;
use std::sync::Arc;

use book::interleavings;
use checks::{bank_atomic, bank_mutex, bank_race, guard_dropped, overdrawn};
use explore::{drawn, endings, endings_and_stuck, every_schedule, stand_in};
use shuttle::sync::{Condvar, Mutex as ShuttleMutex, MutexGuard};
use shuttle::{Config, FailurePersistence, Runner, thread};

fn only(endings: &BTreeMap<String, u64>) -> Vec<&str> {
    endings.keys().map(String::as_str).collect()
}

#[test]
fn the_race_has_three_endings_and_the_book_says_how_often() {
    let found = endings(every_schedule(), bank_race::plain_spawn);
    assert_eq!(only(&found.1), ["1000", "400", "900"]);
    stand_in("shared_state/bank_race.endings.json", "shuttle, every schedule (check_dfs)", &found);
}

#[test]
fn a_yield_between_the_steps_adds_no_ending() {
    let (_, endings) = endings(every_schedule(), bank_race::yielding);
    assert_eq!(only(&endings), ["1000", "400", "900"]);
}

#[test]
fn starting_together_adds_no_ending() {
    // While one spins the other can always wait another turn: the schedules have no end, so these are drawn.
    let (_, endings) = endings(drawn(2_000), bank_race::started_together);
    assert_eq!(only(&endings), ["1000", "400", "900"]);
}

#[test]
fn behind_a_lock_every_order_ends_in_900() {
    let (schedules, endings) = endings(every_schedule(), bank_mutex::both_tellers);
    assert!(schedules > 1, "shuttle saw {schedules} schedule");
    assert_eq!(only(&endings), ["900"]);
}

#[test]
fn with_atomic_changes_every_order_ends_in_900() {
    let (schedules, endings) = endings(every_schedule(), bank_atomic::both_tellers);
    assert!(schedules > 1, "shuttle saw {schedules} schedule");
    assert_eq!(only(&endings), ["900"]);
}

#[test]
fn of_two_withdrawals_that_exceed_the_balance_one_is_refused_in_every_order() {
    shuttle::check_dfs(|| assert_eq!(bank_atomic::two_withdrawals(), (1, 100)), None);
}

#[test]
fn two_withdrawals_that_look_before_they_take_can_both_find_enough() {
    let found = endings(every_schedule(), overdrawn::two_withdrawals);
    let checker = "shuttle, every schedule (check_dfs)";
    explore::stand_in("shared_state/overdrawn.endings.json", checker, &found);
    assert_eq!(only(&found.1), ["-300", "100"]);
}

#[test]
fn a_lock_that_is_let_go_between_the_steps_has_the_endings_of_the_race() {
    let found = endings(every_schedule(), guard_dropped::both_tellers);
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

type Counter = (ShuttleMutex<i64>, Condvar);

fn sleep<'a>(counter: &'a Counter, locked: MutexGuard<'a, i64>) -> MutexGuard<'a, i64> {
    counter.1.wait(locked).unwrap()
}

/// The steps, and the same program of shuttle's threads: it ends with what they counted.
type Twins = (&'static str, [fn(&Counter); 3]);

const WAKING: [Twins; 4] = [
    (
        "two sleep, and one is notified twice: whoever goes on first takes a notification",
        [
            |counter| {
                let mut x = sleep(counter, counter.0.lock().unwrap());
                *x += 1;
            },
            |counter| {
                let mut x = sleep(counter, counter.0.lock().unwrap());
                *x = 2 * *x + 1;
            },
            |counter| {
                counter.1.notify_one();
                counter.1.notify_one();
            },
        ],
    ),
    (
        "who wakes notifies the next",
        [
            |counter| {
                let mut x = sleep(counter, counter.0.lock().unwrap());
                *x += 1;
                counter.1.notify_one();
            },
            |counter| {
                let mut x = sleep(counter, counter.0.lock().unwrap());
                *x = 2 * *x + 1;
                counter.1.notify_one();
            },
            |counter| counter.1.notify_one(),
        ],
    ),
    (
        "one sleeps twice, and another one later",
        [
            |counter| {
                let x = sleep(counter, counter.0.lock().unwrap());
                let mut x = sleep(counter, x);
                *x += 1;
            },
            |counter| {
                counter.1.notify_one();
                let mut x = sleep(counter, counter.0.lock().unwrap());
                *x += 10;
            },
            |counter| {
                counter.1.notify_one();
                counter.1.notify_one();
            },
        ],
    ),
    (
        "all who sleep wake, and who sleeps later does not",
        [
            |counter| {
                let mut x = sleep(counter, counter.0.lock().unwrap());
                *x += 1;
                counter.1.notify_one();
            },
            |counter| {
                let mut x = sleep(counter, counter.0.lock().unwrap());
                *x = 2 * *x + 1;
            },
            |counter| {
                counter.1.notify_all();
                counter.1.notify_one();
            },
        ],
    ),
];

const WAKING_STEPS: [[&str; 3]; 4] = [
    [
        "lock m|wait c m|x = x + 1|unlock m",
        "lock m|wait c m|x = x + x + 1|unlock m",
        "notify c|notify c",
    ],
    [
        "lock m|wait c m|x = x + 1|notify c|unlock m",
        "lock m|wait c m|x = x + x + 1|notify c|unlock m",
        "notify c",
    ],
    [
        "lock m|wait c m|wait c m|x = x + 1|unlock m",
        "notify c|lock m|wait c m|x = x + 10|unlock m",
        "notify c|notify c",
    ],
    [
        "lock m|wait c m|x = x + 1|notify c|unlock m",
        "lock m|wait c m|x = x + x + 1|unlock m",
        "notify all c|notify c",
    ],
];

#[test]
fn who_wakes_in_the_steps_is_who_wakes_in_the_checker() {
    for ((about, threads), steps) in WAKING.into_iter().zip(WAKING_STEPS) {
        let trial = move || {
            let counter: Arc<Counter> = Arc::new((ShuttleMutex::new(0), Condvar::new()));
            let run = |body: fn(&Counter)| {
                let counter = Arc::clone(&counter);
                thread::spawn(move || body(&counter))
            };
            let all = threads.map(run);
            for one in all {
                one.join().unwrap();
            }
            // Read in a statement of its own: the guard goes before what it borrows.
            let x = *counter.0.lock().unwrap();
            x.to_string()
        };
        // Every schedule would be too many; of those that are drawn, each ending is met by dozens.
        let (_, found) = endings_and_stuck(drawn(1_000), trial);
        let threads: String = ["a", "b", "w"]
            .iter()
            .zip(steps)
            .map(|(name, steps)| format!("thread {name}\n  {}\n", steps.replace('|', "\n  ")))
            .collect();
        let text = format!("x = 0\nmutex m\ncondvar c\n{threads}ending x\nright 1\n");
        let program = interleavings::parse(&text).unwrap_or_else(|wrong| panic!("{}", wrong.title));
        let walked: Vec<String> =
            program.endings().by_value.keys().map(ToString::to_string).collect();
        let mut walked: Vec<&str> = walked.iter().map(String::as_str).collect();
        walked.sort_unstable();
        assert_eq!(only(&found), walked, "{about}");
    }
}
