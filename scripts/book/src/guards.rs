//! What `check` refuses because it was once printed: gains that are too good, claims that the table beside them
//! contradicts, words that say more than their test, captions that nothing checks, thresholds far from what
//! is measured. The meaning of the words stands in *How this book measures*.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use lab::groups::groups;
use lab::record::{Description, Kind, Measurement, Point, Record};
use lab::statistics::{Verdict as Timing, estimate, verdict};
use regex::Regex;

use crate::claim::{Relation, Verdict};
use crate::context::Context;
use crate::diagnostic::counted;
use crate::directive;
use crate::expression::{At, Expression, Node as Of, Operator};
use crate::ledger::{self, Entry};
use crate::litmus::Litmus;
use crate::page::Chapter;
use crate::tree::{self, ClaimNode, Part, Standing};
use crate::value::measured_in_words;

/// More than so many times its threshold needs a reason.
const MOST_SLACK: f64 = 2.0;
/// An arm that keeps at least so many cores busy computes; a thread that computes keeps at most so many.
const COMPUTES: f64 = 0.9;
const ONE_THREAD: f64 = 1.1;

/// One thing found, and the machine whose record shows it; `None` where every machine would.
#[derive(Debug, PartialEq)]
pub struct Found {
    /// The name of its folder of records.
    pub machine: Option<String>,
    /// The place in the chapters and what is wrong there, for a line of `check`.
    pub what: String,
}

impl Found {
    fn new(entry: &Entry, machine: Option<&str>, what: impl fmt::Display) -> Found {
        let node = &entry.node;
        let kind = if entry.caption { "caption" } else { "claim" };
        let test = format!("`{}: {}`", node.experiment, node.text);
        Found {
            machine: machine.map(str::to_string),
            what: format!("{}:{}: the {kind} {test} {what}", entry.file, node.line),
        }
    }
}

