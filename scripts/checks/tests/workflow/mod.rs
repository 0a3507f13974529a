//! Reads a workflow file: the part of YAML that ours are written in, and nothing that it might mistake.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// One step of a job, as it is written.
#[derive(Clone, Debug)]
pub struct Step {
    /// `actions/checkout@v5`, where it is not a command.
    pub uses: Option<String>,
    pub run: Option<String>,
    pub with: BTreeMap<String, String>,
    pub env: BTreeMap<String, String>,
}

/// The steps of a job.
///
/// # Panics
/// Where the file, the job or a step is written in a way that this does not understand.
pub fn steps(path: &Path, job: &str) -> Vec<Step> {
    let text = fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let workflow = parse(&text);
    let job = &workflow["jobs"][job];
    let about_more = ["env", "defaults", "strategy", "container"];
    for key in about_more {
        assert!(job.get(key).is_none() && workflow.get(key).is_none(), "`{key}` is not understood");
    }
    let steps = job["steps"].as_array().expect("a job has steps");
    steps.iter().map(step).collect()
}

fn step(value: &Value) -> Step {
    let fields = value.as_object().expect("a step is a mapping");
    let known = ["name", "id", "uses", "run", "with", "env"];
    for key in fields.keys() {
        assert!(known.contains(&key.as_str()), "`{key}` of a step is not understood: {value}");
    }
    let text = |key: &str| fields.get(key).map(|text| text.as_str().expect("text").to_string());
    let texts = |key: &str| {
        let mapping = fields
            .get(key)
            .map(|value| value.as_object().expect("a mapping"))
            .into_iter()
            .flatten();
        mapping
            .map(|(name, text)| (name.clone(), text.as_str().expect("text").to_string()))
            .collect()
    };
    let step =
        Step { uses: text("uses"), run: text("run"), with: texts("with"), env: texts("env") };
    assert!(step.uses.is_some() != step.run.is_some(), "an action or a command: {value}");
    step
}

/// The text with every `${{ name }}` answered.
///
/// # Panics
/// Where it asks for something that has no answer.
pub fn answered(text: &str, answers: &[(&str, &str)]) -> String {
    let mut answered = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (asked, after) = after.split_once("}}").expect("an expression ends");
        let answer = answers.iter().find(|(name, _)| *name == asked.trim());
        let (_, answer) = answer.unwrap_or_else(|| panic!("`{}` has no answer here", asked.trim()));
        answered.push_str(before);
        answered.push_str(answer);
        rest = after;
    }
    answered + rest
}

/// Mappings, sequences, plain scalars, `[a, b]` and `|`; every scalar is text.
pub fn parse(text: &str) -> Value {
    let lines = text.lines().enumerate().map(|(number, line)| Line {
        number: number + 1,
        indent: line.len() - line.trim_start().len(),
        text: line.trim().to_string(),
        whole: line,
    });
    let mut lines = Lines { lines: lines.collect(), at: 0 };
    let value = lines.block(0);
    assert!(lines.next().is_none(), "{} is not understood", lines.here());
    value
}

#[derive(Clone)]
struct Line<'a> {
    number: usize,
    indent: usize,
    text: String,
    whole: &'a str,
}

struct Lines<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The next line that says something; not past it.
    fn next(&mut self) -> Option<&Line<'a>> {
        let says = |line: &Line| !line.text.is_empty() && !line.text.starts_with('#');
        self.at += self.lines[self.at..].iter().take_while(|line| !says(line)).count();
        self.lines.get(self.at)
    }

    fn here(&self) -> String {
        let line = &self.lines[self.at.min(self.lines.len() - 1)];
        format!("line {}: `{}`", line.number, line.whole)
    }

    /// The mapping or sequence whose lines begin at this column.
    fn block(&mut self, indent: usize) -> Value {
        let mut mapping = Map::new();
        let mut sequence = Vec::new();
        while let Some(line) = self.next().filter(|line| line.indent >= indent).cloned() {
            assert!(line.indent == indent && !line.whole.contains('\t'), "{}", self.here());
            match line.text.strip_prefix("- ") {
                Some(item) => sequence.push(self.item(item.trim_start(), indent)),
                None => {
                    let (key, value) = self.entry(&line.text, indent);
                    let before = mapping.insert(key, value);
                    assert!(before.is_none(), "line {}: this is there twice", line.number);
                }
            }
            assert!(mapping.is_empty() || sequence.is_empty(), "{}", self.here());
        }
        if sequence.is_empty() { Value::Object(mapping) } else { Value::Array(sequence) }
    }

    /// An item of a sequence; if it is a mapping, its first line stands behind the dash.
    fn item(&mut self, item: &str, indent: usize) -> Value {
        if key_of(item).is_none() {
            self.at += 1;
            return scalar(item);
        }
        let line = &mut self.lines[self.at];
        line.indent += line.text.len() - item.len();
        line.text = item.to_string();
        let inner = line.indent;
        assert!(inner > indent);
        self.block(inner)
    }

    fn entry(&mut self, text: &str, indent: usize) -> (String, Value) {
        let (key, rest) = key_of(text).unwrap_or_else(|| panic!("{} has no key", self.here()));
        let key = key.to_string();
        self.at += 1;
        let value = match rest {
            "|" => Value::String(self.literal(indent)),
            "" => match self.next().map(|line| line.indent).filter(|inner| *inner > indent) {
                Some(inner) => self.block(inner),
                None => Value::Null,
            },
            rest => scalar(rest),
        };
        (key, value)
    }

    /// The lines of a `|`, without their common indentation.
    fn literal(&mut self, indent: usize) -> String {
        let inside = |line: &&Line| line.text.is_empty() || line.indent > indent;
        let lines: Vec<_> = self.lines[self.at..].iter().take_while(inside).collect();
        self.at += lines.len();
        let first = lines.first().map_or(0, |line| line.indent);
        let text: Vec<_> =
            lines.iter().map(|line| line.whole.get(first..).unwrap_or_default()).collect();
        format!("{}\n", text.join("\n").trim_end())
    }
}

/// `key: value`, `key:`
fn key_of(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.split_once(": ").or_else(|| Some((text.strip_suffix(':')?, "")))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    key.chars().all(plain).then_some((key, rest.trim()))
}

fn scalar(text: &str) -> Value {
    if let Some(list) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return list.split(',').map(|item| scalar(item.trim())).collect();
    }
    let means_more = text.starts_with(|c| "\"'{}[]&*!>|%@`?".contains(c))
        || text.contains(" #")
        || (text.contains(": ") && !text.starts_with("${{"));
    assert!(!means_more, "`{text}` is more YAML than is understood here");
    Value::String(text.to_string())
}
