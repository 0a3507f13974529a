//! A few questions whose answers lead to one recommendation.

use std::ops::Range;

use super::reader::{Reader, Takes};
use super::{Directive, Shows};
use crate::diagnostic::{Wrong, suggestion};
use crate::directive::Mark;
use crate::syntax::{Asked, Block, Form, Piece, Stands};
use crate::tree::{self, Answer, Question, Recommendation};

/// Questions with their answers, then what is recommended for which of them.
pub(super) struct Chooser;

impl Directive for Chooser {
    const FORM: Form = Form {
        name: "chooser",
        stands: Stands::Around(Block {
            end: "/chooser",
            marks: &["question", "answer", "recommend"],
            holds: &["claim"],
            alike: "`{{#chooser}}` or `{{#diagram …}}`",
        }),
    };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> =
        Shows::OnEachMachine(|chooser, here| chooser.html(here.context, here.machine));
    type Node = tree::Chooser;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let (first, rest) = asked.pieces.split_first().expect("a block begins with what opens it");
        let open = &first.mark;
        let mut chooser = tree::Chooser { questions: Vec::new(), recommendations: Vec::new() };
        for piece in rest {
            if piece.mark.name == "recommend" {
                let recommendation = recommendation(piece, &chooser.questions, reader)?;
                chooser.recommendations.push(recommendation);
            } else {
                add(piece, &mut chooser.questions, reader)?;
            }
        }
        if let Some(question) = chooser.questions.iter().find(|question| question.answers.len() < 2)
        {
            let title = format!("`{}` has no two answers to choose from", question.name);
            let label = "add `{{#answer name}}text`, twice or more";
            return Err(Wrong::new(open.span.clone(), title, label));
        }
        if chooser.questions.is_empty() {
            let label = "add `{{#question name}}` with its answers";
            return Err(Wrong::new(open.span.clone(), "this chooser asks nothing", label));
        }
        chooser.check(open.span.clone())?;
        Ok(chooser)
    }
}

/// `{{#recommend waits=others}}` and what is recommended.
fn recommendation(
    piece: &Piece,
    questions: &[Question],
    reader: &mut Reader,
) -> Result<Recommendation, Wrong> {
    let body = reader.body(piece);
    let when = conditions(reader, &piece.mark, questions)?;
    let line = reader.line(&piece.mark);
    Ok(Recommendation { when, body, line, span: piece.mark.span.clone() })
}

/// A question, or an answer to the last one.
fn add(piece: &Piece, questions: &mut Vec<Question>, reader: &mut Reader) -> Result<(), Wrong> {
    let span = &piece.mark.span;
    let text = reader.body(piece);
    let name = only_word(&piece.mark, reader)?;
    if piece.mark.name == "question" {
        if questions.iter().any(|question| question.name == name) {
            let title = format!("a second question named `{name}`");
            return Err(Wrong::new(span.clone(), title, "rename one of them"));
        }
        questions.push(Question { name, text, answers: Vec::new() });
        return Ok(());
    }
    let Some(question) = questions.last_mut() else {
        let label = "a `{{#question name}}` comes before its answers";
        return Err(Wrong::new(span.clone(), "an answer to nothing", label));
    };
    if question.answers.iter().any(|answer| answer.name == name) {
        let title = format!("`{}` has a second answer named `{name}`", question.name);
        return Err(Wrong::new(span.clone(), title, "rename one of them"));
    }
    question.answers.push(Answer { name, text });
    Ok(())
}

/// The one word of `{{#question waits}}`.
fn only_word(directive: &Mark, reader: &Reader) -> Result<String, Wrong> {
    let like = Some("its name is missing, like `{{#question waits}}`");
    let takes = Takes { words: 1, like, ..Takes::NO_WORDS };
    let arguments = reader.arguments(directive, &takes)?;
    Ok(arguments.words[0].0.clone())
}

/// `waits=others many=few|hundreds`: for each question in turn, the numbers of the answers meant.
fn conditions(
    reader: &Reader,
    directive: &Mark,
    questions: &[Question],
) -> Result<Vec<Vec<usize>>, Wrong> {
    let names: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
    let arguments = reader.arguments(directive, &Takes { options: &names, ..Takes::NO_WORDS })?;
    let mut when: Vec<Vec<usize>> = questions.iter().map(Question::any).collect();
    for (name, value, span) in &arguments.options {
        let Some(number) = names.iter().position(|known| known == name) else { continue };
        when[number] = answers(&questions[number], value, span)?;
    }
    Ok(when)
}

/// The numbers of the answers in `few|hundreds`.
fn answers(question: &Question, value: &str, span: &Range<usize>) -> Result<Vec<usize>, Wrong> {
    let names: Vec<&str> = question.answers.iter().map(|answer| answer.name.as_str()).collect();
    let number = |word: &str| {
        names.iter().position(|name| *name == word).ok_or_else(|| {
            let title = format!("`{}` has no answer named `{word}`", question.name);
            Wrong::new(span.clone(), title, suggestion(word, &names))
        })
    };
    value.split('|').map(number).collect()
}
