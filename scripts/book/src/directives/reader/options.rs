//! What figures and tables take beside their experiment.

use std::ops::Range;

use lab::record::BASE_AGAIN;

use super::Reader;
use crate::arguments::Arguments;
use crate::diagnostic::{Wrong, one_of, suggestion};
use crate::tree::{Ceiling, Column, KnownLaw, Marks, Options, Quantity, Scale};

pub(crate) const MARKS: [(&str, Marks); 1] = [("caches", Marks::Caches)];

pub(crate) const LAWS: [(&str, KnownLaw); 1] = [("amdahl", KnownLaw::Amdahl)];

pub(crate) const COLUMNS: [(&str, Column); 8] = [
    ("time", Column::Time),
    ("ratio", Column::Ratio),
    ("cores", Column::Cores),
    ("memory", Column::Memory),
    ("p50", Column::Percentile(50)),
    ("p90", Column::Percentile(90)),
    ("p99", Column::Percentile(99)),
    ("outcomes", Column::Outcomes),
];

pub(crate) const QUANTITIES: [(&str, Quantity); 8] = [
    ("outcomes", Quantity::Outcomes),
    ("time", Quantity::Time),
    ("each", Quantity::Each),
    ("rate", Quantity::Rate),
    ("memory", Quantity::Memory),
    ("p50", Quantity::Percentile(50)),
    ("p90", Quantity::Percentile(90)),
    ("p99", Quantity::Percentile(99)),
];

pub(crate) const SCALES: [(&str, Scale); 2] = [("linear", Scale::Linear), ("log", Scale::Log)];

/// The words of such a table.
pub(crate) const fn words<const N: usize, T>(table: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut words = [""; N];
    let mut at = 0;
    while at < N {
        words[at] = table[at].0;
        at += 1;
    }
    words
}

impl Reader<'_> {
    /// What the options mean, their names looked up.
    ///
    /// # Errors
    /// Where an option has no such value, or names an arm or a machine that is not there.
    pub fn options(&self, experiment: &str, arguments: &Arguments) -> Result<Options, Wrong> {
        let mut options = Options::default();
        for (name, value, span) in &arguments.options {
            match name.as_str() {
                "machine" => options.machine = Some(self.known_machine(value, span)?),
                "marks" => options.marks = Some(one_of("mark", &MARKS, value, span)?),
                "law" => options.law = Some(one_of("law", &LAWS, value, span)?),
                "scale" => options.scale = one_of("scale", &SCALES, value, span)?,
                "of" => {
                    options.quantity = one_of("quantity of a figure", &QUANTITIES, value, span)?
                }
                "columns" => {
                    for column in value.split(',') {
                        options.columns.push(one_of("column", &COLUMNS, column, span)?);
                    }
                }
                "at" => options.at = Some(whole_number(value, span)?),
                "base" => options.base = Some(self.known_arm(experiment, value, span)?),
                "ceiling" if value == "copies" => options.ceiling = Some(Ceiling::Copies),
                "ceiling" => {
                    let (arm, at) = match value.split_once('@') {
                        Some((arm, at)) => (arm, Some(whole_number(at, span)?)),
                        None => (value.as_str(), None),
                    };
                    let name = self.known_arm(experiment, arm, span)?;
                    options.ceiling = Some(Ceiling::Arm { name, at });
                }
                "arms" => {
                    for arm in value.split(',') {
                        options.arms.push(self.known_arm(experiment, arm, span)?);
                    }
                }
                _ => {}
            }
        }
        Ok(options)
    }

    fn known_machine(&self, name: &str, span: &Range<usize>) -> Result<String, Wrong> {
        let names: Vec<&str> = self.context.records.machines.keys().map(String::as_str).collect();
        if names.contains(&name) {
            return Ok(name.into());
        }
        let title = format!("no machine named `{name}`");
        Err(Wrong::new(span.clone(), title, suggestion(name, &names)))
    }

    fn known_arm(&self, experiment: &str, arm: &str, span: &Range<usize>) -> Result<String, Wrong> {
        let Some(description) = self.context.description(experiment) else { return Ok(arm.into()) };
        let again = arm == BASE_AGAIN && description.base.is_some();
        if description.arm(arm).is_some() || again {
            return Ok(arm.into());
        }
        let names: Vec<&str> = description.arms.iter().map(|arm| arm.name.as_str()).collect();
        let title = format!("`{experiment}` has no arm named `{arm}`");
        Err(Wrong::new(span.clone(), title, suggestion(arm, &names)))
    }
}

/// A point of an axis.
fn whole_number(text: &str, span: &Range<usize>) -> Result<u64, Wrong> {
    text.parse().map_err(|_| {
        let title = format!("`{text}` is no point of an axis");
        Wrong::new(span.clone(), title, "a whole number")
    })
}
