//! What a record says of a claim.

use lab::record::{BASE_AGAIN, Measurement};

use super::{Asked, Judged, Verdict, parse};
use crate::fixtures::{ROUNDS, fetch, machine, measurement, sample};

fn judged(claim: &str, measurement: &Measurement, cores: u64) -> Judged {
    let claim = parse(claim).unwrap_or_else(|wrong| panic!("{claim}: {wrong:?}"));
    claim.check(&measurement.description).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    claim.judge(measurement, &machine("m", cores))
}

fn verdict(claim: &str, measurement: &Measurement) -> Verdict {
    judged(claim, measurement, 2).verdict
}

fn why_not(claim: &str, measurement: &Measurement, cores: u64) -> String {
    match judged(claim, measurement, cores).verdict {
        Verdict::NotApplicable(why) => why,
        other => panic!("{claim}: {other:?}"),
    }
}

/// The base at 100 ms, and again and `polite` at what these say of each round.
fn rounds(n: usize, again: impl Fn(usize) -> f64, polite: impl Fn(usize) -> f64) -> Measurement {
    measurement(n, |round| {
        vec![
            sample("sequential", None, 100.0),
            sample(BASE_AGAIN, None, again(round)),
            sample("polite", None, polite(round)),
        ]
    })
}

#[test]
fn a_claim_holds_where_its_whole_interval_is_on_the_claimed_side() {
    let measurement = rounds(ROUNDS, |_| 100.0, |round| 49.0 + (round % 3) as f64);
    assert_eq!(verdict("sequential / polite >= 1.9", &measurement), Verdict::Holds);
    assert_eq!(verdict("sequential / polite >= 2.1", &measurement), Verdict::DoesNotHold);
    assert_eq!(verdict("sequential / polite >= 2", &measurement), Verdict::NotResolved);
    assert_eq!(verdict("polite < 60 ms", &measurement), Verdict::Holds);
    assert_eq!(verdict("polite <= 0.05 s", &measurement), Verdict::NotResolved);
    assert_eq!(verdict("polite > 2 * sequential", &measurement), Verdict::DoesNotHold);
}

#[test]
fn faster_than_needs_more_than_the_base_against_itself_shows() {
    let faster = |again: fn(usize) -> f64| rounds(ROUNDS, again, |_| 80.0);
    let quiet = faster(|round| 100.0 + (round % 3) as f64);
    let loud = faster(|round| if round % 2 == 0 { 100.0 } else { 70.0 });
    assert_eq!(verdict("polite faster than sequential", &quiet), Verdict::Holds);
    assert_eq!(verdict("polite faster than sequential", &loud), Verdict::NotResolved);
    assert_eq!(verdict("polite slower than sequential", &quiet), Verdict::DoesNotHold);
    assert_eq!(verdict("sequential slower than polite", &quiet), Verdict::Holds);
    assert_eq!(verdict("polite about sequential", &quiet), Verdict::DoesNotHold);
    let same = rounds(ROUNDS, |_| 100.0, |round| 99.0 + (round % 3) as f64);
    assert_eq!(verdict("polite about sequential", &same), Verdict::Holds);
    assert_eq!(verdict("polite faster than sequential", &same), Verdict::DoesNotHold);
}

#[test]
fn fewer_than_six_kept_rounds_resolve_nothing() {
    let clear = |n| rounds(n, |_| 100.0, |_| 10.0);
    let claims = ["sequential / polite > 2", "polite faster than sequential", "polite < 1 s"];
    for claim in claims {
        assert_eq!(verdict(claim, &clear(6)), Verdict::Holds, "{claim}");
        assert_eq!(verdict(claim, &clear(5)), Verdict::NotResolved, "{claim}");
        let mut measurement = clear(6);
        measurement.rounds[3].set_aside = Some("stolen time 9 %".into());
        assert_eq!(verdict(claim, &measurement), Verdict::NotResolved, "{claim}");
    }
}

