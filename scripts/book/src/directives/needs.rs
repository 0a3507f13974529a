//! What is to be read before a chapter, and where that is said.

use std::ops::Range;

use maud::Markup;

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::arguments;
use crate::diagnostic::{Wrong, suggestion};
use crate::syntax::{Asked, Form, Stands};
use crate::tree;

/// `{{#needs 5, 7 after=6}}`, `{{#needs nothing}}`; `+python` where the chapter is about Python.
pub(super) struct Needs;

impl Directive for Needs {
    const FORM: Form = Form { name: "needs", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> =
        Takes { flags: &["python"], options: &["after"], ..Takes::NO_WORDS };
    const WORDS: &'static [&'static [&'static str]] = &[&["nothing"]];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(needs);
    type Node = tree::Needs;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let directive = &asked.directive;
        let found = arguments::split(reader.text, directive.arguments.clone())?;
        let mut needs = tree::Needs::default();
        for (flag, span) in found.flags {
            if flag != "python" {
                let title = format!("`needs` takes no `+{flag}`");
                return Err(Wrong::new(span, title, suggestion(&flag, &["python"])));
            }
            needs.python = true;
        }
        if found.words.is_empty() {
            let label = "like `{{#needs 5, 7}}`, or `{{#needs nothing}}`";
            return Err(Wrong::new(directive.span.clone(), "what does this chapter need?", label));
        }
        let numbers =
            |text: &str, span: &Range<usize>| -> Result<Vec<(u32, Range<usize>)>, Wrong> {
                let chapter = |word: &str| {
                    let label = "like `5` or `5, 7`";
                    let wrong = |_| Wrong::new(span.clone(), "this is no chapter's number", label);
                    Ok((word.parse().map_err(wrong)?, span.clone()))
                };
                text.trim_end_matches(',').split(',').map(chapter).collect()
            };
        for (name, value, span) in &found.options {
            if name != "after" {
                let title = format!("`needs` has no option `{name}=`");
                return Err(Wrong::new(span.clone(), title, suggestion(name, &["after"])));
            }
            needs.after.extend(numbers(value, span)?);
        }
        if let [(word, _)] = found.words.as_slice()
            && word == "nothing"
        {
            return Ok(needs);
        }
        for (word, span) in &found.words {
            needs.chapters.extend(numbers(word, span)?);
        }
        Ok(needs)
    }
}

fn needs(needs: &tree::Needs, writer: &mut Writer) -> Markup {
    writer.collected.ways.needs(needs)
}

#[cfg(test)]
mod tests {
    use crate::directives::tests::assert_wrong;

    #[test]
    fn a_chapter_needs_numbers_or_nothing() {
        let label = "like `{{#needs 5, 7}}`, or `{{#needs nothing}}`";
        assert_wrong("{{#needs}}", "{{#needs}}", "what does this chapter need?", label);
        let title = "this is no chapter's number";
        assert_wrong("{{#needs 5, six}}", "six", title, "like `5` or `5, 7`");
        assert_wrong("{{#needs 5 after=six}}", "after=six", title, "like `5` or `5, 7`");
        let title = "`needs` has no option `before=`";
        assert_wrong("{{#needs 5 before=4}}", "before=4", title, "there are: after");
        let title = "`needs` takes no `+pyhton`";
        assert_wrong("{{#needs 5 +pyhton}}", "+pyhton", title, "did you mean `python`?");
    }
}
