//! Exercises: one source file holds the task, the starter, the solution and the tests.
//!
//! ```text
//! //! # Title
//! //!
//! //! 15 minutes
//! //!
//! //! What to do.
//! //!
//! //! Hint: where to begin.
//!
//! use std::…;                      shared by all
//!
//! pub mod starter { use super::*; … }
//! pub mod solution { use super::*; … }
//!
//! /// What this answer does, and why it is wrong.
//! ///
//! /// Caught by `a_test`.
//! pub mod wrong_in_this_way { pub use super::solution::*; … }
//!
//! #[cfg(test)]
//! mod tests { use super::solution::*; use super::*; … }
//! ```
//!
//! A student's file is the shared items, the starter's items and the tests, without the modules. A wrong
//! answer is one that is common: what it says of itself stands beside the solution, and its test catches it.

pub mod page;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use ra_ap_rustc_lexer::{FrontmatterAllowed, Token, TokenKind, tokenize};
use walkdir::{DirEntry, WalkDir};

use crate::context::Context;
use crate::diagnostic::{Problem, Problems, Source, Wrong};
use crate::directive::{self, Mark};
use crate::page::Chapter;
use crate::project::Project;

/// The shortest and the longest exercise there is, in minutes.
const MINUTES: std::ops::RangeInclusive<u32> = 5..=60;

/// The file of one exercise, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Exercise {
    /// The name of its file, without the ending: what `cargo course exercise` takes.
    pub name: String,
    /// Relative to the project: `listings/shared_state/exercises/oversold.rs`.
    pub file: String,
    /// The heading of the file, without its sign.
    pub title: String,
    /// How long it takes, from 5 to 60.
    pub minutes: u32,
    /// Markdown.
    pub task: String,
    /// Markdown.
    pub hint: Option<String>,
    /// What starter, solution and tests have in common.
    shared: String,
    starter: String,
    solution: String,
    tests: String,
    /// In the order of the file.
    pub wrong: Vec<WrongAnswer>,
    /// The whole file.
    text: String,
}

/// An answer that students give and believe to be right.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongAnswer {
    /// The name of its module: `wrong_two_guards`.
    pub name: String,
    /// What it does, and why that is wrong. Markdown, one paragraph.
    pub why: String,
    /// The test that fails with it: `one_is_sold`.
    pub caught_by: String,
}

impl Exercise {
    /// What a student sees before the first line is written.
    pub fn given(&self) -> String {
        joined(&[&self.shared, &self.starter])
    }

    /// The code of the solution alone, as the file has it.
    pub fn solution(&self) -> &str {
        &self.solution
    }

    /// The file a student works in.
    pub fn student_file(&self) -> String {
        let command =
            format!("Edit this file, then run `cargo course exercise {}` again.", self.name);
        self.assembled(&self.starter, &command, "Your part begins here.")
    }

    /// The same file for the Rust Playground, or `None` where that cannot run it: it starts no programs.
    pub fn playground_file(&self) -> Option<String> {
        if self.text.contains("std::process") {
            return None;
        }
        let file = self.assembled(
            &self.starter,
            "Edit this, then press *Test*.",
            "Your part begins here.",
        );
        // A starter leaves to the student what will be used.
        Some(file.replacen("\n\n", "\n#![allow(unused)]\n\n", 1))
    }

    /// The same file with the solution in the student's place.
    pub fn solved_file(&self) -> String {
        self.assembled(&self.solution, "One solution. Yours can differ.", "The solution.")
    }

    /// The whole file, with the tests asking a wrong answer instead of the solution.
    pub fn file_with(&self, answer: &WrongAnswer) -> String {
        self.text.replacen(REPLACED, &format!("    use super::{}::*;\n", answer.name), 1)
    }

    fn assembled(&self, part: &str, after_task: &str, before_part: &str) -> String {
        let mut header = format!("# {}\n\n{}\n\n{after_task}", self.title, self.task);
        header = header
            .lines()
            .map(|line| format!("//! {line}").trim_end().to_string() + "\n")
            .collect();
        let part = format!("// {before_part}\n\n{part}");
        let tests = format!("// What the tests ask of it. Leave them as they are.\n{}", self.tests);
        joined(&[&header, &self.shared, &part, &tests]) + "\n"
    }