#[test]
fn rounds_set_aside_do_not_count_in_times() {
    let mut measurement = rounds(ROUNDS, |_| 100.0, |round| if round < 7 { 500.0 } else { 50.0 });
    assert_eq!(verdict("sequential / polite > 1.9", &measurement), Verdict::NotResolved);
    for round in &mut measurement.rounds[..7] {
        round.set_aside = Some("other programs used 1.2 cores".into());
    }
    assert_eq!(verdict("sequential / polite > 1.9", &measurement), Verdict::Holds);
}

#[test]
fn outcomes_count_in_every_round_set_aside_or_not() {
    let mut measurement = fetch(52.0);
    assert_eq!(verdict("outcome(\"1000\", polite) > 14", &measurement), Verdict::Holds);
    assert_eq!(verdict("trials(polite) >= 1500", &measurement), Verdict::Holds);
    for round in &mut measurement.rounds[..14] {
        round.set_aside = Some("stolen time 9 %".into());
    }
    assert_eq!(verdict("outcome(\"1000\", polite) > 14", &measurement), Verdict::Holds);
    assert_eq!(verdict("share(\"900\", polite) >= 0.99", &measurement), Verdict::Holds);
    assert_eq!(verdict("outcome(\"700\", polite) > 0", &measurement), Verdict::DoesNotHold);
    assert_eq!(verdict("polite < 1 s", &measurement), Verdict::NotResolved);
}

#[test]
fn a_condition_that_the_machine_does_not_meet_makes_a_claim_inapplicable() {
    let measurement = fetch(52.0);
    let claim = "sequential / threads@2 > 1.5 when cores >= 2";
    assert_eq!(judged(claim, &measurement, 2).verdict, Verdict::Holds);
    assert_eq!(why_not(claim, &measurement, 1), "it speaks of at least 2 cores");
    let both = "sequential > 1 ms when cores >= 2 and cores <= 4";
    assert_eq!(judged(both, &measurement, 4).verdict, Verdict::Holds);
    assert_eq!(why_not(both, &measurement, 8), "it speaks of at most 4 cores");
    assert_eq!(
        why_not("sequential > 1 ms when physical_cores > 1", &measurement, 2),
        "physical cores are not exposed on this machine"
    );
}

#[test]
fn what_was_not_measured_makes_a_claim_inapplicable() {
    let measurement = fetch(52.0);
    assert_eq!(
        why_not("python_threads > sequential", &measurement, 2),
        "python threads did not run on this machine: python3 was not found"
    );
    let why = why_not("threads@3 < sequential", &measurement, 2);
    assert_eq!(why, "threads@3 was not measured on this machine");
    assert!(
        why_not("threads@cores < sequential", &measurement, 16).starts_with("threads@16 was not")
    );
    assert!(why_not("limit@cores > 1", &measurement, 16).starts_with("limit@16 was not"));
    let why = why_not("memory(polite) > memory(sequential)", &measurement, 2);
    assert_eq!(why, "peak memory is not exposed on this machine");
}

#[test]
fn ceiling_and_limit_follow_the_machine() {
    let measurement = fetch(52.0);
    // Two copies take 105 ms where one takes 100; three pieces on two threads gain 1.5 at most.
    assert_eq!(verdict("ceiling@cores > 1.8", &measurement), Verdict::Holds);
    assert_eq!(verdict("limit@cores <= 1.5", &measurement), Verdict::Holds);
    assert_eq!(
        verdict("sequential / threads@cores >= 0.9 * limit@cores", &measurement),
        Verdict::Holds
    );
    let two = judged("ceiling@4 > 1.9", &measurement, 4);
    assert_eq!(two.verdict, Verdict::Holds, "{two:?}");
}

#[test]
fn threads_beyond_the_pieces_raise_no_limit() {
    let mut of = fetch(52.0);
    of.description.pieces = Some(2);
    // Four copies get twice as much done as one, two only 100/105 of that, and two pieces keep two threads busy.
    let limit = judged("limit@4 < 1.95", &of, 4);
    assert_eq!(limit.verdict, Verdict::Holds, "{limit:?}");
    // Three copies were not measured: then the ceiling of all four stands.
    of.description.pieces = Some(3);
    let limit = judged("limit@4 > 1.95", &of, 4);
    assert_eq!(limit.verdict, Verdict::Holds, "{limit:?}");
}

