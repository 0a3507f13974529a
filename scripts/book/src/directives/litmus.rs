//! Litmus tests: all of a file, or one of them.

use std::path::Path;

use maud::Markup;

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::diagnostic::{Wrong, suggestion};
use crate::litmus;
use crate::syntax::{Asked, Form, Stands};
use crate::tree;

/// `{{#litmus atomics/litmus.toml}}`, `{{#litmus atomics/litmus.toml:store_buffering}}`
pub(super) struct Litmus;

impl Directive for Litmus {
    const FORM: Form = Form { name: "litmus", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes {
        words: 1,
        like: Some("like `{{#litmus atomics/litmus.toml:store_buffering}}`"),
        ..Takes::NO_WORDS
    };
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(figures);
    type Node = tree::Litmus;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let arguments = reader.arguments(&asked.directive, &Self::TAKES)?;
        let (word, span) = arguments.words[0].clone();
        let (file, name) = match word.split_once(':') {
            Some((file, name)) => (file, Some(name)),
            None => (word.as_str(), None),
        };
        let shown = reader.context.project.settings.listing(file);
        let text = reader.listing_text(file, span.start..span.start + file.len())?;
        let beside = Path::new(&shown).with_extension("loom.json");
        let found = reader.context.text(&beside).map_err(|why| {
            let title = format!("no findings `{}`", reader.context.project.shown(&beside));
            Wrong::new(span.clone(), title, why)
        })?;
        // The mistake is in that file; what can be underlined here is its name.
        let there = |wrong: Wrong| {
            let (line, column) = place_of(&text, wrong.span.start);
            let title = format!("{shown}:{line}:{column}: {}", wrong.title);
            Wrong::new(span.clone(), title, wrong.label)
        };
        let tests = litmus::parse(&shown, &text, &found).map_err(there)?;
        reader.experiment(&tests.experiment, span.clone()).map_err(|wrong| {
            there(Wrong::new(text.find("experiment").unwrap_or(0)..0, wrong.title, wrong.label))
        })?;
        if let Some(description) = reader.context.description(&tests.experiment) {
            let missing =
                tests.variants().find(|(_, variant)| description.arm(&variant.arm).is_none());
            if let Some((_, variant)) = missing {
                let title = format!("`{}` has no arm named `{}`", tests.experiment, variant.arm);
                let at = text.find(variant.arm.rsplit_once('_').unwrap_or_default().0).unwrap_or(0);
                return Err(there(Wrong::new(at..at, title, "an arm counts each test's trials")));
            }
        }
        if let Some(name) = name.filter(|name| tests.tests.iter().all(|test| test.name != *name)) {
            let names: Vec<&str> = tests.tests.iter().map(|test| test.name.as_str()).collect();
            let title = format!("`{shown}` has no test named `{name}`");
            let span = span.start + file.len() + 1..span.end;
            return Err(Wrong::new(span, title, suggestion(name, &names)));
        }
        Ok(tree::Litmus { tests, only: name.map(str::to_string) })
    }
}

fn figures(asked: &tree::Litmus, writer: &mut Writer) -> Markup {
    litmus::figures(&asked.tests, asked.only.as_deref(), &mut |element, content| {
        writer.place(element, None, content)
    })
}

/// Line and column, both from 1.
fn place_of(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