    /// Every name that could be a crate's: what stands before `::` anywhere in the file.
    pub fn crates(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut before = None;
        let mut colons = 0;
        for (token, span) in tokens(&self.text) {
            match token.kind {
                TokenKind::Colon => colons += 1,
                TokenKind::Whitespace => {}
                _ => {
                    if let (Some(name), 2) = (before.take(), colons) {
                        names.insert(name);
                    }
                    let first = colons < 2 && token.kind == TokenKind::Ident;
                    before = first.then(|| self.text[span].to_string());
                    colons = 0;
                }
            }
        }
        names
    }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> =
        parts.iter().map(|part| part.trim_matches('\n')).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// Takes the file of an exercise apart. Spans in errors count from its start.
///
/// # Errors
/// Where a part is missing or not as it has to be: the header, the starter, the solution, the tests, a wrong
/// answer without the test that catches it.
pub fn parse(name: &str, file: &str, text: &str) -> Result<Exercise, Wrong> {
    let header_end =
        text.split_inclusive('\n').take_while(|line| line.starts_with("//!")).map(str::len).sum();
    let Header { title, minutes, task, hint } = header(&text[..header_end], first_line(text))?;
    let items = items(text, header_end);
    let module = |name: &str| items.iter().find(|item| item.is_module(name));
    let body = |name: &str| match module(name) {
        Some(item) => Ok(&text[item.body.clone()]),
        None => {
            let declared = if name == "tests" { "mod tests" } else { &format!("pub mod {name}") };
            let title = format!("`{declared} {{ … }}` is missing");
            Err(Wrong::new(first_line(text), title, "in this file"))
        }
    };
    let (starter, solution) = (body("starter")?, body("solution")?);
    if !body("tests")?.contains(REPLACED) {
        let label = "`mod tests` begins with `use super::solution::*;`, on a line of its own";
        return Err(Wrong::new(first_line(text), "the tests test nothing", label));
    }
    let ours = |item: &&Item| {
        let name = item.module().unwrap_or_default();
        ["starter", "solution", "tests"].contains(&name) || name.starts_with(WRONG)
    };
    let shared: String =
        items.iter().filter(|item| !ours(item)).map(|item| &text[item.span.clone()]).collect();
    let tests = module("tests").map_or("", |item| &text[item.span.clone()]);
    let wrong = items.iter().filter_map(|item| Some((item, item.module()?)));
    let wrong = wrong.filter(|(_, name)| name.starts_with(WRONG));
    let wrong: Vec<WrongAnswer> = wrong
        .map(|(item, name)| wrong_answer(text, item, name, tests))
        .collect::<Result<_, _>>()?;
    Ok(Exercise {
        name: name.into(),
        file: file.into(),
        title,
        minutes,
        task,
        hint,
        shared: shared.trim_matches('\n').into(),
        starter: out_of_module(starter, true),
        solution: out_of_module(solution, false),
        tests: of_the_student(tests).trim_matches('\n').into(),
        wrong,
        text: text.into(),
    })
}

/// Where what is wrong with a whole file is shown.
fn first_line(text: &str) -> Range<usize> {
    0..text.find('\n').unwrap_or(text.len())
}

/// What the comment at the head of a file says.
struct Header {
    title: String,
    minutes: u32,
    task: String,
    hint: Option<String>,
}

/// Reads that comment. What is wrong with it is shown at `first_line`.
fn header(comment: &str, first_line: Range<usize>) -> Result<Header, Wrong> {
    let header: Vec<&str> = comment
        .lines()
        .map(|line| line.trim_start_matches("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    let header = header.join("\n");
    let wrong = |title: &str, label: &str| Err(Wrong::new(first_line.clone(), title, label));
    let mut paragraphs = header.splitn(3, "\n\n");
    let Some(title) = paragraphs.next().and_then(|line| line.strip_prefix("# ")) else {
        return wrong(
            "an exercise begins with its title",
            "like `//! # Average in any order`, and an empty `//!` below",
        );
    };
    let minutes = paragraphs.next().and_then(|line| line.trim().strip_suffix(" minutes"));
    let minutes: Option<u32> = minutes.and_then(|number| number.parse().ok());
    let Some(minutes) = minutes.filter(|minutes| MINUTES.contains(minutes)) else {
        return wrong(
            "how long does this exercise take?",
            "the second paragraph is like `//! 15 minutes`, from 5 to 60",
        );
    };
    let body = paragraphs.next().unwrap_or("").trim();
    let (task, hint) = match body.strip_prefix("Hint:") {
        Some(hint) => ("", Some(hint)),
        None => match body.split_once("\n\nHint:") {
            Some((task, hint)) => (task, Some(hint)),
            None => (body, None),
        },
    };
    if task.is_empty() {
        return wrong("what is there to do?", "the third paragraph is the task");
    }
    Ok(Header {
        title: title.trim().into(),
        minutes,
        task: task.trim().into(),
        hint: hint.map(|hint| hint.trim().to_string()),
    })
}

/// How the modules of wrong answers begin.
const WRONG: &str = "wrong_";

/// What a wrong answer says of itself, in the comment above it.
fn wrong_answer(text: &str, item: &Item, name: &str, tests: &str) -> Result<WrongAnswer, Wrong> {
    let declared = format!("pub mod {name}");
    let said = &text[item.span.clone()];
    let at = item.span.start + said.find(&declared).unwrap_or(0);
    let wrong = |title: String, label: &str| Wrong::new(at..at + declared.len(), title, label);
    let comment: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix("///")).map(str::trim).collect();
    let caught_by = comment.last().and_then(|line| line.strip_prefix("Caught by `"));
    let Some(caught_by) = caught_by.and_then(|line| line.strip_suffix("`.")) else {
        let label = "the last line above it is ``/// Caught by `name_of_a_test`.``";
        return Err(wrong(format!("which test catches `{name}`?"), label));
    };
    if !tests.contains(&format!("fn {caught_by}(")) {
        return Err(wrong(format!("no test is named `{caught_by}`"), "it catches this answer"));
    }
    let why = comment[..comment.len() - 1].join(" ").trim().to_string();
    if why.is_empty() {
        let label = "the first lines above it say what it does, and why that is wrong";
        return Err(wrong(format!("why is `{name}` wrong?"), label));
    }
    Ok(WrongAnswer { name: name.into(), why, caught_by: caught_by.into() })
}

/// What the tests say of the solution, as it stands in its file.
const REPLACED: &str = "    use super::solution::*;\n";

/// The tests as they stand in a student's file, where all is in one place.
fn of_the_student(tests: &str) -> String {
    let everything = "    use super::*;\n";
    let instead = if tests.contains(everything) { "" } else { everything };
    tests.replacen(REPLACED, instead, 1)
}

/// A top-level item, with what stands before it.
struct Item {
    span: Range<usize>,
    /// Its words up to the first brace: `pub mod starter`.
    words: Vec<String>,
    /// Between its braces.
    body: Range<usize>,
}

impl Item {
    fn is_module(&self, name: &str) -> bool {
        self.module() == Some(name)
    }

    /// Its name, where it is a module.
    fn module(&self) -> Option<&str> {
        match self.words.as_slice() {
            [.., keyword, name] if keyword == "mod" => Some(name),
            _ => None,
        }
    }
}

/// The items of a file from this place on; together they are all of it.
fn items(text: &str, from: usize) -> Vec<Item> {
    let mut items = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut body: Option<usize> = None;
    let mut start = from;
    let mut depth = 0_usize;
    for (token, span) in tokens(&text[from..]) {
        let span = span.start + from..span.end + from;
        let ended = match token.kind {
            TokenKind::OpenBrace | TokenKind::OpenParen | TokenKind::OpenBracket => {
                if depth == 0 && token.kind == TokenKind::OpenBrace {
                    body = Some(span.end);
                }
                depth += 1;
                false
            }
            TokenKind::CloseBrace | TokenKind::CloseParen | TokenKind::CloseBracket => {
                depth = depth.saturating_sub(1);
                depth == 0 && token.kind == TokenKind::CloseBrace
            }
            TokenKind::Semi => depth == 0,
            TokenKind::Ident if depth == 0 => {
                words.push(text[span.clone()].to_string());
                false
            }
            _ => false,
        };
        if ended {
            let body = body.take().map_or(span.end..span.end, |body| body..span.start);
            items.push(Item { span: start..span.end, words: std::mem::take(&mut words), body });
            start = span.end;
        }
    }
    items.push(Item { span: start..text.len(), words, body: text.len()..text.len() });
    items
}

fn tokens(code: &str) -> impl Iterator<Item = (Token, Range<usize>)> {
    let mut at = 0;
    tokenize(code, FrontmatterAllowed::No).map(move |token| {
        let start = at;
        at += token.len as usize;
        (token, start..at)
    })
}

/// A module's items as they stand outside of it: one level to the left, but for the insides of
/// strings, without `use super::*;`. A starter also loses the attributes that are there for us.
fn out_of_module(body: &str, starter: bool) -> String {
    let mut inside_strings = BTreeSet::new();
    for (token, span) in tokens(body) {
        if matches!(token.kind, TokenKind::Literal { .. }) {
            let newlines = body[span.clone()].match_indices('\n');
            inside_strings.extend(newlines.map(|(offset, _)| span.start + offset + 1));
        }
    }
    let mut out = String::new();
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if inside_strings.contains(&start) {
            out.push_str(line);
            continue;
        }
        let moved = match line.strip_prefix("    ") {
            Some(moved) => moved,
            None => line.trim_start_matches(' '),
        };
        let content = moved.trim();
        let allows = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
        let for_us = starter
            && content.ends_with(")]")
            && allows.iter().any(|attribute| content.starts_with(attribute));
        if !for_us && moved.trim_end() != "use super::*;" {
            out.push_str(moved);
        }
    }
    out.trim_matches(['\n', ' ']).to_string()
}

/// The name of a test as the sentence it is.
pub fn sentence(name: &str) -> String {
    name.trim_matches('_').replace('_', " ")
}

/// Where a chapter has an exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The exercise: the name of its file, without the ending.
    pub name: String,
    /// "Exercise 6-1".
    pub label: String,
    /// The page it is on: `ch06-sharing`.
    pub page: String,
    /// "Chapter 6 · When sharing goes wrong".
    pub chapter: String,
}

