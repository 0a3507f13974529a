//! What a chapter's directives ask for, found in what the project has: a tree that pages are made of.

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use lab::record::BASE_AGAIN;

use crate::arguments::{self, Arguments};
use crate::claim::{self, Claim};
use crate::context::Context;
use crate::diagnostic::{
    Problem, Problems, Source, Wrong, near_or_new, nearest, one_of, suggestion,
};
use crate::directive::Directive;
use crate::excerpt::{self, NoExcerpt};
use crate::exercise;
use crate::expression;
use crate::interleavings::{self, Interleavings};
use crate::items::Items;
use crate::litmus;
use crate::python;
use crate::since;
use crate::syntax::{self, Asked, Kind, Piece, Syntax};
use crate::tree::{
    Amdahl, Body, Caption, Ceiling, Choice, ClaimNode, Column, FigureKind, KnownLaw, Listing,
    MachineProperty, Marks, Node, Options, Part, Predict, Quantity, Scale, Since, Standing,
};

pub const FIGURE_KINDS: [(&str, FigureKind); 7] = [
    ("bars", FigureKind::Bars),
    ("cores", FigureKind::Cores),
    ("ladder", FigureKind::Ladder),
    ("speedup", FigureKind::Speedup),
    ("scaling", FigureKind::Scaling),
    ("outcomes", FigureKind::Outcomes),
    ("timeline", FigureKind::Timeline),
];

const LISTING_FLAGS: [&str; 2] = ["output", "error"];
const LISTING_OPTIONS: [&str; 2] = ["since", "with"];
const FIGURE_OPTIONS: [&str; 11] =
    ["arms", "machine", "scale", "of", "base", "at", "law", "marks", "ceiling", "if", "else"];
const TABLE_OPTIONS: [&str; 4] = ["arms", "machine", "columns", "base"];

const MARKS: [(&str, Marks); 1] = [("caches", Marks::Caches)];

const LAWS: [(&str, KnownLaw); 1] = [("amdahl", KnownLaw::Amdahl)];

const COLUMNS: [(&str, Column); 8] = [
    ("time", Column::Time),
    ("ratio", Column::Ratio),
    ("cores", Column::Cores),
    ("memory", Column::Memory),
    ("p50", Column::Percentile(50)),
    ("p90", Column::Percentile(90)),
    ("p99", Column::Percentile(99)),
    ("outcomes", Column::Outcomes),
];

const QUANTITIES: [(&str, Quantity); 8] = [
    ("outcomes", Quantity::Outcomes),
    ("time", Quantity::Time),
    ("each", Quantity::Each),
    ("rate", Quantity::Rate),
    ("memory", Quantity::Memory),
    ("p50", Quantity::Percentile(50)),
    ("p90", Quantity::Percentile(90)),
    ("p99", Quantity::Percentile(99)),
];

const SCALES: [(&str, Scale); 2] = [("linear", Scale::Linear), ("log", Scale::Log)];

const MACHINE_PROPERTIES: [(&str, MachineProperty); 5] = [
    ("cores", MachineProperty::Cores),
    ("cpu", MachineProperty::Cpu),
    ("label", MachineProperty::Label),
    ("memory", MachineProperty::Memory),
    ("system", MachineProperty::System),
];

/// Every directive of a chapter, or everything that is wrong with them.
pub fn parse(source: &Source, context: &Context) -> Result<Vec<Part>, Problems> {
    resolve(source, &syntax::parse(&source.text), context)
}

/// What the tree of this text asks for, found in the project; or everything that is wrong with it.
pub fn resolve(source: &Source, syntax: &Syntax, context: &Context) -> Result<Vec<Part>, Problems> {
    let wrong = syntax.wrong.clone();
    let mut reader = Reader { text: &source.text, context, listings: Vec::new(), wrong };
    let parts = reader.parts(&syntax.asked);
    let mut wrong = reader.wrong;
    if wrong.is_empty() {
        return Ok(parts);
    }
    wrong.sort_by_key(|wrong| wrong.span.start);
    Err(Problems(wrong.into_iter().map(|wrong| problem(source, wrong)).collect()))
}

fn problem(source: &Source, wrong: Wrong) -> Problem {
    Problem {
        source: source.clone(),
        span: wrong.span,
        title: wrong.title,
        label: wrong.label,
        help: None,
    }
}

