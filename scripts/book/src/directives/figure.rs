//! A drawing of what was measured.

use maud::Markup;

use super::reader::options::{LAWS, MARKS, QUANTITIES, SCALES, words};
use super::reader::{Reader, Takes, caption};
use super::writer::{Here, not_measured};
use super::{Directive, Shows};
use crate::arguments::Arguments;
use crate::claim::{self, Verdict};
use crate::context::Context;
use crate::diagnostic::{Wrong, suggestion};
use crate::directive::Mark;
use crate::ledger;
use crate::plots;
use crate::syntax::{Asked, Form, Stands};
use crate::tree::{
    self, Body, Caption, Ceiling, ClaimNode, FigureKind, Options, Quantity, Standing,
};

const FIGURE_KINDS: [(&str, FigureKind); 7] = [
    ("bars", FigureKind::Bars),
    ("cores", FigureKind::Cores),
    ("ladder", FigureKind::Ladder),
    ("speedup", FigureKind::Speedup),
    ("scaling", FigureKind::Scaling),
    ("outcomes", FigureKind::Outcomes),
    ("timeline", FigureKind::Timeline),
];

/// `{{#figure word_count bars "Eight threads wait together" +neutral}}`
pub(super) struct Figure;

impl Directive for Figure {
    const FORM: Form = Form { name: "figure", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes {
        words: 2,
        flags: &["neutral"],
        options: &[
            "arms", "machine", "scale", "of", "base", "at", "law", "marks", "ceiling", "if", "else",
        ],
        like: Some("like `{{#figure word_count bars \"Eight threads wait together\"}}`"),
    };
    const WORDS: &'static [&'static [&'static str]] = &[
        &words(&FIGURE_KINDS),
        &words(&QUANTITIES),
        &words(&SCALES),
        &words(&LAWS),
        &words(&MARKS),
    ];
    const SHOWS: Shows<Self::Node> =
        Shows::OfArms(drawn, |figure| (&figure.experiment, &figure.options));
    type Node = tree::Figure;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let directive = &asked.directive;
        let arguments = reader.arguments(directive, &Self::TAKES)?;
        let (name, span) = arguments.words[0].clone();
        let experiment = reader.experiment(&name, span)?;
        let (word, span) = arguments.words[1].clone();
        let known = FIGURE_KINDS.iter().find(|(known, _)| *known == word);
        let kind = known.map(|(_, kind)| *kind).ok_or_else(|| {
            let names = words(&FIGURE_KINDS);
            Wrong::new(span, format!("no kind of figure named `{word}`"), suggestion(&word, &names))
        })?;
        let options = reader.options(&experiment, &arguments)?;
        law_can_be_drawn(reader, &experiment, kind, &options, &arguments)?;
        caches_can_be_marked(reader, &experiment, kind, &arguments)?;
        ceiling_was_measured(reader, &experiment, kind, &options, &arguments)?;
        rates_are_of_bytes(reader, &experiment, &options, &arguments)?;
        let text = caption(&arguments, directive)?;
        let standing = standing(reader, &experiment, &text, &arguments, directive)?;
        Ok(tree::Figure { experiment, kind, caption: Caption { text, standing }, options })
    }
}

fn drawn(figure: &tree::Figure, here: &Here) -> Markup {
    let tree::Figure { experiment, kind, caption, options } = figure;
    match here.records.records.get(experiment) {
        Some(record) => {
            let caption = caption_on(here.context, caption, here.machine);
            plots::figure(here.context, record, *kind, caption, options)
        }
        None => not_measured(experiment),
    }
}

/// The caption where this machine's numbers are drawn.
fn caption_on<'a>(context: &Context, caption: &'a Caption, machine: &str) -> &'a str {
    match &caption.standing {
        Standing::Claim(node) => match ledger::judge(context, node, machine).verdict {
            Verdict::Holds => &caption.text,
            _ => node.otherwise.as_ref().map_or("", |otherwise| &otherwise.text),
        },
        Standing::Neutral | Standing::Unmarked => &caption.text,
    }
}

/// A law goes through the points of a speedup, and of an arm that says what of it runs alone.
fn law_can_be_drawn(
    reader: &Reader,
    experiment: &str,
    kind: FigureKind,
    options: &Options,
    arguments: &Arguments,
) -> Result<(), Wrong> {
    let Some((_, span)) = arguments.option("law") else { return Ok(()) };
    if kind != FigureKind::Speedup {
        let title = "a law is drawn through a speedup";
        return Err(Wrong::new(span.clone(), title, "`speedup` is the kind of figure for it"));
    }
    let Some(description) = reader.context.description(experiment) else { return Ok(()) };
    let shown =
        |arm: &&lab::record::Arm| options.arms.is_empty() || options.arms.contains(&arm.name);
    if description.arms.iter().filter(shown).any(|arm| arm.serial.is_some()) {
        Ok(())
    } else {
        let title = "no arm of this figure says what of it runs alone";
        Err(Wrong::new(span.clone(), title, "the example says it: `.serial(0.1)`"))
    }
}

