//! Chapter 9: what is counted together, and what the litmus tests' orderings leave open.

mod explore;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use book::litmus::{self, Class, Litmus};
use checks::counts::{false_sharing, shared_counter};
use checks::litmus::{in_order, weak};
use explore::{always, drawn, endings, every_schedule};
use loom::model::Builder;

const TESTS: &str = "atomics/litmus.toml";
const FOUND: &str = "atomics/litmus.loom.json";

fn listing(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The tests as the chapter shows them.
fn shown() -> Litmus {
    litmus::parse(TESTS, &listing(TESTS), &listing(FOUND))
        .unwrap_or_else(|wrong| panic!("{}: {}", wrong.title, wrong.label))
}

#[test]
fn no_addition_is_lost_in_any_order() {
    always(every_schedule(), || shared_counter::mutex(2, 2).to_string(), "2");
    always(every_schedule(), || shared_counter::atomic(2, 2).to_string(), "2");
    always(every_schedule(), || shared_counter::sharded(2, 2).to_string(), "2");
    always(every_schedule(), || shared_counter::local(2, 2).to_string(), "2");
    always(every_schedule(), || false_sharing::apart(2, 256).to_string(), "2");
}

/// Every outcome that loom finds for a test, whose threads it starts itself.
fn found(test: fn() -> weak::Test) -> BTreeSet<String> {
    let found = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&found);
    let mut builder = Builder::new();
    builder.max_branches = 10_000;
    builder.check(move || {
        let test = test();
        let trial = Arc::new(weak::Trial::default());
        let (last, others) = test.parts.split_last().unwrap();
        let start = |part: &weak::Part| {
            let (part, trial) = (*part, Arc::clone(&trial));
            loom::thread::spawn(move || part(&trial))
        };
        let workers: Vec<_> = others.iter().map(start).collect();
        let last = last(&trial);
        let mut read: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        read.push(last);
        seen.lock().unwrap().insert(test.outcome(&read));
    });
    // Taken out, so that the guard goes before what it borrows.
    std::mem::take(&mut *found.lock().unwrap())
}

/// Its name, and what makes it.
type Named<Test> = (&'static str, fn() -> Test);

/// The arms of the example, and each one's test.
fn arms() -> [Named<weak::Test>; 17] {
    use weak::{
        Fences, Relaxed, ReleaseAcquire, SeqCst, coherence, independent_reads, load_buffering,
        message_passing, store_buffering,
    };
    [
        ("store_buffering_relaxed", store_buffering::<Relaxed>),
        ("store_buffering_acquire", store_buffering::<ReleaseAcquire>),
        ("store_buffering_seqcst", store_buffering::<SeqCst>),
        ("store_buffering_fences", store_buffering::<Fences>),
        ("message_passing_relaxed", message_passing::<Relaxed>),
        ("message_passing_acquire", message_passing::<ReleaseAcquire>),
        ("message_passing_seqcst", message_passing::<SeqCst>),
        ("load_buffering_relaxed", load_buffering::<Relaxed>),
        ("load_buffering_acquire", load_buffering::<ReleaseAcquire>),
        ("load_buffering_seqcst", load_buffering::<SeqCst>),
        ("coherence_relaxed", coherence::<Relaxed>),
        ("coherence_acquire", coherence::<ReleaseAcquire>),
        ("coherence_seqcst", coherence::<SeqCst>),
        ("independent_reads_relaxed", independent_reads::<Relaxed>),
        ("independent_reads_acquire", independent_reads::<ReleaseAcquire>),
        ("independent_reads_seqcst", independent_reads::<SeqCst>),
        ("independent_reads_fences", independent_reads::<Fences>),
    ]
}

#[test]
fn the_chapter_shows_what_loom_finds() {
    let mut all = BTreeMap::new();
    for (arm, test) in arms() {
        let began = std::time::Instant::now();
        all.insert(arm, found(test));
        println!("{arm}: {:?} in {:?}", all[arm], began.elapsed());
    }
    let json = serde_json::json!({ "checker": "loom 0.7.3", "found": all });
    let text = serde_json::to_string_pretty(&json).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings").join(FOUND);
    if env::var_os("UPDATE_FOUND").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        recorded == text,
        "listings/{FOUND} does not say what loom found: write it anew with\n\
         UPDATE_FOUND=1 cargo test -p checks --test litmus\n\nfound:\n{text}"
    );
}