/// Captions of figures that nobody marked.
pub fn unmarked(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Vec<Found> {
    let mut found = Vec::new();
    for (chapter, parts) in chapters.iter().zip(parsed) {
        for part in parts {
            let Some(tree::Figure { caption, .. }) = part.node.get() else { continue };
            if matches!(caption.standing, Standing::Unmarked) {
                let text = &chapter.source.text;
                let line = text[..part.span.start].matches('\n').count() + 1;
                found.push(Found {
                    machine: None,
                    what: format!(
                        "{}:{line}: the caption \"{}\" follows no machine: add `if=\"CLAIM\" else=\"other caption\"`, \
                         or `+neutral` where it compares nothing",
                        chapter.source.file.display(),
                        caption.text
                    ),
                });
            }
        }
    }
    found
}

/// A phrase, the test that means the same, and whether a relation is that test.
type Meaning = (&'static str, &'static str, fn(Relation) -> bool);

/// Numbers that an author divides by: how many there are of something belongs in the example, which counts
/// them. A point of the axis that the same expression names is no such number.
pub fn typed_divisors(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Vec<Found> {
    let mut found = Vec::new();
    for (chapter, parts) in chapters.iter().zip(parsed) {
        for expression in expressions(parts) {
            let mut points = Vec::new();
            let mut divisors = Vec::new();
            numbers(expression, &mut points, &mut divisors);
            for divisor in divisors.iter().filter(|divisor| !points.contains(divisor)) {
                found.push(Found {
                    machine: None,
                    what: format!(
                        "{}: a value is divided by {divisor}, which repeats a number of the listing: let the example count it, \
                         `.per(\"addition\", ADDITIONS)`, and write `each(arm)`",
                        chapter.source.file.display()
                    ),
                });
            }
        }
    }
    found
}

/// Of a chapter's values and claims, those inside claims too.
fn expressions(parts: &[Part]) -> Vec<&Expression> {
    let mut all = Vec::new();
    for part in parts {
        if let Some(tree::Value { expression, .. }) = part.node.get() {
            all.push(expression);
        }
        if let Some(node) = part.node.get::<ClaimNode>() {
            all.extend([&node.claim.left, &node.claim.right]);
            for body in [Some(&node.holds), node.otherwise.as_ref()].into_iter().flatten() {
                all.extend(expressions(&body.parts));
            }
        }
    }
    all
}

/// The points of the axis that an expression names, and the numbers that it divides by.
fn numbers(expression: &Expression, points: &mut Vec<u64>, divisors: &mut Vec<u64>) {
    match &expression.node {
        Of::Arm(_, Some(At::Number(at))) => points.push(*at),
        Of::Call(_, arguments) => arguments.iter().for_each(|one| numbers(one, points, divisors)),
        Of::Binary(operator, left, right) => {
            if let (Operator::Divide, Of::Number(divisor)) = (operator, &right.node) {
                divisors.push(*divisor as u64);
            }
            numbers(left, points, divisors);
            numbers(right, points, divisors);
        }
        _ => {}
    }
}

/// A phrase, the test meaning, and which tests have it too.
const WORDS: [Meaning; 3] = [
    (
        r"(?:\babout as \w+ as|\b(?:is|are) as (?:fast|slow) as|\btakes? (?:about |exactly )?as long as|\btakes? the same time|\bmakes? no difference|\b(?:gains?|costs?) nothing)",
        "`about`",
        |relation| matches!(relation, Relation::About),
    ),
    (r"\b(?:no slower than|keeps? up with)", "`no slower than`, or `about`", |relation| {
        matches!(relation, Relation::NoSlower | Relation::About)
    }),
    (r"\bno faster than", "`no faster than`, or `about`", |relation| {
        matches!(relation, Relation::NoFaster | Relation::About)
    }),
];

/// Sentences whose words mean another test than the one beside them. `within 1.25 of` goes with any of them
/// where the sentence says *within*, too.
pub fn words(entries: &[Entry]) -> Vec<Found> {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    let patterns = PATTERNS.get_or_init(|| {
        let compiled = WORDS.iter().map(|(pattern, ..)| Regex::new(pattern));
        compiled.collect::<Result<_, _>>().expect("the patterns are fixed and valid")
    });
    let mut found = Vec::new();
    for entry in entries {
        let sentence = sentence(&entry.node.holds.text);
        let relation = entry.node.claim.relation;
        if matches!(relation, Relation::Within(_)) && sentence.contains("within") {
            continue;
        }
        for (pattern, (_, test, fits)) in patterns.iter().zip(WORDS) {
            if let Some(phrase) = pattern.find(&sentence).filter(|_| !fits(relation)) {
                let what = format!(
                    "is tested by another relation than \"{}\" means: {test}",
                    phrase.as_str()
                );
                found.push(Found::new(entry, None, what));
            }
        }
    }
    found
}

/// What is read, in lower case on one line, without directives.
fn sentence(text: &str) -> String {
    let mut plain = String::new();
    let mut at = 0;
    for directive in directive::find(text).unwrap_or_default() {
        plain.push_str(&text[at..directive.span.start]);
        at = directive.span.end;
    }
    plain.push_str(&text[at..]);
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Claims that compare two points of an axis along which the work differs.
pub fn other_work(entries: &[Entry], context: &Context) -> Vec<Found> {
    let compares = |entry: &&Entry| {
        let record = fresh(context, &context.machine, &entry.node.experiment)?;
        let axis = record.description.axis.as_ref().filter(|axis| axis.varies_work)?;
        let (one, other, _) = entry.node.claim.compared(&record.machine)?;
        (one.at != other.at).then(|| (axis.name.clone(), one, other))
    };
    let found = entries.iter().filter_map(|entry| {
        let (axis, one, other) = compares(&entry)?;
        let what = format!(
            "compares `{one}` with `{other}`, and the work differs along the axis of {axis}"
        );
        Some(Found::new(entry, None, what))
    });
    found.collect()
}

/// Claims that hold although the table says the opposite of the same two arms: their threshold stands on the
/// far side of 1, so that *faster* and *slower* would both do.
pub fn contradictions(entries: &[Entry], context: &Context) -> Vec<Found> {
    let mut found = Vec::new();
    for entry in entries {
        for machine in context.records.machines.keys() {
            if let Some(timing) = contradiction(entry, context, machine) {
                let what = format!(
                    "holds on {machine}, and of the same two arms the table says *{timing}*: say that, or how far apart they \
                     are (`within 1.25 of`)"
                );
                found.push(Found::new(entry, Some(machine), what));
            }
        }
    }
    found
}

fn contradiction(entry: &Entry, context: &Context, machine: &str) -> Option<&'static str> {
    let record = fresh(context, machine, &entry.node.experiment)?;
    let measurement = record.measurement.as_ref()?;
    let claim = &entry.node.claim;
    let (one, other, (least, most)) = claim.compared(&record.machine)?;
    if matches!(claim.relation, Relation::Within(_))
        || !(0.5..1.0).contains(&least) && !(1.0..=2.0).contains(&most)
    {
        return None;
    }
    if ledger::judge(context, &entry.node, machine).verdict != Verdict::Holds {
        return None;
    }
    // The second arm beside the first: faster where the first takes longer.
    let (_, timing) = measurement.compare(&other, &one)?;
    match (timing, claim.relation) {
        // "No slower" is true of what is faster, and says less.
        (Timing::Faster, Relation::NoFaster) | (Timing::Slower, Relation::NoSlower) => None,
        (Timing::Faster, _) => Some("faster"),
        (Timing::Slower, _) => Some("slower"),
        (Timing::Same | Timing::NotResolved, _) => None,
    }
}

/// How far every claim is from its threshold, on the least favorable machine: the largest first.
pub struct Slack<'a> {
    /// The claim, and where it stands.
    pub entry: &'a Entry,
    /// How many times its threshold is measured: 1 at the threshold, more beyond it.
    pub times: f64,
    /// The machine on which that is least.
    pub machine: &'a str,
    /// What was measured there, in words.
    pub measured: String,
}

/// Of claims that hold somewhere a record of the current code is: the largest slack first.
pub fn slack<'a>(entries: &'a [Entry], context: &'a Context) -> Vec<Slack<'a>> {
    let mut all: Vec<Slack> =
        entries.iter().filter_map(|entry| least_slack(entry, context)).collect();
    all.sort_by(|a, b| b.times.total_cmp(&a.times));
    all
}

fn least_slack<'a>(entry: &'a Entry, context: &'a Context) -> Option<Slack<'a>> {
    let on = |machine: &'a String| {
        fresh(context, machine, &entry.node.experiment)?;
        let judged = ledger::judge(context, &entry.node, machine);
        let measured = judged.measured?;
        let text = measured_in_words(&entry.node, &measured);
        Some(Slack { entry, times: measured.slack()?, machine, measured: text })
    };
    let machines = context.records.machines.keys().filter_map(on);
    machines.min_by(|a, b| a.times.total_cmp(&b.times))
}

