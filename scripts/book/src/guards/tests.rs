//! Each guard finds what was once printed.

use lab::record::{Kind, Measurement, Sample};

use super::{
    Found, contradictions, other_work, slack, too_good, too_much_slack, two_groups, typed_divisors,
    unmarked, words,
};
use crate::chapter;
use crate::context::Context;
use crate::fixtures::{AWAY, HOME, TinyBook, chapter as chapter_of, fetch};
use crate::ledger::{self, Entry};

/// What a guard says of a chapter with this text.
fn found(
    book: &TinyBook,
    text: &str,
    guard: impl Fn(&[Entry], &Context) -> Vec<Found>,
) -> Vec<Found> {
    let (project, records) = (book.project(), book.records());
    let context = Context::new(&project, &records).unwrap();
    let chapters = [chapter_of(text)];
    let parsed =
        [chapter::parse(&chapters[0].source, &context).unwrap_or_else(|wrong| panic!("{wrong}"))];
    guard(&ledger::entries(&chapters, &parsed), &context)
}

/// A book whose base computes on one core, and whose threads take what is given.
fn computing(two_threads_ms: f64) -> Measurement {
    let mut measurement = fetch(two_threads_ms);
    let samples = measurement.rounds.iter_mut().flat_map(|round| &mut round.samples);
    for Sample { wall_ns, user_ns, .. } in samples {
        *user_ns = Some(*wall_ns);
    }
    measurement
}

#[test]
fn a_caption_that_nobody_marked_is_found() {
    let book = TinyBook::measured();
    let (project, records) = (book.project(), book.records());
    let context = Context::new(&project, &records).unwrap();
    let text = "\n{{#figure fetch bars \"Threads are faster\"}}\n\n{{#figure fetch bars \"Threads\" +neutral}}\n";
    let chapters = [chapter_of(text)];
    let parsed =
        [chapter::parse(&chapters[0].source, &context).unwrap_or_else(|wrong| panic!("{wrong}"))];
    let found = unmarked(&chapters, &parsed);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].what.starts_with("src/ch01-ideas.md:2: the caption \"Threads are faster\""),
        "{found:?}"
    );
}

#[test]
fn a_divisor_that_repeats_a_constant_is_found() {
    let book = TinyBook::measured();
    let (project, records) = (book.project(), book.records());
    let context = Context::new(&project, &records).unwrap();
    let said = |text: &str| {
        let chapters = [chapter_of(text)];
        let parsed =
            [chapter::parse(&chapters[0].source, &context)
                .unwrap_or_else(|wrong| panic!("{wrong}"))];
        typed_divisors(&chapters, &parsed).len()
    };
    assert_eq!(said("{{#value fetch: sequential / 5000000}}\n"), 1);
    let claim = "{{#claim fetch: threads@2 / 200 <= 1 ms}}{{#time fetch.threads@2}}{{#otherwise}}No.{{/claim}}\n";
    assert_eq!(said(claim), 1);
    assert_eq!(
        said("{{#value fetch: (threads@4 - sequential) / 4}}\n"),
        0,
        "that is the point of the axis"
    );
    assert_eq!(said("{{#ratio fetch.sequential / threads@2}}\n"), 0);
}

#[test]
fn words_that_mean_another_test_are_found() {
    let book = TinyBook::measured();
    let said = |test: &str, sentence: &str| {
        let text =
            format!("{{{{#claim fetch: {test}}}}}{sentence}{{{{#otherwise}}}}No.{{{{/claim}}}}\n");
        found(&book, &text, |entries, _| words(entries)).len()
    };
    assert_eq!(said("threads@2 <= 1.25 * sequential", "Threads are as fast as the loop."), 1);
    assert_eq!(said("sequential / threads@2 <= 1.15", "Threads\ngain nothing."), 1);
    assert_eq!(said("threads@2 <= 2 * sequential", "Threads keep up with the loop."), 1);
    assert_eq!(said("threads@2 about sequential", "Threads are as fast as the loop."), 0);
    assert_eq!(said("threads@2 no slower than sequential", "Threads keep up with the loop."), 0);
    assert_eq!(
        said(
            "threads@2 within 1.25 of sequential",
            "Threads are as fast as the loop, within a quarter."
        ),
        0
    );
    assert_eq!(said("sequential / threads@2 >= 2", "Threads are twice as fast as the loop."), 0);
}

