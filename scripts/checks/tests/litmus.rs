//! Chapter 9: what is counted together, and what the litmus tests' orderings leave open.

mod explore;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use checks::counts::{false_sharing, shared_counter};
use checks::litmus::{in_order, weak};
use explore::{always, every_schedule};
use loom::model::Builder;

const FOUND: &str = "atomics/litmus.loom.json";

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
    let found = found.lock().unwrap().clone();
    found
}

/// The arms of the example, and each one's test.
fn arms() -> [(&'static str, fn() -> weak::Test); 17] {
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