/// Caches have their places on an axis of bytes.
fn caches_can_be_marked(
    reader: &Reader,
    experiment: &str,
    kind: FigureKind,
    arguments: &Arguments,
) -> Result<(), Wrong> {
    let Some((_, span)) = arguments.option("marks") else { return Ok(()) };
    let title = "caches are marked on an axis of bytes";
    if kind != FigureKind::Scaling {
        return Err(Wrong::new(span.clone(), title, "`scaling` is the kind of figure for it"));
    }
    let description = reader.context.description(experiment);
    let axis = description.map(|description| &description.axis);
    match axis {
        Some(axis) if !axis.as_ref().is_some_and(|axis| axis.name.contains("byte")) => {
            Err(Wrong::new(span.clone(), title, "this experiment has none"))
        }
        _ => Ok(()),
    }
}

/// A speedup has its ceiling anyway; a scaling has one where the record can say it.
fn ceiling_was_measured(
    reader: &Reader,
    experiment: &str,
    kind: FigureKind,
    options: &Options,
    arguments: &Arguments,
) -> Result<(), Wrong> {
    let asked = arguments.option("ceiling");
    let (Some(ceiling), Some((_, span))) = (&options.ceiling, asked) else { return Ok(()) };
    let wrong = |title: String, label: &str| Err(Wrong::new(span.clone(), title, label));
    if kind != FigureKind::Scaling {
        let label = "`speedup` draws the one it has without being asked";
        return wrong("a ceiling is asked for in a scaling".into(), label);
    }
    if !matches!(options.quantity, Quantity::Time | Quantity::Each | Quantity::Rate) {
        return wrong("a ceiling is one of times and rates".into(), "leave out `ceiling=`");
    }
    let Some(description) = reader.context.description(experiment) else { return Ok(()) };
    match ceiling {
        Ceiling::Copies if options.quantity != Quantity::Time => {
            wrong("independent copies have their time alone".into(), "leave out `of=`")
        }
        Ceiling::Copies if !description.axis.as_ref().is_some_and(|axis| axis.ceiling) => wrong(
            format!("`{experiment}` measures no independent copies"),
            "an arm of independent work can stand for them: `ceiling=apart@1`",
        ),
        Ceiling::Copies => Ok(()),
        Ceiling::Arm { name, at } => {
            let points = description.arm(name).map_or(&[][..], |arm| &arm.at);
            match at {
                None if points.is_empty() => {
                    wrong(format!("`{name}` was not measured over the axis"), "an arm that was")
                }
                Some(at) if !points.contains(at) => {
                    let known: Vec<String> = points.iter().map(u64::to_string).collect();
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let title = format!("`{name}` was not measured at {at}");
                    wrong(title, &suggestion(&at.to_string(), &known))
                }
                _ => Ok(()),
            }
        }
    }
}

/// How many bytes an arm goes through, the example says.
fn rates_are_of_bytes(
    reader: &Reader,
    experiment: &str,
    options: &Options,
    arguments: &Arguments,
) -> Result<(), Wrong> {
    let asked = arguments.option("of");
    let (Quantity::Rate, Some((_, span))) = (options.quantity, asked) else { return Ok(()) };
    let Some(description) = reader.context.description(experiment) else { return Ok(()) };
    let shown =
        |arm: &&lab::record::Arm| options.arms.is_empty() || options.arms.contains(&arm.name);
    let silent = description
        .arms
        .iter()
        .filter(shown)
        .find(|arm| description.per(&arm.name).is_none_or(|(what, _)| what != "byte"));
    match silent {
        None => Ok(()),
        Some(arm) => {
            let title = format!("`{}` does not say how many bytes it goes through", arm.name);
            Err(Wrong::new(span.clone(), title, "the example says it: `.per(\"byte\", BYTES)`"))
        }
    }
}

/// What is said of a caption: `+neutral`, or `if="claim" else="other caption"`.
fn standing(
    reader: &Reader,
    experiment: &str,
    caption: &str,
    arguments: &Arguments,
    directive: &Mark,
) -> Result<Standing, Wrong> {
    let option = |name: &str| arguments.options.iter().find(|(known, ..)| known == name);
    let neutral = arguments.flags.first();
    let (text, otherwise, span) = match (neutral, option("if"), option("else")) {
        (None, None, None) => return Ok(Standing::Unmarked),
        (Some(_), None, None) => return Ok(Standing::Neutral),
        (None, Some((_, claim, span)), Some((_, otherwise, _))) => (claim, otherwise, span),
        (Some((_, span)), ..) => {
            let label = "leave out `+neutral`, or `if=` and `else=`";
            return Err(Wrong::new(span.clone(), "a neutral caption has no condition", label));
        }
        (None, Some((_, _, span)), None) | (None, None, Some((_, _, span))) => {
            let label = "a caption that compares has both, `if=` and `else=`";
            return Err(Wrong::new(span.clone(), "half of a condition", label));
        }
    };
    let claim = claim::parse(text)
        .and_then(|claim| match reader.context.description(experiment) {
            Some(description) => claim.check(description).map(|()| claim),
            None => Ok(claim),
        })
        .map_err(|wrong| Wrong::new(span.clone(), wrong.title, wrong.label))?;
    let body = |text: &str| Body { text: text.into(), parts: Vec::new() };
    Ok(Standing::Claim(Box::new(ClaimNode {
        experiment: experiment.into(),
        text: text.clone(),
        claim,
        holds: body(caption),
        otherwise: Some(body(otherwise)),
        line: reader.line(directive),
    })))
}

#[cfg(test)]
mod tests;