#[test]
fn a_claim_that_the_table_contradicts_is_found_on_its_machine() {
    let book = TinyBook::measured();
    let said = |test: &str| {
        let text = format!("{{{{#claim fetch: {test}}}}}Yes.{{{{#otherwise}}}}No.{{{{/claim}}}}\n");
        found(&book, &text, contradictions)
            .into_iter()
            .map(|found| found.machine.unwrap())
            .collect::<Vec<_>>()
    };
    // 1.92 times as fast at home; away the two arms are about the same.
    assert_eq!(said("sequential / threads@2 >= 0.75"), [HOME]);
    assert_eq!(said("threads@2 <= 1.25 * sequential"), [HOME]);
    assert_eq!(said("threads@2 within 2 of sequential"), Vec::<String>::new());
    assert_eq!(said("sequential / threads@2 >= 1.5"), Vec::<String>::new());
    assert_eq!(
        said("threads@2 no slower than sequential"),
        Vec::<String>::new(),
        "what is faster is no slower"
    );
    assert_eq!(said("sequential no faster than threads@2"), Vec::<String>::new());
}

#[test]
fn a_claim_across_an_axis_that_varies_the_work_is_found() {
    let book = TinyBook::measured();
    let said = |test: &str| {
        let text = format!("{{{{#claim fetch: {test}}}}}Yes.{{{{#otherwise}}}}No.{{{{/claim}}}}\n");
        found(&book, &text, other_work).len()
    };
    assert_eq!(said("threads@1 / threads@2 >= 1.5"), 0);
    let mut measurement = fetch(52.0);
    measurement.description.axis.as_mut().unwrap().varies_work = true;
    book.record(HOME, 2, measurement);
    let said = |test: &str| {
        let text = format!("{{{{#claim fetch: {test}}}}}Yes.{{{{#otherwise}}}}No.{{{{/claim}}}}\n");
        found(&book, &text, other_work).len()
    };
    assert_eq!(said("threads@1 / threads@2 >= 1.5"), 1);
    assert_eq!(said("threads@2 > 1 ms"), 0);
}

#[test]
fn a_threshold_far_from_what_is_measured_needs_a_reason() {
    let book = TinyBook::measured();
    let said = |test: &str| {
        let text = format!("{{{{#claim fetch: {test}}}}}Yes.{{{{#otherwise}}}}No.{{{{/claim}}}}\n");
        found(&book, &text, |entries, context| too_much_slack(&slack(entries, context)))
    };
    let far = said("threads@1 < 1 s");
    assert!(far[0].what.contains("has a threshold 9.8 times from what is measured"), "{far:?}");
    assert_eq!(said("threads@1 < 1 s slack \"a second is what a reader waits\""), []);
    // Twice as much at home, and just so much away: the least favorable machine decides.
    assert_eq!(said("sequential / threads@2 > 0.9"), []);
}

#[test]
fn a_gain_above_the_ceiling_is_found_unless_the_example_says_why() {
    let book = TinyBook::measured();
    let at_home = |found: Vec<Found>| {
        let home = found.into_iter().filter(|one| one.machine.as_deref() == Some(HOME));
        home.map(|one| one.what).collect::<Vec<_>>()
    };
    book.record(HOME, 2, computing(52.0));
    assert_eq!(at_home(found(&book, "", too_good)), Vec::<String>::new(), "that is the ceiling");
    book.record(HOME, 2, computing(34.0));
    let hits = at_home(found(&book, "", too_good));
    assert!(
        hits[0].contains("`threads@2` is 2.9") && hits[0].contains("is what 2 cores can give"),
        "{hits:?}"
    );
    let mut explained = computing(34.0);
    explained.description.arms[1].superlinear = Some("each half fits the cache".into());
    book.record(HOME, 2, explained);
    assert_eq!(at_home(found(&book, "", too_good)), Vec::<String>::new());
}

#[test]
fn arms_that_a_claim_compares_are_looked_at_even_where_the_works_differ() {
    let book = TinyBook::measured();
    let mut measurement = computing(34.0);
    measurement.description.different_work = true;
    measurement.description.arms[0].kind = Kind::Python;
    measurement.description.arms[1].kind = Kind::Python;
    book.record(HOME, 2, measurement);
    let claim = "{{#claim fetch: sequential / threads@2 >= 1.4}}Yes.{{#otherwise}}No.{{/claim}}\n";
    assert_eq!(found(&book, claim, too_good).len(), 1);
    assert_eq!(found(&book, "", too_good), []);
}

#[test]
fn rounds_in_two_groups_are_named() {
    let book = TinyBook::measured();
    let mut measurement = fetch(52.0);
    for round in measurement.rounds.iter_mut().step_by(2) {
        round.samples[3].wall_ns *= 3;
    }
    book.record(AWAY, 1, measurement);
    let (project, records) = (book.project(), book.records());
    let context = Context::new(&project, &records).unwrap();
    assert_eq!(two_groups(&context, AWAY), ["fetch.threads@2"]);
    assert_eq!(two_groups(&context, HOME), Vec::<String>::new());
}
