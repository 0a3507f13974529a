//! Litmus tests: what a few statements in several threads can end with, by the language, by a model checker,
//! and in the trials of an experiment.
//!
//! ```toml
//! experiment = "litmus"              # counts the outcomes of its arms: `store_buffering_relaxed`, …
//! checker = "loom"                   # what it found stands beside, in the file named `….loom.json`
//!
//! [[ordering]]
//! name = "relaxed"                   # ends the names of arms
//! label = "Relaxed"                  # heads a column
//! # unmodeled = true                 where the checker does not model the ordering
//!
//! [[architecture]]
//! name = "x86"
//! label = "x86-64"
//! source = "https://…"
//!
//! [[test]]
//! name = "store_buffering"
//! threads = [["x = 1", "a = y"], ["y = 1", "b = x"]]
//! orderings = ["relaxed"]            # those that have an arm
//! surprising = { relaxed = ["0 0"] } # allowed, although no interleaving gives it
//! # unmodeled = ["relaxed"]          surprises that the checker does not model
//! shows = { x86 = ["relaxed"] }      # where an architecture shows what no interleaving gives
//! source = "https://…"               # of what the language allows
//! ```
//!
//! An outcome is what the threads have read, in the order of the statements: "0 1". What an interleaving gives
//! is allowed; what none gives is surprising where the file says so, and forbidden elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use lab::record::{Measurement, Record};
use serde::Deserialize;
use toml::Spanned;

use crate::diagnostic::{Wrong, suggestion};
pub(crate) use page::figures;

mod page;

/// The tests of one file, and what the checker beside it found.
#[derive(Clone, Debug)]
pub struct Litmus {
    /// Relative to the project.
    pub file: String,
    /// The one whose arms count the trials.
    pub experiment: String,
    /// The name of the model checker: `loom`.
    pub checker: String,
    /// Those that tests are made with, in the order of the file.
    pub orderings: Vec<Ordering>,
    /// Those of which is said what they show.
    pub architectures: Vec<Architecture>,
    /// In the order of the file.
    pub tests: Vec<Test>,
}

/// A memory ordering, or a pair of them, that tests are made with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordering {
    /// As variants name it.
    pub name: String,
    /// As a page shows it.
    pub label: String,
    /// The checker does not model it.
    #[serde(default)]
    pub unmodeled: bool,
}

/// A kind of processor, and what is known of the outcomes it shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// As variants name it.
    pub name: String,
    /// As a page shows it.
    pub label: String,
    /// The address of what says which outcomes it shows.
    pub source: String,
}

/// A litmus test: a few threads of a few statements, and what their reads can give.
#[derive(Clone, Debug)]
pub struct Test {
    /// The name by which it is known: `store_buffering`.
    pub name: String,
    /// Statements, by thread.
    pub threads: Vec<Vec<String>>,
    /// Names of what is read, in the order of an outcome's digits.
    pub reads: Vec<String>,
    /// The address of the text by which its outcomes are judged.
    pub source: String,
    /// Every outcome that one can write down, and whether an interleaving gives it.
    pub outcomes: BTreeMap<String, bool>,
    /// One for each ordering it is made with.
    pub variants: Vec<Variant>,
}

/// A test with one ordering.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its place in `Litmus::orderings`.
    pub ordering: usize,
    /// The arm that counts its trials.
    pub arm: String,
    /// The outcomes that no interleaving gives and the language allows with this ordering.
    pub surprising: BTreeSet<String>,
    /// What the checker found; `None` where it does not model what could surprise.
    pub found: Option<BTreeSet<String>>,
    /// Names of the architectures that show what no interleaving gives.
    pub shown_by: BTreeSet<String>,
}

/// What the language says of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// An interleaving gives it.
    Allowed,
    /// None does, and it can happen all the same.
    Surprising,
    /// None does, and the language rules it out.
    Forbidden,
}

impl Class {
    /// The word for it on a page, and its class in the style.
    pub fn word(self) -> &'static str {
        match self {
            Class::Allowed => "allowed",
            Class::Surprising => "surprising",
            Class::Forbidden => "forbidden",
        }
    }
}