struct Reader<'a> {
    text: &'a str,
    context: &'a Context<'a>,
    /// The names of those that stand above: `threads/word_count.rs:pool`.
    listings: Vec<String>,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn parts(&mut self, asked: &[Asked]) -> Vec<Part> {
        let mut parts = Vec::new();
        for one in asked {
            match self.node(one) {
                Ok(node) => parts.push(Part { span: one.span.clone(), node }),
                Err(wrong) => self.wrong.push(wrong),
            }
        }
        parts
    }

    fn node(&mut self, asked: &Asked) -> Result<Node, Wrong> {
        let directive = &asked.directive;
        let whole = &self.text[directive.arguments.clone()];
        Ok(match asked.kind {
            Kind::Given if whole.is_empty() => {
                return Err(Wrong::new(
                    directive.span.clone(),
                    "nothing is given",
                    "like `{{#given 40 ms}}`",
                ));
            }
            Kind::Given => Node::Given(whole.to_string()),
            Kind::Time => self.dotted(directive, false)?,
            Kind::Ratio => self.dotted(directive, true)?,
            Kind::Value => {
                let (experiment, at) = self.experiment_before_colon(directive)?;
                self.value(experiment, at..directive.arguments.end)?
            }
            Kind::Machine => self.machine_property(directive)?,
            Kind::Listing => self.listing(directive)?,
            Kind::Output => self.output(directive)?,
            Kind::Figure => self.figure(directive)?,
            Kind::Table => self.table(directive)?,
            Kind::Interleavings => self.interleavings(directive)?,
            Kind::Litmus => self.litmus(directive)?,
            Kind::Exercise if whole.is_empty() => {
                let label = "like `{{#exercise average_any_order}}`";
                return Err(Wrong::new(directive.span.clone(), "which exercise?", label));
            }
            Kind::Exercise => {
                let span = directive.arguments.clone();
                Node::Exercise(Box::new(exercise::of_directive(self.context, whole, span)?))
            }
            Kind::Solutions => Node::Solutions,
            Kind::Amdahl => self.amdahl(directive)?,
            Kind::Claims => Node::Claims,
            Kind::Machines => Node::Machines,
            Kind::Lessons => Node::Lessons,
            Kind::Needs => Node::Needs(self.needs(directive)?),
            Kind::Claim => self.claim(&asked.pieces)?,
            Kind::Predict => self.predict(&asked.pieces)?,
            Kind::Chooser => self.chooser(&asked.pieces)?,
            Kind::Diagram => self.diagram(asked)?,
        })
    }

    /// `experiment.expression`, as `time` and `ratio` take it.
    fn dotted(&mut self, directive: &Directive, ratio: bool) -> Result<Node, Wrong> {
        let span = directive.arguments.clone();
        let whole = &self.text[span.clone()];
        let Some(dot) = whole.find('.') else {
            let label = "like `word_count.threads` or `hash_books.threads@cores`";
            return Err(Wrong::new(
                directive.span.clone(),
                "which arm of which experiment?",
                label,
            ));
        };
        let experiment = self.experiment(whole[..dot].trim(), span.start..span.start + dot)?;
        let node = self.value(experiment, span.start + dot + 1..span.end)?;
        if let Node::Value { expression, .. } = &node {
            let is_ratio = matches!(expression.node, expression::Node::Binary(..));
            if is_ratio != ratio {
                let label = if ratio {
                    "expected `base / arm`"
                } else {
                    "expected one arm; `ratio` divides two"
                };
                return Err(Wrong::new(
                    span,
                    format!("`{}` takes something else", directive.name),
                    label,
                ));
            }
        }
        Ok(node)
    }

    fn value(&mut self, experiment: String, span: Range<usize>) -> Result<Node, Wrong> {
        let expression = expression::parse(&self.text[span.clone()])
            .and_then(|expression| match self.context.description(&experiment) {
                Some(description) => expression.check(description).map(|_| expression),
                None => Ok(expression),
            })
            .map_err(|wrong| moved(wrong, span.start))?;
        Ok(Node::Value { experiment, expression })
    }

    /// `experiment: …`; the experiment and where the rest begins.
    fn experiment_before_colon(&mut self, directive: &Directive) -> Result<(String, usize), Wrong> {
        let span = directive.arguments.clone();
        let whole = &self.text[span.clone()];
        let Some(colon) = whole.find(':') else {
            let label = "like `word_count: sequential / threads >= 3`";
            return Err(Wrong::new(directive.span.clone(), "of which experiment?", label));
        };
        let name = whole[..colon].trim_end();
        let experiment = self.experiment(name, span.start..span.start + name.len())?;
        Ok((experiment, span.start + colon + 1))
    }

    fn experiment(&self, name: &str, span: Range<usize>) -> Result<String, Wrong> {
        let names: Vec<&str> = self.context.examples.iter().map(String::as_str).collect();
        match names.contains(&name) {
            true => Ok(name.to_string()),
            false => Err(Wrong::new(
                span,
                format!("no experiment named `{name}`"),
                near_or_new(name, &names, &format!("experiment FOLDER/{name}")),
            )),
        }
    }

    fn machine_property(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let name = &self.text[directive.arguments.clone()];
        let known = MACHINE_PROPERTIES.iter().find(|(known, _)| *known == name);
        known.map(|(_, property)| Node::MachineProperty(*property)).ok_or_else(|| {
            let names: Vec<&str> = MACHINE_PROPERTIES.iter().map(|(name, _)| *name).collect();
            let title = format!("a machine has no property named `{name}`");
            Wrong::new(directive.span.clone(), title, suggestion(name, &names))
        })
    }

    fn listing(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let arguments = self.arguments(directive, &LISTING_FLAGS, &LISTING_OPTIONS, 1)?;
        let (name, span) = arguments.words[0].clone();
        let caption = caption(&arguments, directive)?;
        let file = name.split_once(':').map_or(name.as_str(), |(file, _)| file);
        let shown = self.context.project.settings.listing(file);
        let (text, code) = self.excerpt(&name, span.clone())?;
        let option = |wanted: &str| arguments.options.iter().find(|(name, ..)| name == wanted);
        let mut since = match option("since") {
            Some((_, other, span)) => Some(self.since(&name, &code, other, span)?),
            None => None,
        };
        let code = match option("with") {
            Some((_, items, span)) => {
                let above = with(&shown, &text, &code, items, span)?;
                if let Some(since) = &mut since {
                    since.news.move_down(above.lines().count());
                }
                above + &code
            }
            None => code,
        };
        let has = |flag: &str| arguments.flags.iter().any(|(found, _)| found == flag);
        let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let output_of = match has("output") {
            true if python::is_program(file) => Some(python::name_of(file)),
            true => Some(self.experiment(&stem, span.clone())?),
            false => None,
        };
        let error = if has("error") {
            let beside = Path::new(&shown).with_extension("stderr");
            let error = self.context.text(&beside).map_err(|why| {
                Wrong::new(
                    span,
                    format!("no captured message `{}`", self.context.project.shown(&beside)),
                    why,
                )
            })?;
            Some(as_printed(error.trim_end()))
        } else {
            None
        };
        // A script without output of its own is an arm of the example of its name, and not what the
        // example runs.
        let example = match python::is_program(file) {
            true => output_of.clone(),
            false => self.context.examples.iter().find(|example| **example == stem).cloned(),
        };
        let playground = runs_on_the_playground(&text).then(|| text.clone());
        self.listings.push(name.clone());
        Ok(Node::Listing(Listing {
            file: shown,
            caption,
            code,
            output_of,
            error,
            example,
            playground,
            name,
            since,
        }))
    }

    /// The file's whole text and the lines that are meant, of `threads/word_count.rs:pool` or a file alone.
    fn excerpt(&self, name: &str, span: Range<usize>) -> Result<(Rc<str>, String), Wrong> {
        let (file, anchor) = match name.split_once(':') {
            Some((file, anchor)) => (file, Some(anchor)),
            None => (name, None),
        };
        // A name that was made longer than it is written has no place for its parts.
        let whole = span.len() != name.len();
        let at = if whole { span.clone() } else { span.start..span.start + file.len() };
        let text = self.listing_text(file, at)?;
        let code = excerpt::cut(&text, anchor).map_err(|none| {
            let anchor = anchor.unwrap_or_default();
            let label = match &none {
                NoExcerpt::Missing(anchors) => {
                    suggestion(anchor, &anchors.iter().map(String::as_str).collect::<Vec<_>>())
                }
                NoExcerpt::Unended => format!("`ANCHOR_END: {anchor}` is missing there"),
            };
            let at = if whole { span.clone() } else { span.start + file.len() + 1..span.end };
            let shown = self.context.project.settings.listing(file);
            Wrong::new(at, format!("`{shown}` has no anchor `{anchor}`"), label)
        })?;
        Ok((text, code))
    }

    /// What `code` has that the listing of `since=` has not: an anchor of the same file, or a file with or without
    /// an anchor.
    fn since(
        &self,
        name: &str,
        code: &str,
        other: &str,
        span: &Range<usize>,
    ) -> Result<Since, Wrong> {
        let file = name.split_once(':').map_or(name, |(file, _)| file);
        let of_file = other.contains(['.', ':', '/']);
        let since = if of_file { other.to_string() } else { format!("{file}:{other}") };
        let wrong = |title: String, label: &str| Err(Wrong::new(span.clone(), title, label));
        if since == name {
            let label = "name what the reader has seen before it";
            return wrong("this listing is compared with itself".into(), label);
        }
        let (_, before) = self.excerpt(&since, span.clone())?;
        if !self.listings.contains(&since) {
            let label = "a reader compares with a listing further up on this page";
            return wrong(format!("`{other}` is not shown above"), label);
        }
        let comment = if file.ends_with(".rs") { "//" } else { "#" };
        let news = since::news(&before, code, comment);
        if news.runs.is_empty() {
            let title = format!("nothing is new since `{other}`");
            return wrong(title, "leave out `since=`, or name another anchor");
        }
        if 2 * news.new > news.code {
            let title = format!("{} of {} lines are new since `{other}`", news.new, news.code);
            return wrong(
                title,
                "marks on more than half of them show nothing: leave out `since=`",
            );
        }
        Ok(Since { name: since, news })
    }

    /// The text of a listing's file, or the nearest name there is.
    fn listing_text(&self, file: &str, span: Range<usize>) -> Result<Rc<str>, Wrong> {
        let shown = self.context.project.settings.listing(file);
        self.context.text(Path::new(&shown)).map_err(|why| {
            let listings = self.context.listings();
            let listings: Vec<&str> = listings.iter().map(String::as_str).collect();
            let new = file.strip_suffix(".rs").map(|place| format!("listing {place}"));
            let steps = || file.strip_suffix(".steps").map(|place| format!("explorer {place}"));
            let label = match new.or_else(steps) {
                Some(new) => near_or_new(file, &listings, &new),
                None => {
                    nearest(file, listings).map_or(why, |near| format!("did you mean `{near}`?"))
                }
            };
            Wrong::new(span, format!("no listing `{shown}`"), label)
        })
    }

    fn interleavings(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let arguments = self.arguments(directive, &[], &[], 1)?;
        let (file, span) = arguments.words[0].clone();
        let caption = caption(&arguments, directive)?;
        let shown = self.context.project.settings.listing(&file);
        let text = self.listing_text(&file, span.clone())?;
        // The mistake is in that file; what can be underlined here is its name.
        let program = interleavings::parse(&text).map_err(|wrong| {
            let before = &text[..wrong.span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Wrong::new(span, format!("{shown}:{line}:{column}: {}", wrong.title), wrong.label)
        })?;
        let endings = self.context.text(&Path::new(&shown).with_extension("endings.json"));
        let held_against = endings.ok().and_then(|text| interleavings::held_against(&text));
        Ok(Node::Interleavings(Interleavings { file: shown, caption, program, held_against }))
    }

    /// `atomics/litmus.toml`, or `atomics/litmus.toml:store_buffering`
    fn litmus(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let arguments = self.arguments(directive, &[], &[], 1)?;
        let (word, span) = arguments.words[0].clone();
        let (file, name) = match word.split_once(':') {
            Some((file, name)) => (file, Some(name)),
            None => (word.as_str(), None),
        };
        let shown = self.context.project.settings.listing(file);
        let text = self.listing_text(file, span.start..span.start + file.len())?;
        let beside = Path::new(&shown).with_extension("loom.json");
        let found = self.context.text(&beside).map_err(|why| {
            let title = format!("no findings `{}`", self.context.project.shown(&beside));
            Wrong::new(span.clone(), title, why)
        })?;
        // The mistake is in that file; what can be underlined here is its name.
        let there = |wrong: Wrong| {
            let (line, column) = place_of(&text, wrong.span.start);
            let title = format!("{shown}:{line}:{column}: {}", wrong.title);
            Wrong::new(span.clone(), title, wrong.label)
        };
        let tests = litmus::parse(&shown, &text, &found).map_err(there)?;
        self.experiment(&tests.experiment, span.clone()).map_err(|wrong| {
            there(Wrong::new(text.find("experiment").unwrap_or(0)..0, wrong.title, wrong.label))
        })?;
        if let Some(description) = self.context.description(&tests.experiment) {
            let missing = tests.variants().find(|(_, of)| description.arm(&of.arm).is_none());
            if let Some((_, of)) = missing {
                let title = format!("`{}` has no arm named `{}`", tests.experiment, of.arm);
                let at = text.find(of.arm.rsplit_once('_').unwrap_or_default().0).unwrap_or(0);
                return Err(there(Wrong::new(at..at, title, "an arm counts each test's trials")));
            }
        }
        if let Some(name) = name.filter(|name| tests.tests.iter().all(|test| test.name != *name)) {
            let names: Vec<&str> = tests.tests.iter().map(|test| test.name.as_str()).collect();
            let title = format!("`{shown}` has no test named `{name}`");
            let span = span.start + file.len() + 1..span.end;
            return Err(Wrong::new(span, title, suggestion(name, &names)));
        }
        Ok(Node::Litmus(Box::new(tests), name.map(str::to_string)))
    }

    /// `experiment.arm "Caption" serial=10`
    fn amdahl(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let arguments = self.arguments(directive, &[], &["serial"], 1)?;
        let (word, span) = arguments.words[0].clone();
        let Some((name, arm)) = word.split_once('.') else {
            let title = "which arm of which experiment?";
            return Err(Wrong::new(span, title, "like `hash_books.threads`"));
        };
        let experiment = self.experiment(name, span.start..span.start + name.len())?;
        let arm_span = span.start + name.len() + 1..span.end;
        if let Some(description) = self.context.description(&experiment) {
            let Some(found) = description.arm(arm) else {
                let names: Vec<&str> =
                    description.arms.iter().map(|arm| arm.name.as_str()).collect();
                let title = format!("`{experiment}` has no arm named `{arm}`");
                return Err(Wrong::new(arm_span, title, suggestion(arm, &names)));
            };
            if found.at.is_empty() || description.base.is_none() {
                let title = format!("`{arm}` was not measured over numbers of threads");
                return Err(Wrong::new(arm_span, title, "a law needs a base and an axis"));
            }
        }
        let mut serial = 10.0;
        for (_, value, span) in &arguments.options {
            serial =
                value.parse().ok().filter(|percent| (0.0..=50.0).contains(percent)).ok_or_else(
                    || {
                        let title = format!("`{value}` is no serial fraction");
                        Wrong::new(span.clone(), title, "in percent, from 0 to 50: `serial=10`")
                    },
                )?;
        }
        let caption = caption(&arguments, directive)?;
        Ok(Node::Amdahl(Amdahl { experiment, arm: arm.into(), caption, serial }))
    }

    fn output(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let arguments = self.arguments(directive, &[], &[], 1)?;
        let (name, span) = arguments.words[0].clone();
        Ok(Node::Output(self.experiment(&name, span)?))
    }

    fn figure(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let arguments = self.arguments(directive, &["neutral"], &FIGURE_OPTIONS, 2)?;
        let (name, span) = arguments.words[0].clone();
        let experiment = self.experiment(&name, span)?;
        let (word, span) = arguments.words[1].clone();
        let known = FIGURE_KINDS.iter().find(|(known, _)| *known == word);
        let kind = known.map(|(_, kind)| *kind).ok_or_else(|| {
            let names: Vec<&str> = FIGURE_KINDS.iter().map(|(name, _)| *name).collect();
            Wrong::new(span, format!("no kind of figure named `{word}`"), suggestion(&word, &names))
        })?;
        let options = self.options(&experiment, &arguments)?;
        self.law_can_be_drawn(&experiment, kind, &options, &arguments)?;
        self.caches_can_be_marked(&experiment, kind, &arguments)?;
        self.ceiling_was_measured(&experiment, kind, &options, &arguments)?;
        self.rates_are_of_bytes(&experiment, &options, &arguments)?;
        let text = caption(&arguments, directive)?;
        let standing = self.standing(&experiment, &text, &arguments, directive)?;
        Ok(Node::Figure { experiment, kind, caption: Caption { text, standing }, options })
    }

    /// A law goes through the points of a speedup, and of an arm that says what of it runs alone.
    fn law_can_be_drawn(
        &self,
        experiment: &str,
        kind: FigureKind,
        options: &Options,
        arguments: &Arguments,
    ) -> Result<(), Wrong> {
        let Some((_, _, span)) = arguments.options.iter().find(|(name, ..)| name == "law") else {
            return Ok(());
        };
        if kind != FigureKind::Speedup {
            let title = "a law is drawn through a speedup";
            return Err(Wrong::new(span.clone(), title, "`speedup` is the kind of figure for it"));
        }
        let Some(description) = self.context.description(experiment) else { return Ok(()) };
        let shown =
            |arm: &&lab::record::Arm| options.arms.is_empty() || options.arms.contains(&arm.name);
        match description.arms.iter().filter(shown).any(|arm| arm.serial.is_some()) {
            true => Ok(()),
            false => {
                let title = "no arm of this figure says what of it runs alone";
                Err(Wrong::new(span.clone(), title, "the example says it: `.serial(0.1)`"))
            }
        }
    }

    /// Caches have their places on an axis of bytes.
    fn caches_can_be_marked(
        &self,
        experiment: &str,
        kind: FigureKind,
        arguments: &Arguments,
    ) -> Result<(), Wrong> {
        let Some((_, _, span)) = arguments.options.iter().find(|(name, ..)| name == "marks") else {
            return Ok(());
        };
        let title = "caches are marked on an axis of bytes";
        if kind != FigureKind::Scaling {
            return Err(Wrong::new(span.clone(), title, "`scaling` is the kind of figure for it"));
        }
        let description = self.context.description(experiment);
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
        &self,
        experiment: &str,
        kind: FigureKind,
        options: &Options,
        arguments: &Arguments,
    ) -> Result<(), Wrong> {
        let asked = arguments.options.iter().find(|(name, ..)| name == "ceiling");
        let (Some(ceiling), Some((_, _, span))) = (&options.ceiling, asked) else { return Ok(()) };
        let wrong = |title: String, label: &str| Err(Wrong::new(span.clone(), title, label));
        if kind != FigureKind::Scaling {
            let label = "`speedup` draws the one it has without being asked";
            return wrong("a ceiling is asked for in a scaling".into(), label);
        }
        if !matches!(options.quantity, Quantity::Time | Quantity::Each | Quantity::Rate) {
            return wrong("a ceiling is one of times and rates".into(), "leave out `ceiling=`");
        }
        let Some(description) = self.context.description(experiment) else { return Ok(()) };
        match ceiling {
            Ceiling::Copies if options.quantity != Quantity::Time => {
                wrong("independent copies have their time alone".into(), "leave out `of=`")
            }
            Ceiling::Copies if !description.axis.as_ref().is_some_and(|axis| axis.ceiling) => {
                wrong(
                    format!("`{experiment}` measures no independent copies"),
                    "an arm of independent work can stand for them: `ceiling=apart@1`",
                )
            }
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
        &self,
        experiment: &str,
        options: &Options,
        arguments: &Arguments,
    ) -> Result<(), Wrong> {
        let of = arguments.options.iter().find(|(name, ..)| name == "of");
        let (Quantity::Rate, Some((_, _, span))) = (options.quantity, of) else { return Ok(()) };
        let Some(description) = self.context.description(experiment) else { return Ok(()) };
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
        &self,
        experiment: &str,
        caption: &str,
        arguments: &Arguments,
        directive: &Directive,
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
            .and_then(|claim| match self.context.description(experiment) {
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
            line: self.text[..directive.span.start].matches('\n').count() + 1,
        })))
    }

    fn table(&mut self, directive: &Directive) -> Result<Node, Wrong> {
        let arguments = self.arguments(directive, &[], &TABLE_OPTIONS, 1)?;
        let (name, span) = arguments.words[0].clone();
        let experiment = self.experiment(&name, span)?;
        let options = self.options(&experiment, &arguments)?;
        Ok(Node::Table { experiment, options })
    }

    fn options(&self, experiment: &str, arguments: &Arguments) -> Result<Options, Wrong> {
        let mut options = Options::default();
        for (name, value, span) in &arguments.options {
            match name.as_str() {
                "machine" => options.machine = Some(self.known_machine(value, span)?),
                "marks" => options.marks = Some(one_of("mark", &MARKS, value, span)?),
                "law" => options.law = Some(one_of("law", &LAWS, value, span)?),
                "scale" => options.scale = one_of("scale", &SCALES, value, span)?,
                "of" => {
                    options.quantity = one_of("quantity of a figure", &QUANTITIES, value, span)?
                }
                "columns" => {
                    for column in value.split(',') {
                        options.columns.push(one_of("column", &COLUMNS, column, span)?);
                    }
                }
                "at" => options.at = Some(whole_number(value, span)?),
                "base" => options.base = Some(self.known_arm(experiment, value, span)?),
                "ceiling" if value == "copies" => options.ceiling = Some(Ceiling::Copies),
                "ceiling" => {
                    let (arm, at) = match value.split_once('@') {
                        Some((arm, at)) => (arm, Some(whole_number(at, span)?)),
                        None => (value.as_str(), None),
                    };
                    let name = self.known_arm(experiment, arm, span)?;
                    options.ceiling = Some(Ceiling::Arm { name, at });
                }
                "arms" => {
                    for arm in value.split(',') {
                        options.arms.push(self.known_arm(experiment, arm, span)?);
                    }
                }
                _ => {}
            }
        }
        Ok(options)
    }

    fn known_machine(&self, name: &str, span: &Range<usize>) -> Result<String, Wrong> {
        let names: Vec<&str> = self.context.records.machines.keys().map(String::as_str).collect();
        if names.contains(&name) {
            return Ok(name.into());
        }
        let title = format!("no machine named `{name}`");
        Err(Wrong::new(span.clone(), title, suggestion(name, &names)))
    }

    fn known_arm(&self, experiment: &str, arm: &str, span: &Range<usize>) -> Result<String, Wrong> {
        let Some(description) = self.context.description(experiment) else { return Ok(arm.into()) };
        let again = arm == BASE_AGAIN && description.base.is_some();
        if description.arm(arm).is_some() || again {
            return Ok(arm.into());
        }
        let names: Vec<&str> = description.arms.iter().map(|arm| arm.name.as_str()).collect();
        let title = format!("`{experiment}` has no arm named `{arm}`");
        Err(Wrong::new(span.clone(), title, suggestion(arm, &names)))
    }

    /// Splits, and refuses what the directive does not know.
    fn arguments(
        &self,
        directive: &Directive,
        flags: &[&str],
        options: &[&str],
        words: usize,
    ) -> Result<Arguments, Wrong> {
        let found = arguments::split(self.text, directive.arguments.clone())?;
        if let Some((flag, span)) =
            found.flags.iter().find(|(flag, _)| !flags.contains(&flag.as_str()))
        {
            let title = format!("`{}` has no flag `+{flag}`", directive.name);
            return Err(Wrong::new(span.clone(), title, suggestion(flag, flags)));
        }
        let unknown = found.options.iter().find(|(name, ..)| !options.contains(&name.as_str()));
        if let Some((name, _, span)) = unknown {
            let title = format!("`{}` has no option `{name}=`", directive.name);
            return Err(Wrong::new(span.clone(), title, suggestion(name, options)));
        }
        if let Some((word, span)) = found.words.get(words) {
            let title = format!("`{}` does not take `{word}`", directive.name);
            return Err(Wrong::new(span.clone(), title, "a caption stands in double quotes"));
        }
        if found.words.len() < words {
            let expected = match directive.name.as_str() {
                "listing" => "like `{{#listing threads/word_count.rs:threads \"A thread each\"}}`",
                "interleavings" => {
                    "like `{{#interleavings shared_state/bank_race.steps \"Who goes next?\"}}`"
                }
                "litmus" => "like `{{#litmus atomics/litmus.toml:store_buffering}}`",
                "question" | "answer" => "its name is missing, like `{{#question waits}}`",
                "amdahl" => "like `{{#amdahl hash_books.threads \"What 16 cores would give\"}}`",
                "figure" => "like `{{#figure word_count bars \"Eight threads wait together\"}}`",
                name => {
                    return Err(Wrong::new(
                        directive.span.clone(),
                        format!("`{name}` of which experiment?"),
                        format!("like `{{{{#{name} word_count}}}}`"),
                    ));
                }
            };
            return Err(Wrong::new(directive.span.clone(), "something is missing here", expected));
        }
        Ok(found)
    }

    fn predict(&mut self, pieces: &[Piece]) -> Result<Node, Wrong> {
        let (first, rest) = pieces.split_first().expect("a block begins with what opens it");
        let open = &first.mark;
        let name = self.text[open.arguments.clone()].to_string();
        let experiment = self.experiment(&name, open.arguments.clone())?;
        if rest.iter().filter(|piece| piece.mark.name == "choice").count() < 2 {
            let label = "add `{{#choice CONDITION}}text{{#because}}why`";
            return Err(Wrong::new(
                open.span.clone(),
                "a prediction needs two choices or more",
                label,
            ));
        }
        let question = self.body(first);
        let mut choices = Vec::new();
        let mut rest = rest.iter().peekable();
        while let Some(piece) = rest.next() {
            if piece.mark.name != "choice" {
                self.wrong.push(syntax::out_of_place(&piece.mark));
                continue;
            }
            let because = rest.next_if(|next| next.mark.name == "because");
            choices.push(self.choice(&experiment, piece, because)?);
        }
        Ok(Node::Predict(Box::new(Predict { experiment, question, choices })))
    }

    fn choice(
        &mut self,
        experiment: &str,
        piece: &Piece,
        because: Option<&Piece>,
    ) -> Result<Choice, Wrong> {
        let arguments = &piece.mark.arguments;
        let condition = match &self.text[arguments.clone()] {
            "otherwise" => None,
            _ => Some(self.condition(experiment, arguments.clone())?),
        };
        let because = because.ok_or_else(|| {
            let label = "`{{#because}}` and an explanation are missing";
            Wrong::new(piece.mark.span.clone(), "this choice explains nothing", label)
        })?;
        Ok(Choice { condition, text: self.body(piece), because: self.body(because) })
    }

    /// A comparison, its names and units checked.
    fn condition(&self, experiment: &str, span: Range<usize>) -> Result<Claim, Wrong> {
        claim::parse(&self.text[span.clone()])
            .and_then(|claim| match self.context.description(experiment) {
                Some(description) => claim.check(description).map(|()| claim),
                None => Ok(claim),
            })
            .map_err(|wrong| moved(wrong, span.start))
    }

    fn claim(&mut self, pieces: &[Piece]) -> Result<Node, Wrong> {
        let (first, rest) = pieces.split_first().expect("a block begins with what opens it");
        let open = &first.mark;
        let (experiment, at) = self.experiment_before_colon(open)?;
        let text = self.text[at..open.arguments.end].trim().to_string();
        let claim = self.condition(&experiment, at..open.arguments.end)?;
        let again = rest.iter().skip(1).map(|piece| syntax::out_of_place(&piece.mark));
        self.wrong.extend(again);
        let holds = self.body(first);
        let otherwise = rest.first().map(|piece| self.body(piece));
        let line = self.text[..open.span.start].matches('\n').count() + 1;
        let node = ClaimNode { experiment, text, claim, holds, otherwise, line };
        Ok(Node::Claim(Box::new(node)))
    }

    fn body(&mut self, piece: &Piece) -> Body {
        let mut parts = self.parts(&piece.asked);
        let start = piece.body.start;
        for part in &mut parts {
            part.span = part.span.start - start..part.span.end - start;
        }
        Body { text: self.text[piece.body.clone()].to_string(), parts }
    }
}