/// Those that need a tighter bound or a reason.
pub fn too_much_slack(all: &[Slack]) -> Vec<Found> {
    let without_reason =
        all.iter().filter(|one| one.times > MOST_SLACK && one.entry.node.claim.slack.is_none());
    let found = without_reason.map(|one| {
        let what = format!(
            "has a threshold {:.1} times from what is measured where it is least so ({}: {}): tighten it, or say why not: \
             `slack \"reason\"`",
            one.times, one.machine, one.measured
        );
        Found::new(one.entry, None, what)
    });
    found.collect()
}

/// Gains above what the machine has to give, without a reason in the example.
pub fn too_good(entries: &[Entry], context: &Context) -> Vec<Found> {
    let mut found = Vec::new();
    for (machine, records) in &context.records.machines {
        for record in records.records.values() {
            let Some(record) = fresh(context, machine, &record.example) else { continue };
            let Some(measurement) = &record.measurement else { continue };
            for (point, base) in pairs(measurement, entries, record) {
                if let Some(gain) = gains_too_much(record, measurement, &point, &base) {
                    found.push(Found {
                        machine: Some(machine.clone()),
                        what: format!(
                            "{} on {machine}: `{point}` is {gain}: a mistake of the measurement, or the example \
                             gives the reason: `.superlinear(\"…\")`",
                            record.example
                        ),
                    });
                }
            }
        }
    }
    found
}

/// Every arm beside the base, and the arms that claims compare.
fn pairs(measurement: &Measurement, entries: &[Entry], record: &Record) -> Vec<(Point, Point)> {
    let mut pairs = Vec::new();
    if let Some(base) = measurement.base() {
        let arms = measurement.description.points().into_iter();
        let same = arms.filter(|point| *point != base && measurement.same_work(point, &base));
        pairs.extend(same.map(|point| (point, base.clone())));
    }
    let of_here = entries.iter().map(|entry| &entry.node);
    for node in of_here.filter(|node| node.experiment == record.example) {
        // A claim that is about other machines compares nothing here.
        let verdict = node.claim.judge(measurement, &record.machine).verdict;
        if matches!(verdict, Verdict::NotApplicable(_)) {
            continue;
        }
        if let Some((one, other, _)) = node.claim.compared(&record.machine) {
            pairs.push((other.clone(), one.clone()));
            pairs.push((one, other));
        }
    }
    pairs.sort();
    pairs.dedup();
    let declared = |point: &Point| measurement.description.arm(&point.arm).is_some();
    pairs.retain(|(point, base)| declared(point) && declared(base));
    pairs
}