impl Test {
    /// What the language says of this outcome of a variant.
    pub fn class(&self, variant: &Variant, outcome: &str) -> Class {
        match self.outcomes.get(outcome) {
            Some(true) => Class::Allowed,
            _ if variant.surprising.contains(outcome) => Class::Surprising,
            _ => Class::Forbidden,
        }
    }

    /// These outcomes, each of which no interleaving gives.
    fn surprising<'a>(
        &self,
        outcomes: impl Iterator<Item = &'a Spanned<String>>,
    ) -> Result<BTreeSet<String>, Wrong> {
        let mut surprising = BTreeSet::new();
        for outcome in outcomes {
            let title = match self.outcomes.get(outcome.get_ref()) {
                Some(false) => {
                    surprising.insert(outcome.get_ref().clone());
                    continue;
                }
                Some(true) => {
                    format!("an interleaving gives `{}`, which surprises nobody", outcome.get_ref())
                }
                None => format!("`{}` is no outcome of this test", outcome.get_ref()),
            };
            return Err(Wrong::new(outcome.span(), title, "outcomes that no interleaving gives"));
        }
        Ok(surprising)
    }

    /// The outcomes that no interleaving gives.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        self.outcomes
            .iter()
            .filter(|(_, ordinary)| !**ordinary)
            .map(|(outcome, _)| outcome.as_str())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    experiment: String,
    checker: String,
    #[serde(rename = "ordering")]
    orderings: Vec<Ordering>,
    #[serde(default, rename = "architecture")]
    architectures: Vec<Architecture>,
    #[serde(rename = "test")]
    tests: Vec<Spanned<Written>>,
}

type ByName = BTreeMap<String, Vec<Spanned<String>>>;

/// A test as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    threads: Vec<Vec<Spanned<String>>>,
    orderings: Vec<Spanned<String>>,
    #[serde(default)]
    surprising: ByName,
    #[serde(default)]
    unmodeled: Vec<Spanned<String>>,
    #[serde(default)]
    shows: ByName,
    source: String,
}

/// What a checker found, by arm.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Findings {
    #[serde(rename = "checker")]
    _checker: String,
    found: BTreeMap<String, BTreeSet<String>>,
}

/// Parses a file of tests; `found` is the text of what the checker found. Spans in errors count from the
/// file's start.
///
/// # Errors
/// Where one of the two texts is not of its form, or a test names what the file does not have.
pub fn parse(file: &str, text: &str, found: &str) -> Result<Litmus, Wrong> {
    let read: File = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        Wrong::new(span, error.message().to_string(), "in this file")
    })?;
    let found: Findings = serde_json::from_str(found).map_err(|error| {
        Wrong::new(0..0, format!("what {} found cannot be read", read.checker), error.to_string())
    })?;
    let mut litmus = Litmus {
        file: file.into(),
        experiment: read.experiment,
        checker: read.checker,
        orderings: read.orderings,
        architectures: read.architectures,
        tests: Vec::new(),
    };
    for written in read.tests {
        let test = litmus.test(&written, &found.found)?;
        litmus.tests.push(test);
    }
    Ok(litmus)
}

impl Litmus {
    fn test(
        &self,
        written: &Spanned<Written>,
        found: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<Test, Wrong> {
        let (whole, written) = (written.span(), written.get_ref());
        let program = Program::parse(&written.threads)?;
        let ordinary = program.interleavings();
        let mut test = Test {
            name: written.name.clone(),
            threads: program.texts.clone(),
            reads: program.reads.iter().map(|(name, _)| name.clone()).collect(),
            source: written.source.clone(),
            outcomes: program
                .every_outcome()
                .into_iter()
                .map(|outcome| (outcome.clone(), ordinary.contains(&outcome)))
                .collect(),
            variants: Vec::new(),
        };
        let orderings: Vec<&str> =
            written.orderings.iter().map(|name| name.get_ref().as_str()).collect();
        let architectures: Vec<&str> =
            self.architectures.iter().map(|one| one.name.as_str()).collect();
        self.known(written.surprising.keys().map(|name| (name, &whole)), &orderings, "ordering")?;
        self.known(
            written.shows.keys().map(|name| (name, &whole)),
            &architectures,
            "architecture",
        )?;
        for names in written.shows.values().chain([&written.unmodeled]) {
            for name in names {
                self.known([(name.get_ref(), &name.span())], &orderings, "ordering")?;
            }
        }
        for name in &written.orderings {
            let all: Vec<&str> = self.orderings.iter().map(|one| one.name.as_str()).collect();
            self.known([(name.get_ref(), &name.span())], &all, "ordering")?;
            test.variants.push(self.variant(&test, written, name, found)?);
        }
        Ok(test)
    }

    fn known<'a>(
        &self,
        names: impl IntoIterator<Item = (&'a String, &'a Range<usize>)>,
        all: &[&str],
        kind: &str,
    ) -> Result<(), Wrong> {
        for (name, span) in names {
            if !all.contains(&name.as_str()) {
                let title = format!("no {kind} named `{name}` here");
                return Err(Wrong::new(span.clone(), title, suggestion(name, all)));
            }
        }
        Ok(())
    }

