//! A drawing of structure or states, in mermaid's language.

use super::reader::{Reader, Takes, caption};
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Block, Form, Stands};
use crate::tree;

/// `{{#diagram "Caption"}}`, a fence of mermaid's, `{{/diagram}}`.
pub(super) struct Diagram;

impl Directive for Diagram {
    const FORM: Form = Form {
        name: "diagram",
        stands: Stands::Around(Block {
            end: "/diagram",
            marks: &[],
            holds: &[],
            alike: "`{{#chooser}}` or `{{#diagram …}}`",
        }),
    };
    const TAKES: Takes<'static> = Takes { options: &["height"], ..Takes::NO_WORDS };
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(|diagram, _| diagram.html());
    type Node = tree::Diagram;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let open = &asked.directive;
        let arguments = reader.arguments(open, &Self::TAKES)?;
        let height = match arguments.options.first() {
            None => None,
            Some((_, value, span)) => {
                Some(value.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                    let label = "a whole number of lines of text, like `height=20`";
                    Wrong::new(span.clone(), "this is no height", label)
                })?)
            }
        };
        let caption = caption(&arguments, open)?;
        let inside: String =
            asked.pieces.iter().map(|piece| &reader.text[piece.body.clone()]).collect();
        let fence = inside.trim().strip_prefix("```mermaid\n").and_then(|rest| {
            let source = rest.strip_suffix("\n```")?;
            (!source.contains("```") && !source.trim().is_empty()).then(|| source.to_string())
        });
        let source = fence.ok_or_else(|| {
            let label = "between it and `{{/diagram}}` stands one block: ```mermaid … ```";
            Wrong::new(open.span.clone(), "this is no diagram", label)
        })?;
        Ok(tree::Diagram { caption, source, height })
    }
}