/// Where the chapters have exercises, in the book's order. What is wrong with a chapter is said where it is expanded.
pub fn places(chapters: &[Chapter]) -> Vec<Place> {
    chapters.iter().flat_map(places_in).collect()
}

fn places_in(chapter: &Chapter) -> Vec<Place> {
    let text = &*chapter.source.text;
    let found = directive::find(text).unwrap_or_default().into_iter();
    let names = found.filter(|mark| mark.name == "exercise" && mark.alone);
    let place = |(count, mark): (u32, Mark)| Place {
        name: text[mark.arguments].to_string(),
        label: match chapter.number {
            Some(number) => format!("Exercise {number}-{count}"),
            None => "Exercise".into(),
        },
        page: chapter.page.clone(),
        chapter: match chapter.number {
            Some(number) => format!("Chapter {number} · {}", chapter.title),
            None => chapter.title.clone(),
        },
    };
    (1..).zip(names).map(place).collect()
}

/// Where the exercises are, by name: `listings/<folder>/exercises/<name>.rs`.
pub fn files(project: &Project) -> Vec<(String, PathBuf)> {
    let listings =
        WalkDir::new(project.root.join(&project.settings.listings)).min_depth(3).max_depth(3);
    let mut found: Vec<(String, PathBuf)> = listings
        .into_iter()
        .flatten()
        .map(DirEntry::into_path)
        .filter(|path| path.parent().is_some_and(|folder| folder.ends_with("exercises")))
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, path)
        })
        .filter(|(name, _)| name != "mod")
        .collect();
    found.sort();
    found
}