/// Items of the file that stand above the excerpt of it, with the empty line below them.
fn with(
    file: &str,
    text: &str,
    code: &str,
    names: &str,
    span: &Range<usize>,
) -> Result<String, Wrong> {
    let items = Items::of(Path::new(file), text);
    let mut above = String::new();
    for name in names.split(',') {
        let item = items.text(name, text).ok_or_else(|| {
            let known: Vec<&str> = items.defined.iter().map(|item| item.name.as_str()).collect();
            Wrong::new(
                span.clone(),
                format!("`{file}` defines no `{name}`"),
                suggestion(name, &known),
            )
        })?;
        if code.contains(&item) {
            let title = format!("`{name}` is in this excerpt already");
            return Err(Wrong::new(span.clone(), title, "leave it out"));
        }
        // Constants stand close together.
        if item.contains('\n') && !above.is_empty() && !above.ends_with("\n\n") {
            above.push('\n');
        }
        above.push_str(&item);
        above.push_str(if item.contains('\n') { "\n\n" } else { "\n" });
    }
    Ok(above.trim_end().to_string() + "\n\n")
}

/// What a listing says of itself in its header.
fn runs_on_the_playground(text: &str) -> bool {
    let header = text.lines().take_while(|line| line.is_empty() || line.starts_with("//"));
    header
        .map(|line| line.trim_start_matches(['/', '!', ' ']))
        .any(|line| line == "Runs on the Playground.")
}