/// "2.41 times as fast as `sequential`, and 2.00 times is what 2 cores can give", where that lies above the ceiling or the cores by more than noise.
fn gains_too_much(
    record: &Record,
    measurement: &Measurement,
    point: &Point,
    base: &Point,
) -> Option<String> {
    let arm = |description: &Description, name: &str| description.arm(name).cloned();
    let (gaining, from) =
        (arm(&measurement.description, &point.arm)?, arm(&measurement.description, &base.arm)?);
    let explained = record.description.superlinear(&point.arm).is_some();
    // What is shared out is the work of one thread, in one language.
    let shared_out = match (from.kind, gaining.kind) {
        (Kind::Sequential, Kind::Python) => false,
        (Kind::Sequential, kind) => kind != Kind::Sequential || point.at.is_some(),
        (from, gaining) => from == Kind::Python && gaining == Kind::Python,
    };
    let busy = estimate(&measurement.values(base, |sample| sample.busy_cores()))?.median;
    if explained || !shared_out || !(COMPUTES..=ONE_THREAD).contains(&busy) {
        return None;
    }
    let cores = record.machine.cores;
    let threads = measurement.description.axis.as_ref().filter(|axis| axis.ceiling);
    let there = point.at.filter(|_| threads.is_some()).unwrap_or(cores);
    let ceiling = measurement.ceiling(there);
    let ratios = measurement.ratios(base, point);
    let bounds = if ceiling.is_empty() { vec![cores as f64; ratios.len()] } else { ceiling };
    let excess: Vec<f64> = ratios.iter().zip(&bounds).map(|(ratio, bound)| ratio / bound).collect();
    let same = estimate(&measurement.same_arm());
    if verdict(estimate(&excess)?, same) != Timing::Faster {
        return None;
    }
    let (gain, bound) = (estimate(&ratios)?.median, estimate(&bounds)?.median);
    Some(format!(
        "{gain:.2} times as fast as `{base}`, and {bound:.2} times is what {} can give",
        counted(cores as usize, "core")
    ))
}

/// Outcomes of litmus tests that the language forbids, and that real trials showed: the trials, the compiler or
/// the classes are wrong.
pub fn forbidden(parsed: &[Vec<Part>], context: &Context) -> Vec<Found> {
    let mut found = BTreeMap::new();
    for (tests, machine, record) in litmus_records(parsed, context) {
        for (arm, outcome, count) in tests.judge(record).forbidden {
            let what = format!(
                "{} on {machine}: {} of `{arm}` ended with `{outcome}`, which {} forbids",
                record.example,
                counted(count as usize, "trial"),
                tests.file
            );
            let machine = Some(machine.to_string());
            found.insert(what.clone(), Found { machine, what });
        }
    }
    found.into_values().collect()
}

/// Records whose trials say nothing about orderings, and why: "litmus on box-1c: …".
pub fn silent(parsed: &[Vec<Part>], context: &Context) -> Vec<String> {
    let mut all = BTreeSet::new();
    for (tests, machine, record) in litmus_records(parsed, context) {
        for why in tests.judge(record).silent {
            all.insert(format!("{} on {machine}: {why}", record.example));
        }
    }
    all.into_iter().collect()
}

/// Every chapter's litmus tests, with every record of their trials.
fn litmus_records<'a>(
    parsed: &'a [Vec<Part>],
    context: &'a Context,
) -> Vec<(&'a Litmus, &'a str, &'a Record)> {
    let mut all = Vec::new();
    for part in parsed.iter().flatten() {
        let Some(tree::Litmus { tests, .. }) = part.node.get() else { continue };
        for machine in context.records.machines.keys() {
            if let Some(record) = fresh(context, machine, &tests.experiment) {
                all.push((tests, machine.as_str(), record));
            }
        }
    }
    all
}

/// Arms whose rounds fall into two groups, on one machine: "start_cost: threads".
pub fn two_groups(context: &Context, machine: &str) -> Vec<String> {
    let Some(records) = context.records.machines.get(machine) else { return Vec::new() };
    let mut found = Vec::new();
    for record in records.records.values() {
        let Some(measurement) = &record.measurement else { continue };
        for point in measurement.description.points() {
            if groups(&measurement.seconds(&point)).is_some() {
                found.push(format!("{}.{point}", record.example));
            }
        }
    }
    found
}

/// The record, if it is of today's listing: what is stale has its own message.
fn fresh<'a>(context: &'a Context, machine: &str, experiment: &str) -> Option<&'a Record> {
    let record = context.records.get(machine, experiment)?;
    (!context.stale_timing(record)).then_some(record)
}

#[cfg(test)]
mod tests;