    fn variant(
        &self,
        test: &Test,
        written: &Written,
        ordering: &Spanned<String>,
        found: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<Variant, Wrong> {
        let name = ordering.get_ref();
        let surprising = test.surprising(written.surprising.get(name).into_iter().flatten())?;
        let has = |names: &[Spanned<String>]| names.iter().any(|one| one.get_ref() == name);
        let at = self.orderings.iter().position(|one| one.name == *name).unwrap_or_default();
        let arm = format!("{}_{name}", test.name);
        let mut variant = Variant {
            ordering: at,
            surprising,
            found: None,
            shown_by: written
                .shows
                .iter()
                .filter(|(_, names)| has(names))
                .map(|(n, _)| n.clone())
                .collect(),
            arm,
        };
        let found = found.get(&variant.arm).ok_or_else(|| {
            let title = format!("{} says nothing of `{}`", self.checker, variant.arm);
            Wrong::new(ordering.span(), title, "let the checker look, and write what it finds")
        })?;
        if !self.orderings[at].unmodeled && !has(&written.unmodeled) {
            self.agrees(test, &variant, found)
                .map_err(|(title, label)| Wrong::new(ordering.span(), title, label))?;
            variant.found = Some(found.clone());
        }
        Ok(variant)
    }

    /// The checker finds what is allowed, and nothing else; or what is said where it does not.
    fn agrees(
        &self,
        test: &Test,
        variant: &Variant,
        found: &BTreeSet<String>,
    ) -> Result<(), (String, &'static str)> {
        let differs = test.outcomes.keys().find(|outcome| {
            found.contains(*outcome) == (test.class(variant, outcome) == Class::Forbidden)
        });
        let Some(outcome) = differs else { return Ok(()) };
        let says = if found.contains(outcome) { "finds" } else { "does not find" };
        let class = test.class(variant, outcome).word();
        let title =
            format!("{} {says} `{outcome}` in `{}`, which is {class}", self.checker, variant.arm);
        Err((title, "mark it `unmodeled`, or correct the classes"))
    }

    /// What a record shows and the language forbids, with how many times; and what it cannot show.
    pub fn judge(&self, record: &Record) -> Judged {
        let mut judged = Judged::default();
        let Some(measurement) = &record.measurement else {
            judged.silent.push("no trial was measured".into());
            return judged;
        };
        for (test, variant) in self.variants() {
            let outcomes = counted(measurement, &variant.arm);
            if outcomes.values().sum::<u64>() == 0 {
                judged.silent.push(format!("no trial of `{}`", variant.arm));
            }
            for (outcome, count) in outcomes.iter().filter(|(_, count)| **count > 0) {
                if test.class(variant, outcome) == Class::Forbidden {
                    judged.forbidden.push((variant.arm.clone(), outcome.clone(), *count));
                }
            }
        }
        if record.machine.cores <= 1 {
            judged
                .silent
                .push("its trials ran on one core, which shows no ordering but its own".into());
        }
        judged
    }

    /// Every variant, with its test: test by test, in the order of the file.
    pub fn variants(&self) -> impl Iterator<Item = (&Test, &Variant)> {
        self.tests.iter().flat_map(|test| test.variants.iter().map(move |variant| (test, variant)))
    }
}

/// What a machine's trials say of the classes.
#[derive(Debug, Default, PartialEq)]
pub struct Judged {
    /// Arm, outcome, and how often it was seen.
    pub forbidden: Vec<(String, String, u64)>,
    /// Why the trials say little, or nothing.
    pub silent: Vec<String>,
}

/// How the trials of an arm ended, over all rounds: a count is not disturbed by a slow round.
pub fn counted(measurement: &Measurement, arm: &str) -> BTreeMap<String, u64> {
    let samples = measurement.rounds.iter().flat_map(|round| &round.samples);
    let mut all = BTreeMap::new();
    for (outcome, count) in samples.filter(|s| s.arm == arm).flat_map(|sample| &sample.outcomes) {
        *all.entry(outcome.clone()).or_default() += count;
    }
    all
}

/// The statements of a test: `x = 1` stores, `a = x` loads.
struct Program {
    texts: Vec<Vec<String>>,
    threads: Vec<Vec<Statement>>,
    /// What is read: its name, and from which variable.
    reads: Vec<(String, String)>,
}

enum Statement {
    Store(String, u32),
    /// The variable, and the place of what is read.
    Load(String, usize),
}

impl Program {
    fn parse(threads: &[Vec<Spanned<String>>]) -> Result<Program, Wrong> {
        let mut program = Program { texts: Vec::new(), threads: Vec::new(), reads: Vec::new() };
        for thread in threads {
            let statements = thread.iter().map(|text| program.statement(text));
            let statements = statements.collect::<Result<_, _>>()?;
            program.threads.push(statements);
            program.texts.push(thread.iter().map(|text| text.get_ref().clone()).collect());
        }
        Ok(program)
    }