/// The message as a reader's compiler prints it: trybuild, which captures it, writes `$WORKSPACE/` for
/// the project's folder, `$RUST/` for the library's, and leaves most line numbers out.
fn as_printed(captured: &str) -> String {
    let without_number = |line: &str| match line.split_once(" |") {
        Some((number, rest)) if !number.is_empty() && number.trim().parse::<u32>().is_ok() => {
            format!("{} |{rest}", " ".repeat(number.len()))
        }
        _ => line.to_string(),
    };
    let plain = captured.replace("$WORKSPACE/", "").replace("$RUST/", "");
    plain.lines().map(without_number).collect::<Vec<_>>().join("\n")
}

/// A point of an axis.
fn whole_number(text: &str, span: &Range<usize>) -> Result<u64, Wrong> {
    text.parse().map_err(|_| {
        let title = format!("`{text}` is no point of an axis");
        Wrong::new(span.clone(), title, "a whole number")
    })
}

fn caption(arguments: &Arguments, directive: &Directive) -> Result<String, Wrong> {
    arguments.caption.clone().filter(|caption| !caption.trim().is_empty()).ok_or_else(|| {
        let label = "add it in double quotes: what the reader should see in it";
        Wrong::new(directive.span.clone(), "the caption is missing", label)
    })
}

/// Line and column, both from 1.
fn place_of(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn moved(mut wrong: Wrong, by: usize) -> Wrong {
    wrong.span = wrong.span.start + by..wrong.span.end + by;
    wrong
}

mod blocks;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
