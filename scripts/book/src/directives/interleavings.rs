//! Every interleaving of a few steps, in the reader's hands.

use std::path::Path;

use maud::Markup;

use super::reader::{Reader, Takes, caption};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::interleavings;
use crate::syntax::{Asked, Form, Stands};

/// `{{#interleavings shared_state/bank_race.steps "Caption"}}`
pub(super) struct Interleavings;

impl Directive for Interleavings {
    const FORM: Form = Form { name: "interleavings", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes {
        words: 1,
        like: Some("like `{{#interleavings shared_state/bank_race.steps \"Who goes next?\"}}`"),
        ..Takes::NO_WORDS
    };
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(explorer);
    type Node = interleavings::Interleavings;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let arguments = reader.arguments(&asked.directive, &Self::TAKES)?;
        let (file, span) = arguments.words[0].clone();
        let caption = caption(&arguments, &asked.directive)?;
        let shown = reader.context.project.settings.listing(&file);
        let text = reader.listing_text(&file, span.clone())?;
        // The mistake is in that file; what can be underlined here is its name.
        let program = interleavings::parse(&text).map_err(|wrong| {
            let before = &text[..wrong.span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Wrong::new(span, format!("{shown}:{line}:{column}: {}", wrong.title), wrong.label)
        })?;
        let endings = reader.context.text(&Path::new(&shown).with_extension("endings.json"));
        let held_against = endings.ok().and_then(|text| interleavings::held_against(&text));
        Ok(interleavings::Interleavings { file: shown, caption, program, held_against })
    }
}

fn explorer(explored: &interleavings::Interleavings, _: &mut Writer) -> Markup {
    interleavings::explorer(explored)
}
