//! What a page can ask for: the examples that were compiled, each with the choices it offers, and the Python
//! programs that chapters show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use axum::http::StatusCode;
use book::diagnostic::suggestion;
use book::python;
use lab::record::Description;
use serde::Deserialize;

use super::response::Refusal;
use crate::examples::Examples;
use crate::interpreter;

/// "Run this listing, with these of its choices."
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub example: String,
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// "Measure this experiment on this machine."
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Measure {
    pub experiment: String,
}

/// "Watch my copy of this exercise."
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    pub exercise: String,
}

impl Watch {
    /// The name, which is that of one of these files. What is watched follows from it alone.
    pub(super) fn name(self, files: &[(String, PathBuf)]) -> Result<String, Refusal> {
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        if names.contains(&self.exercise.as_str()) {
            return Ok(self.exercise);
        }
        let name = &self.exercise;
        let why = format!("No exercise has the name `{name}`; {}", suggestion(name, &names));
        Err(Refusal::new(StatusCode::NOT_FOUND, why))
    }
}

/// A program of ours and what it is started with; nothing of it came over the wire.
#[derive(Debug, PartialEq)]
pub(super) struct Program {
    pub path: PathBuf,
    pub arguments: Vec<String>,
    /// What a student types for the same.
    pub shown: String,
}

/// The compiled examples, and what each says of itself; the Python programs by the names of their records.
#[derive(Debug)]
pub(super) struct Catalog {
    pub examples: Examples,
    descriptions: BTreeMap<String, Description>,
    python: BTreeSet<String>,
}

impl Catalog {
    /// Asks every example what it is.
    pub(super) fn new(
        examples: Examples,
        python: Vec<String>,
        stop: &Arc<AtomicBool>,
    ) -> Result<Catalog> {
        let describe = |name: &String| -> Result<(String, Description)> {
            Ok((name.clone(), examples.runner(name, stop)?.describe()?))
        };
        let descriptions = examples.programs.keys().map(describe).collect::<Result<_>>()?;
        Ok(Catalog { examples, descriptions, python: python.into_iter().collect() })
    }

    fn description(&self, name: &str) -> Result<&Description, Refusal> {
        self.descriptions.get(name).ok_or_else(|| {
            let names = self.descriptions.keys().chain(&self.python);
            let names: Vec<&str> = names.map(String::as_str).collect();
            let why = format!("No listing has the name `{name}`; {}", suggestion(name, &names));
            Refusal::new(StatusCode::NOT_FOUND, why)
        })
    }