    fn statement(&mut self, text: &Spanned<String>) -> Result<Statement, Wrong> {
        let name = |name: &str| {
            name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !name.is_empty()
        };
        match text.get_ref().split_once('=').map(|(to, from)| (to.trim(), from.trim())) {
            Some((to, from)) if name(to) && name(from) => {
                self.reads.push((to.into(), from.into()));
                Ok(Statement::Load(from.into(), self.reads.len() - 1))
            }
            Some((to, from)) if name(to) && from.parse::<u32>().is_ok_and(|value| value > 0) => {
                Ok(Statement::Store(to.into(), from.parse().unwrap_or_default()))
            }
            _ => {
                let title = format!("`{}` is no statement", text.get_ref());
                Err(Wrong::new(text.span(), title, "`x = 1` stores, `a = x` loads"))
            }
        }
    }

    /// Every outcome of every interleaving of the statements.
    fn interleavings(&self) -> BTreeSet<String> {
        let mut ended = BTreeSet::new();
        let done = vec![0; self.threads.len()];
        self.walk(&done, &BTreeMap::new(), &vec![0; self.reads.len()], &mut ended);
        ended
    }

    fn walk(
        &self,
        done: &[usize],
        memory: &BTreeMap<&str, u32>,
        read: &[u32],
        ended: &mut BTreeSet<String>,
    ) {
        let mut over = true;
        for (thread, statements) in self.threads.iter().enumerate() {
            let Some(statement) = statements.get(done[thread]) else { continue };
            over = false;
            let (mut done, mut memory, mut read) = (done.to_vec(), memory.clone(), read.to_vec());
            done[thread] += 1;
            match statement {
                Statement::Store(to, value) => drop(memory.insert(to, *value)),
                Statement::Load(from, at) => {
                    read[*at] = memory.get(from.as_str()).copied().unwrap_or(0);
                }
            }
            self.walk(&done, &memory, &read, ended);
        }
        if over {
            ended.insert(outcome(read));
        }
    }

    /// Every read has found 0, or what any thread stores there.
    fn every_outcome(&self) -> Vec<String> {
        let stored = |variable: &str| {
            let statements = self.threads.iter().flatten();
            let mut values: Vec<u32> = statements
                .filter_map(|statement| match statement {
                    Statement::Store(to, value) if to == variable => Some(*value),
                    _ => None,
                })
                .chain([0])
                .collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        let mut all: Vec<Vec<u32>> = vec![Vec::new()];
        for (_, variable) in &self.reads {
            let values = stored(variable);
            let longer = |read: &Vec<u32>| {
                values.iter().map(|value| [&read[..], &[*value]].concat()).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(longer).collect();
        }
        all.iter().map(|read| outcome(read)).collect()
    }
}

fn outcome(read: &[u32]) -> String {
    read.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
