//! What an expression is worth in one measurement.

use super::{Absent, Amount, Unit, parse};
use crate::fixtures::{ROUNDS, description, fetch, machine, service, tenth_alone};
use lab::record::Measurement;

fn median(text: &str) -> (Unit, f64) {
    let expression = parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
    let unit = expression.check(&description()).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let value = expression.evaluate(&fetch(52.0), &machine("m", 2)).unwrap();
    assert_eq!(value.unit, unit, "what is checked is what is evaluated: {text}");
    (unit, value.estimate().unwrap().median)
}

fn assert_about(text: &str, unit: Unit, expected: f64) {
    let (found, value) = median(text);
    assert_eq!(found, unit, "{text}");
    assert!((value / expected - 1.0).abs() < 0.01, "{text}: {value}, expected {expected}");
}

#[test]
fn arms_stand_for_their_times_and_functions_for_what_they_count() {
    assert_about("sequential", Unit::Time, 0.1);
    assert_about("threads@2", Unit::Time, 0.052);
    assert_about("threads@cores", Unit::Time, 0.052);
    assert_about("base_again", Unit::Time, 0.1);
    assert_about("ceiling@2", Unit::Ratio, 200.0 / 105.0);
    assert_about("limit@4", Unit::Ratio, 2.0);
    assert_about("memory(sequential)", Unit::Bytes, (3 << 20) as f64);
    assert_about("cpu(sequential)", Unit::Ratio, 1.5);
    assert_about("switches(sequential)", Unit::Count, 8.0);
    assert_about("involuntary(sequential)", Unit::Count, 1.0);
    assert_about("median(polite)", Unit::Time, 0.05);
    assert_about("median(sequential)", Unit::Time, 0.1);
    assert_about("p99(polite)", Unit::Time, 0.099);
    assert_about("outcome(\"900\")", Unit::Count, 99.0 * ROUNDS as f64);
    assert_about("outcome(\"900\", polite)", Unit::Count, 99.0 * ROUNDS as f64);
    assert_about("share(\"1000\", polite)", Unit::Ratio, 0.01);
    assert_about("trials(polite)", Unit::Count, 100.0 * ROUNDS as f64);
    assert_about("outcome(\"900\", polite) / trials(polite)", Unit::Count, 0.99);
}

#[test]
fn a_law_predicts_an_arm_that_says_what_of_it_runs_alone() {
    let on = |cores: u64, text: &str| {
        let measurement = tenth_alone(cores, &[1, 2, 4, 8, 16, 32]);
        let expression = parse(text).unwrap();
        assert_eq!(expression.check(&measurement.description), Ok(Unit::Ratio));
        expression.evaluate(&measurement, &machine("m", cores)).unwrap().estimate().unwrap().median
    };
    assert!((on(16, "law(threads@cores)") - 6.4).abs() < 1e-9);
    assert!((on(16, "law(threads@32)") - 6.4).abs() < 1e-9, "no thread has more than the cores");
    assert!((on(2, "law(threads@16)") - 1.0 / 0.55).abs() < 1e-9);
    assert!((on(16, "sequential / threads@8 / law(threads@8)") - 1.0).abs() < 0.01);
    let wrong = parse("law(threads@2)").unwrap().check(&description()).unwrap_err();
    assert!(wrong.title.contains("does not say what of `threads` runs alone"), "{wrong:?}");
}

#[test]
fn the_limit_is_the_longest_chain_or_the_computing_on_all_cores_whichever_is_more() {
    let mut measurement = service();
    let value = |measurement: &Measurement, text: &str| {
        let expression = parse(text).unwrap();
        let unit =
            expression.check(&measurement.description).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        (
            unit,
            expression.evaluate(measurement, &machine("m", 2)).unwrap().estimate().unwrap().median,
        )
    };
    assert_eq!(measurement.description.ceiling_at(), [2], "it is measured beside the arms");
    assert_eq!(value(&measurement, "limit"), (Unit::Time, 0.045));
    let (unit, ceiling) = value(&measurement, "ceiling@cores");
    assert_eq!(unit, Unit::Ratio);
    assert!((ceiling - 160.0 / 90.0).abs() < 1e-9, "of the computing, not of the base: {ceiling}");
    let (_, beyond) = value(&measurement, "tasks / limit");
    assert!((beyond - 50.0 / 45.0).abs() < 1e-9, "{beyond}");
    for round in &mut measurement.rounds {
        round.samples.iter_mut().find(|s| s.arm == "longest").unwrap().wall_ns = 60_000_000;
    }
    assert_eq!(value(&measurement, "limit"), (Unit::Time, 0.06));
}

