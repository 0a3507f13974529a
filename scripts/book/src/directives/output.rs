//! What an example's demo printed, away from its listing.

use maud::{Markup, html};

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::context::Context;
use crate::diagnostic::Wrong;
use crate::html::pre;
use crate::python;
use crate::syntax::{Asked, Form, Stands};

/// `{{#output own_copy}}`
pub(super) struct Output;

impl Directive for Output {
    const FORM: Form = Form { name: "output", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes { words: 1, ..Takes::NO_WORDS };
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(|example, writer| output(example, writer));
    type Node = String;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let arguments = reader.arguments(&asked.directive, &Self::TAKES)?;
        let (name, span) = arguments.words[0].clone();
        reader.experiment(&name, span)
    }
}

fn output(example: &str, writer: &mut Writer) -> Markup {
    match demo(writer.context, example) {
        Some(output) => html! { .card { (output) } },
        None => not_run(writer.context, example),
    }
}

/// The demo's output and the command that prints it: of the listing as it is, if it was run
/// anywhere; from the page's machine first.
pub(super) fn demo(context: &Context, example: &str) -> Option<Markup> {
    let records = context.records;
    let usual = records.get(&context.machine, example);
    let others = records.machines.values().filter_map(|machine| machine.records.get(example));
    let seen: Vec<_> =
        usual.into_iter().chain(others).filter(|record| record.demo.is_some()).collect();
    let fresh = seen.iter().find(|record| !context.stale_output(record));
    let record = fresh.or(seen.first())?;
    let demo = record.demo.as_ref()?;
    let (stdout, stderr) = (demo.stdout.trim_end(), demo.stderr.trim_end());
    Some(html! {
        .out {
            p.command { code { (demo.command) } }
            @if fresh.is_none() {
                p.note.stale { "Printed by an earlier version of this listing." }
            }
            @if !stdout.is_empty() || stderr.is_empty() {
                (pre(stdout, &format!("Output of {example}")))
            }
            @if !stderr.is_empty() {
                (pre(stderr, &format!("What {example} writes to stderr")))
            }
        }
    })
}

pub(super) fn not_run(context: &Context, example: &str) -> Markup {
    let command = if python::is_program(example) {
        python::command_line(&context.project.settings, example)
    } else {
        format!("cargo run --release --example {example}")
    };
    html! {
        .out {
            p.note.missing {
                "This demo was not run yet: " code { "cargo course build" } " runs it, "
                code { (command) } " too."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lab::record::{Demo, Ending};

    use crate::directives::tests::page;
    use crate::fixtures::{HOME, TinyBook, assert_shows, fetch};

    #[test]
    fn what_a_program_printed_is_text_and_is_not_expanded_again() {
        let page = page("{{#output fetch}}\n");
        assert_shows(&page.content, &["done&#10;&#10;{{#title Stolen}} &lt;b&gt;"]);
    }

    #[test]
    fn a_demo_that_never_ran_says_how_to_run_it() {
        let page = page("{{#output greet}}\n");
        assert_shows(
            &page.content,
            &["This demo was not run yet", "cargo run --release --example greet"],
        );
    }

    #[test]
    fn a_demo_that_only_writes_to_stderr_shows_that() {
        let book = TinyBook::measured();
        let mut record = book.record_of(HOME, 2, fetch(52.0));
        let demo = record.demo.take().unwrap();
        record.demo =
            Some(Demo { stdout: String::new(), stderr: "thread 'main' panicked\n".into(), ..demo });
        record.description.ending = Ending::Panic;
        book.write_record(&record);
        let page = book.page("{{#output fetch}}\n");
        assert_shows(&page.content, &["What fetch writes to stderr", "thread 'main' panicked"]);
        assert!(!page.content.contains("Output of fetch"), "{}", page.content);
    }
}