/// Reads and takes apart one file.
///
/// # Errors
/// Where the file cannot be read, or is not as [`parse`] wants it; the message shows the place.
pub fn read(project: &Project, name: &str, path: &Path) -> Result<Exercise> {
    let text = fs::read_to_string(path).with_context(|| project.shown(path))?.replace('\r', "");
    let file = project.shown(path);
    parse(name, &file, &text).map_err(|wrong| {
        let source = Source { file: file.into(), text: text.into() };
        let Wrong { span, title, label } = wrong;
        Problems(vec![Problem { source, span, title, label, help: None }]).into()
    })
}

/// The exercise that a directive names.
///
/// # Errors
/// At `span`: where there is no exercise of this name, and where its file cannot be read or taken apart.
pub fn of_directive(context: &Context, name: &str, span: Range<usize>) -> Result<Exercise, Wrong> {
    let files = files(context.project);
    let Some((_, path)) = files.iter().find(|(known, _)| known == name) else {
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let title = format!("no exercise named `{name}`");
        let label =
            context.near_or_new(name, &names, "listings", &format!("exercise FOLDER/{name}"));
        return Err(Wrong::new(span, title, label));
    };
    let shown = context.project.shown(path);
    let text = context
        .text(Path::new(&shown))
        .map_err(|why| Wrong::new(span.clone(), format!("`{shown}` cannot be read"), why))?;
    let text = text.replace('\r', "");
    // The mistake is in that file; what can be underlined here is its name.
    parse(name, &shown, &text).map_err(|wrong| {
        let line = text[..wrong.span.start].lines().count() + 1;
        Wrong::new(span, format!("{shown}:{line}: {}", wrong.title), wrong.label)
    })
}

#[cfg(test)]
mod tests;