#[test]
fn an_experiment_that_declares_no_limit_is_told_so() {
    let wrong = parse("limit").unwrap().check(&description()).unwrap_err();
    assert!(wrong.title.contains("declares no limit"), "{wrong:?}");
}

#[test]
fn products_bind_before_sums_and_parentheses_before_both() {
    assert_about("2 + 3 * 4", Unit::Ratio, 14.0);
    assert_about("(2 + 3) * 4", Unit::Ratio, 20.0);
    assert_about("10 - 4 - 3", Unit::Ratio, 3.0);
    assert_about("8 / 2 / 2", Unit::Ratio, 2.0);
    assert_about("sequential - 50 ms", Unit::Time, 0.05);
    assert_about("sequential / 2", Unit::Time, 0.05);
    assert_about("0.5 * sequential / threads@2", Unit::Ratio, 50.0 / 52.0);
    assert_about("1 min / 90 s", Unit::Ratio, 60.0 / 90.0);
}

#[test]
fn ratios_are_taken_round_by_round() {
    let expression = parse("sequential / threads@2").unwrap();
    let measurement = fetch(52.0);
    let value = expression.evaluate(&measurement, &machine("m", 2)).unwrap();
    let Amount::Rounds(ratios) = value.amount else { panic!("one value a round") };
    assert_eq!(ratios.len(), ROUNDS);
    let round = &measurement.rounds[4].samples;
    let expected = round[0].wall_ns as f64 / round[3].wall_ns as f64;
    assert!((ratios[4] - expected).abs() < 1e-9, "{} and {expected}", ratios[4]);
}

#[test]
fn an_expression_that_has_no_value_says_why() {
    let evaluate =
        |text: &str, cores| parse(text).unwrap().evaluate(&fetch(52.0), &machine("m", cores));
    let absent = |text: &str, cores| evaluate(text, cores).unwrap_err();
    assert_eq!(absent("threads@cores", 3), Absent::Point("threads@3".into()));
    assert!(matches!(absent("p99(sequential)", 2), Absent::NotRecorded("its distribution")));
    assert!(absent("python_threads / sequential", 2).to_string().contains("python3 was not found"));
}

#[test]
fn the_slowest_and_the_fastest_sample_are_of_the_rounds_that_count() {
    let mut measured = fetch(52.0);
    let mut noisy = measured.rounds[0].clone();
    for sample in &mut noisy.samples {
        sample.wall_ns *= 10;
    }
    noisy.set_aside = Some("stolen time 30 %".into());
    measured.rounds.push(noisy);
    let value = |text: &str| {
        let expression = parse(text).unwrap();
        let unit = expression.check(&description()).unwrap();
        let value = expression.evaluate(&measured, &machine("m", 2)).unwrap();
        assert_eq!(value.unit, unit);
        value.estimate().unwrap().median
    };
    let (slowest, fastest) = (value("slowest(sequential)"), value("fastest(sequential)"));
    assert!((slowest - 0.1005).abs() < 1e-9 && (fastest - 0.1).abs() < 1e-9, "{slowest} {fastest}");
    assert!(value("slowest(sequential) / fastest(sequential)") > 1.0);
    assert_eq!((value("rounds()"), value("set_aside()")), (16.0, 1.0));
    let wrong = parse("set_aside(sequential)").unwrap().check(&description()).unwrap_err();
    assert!(wrong.title.contains("of the whole experiment"), "{wrong:?}");
}

#[test]
fn no_text_makes_the_parser_panic() {
    let pieces = [
        "a", "@", "cores", "4", "1.5", "(", ")", "/", "*", ">=", "\"w\"", "\"", ",", " ", "é",
        "p99(",
    ];
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        match parse(&text) {
            Ok(expression) => drop(expression.check(&description())),
            Err(wrong) => {
                assert!(
                    wrong.span.end <= text.len() && wrong.span.start <= wrong.span.end,
                    "{text}"
                );
                assert!(text.is_char_boundary(wrong.span.start), "{text}");
            }
        }
    }
}