/// What shuttle finds, which runs the listing's statements in orders that keep each thread in its own.
fn in_every_order(test: fn() -> in_order::Test) -> BTreeSet<String> {
    let trial = move || {
        let test = test();
        let trial = Arc::new(in_order::Trial::default());
        let start = |part: &in_order::Part| {
            let (part, trial) = (*part, Arc::clone(&trial));
            shuttle::thread::spawn(move || part(&trial))
        };
        let workers: Vec<_> = test.parts.iter().map(start).collect();
        let read: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        test.outcome(&read)
    };
    // Of four threads there are too many orders to run each.
    let ended = match test().parts.len() {
        2 => endings(every_schedule(), trial),
        _ => endings(drawn(20_000), trial),
    };
    ended.1.into_keys().collect()
}

#[test]
fn the_statements_in_the_table_are_those_of_the_listing() {
    use in_order::{
        SeqCst, coherence, independent_reads, load_buffering, message_passing, store_buffering,
    };
    let tests: [Named<in_order::Test>; 5] = [
        ("store_buffering", store_buffering::<SeqCst>),
        ("message_passing", message_passing::<SeqCst>),
        ("load_buffering", load_buffering::<SeqCst>),
        ("coherence", coherence::<SeqCst>),
        ("independent_reads", independent_reads::<SeqCst>),
    ];
    let shown = shown();
    assert_eq!(shown.tests.len(), tests.len());
    for (written, (name, test)) in shown.tests.iter().zip(tests) {
        assert_eq!(written.name, name);
        let ordinary = written.outcomes.iter().filter(|(_, ordinary)| **ordinary);
        let ordinary: BTreeSet<String> = ordinary.map(|(outcome, _)| outcome.clone()).collect();
        assert_eq!(ordinary, in_every_order(test), "{name}");
        assert_eq!(written.threads.len(), test().parts.len(), "{name}");
    }
}

#[test]
fn sequential_consistency_allows_the_interleavings_and_nothing_else() {
    for (test, variant) in shown().variants() {
        let strong = variant.arm.ends_with("_seqcst") || variant.arm.ends_with("_fences");
        for (outcome, ordinary) in &test.outcomes {
            match (test.class(variant, outcome), ordinary) {
                (Class::Allowed, true) => {}
                (Class::Forbidden, false) => {}
                (Class::Surprising, false) => assert!(!strong, "{}: {outcome}", variant.arm),
                (class, _) => panic!("{}: {outcome} is {class:?}", variant.arm),
            }
        }
    }
}

/// What a stronger ordering allows, the weaker ones allow as well.
#[test]
fn a_stronger_ordering_has_no_surprise_that_a_weaker_one_has_not() {
    for test in &shown().tests {
        for pair in test.variants[..3].windows(2) {
            assert!(pair[1].surprising.is_subset(&pair[0].surprising), "{}", pair[1].arm);
        }
    }
}

#[test]
fn a_fence_forbids_store_buffering_in_loom_and_its_seqcst_accesses_do_not() {
    assert!(!found(weak::store_buffering::<weak::Fences>).contains("0 0"));
    assert!(
        found(weak::store_buffering::<weak::SeqCst>).contains("0 0"),
        "not modeled, says the table"
    );
}

#[test]
fn loom_does_not_model_load_buffering() {
    assert!(!found(weak::load_buffering::<weak::Relaxed>).contains("1 1"), "say so no longer");
}
