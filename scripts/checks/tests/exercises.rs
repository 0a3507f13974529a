//! Exercises: each is in its form, in one chapter and in the crate, and none of the curriculum is missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use book::exercise;
use book::interleavings;
use book::project::Project;
use listings::shared_state::exercises::lose_the_money::{Teller, walk};

/// What the curriculum promises, by chapter.
const PROMISED: &[(&str, &[&str])] = &[
    ("ch01", &["average_any_order", "force_an_order"]),
    ("ch02", &["count_per_thread", "who_was_preempted"]),
    ("ch03", &["classify", "phases_of_a_mix"]),
    ("ch04", &["predict_the_speedup", "find_the_serial_part"]),
    ("ch05", &["read_books", "results_in_order", "first_error"]),
    ("ch06", &["oversold_tickets", "make_it_send", "lose_the_money"]),
    ("ch07", &["transfer_without_deadlock", "recover_from_poison", "shrink_the_lock"]),
    ("ch08", &["bounded_semaphore", "countdown_latch", "lost_wakeup"]),
    ("ch09", &["publish_once", "spin_then_park", "count_sharded"]),
    ("ch10", &["bounded_pipeline", "fan_in", "close_it_cleanly"]),
    ("ch11", &["histogram", "stable_sum", "find_the_grain"]),
    ("ch12", &["which_bottleneck", "balance_it"]),
    ("ch13", &["time_limit", "two_way"]),
    ("ch14", &["pool_of_processes", "send_or_share"]),
    ("ch15", &["poll_counter", "your_join", "your_timeout"]),
    ("ch16", &["polite_fetch", "timeout_each", "cancel_safe"]),
    ("ch17", &["keep_the_beat", "pool_of_connections", "shed_load"]),
    ("ch18", &["your_service"]),
    ("ch19", &["who_holds_it"]),
    ("ch20", &["let_it_go"]),
    ("ch21", &["retry_once", "lost_answer"]),
    ("ch22", &["choose"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/checks")
}

/// The pages that name each exercise: `ch06-sharing`.
fn named() -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let page = path.file_stem().unwrap().to_string_lossy().into_owned();
        // What stands between two fences is an example of how to write it.
        let text = fs::read_to_string(&path).unwrap();
        let mut fenced = false;
        for line in text.lines() {
            fenced ^= line.starts_with("```");
            let name = line.trim().strip_prefix("{{#exercise ");
            if let Some(name) = name.and_then(|rest| rest.strip_suffix("}}")).filter(|_| !fenced) {
                named.entry(name.trim().to_string()).or_default().push(page.clone());
            }
        }
    }
    named
}

#[test]
fn every_exercise_has_its_form_its_module_and_one_chapter() {
    let project = Project::at(root()).unwrap();
    let named = named();
    let mut wrong = Vec::new();
    let files = exercise::files(&project);
    assert!(!files.is_empty());
    for (name, path) in &files {
        if let Err(why) = exercise::read(&project, name, path) {
            wrong.push(format!("{why:#}"));
        }
        // A file that no module names is compiled by nobody.
        let modules = fs::read_to_string(path.with_file_name("mod.rs")).unwrap_or_default();
        if !modules.lines().any(|line| line == format!("pub mod {name};")) {
            wrong.push(format!("{name}: the mod.rs beside it does not name it"));
        }
        match named.get(name).map_or(0, Vec::len) {
            1 => {}
            0 => wrong.push(format!("{name} is in no chapter")),
            n => wrong.push(format!("{name} is in {n} places: {:?}", named[name])),
        }
    }
    for pair in files.windows(2) {
        if pair[0].0 == pair[1].0 {
            wrong.push(format!("two exercises are named {}", pair[0].0));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_exercises_of_the_curriculum_are_in_their_chapters() {
    let named = named();
    let mut missing = Vec::new();
    for (chapter, names) in PROMISED {
        for name in *names {
            let there = |page: &String| page.starts_with(chapter);
            if !named.get(*name).is_some_and(|pages| pages.iter().any(there)) {
                missing.push(format!("{chapter}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The student walks the steps that the chapter's explorer walks: the same endings, as often.
#[test]
fn losing_the_money_is_walked_as_the_explorer_walks_it() {
    let steps = fs::read_to_string(root().join("listings/shared_state/bank_race.steps")).unwrap();
    let explored = interleavings::parse(&steps).unwrap_or_else(|wrong| panic!("{}", wrong.title));
    let explored: BTreeMap<String, u128> = explored
        .endings()
        .by_value
        .into_iter()
        .map(|(ending, (orders, _))| (ending.to_string(), orders))
        .collect();
    let mut walked: BTreeMap<String, u128> = BTreeMap::new();
    for order in 0..1_u32 << 6 {
        let who = |step: u32| match (order >> step) & 1 {
            0 => Teller::Deposit,
            _ => Teller::Withdraw,
        };
        let order: Vec<Teller> = (0..6).map(who).collect();
        if let Some(ending) = walk(&order) {
            *walked.entry(ending.to_string()).or_default() += 1;
        }
    }
    assert_eq!(walked, explored);
}