#[test]
fn a_division_of_nothing_by_nothing_resolves_nothing() {
    let measurement = fetch(52.0);
    let never = "outcome(\"1\", polite) / outcome(\"2\", polite)";
    assert_eq!(verdict(&format!("{never} > 0"), &measurement), Verdict::NotResolved);
    assert_eq!(verdict(&format!("{never} <= 0"), &measurement), Verdict::NotResolved);
}

#[test]
fn no_slower_within_and_about_have_one_meaning_each() {
    let at = |milliseconds: f64| {
        rounds(ROUNDS, |_| 100.0, move |round| milliseconds + (round % 3) as f64 * 0.1)
    };
    for (claim, milliseconds, holds) in [
        ("polite no slower than sequential", 108.0, true),
        ("polite no slower than sequential", 111.0, false),
        ("polite no slower than sequential", 20.0, true),
        ("polite no faster than sequential", 92.0, true),
        ("polite no faster than sequential", 80.0, false),
        ("polite within 1.25 of sequential", 120.0, true),
        ("polite within 1.25 of sequential", 81.0, true),
        ("polite within 1.25 of sequential", 79.0, false),
        ("polite within 1.25 of sequential", 126.0, false),
        ("polite about sequential", 104.0, true),
        ("polite about sequential", 108.0, false),
    ] {
        let expected = if holds { Verdict::Holds } else { Verdict::DoesNotHold };
        assert_eq!(verdict(claim, &at(milliseconds)), expected, "{claim}, {milliseconds} ms");
    }
    let spread = rounds(ROUNDS, |_| 100.0, |round| 100.0 + 20.0 * (round % 2) as f64);
    assert_eq!(verdict("polite no slower than sequential", &spread), Verdict::NotResolved);
}

#[test]
fn a_claim_says_how_many_times_its_threshold_was_measured() {
    let measurement = rounds(ROUNDS, |_| 100.0, |_| 20.0);
    let slack = |claim: &str| judged(claim, &measurement, 2).measured.unwrap().slack();
    assert_eq!(slack("sequential / polite >= 2"), Some(2.5));
    assert_eq!(slack("sequential >= 2 * polite"), Some(2.5));
    assert_eq!(slack("polite < 40 ms"), Some(2.0));
    assert_eq!(slack("polite < 0.5 * sequential"), Some(2.5));
    let asked = |claim: &str| judged(claim, &measurement, 2).measured.unwrap().asked;
    assert_eq!(asked("polite within 1.25 of 20 ms"), Asked::Between(0.016, 0.025));
    assert_eq!(asked("sequential within 1.25 of 5 * polite"), Asked::Between(4.0, 6.25));
    assert_eq!(slack("polite faster than sequential"), None, "a verdict has no threshold");
    assert_eq!(slack("trials() <= 0"), None, "nor have counts");
    let why =
        parse("sequential / polite >= 2 when cores >= 2 slack \"far from any\"").unwrap().slack;
    assert_eq!(why.as_deref(), Some("far from any"));
    assert!(parse("sequential / polite >= 2 slack").is_err());
}

#[test]
fn the_time_of_one_of_many_is_divided_by_what_the_example_counts() {
    let mut measurement = rounds(ROUNDS, |_| 100.0, |_| 20.0);
    measurement.description.arms[0].per = Some(("addition".into(), 1_000.0));
    assert_eq!(verdict("each(sequential) <= 101 us", &measurement), Verdict::Holds);
    assert_eq!(verdict("each(sequential) < 99 us", &measurement), Verdict::DoesNotHold);
    measurement.description.per = Some(("addition".into(), 10.0));
    assert_eq!(verdict("each(polite) <= 2.1 ms", &measurement), Verdict::Holds);
}