    /// The program that a request is about.
    pub(super) fn program(&self, request: &Run) -> Result<Program, Refusal> {
        let name = &request.example;
        if let Some(name) = self.python.get(name) {
            return self.script(name, request);
        }
        let offered = &self.description(name)?.parameters;
        let refused = |why: String| Err(Refusal::new(StatusCode::BAD_REQUEST, why));
        for (parameter, value) in &request.parameters {
            match offered.iter().find(|(offer, _)| offer == parameter) {
                None => return refused(format!("`{name}` has no parameter `{parameter}`.")),
                Some((_, choices)) if !choices.contains(value) => {
                    let choices = choices.join(", ");
                    let why = format!("`{value}` is no choice of `{parameter}`: {choices}.");
                    return refused(why);
                }
                Some(_) => {}
            }
        }
        // What the example offers, not what was sent, is what it is started with.
        let chosen = offered.iter().filter_map(|(parameter, choices)| {
            let value = request.parameters.get(parameter)?;
            Some([
                format!("--{parameter}"),
                choices.iter().find(|choice| *choice == value)?.clone(),
            ])
        });
        let arguments: Vec<String> = chosen.flatten().collect();
        let mut shown = format!("cargo run --release --example {name}");
        if !arguments.is_empty() {
            shown.push_str(&format!(" -- {}", arguments.join(" ")));
        }
        let path = self.examples.programs.get(name).cloned();
        let path =
            path.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "It is not compiled."))?;
        Ok(Program { path, arguments, shown })
    }

    fn script(&self, name: &str, request: &Run) -> Result<Program, Refusal> {
        if let Some(parameter) = request.parameters.keys().next() {
            let why = format!("`{name}` has no parameter `{parameter}`.");
            return Err(Refusal::new(StatusCode::BAD_REQUEST, why));
        }
        // Looked for at every request: it can be installed while the pages are served.
        let settings = &self.examples.settings;
        let file = python::file_of(settings, name);
        let (interpreter, _) = interpreter::interpreter(&self.examples.folder, &file)
            .map_err(|why| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why))?;
        let (path, arguments) = (PathBuf::from(interpreter), vec![file]);
        Ok(Program { path, arguments, shown: python::command_line(settings, name) })
    }

    /// The name of the experiment that a request is about.
    pub(super) fn experiment(&self, request: &Measure) -> Result<String, Refusal> {
        let description = self.description(&request.experiment)?;
        if description.arms.is_empty() {
            let why = format!("`{}` is a demo: it has nothing to measure.", request.experiment);
            return Err(Refusal::new(StatusCode::BAD_REQUEST, why));
        }
        Ok(request.experiment.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let description = Description {
            name: "word_count".into(),
            parameters: vec![
                ("latency".into(), vec!["0ms".into(), "40ms".into()]),
                ("threads".into(), vec!["1".into(), "8".into()]),
            ],
            ..Description::default()
        };
        let mut examples = Examples::default();
        examples.programs.insert("word_count".into(), "target/word_count".into());
        let descriptions = [("word_count".into(), description)].into();
        Catalog { examples, descriptions, python: ["ideas.take_turns.py".into()].into() }
    }

    fn run(text: &str) -> Result<Program, StatusCode> {
        let request: Run = serde_json::from_str(text).map_err(|_| StatusCode::BAD_REQUEST)?;
        catalog().program(&request).map_err(|refusal| refusal.status)
    }

    #[test]
    fn choices_become_options_in_the_order_in_which_they_are_offered() {
        let request = r#"{"example":"word_count","parameters":{"threads":"8","latency":"40ms"}}"#;
        let program = run(request).unwrap();
        assert_eq!(program.arguments, ["--latency", "40ms", "--threads", "8"]);
        let command = "cargo run --release --example word_count";
        assert_eq!(program.shown, format!("{command} -- --latency 40ms --threads 8"));
        assert_eq!(run(r#"{"example":"word_count"}"#).unwrap().shown, command);
    }

    #[test]
    fn an_exercise_is_named_and_nothing_else_is_said_of_it() {
        let name = |text: &str| {
            let request: Watch = serde_json::from_str(text).map_err(|_| 400_u16)?;
            let files = [("oversold".to_string(), PathBuf::from("oversold.rs"))];
            request.name(&files).map_err(|refusal| refusal.status.as_u16())
        };
        assert_eq!(name(r#"{"exercise":"oversold"}"#), Ok("oversold".into()));
        for (request, status) in [
            (r#"{"exercise":"../oversold"}"#, 404),
            (r#"{"exercise":"oversold/../../src"}"#, 404),
            (r#"{"exercise":"--memory"}"#, 404),
            (r#"{"exercise":""}"#, 404),
            (r#"{"exercise":"oversold","code":"fn main() {}"}"#, 400),
            (r#"{"exercise":["oversold"]}"#, 400),
            ("{}", 400),
        ] {
            assert_eq!(name(request), Err(status), "{request}");
        }
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        for (request, status) in [
            (r#"{"example":"../word_count"}"#, 404),
            (r#"{"example":"word_count ; ls"}"#, 404),
            (r#"{"example":"ideas.take_turn.py"}"#, 404),
            (r#"{"example":"listings/ideas/take_turns.py"}"#, 404),
            (r#"{"example":"ideas.take_turns.py","parameters":{"seed":"1"}}"#, 400),
            (r#"{"example":"word_count","parameters":{"latency":"41ms"}}"#, 400),
            (r#"{"example":"word_count","parameters":{"latency":"40ms --tsv"}}"#, 400),
            (r#"{"example":"word_count","parameters":{"corpus":"/etc"}}"#, 400),
            (r#"{"example":"word_count","parameters":{"latency":40}}"#, 400),
            (r#"{"example":"word_count","parameters":["--latency"]}"#, 400),
            (r#"{"example":"word_count","env":{"PATH":"/"}}"#, 400),
            (r#"{"parameters":{}}"#, 400),
        ] {
            assert_eq!(run(request).unwrap_err().as_u16(), status, "{request}");
        }
    }
}
