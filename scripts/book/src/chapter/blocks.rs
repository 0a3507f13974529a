//! Directives with a body of their own kind: a diagram, and the chooser.

use std::ops::Range;

use super::{Reader, caption};
use crate::arguments;
use crate::diagnostic::{Wrong, suggestion};
use crate::directive::Directive;
use crate::syntax::{Asked, Piece};
use crate::tree::{Answer, Chooser, Diagram, Needs, Node, Question, Recommendation};

impl Reader<'_> {
    /// `{{#diagram "Caption"}}`, a fence of mermaid's, `{{/diagram}}`.
    pub(super) fn diagram(&self, asked: &Asked) -> Result<Node, Wrong> {
        let open = &asked.directive;
        let arguments = self.arguments(open, &[], &["height"], 0)?;
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
            asked.pieces.iter().map(|piece| &self.text[piece.body.clone()]).collect();
        let fence = inside.trim().strip_prefix("```mermaid\n").and_then(|rest| {
            let source = rest.strip_suffix("\n```")?;
            (!source.contains("```") && !source.trim().is_empty()).then(|| source.to_string())
        });
        let source = fence.ok_or_else(|| {
            let label = "between it and `{{/diagram}}` stands one block: ```mermaid … ```";
            Wrong::new(open.span.clone(), "this is no diagram", label)
        })?;
        Ok(Node::Diagram(Diagram { caption, source, height }))
    }

    /// Questions with their answers, then what is recommended for which of them.
    pub(super) fn chooser(&mut self, pieces: &[Piece]) -> Result<Node, Wrong> {
        let (first, rest) = pieces.split_first().expect("a block begins with what opens it");
        let open = &first.mark;
        let mut chooser = Chooser { questions: Vec::new(), recommendations: Vec::new() };
        for piece in rest {
            let directive = &piece.mark;
            let body = self.body(piece);
            if directive.name == "recommend" {
                let when = self.conditions(directive, &chooser.questions)?;
                let line = self.text[..directive.span.start].matches('\n').count() + 1;
                let span = directive.span.clone();
                chooser.recommendations.push(Recommendation { when, body, line, span });
                continue;
            }
            let name = self.only_word(directive)?;
            if directive.name == "question" {
                let again = chooser.questions.iter().any(|question| question.name == name);
                if again {
                    let title = format!("a second question named `{name}`");
                    return Err(Wrong::new(directive.span.clone(), title, "rename one of them"));
                }
                chooser.questions.push(Question { name, text: body, answers: Vec::new() });
                continue;
            }
            let Some(question) = chooser.questions.last_mut() else {
                let label = "a `{{#question name}}` comes before its answers";
                return Err(Wrong::new(directive.span.clone(), "an answer to nothing", label));
            };
            if question.answers.iter().any(|answer| answer.name == name) {
                let title = format!("`{}` has a second answer named `{name}`", question.name);
                return Err(Wrong::new(directive.span.clone(), title, "rename one of them"));
            }
            question.answers.push(Answer { name, text: body });
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
        Ok(Node::Chooser(Box::new(chooser)))
    }

    /// `{{#needs 5, 7 after=6}}`, `{{#needs nothing}}`; `+python` where the chapter is about Python.
    pub(super) fn needs(&self, directive: &Directive) -> Result<Needs, Wrong> {
        let found = arguments::split(self.text, directive.arguments.clone())?;
        let mut needs = Needs::default();
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
                let of = |word: &str| {
                    let label = "like `5` or `5, 7`";
                    let wrong = |_| Wrong::new(span.clone(), "this is no chapter's number", label);
                    Ok((word.parse().map_err(wrong)?, span.clone()))
                };
                text.trim_end_matches(',').split(',').map(of).collect()
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

    /// The one word of `{{#question waits}}`.
    fn only_word(&self, directive: &Directive) -> Result<String, Wrong> {
        let arguments = self.arguments(directive, &[], &[], 1)?;
        Ok(arguments.words[0].0.clone())
    }

    /// `waits=others many=few|hundreds`: for each question in turn, the numbers of the answers meant.
    fn conditions(
        &self,
        directive: &Directive,
        questions: &[Question],
    ) -> Result<Vec<Vec<usize>>, Wrong> {
        let names: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
        let arguments = self.arguments(directive, &[], &names, 0)?;
        let mut when: Vec<Vec<usize>> = questions.iter().map(Question::any).collect();
        for (name, value, span) in &arguments.options {
            let Some(number) = names.iter().position(|known| known == name) else { continue };
            when[number] = self.answers(&questions[number], value, span)?;
        }
        Ok(when)
    }

    fn answers(
        &self,
        question: &Question,
        value: &str,
        span: &Range<usize>,
    ) -> Result<Vec<usize>, Wrong> {
        let names: Vec<&str> = question.answers.iter().map(|answer| answer.name.as_str()).collect();
        let number = |word: &str| {
            names.iter().position(|name| *name == word).ok_or_else(|| {
                let title = format!("`{}` has no answer named `{word}`", question.name);
                Wrong::new(span.clone(), title, suggestion(word, &names))
            })
        };
        value.split('|').map(number).collect()
    }
}
