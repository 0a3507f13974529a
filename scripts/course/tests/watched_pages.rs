//! A page of `course serve` that has a student's own file watched: a real server, real sockets, the real
//! Cargo. Who may ask for it is tried in `attacks.rs`.
#![cfg(target_os = "linux")] // what is left behind is looked for in /proc

mod served;
mod settings;

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};
use served::{
    Answer, PATIENCE, Served, WATCH, nothing_is_left_of, processes_of, project, wait_until,
};

const TICKETS: &str = include_str!("tickets/exercise.rs");

const MINE: &str = "practice/tickets/src/lib.rs";
const ENDLESS: &str = "loop {\n        std::thread::park();\n    }";

/// A server of a page with two exercises, and of no listing.
fn classroom() -> Served {
    let root = project();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("listings/ideas/exercises/tickets.rs", TICKETS);
    write("listings/ideas/exercises/queue.rs", &TICKETS.replace("One ticket", "A queue"));
    write("src/one.md", "# One\n\n{{#exercise tickets}}\n\n{{#exercise queue}}\n");
    fs::remove_dir_all(root.path().join("examples")).unwrap();
    let cargo = root.path().join("bin/cargo");
    fs::remove_file(&cargo).unwrap();
    let real = env::var("CARGO").unwrap_or("cargo".into());
    // There are no listings to compile, but exercises.
    write(
        "bin/cargo",
        &format!("#!/bin/sh\n[ \"$1\" = test ] || exit 0\nexec \"{real}\" \"$@\"\n"),
    );
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    Served::serve(root, &[])
}

fn watches(served: &Served) -> Answer {
    let answer = served.requests(WATCH, &json!({ "exercise": "tickets" }));
    assert_eq!(answer.status, 200, "{}", answer.head);
    answer
}

/// The student's file with this in place of the `todo!`.
fn save(served: &Served, code: &str) {
    let mine = served.root.path().join(MINE);
    let starter = served.root.path().join("practice/tickets/starter.txt");
    if !starter.exists() {
        fs::copy(&mine, &starter).unwrap();
    }
    let todo = "todo!(\"look whether one is left\")";
    let text = fs::read_to_string(starter).unwrap();
    assert!(text.contains(todo), "{text}");
    fs::write(mine, text.replace(todo, code)).unwrap();
}

/// All lines up to the one with this field.
#[track_caller]
fn told_until(answer: &mut Answer, field: &str) -> Vec<Value> {
    let mut told = Vec::new();
    while let Some(line) = answer.line() {
        told.push(line);
        if told.last().is_some_and(|line| line.get(field).is_some()) {
            return told;
        }
    }
    panic!("no line with `{field}` in {told:?}");
}

/// Waits for the process of a test.
#[track_caller]
fn a_test_runs(served: &Served) {
    let is_one = |line: &str| line.contains("--exact") && !line.contains("supervise");
    wait_until("a test runs", || {
        processes_of(served.root.path()).iter().any(|(_, line)| is_one(line))
    });
}

#[test]
fn a_page_is_told_what_the_tests_say_and_nothing_of_the_file() {
    let served = classroom();
    let mine = served.root.path().join(MINE);
    assert!(!mine.exists());
    let mut answer = watches(&served);
    let told = told_until(&mut answer, "score");
    assert_eq!(told[0], json!({ "watching": MINE }));
    assert!(mine.exists(), "the starter was copied");
    let test = told.iter().find(|line| line.get("said").is_some()).expect("a test that failed");
    assert_eq!(test["test"], "one is sold");
    assert_eq!(test["said"][0]["message"], "still to do: look whether one is left");
    let line = test["said"][0]["line"].as_u64().unwrap() as usize;
    let text = fs::read_to_string(&mine).unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("todo!"));
    let failing = told.iter().filter(|line| line.get("said").is_some()).count();
    assert_eq!(failing, 1, "one at a time: {told:?}");

    save(&served, "true // a secret of mine");
    let mut all = told_until(&mut answer, "score");
    assert_eq!(all.last().unwrap()["score"]["passed"], 1);
    save(&served, "maybe // a secret of mine");
    let refused = told_until(&mut answer, "refused");
    let error = &refused.last().unwrap()["refused"];
    assert!(error["message"].as_str().unwrap().contains("cannot find value `maybe`"), "{error}");
    assert_eq!((&error["line"], &error["more"]), (&json!(line), &json!(0)));
    all.extend(refused);
    assert!(!all.iter().any(|line| line.to_string().contains("secret")), "{all:?}");

    let began = Instant::now();
    save(&served, "left > 0");
    let score = answer.until("score");
    println!("from the save to the page: {:?}", began.elapsed());
    let next = json!({ "name": "queue", "label": "Exercise 1-2", "page": "one" });
    let score_of = |next| json!({ "passed": 2, "tests": 2, "hint": false, "next": next });
    assert_eq!(score["score"], score_of(next));
    drop(answer);
    served.is_well("a watch");
}

#[test]
fn a_newer_save_stops_the_older_try() {
    let served = classroom();
    let mut answer = watches(&served);
    answer.until("score");
    save(&served, ENDLESS);
    answer.until("tests");
    let began = Instant::now();
    save(&served, "left > 0");
    assert_eq!(answer.until("score")["score"]["passed"], 2);
    assert!(began.elapsed() < PATIENCE, "the endless one was not waited for");
    drop(answer);
    served.is_well("a newer save");
}

#[test]
fn a_try_waits_for_the_permit_and_a_watch_does_not() {
    let served = classroom();
    let lock = served.root.path().join("target/course.lock");
    let lock = File::options().create(true).append(true).open(lock).unwrap();
    lock.lock().unwrap();
    let mut answer = watches(&served);
    answer.until("waiting");
    lock.unlock().unwrap();
    answer.until("score");
    // It goes on watching, and holds nothing up.
    wait_until("the permit is free", || lock.try_lock().is_ok());
    save(&served, "left > 0");
    assert_eq!(answer.until("waiting")["waiting"], 1);
    lock.unlock().unwrap();
    assert_eq!(answer.until("score")["score"]["passed"], 2);
    drop(answer);
    served.is_well("a line");
}

#[test]
fn so_many_are_watched_and_no_more() {
    let served = classroom();
    let mut watching: Vec<Answer> = (0..5).map(|_| watches(&served)).collect();
    let mut refused = served.requests(WATCH, &json!({ "exercise": "tickets" }));
    assert_eq!(refused.status, 503);
    assert!(refused.rest().contains("watched already"));
    watching[4].until("score");
    drop(watching);
    served.is_well("many watches");
}

#[test]
fn a_reader_who_leaves_and_a_server_that_ends_leave_nothing_behind() {
    let mut served = classroom();
    let mut answer = watches(&served);
    answer.until("score");
    for code in [ENDLESS, "loop {}"] {
        save(&served, code);
        answer.until("tests");
        a_test_runs(&served);
        drop(answer);
        served.is_well("a reader who left");
        answer = watches(&served);
        answer.until("tests");
    }
    for signal in ["-INT", "-KILL"] {
        let id = served.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        served.child.wait().unwrap();
        nothing_is_left_of(served.root.path(), signal);
        served = classroom();
        answer = watches(&served);
        answer.until("score");
        save(&served, ENDLESS);
        a_test_runs(&served);
    }
    drop(answer);
    served.is_well("all that");
}
