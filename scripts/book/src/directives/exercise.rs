//! An exercise, with its starter, its hint and a solution.

use maud::Markup;

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::exercise;
use crate::syntax::{Asked, Form, Stands};

/// `{{#exercise average_any_order}}`
pub(super) struct Exercise;

impl Directive for Exercise {
    const FORM: Form = Form { name: "exercise", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(exercise);
    type Node = exercise::Exercise;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let directive = &asked.directive;
        let name = reader.whole(directive);
        if name.is_empty() {
            let label = "like `{{#exercise average_any_order}}`";
            return Err(Wrong::new(directive.span.clone(), "which exercise?", label));
        }
        exercise::of_directive(reader.context, name, directive.arguments.clone())
    }
}

fn exercise(exercise: &exercise::Exercise, writer: &mut Writer) -> Markup {
    let code = exercise.playground_file().map(|text| writer.post(&exercise.file, text));
    let exercises = writer.collected.exercises;
    exercises.block(&writer.chapter.page, &exercise.name, code.as_deref())
}

#[cfg(test)]
mod tests {
    use crate::directives::tests::assert_wrong;

    #[test]
    fn an_exercise_has_a_name_and_a_file() {
        let label = "like `{{#exercise average_any_order}}`";
        assert_wrong("{{#exercise}}", "{{#exercise}}", "which exercise?", label);
        let title = "no exercise named `nobodys`";
        assert_wrong("{{#exercise nobodys}}", "nobodys", title, "makes it");
    }
}
