//! Turns parsed chapters into pages: a pure function of chapters, listings and records.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lab::machine::Machine;
use lab::record::{Arm, Kind, Measurement, Record};
use lab::statistics::Estimate;
use pulldown_cmark::{Options as Markdown, Parser, html};

use crate::amdahl;
use crate::chapter::{
    self, Body, Caption, ClaimNode, Listing, MachineProperty, Node, Part, Predict, Standing,
};
use crate::claim::{Asked, Measured, Verdict};
use crate::context::Context;
use crate::exercise::page::Exercises;
use crate::expression::{Amount, Expression, Unit};
use crate::figures::units::{self, Shape};
use crate::groups;
use crate::highlight::{escape, rust};
use crate::instructor;
use crate::interleavings;
use crate::ledger::{self, Entry};
use crate::litmus;
use crate::message::{Problems, Source, counted};
use crate::plots;
use crate::python;
use crate::quotations;
use crate::records::{date, rustc};
use crate::tables;
use crate::way::{self, Ways};

/// A chapter as mdBook hands it over.
#[derive(Clone, Debug)]
pub struct Chapter {
    pub source: Source,
    /// `ch05-threads`: the page's name without ending.
    pub page: String,
    pub title: String,
    /// 5 of "5.", where the chapter has a number.
    pub number: Option<u32>,
    /// "Part II · Threads and shared memory", where it belongs to one.
    pub part: Option<String>,
}

/// An expanded chapter.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Markdown with HTML where directives stood.
    pub content: String,
    /// For each other machine: number of the place in the page, and its HTML.
    pub elsewhere: BTreeMap<String, BTreeMap<usize, String>>,
    /// Whole listings that the page offers to post, by path relative to `src/`.
    pub code: BTreeMap<String, String>,
}

/// Expands all chapters of a book, or says everything that is wrong with them.
pub fn expand(chapters: &[Chapter], context: &Context) -> Result<Vec<Page>, Problems> {
    let mut parsed = Vec::new();
    let mut problems = Vec::new();
    for chapter in chapters {
        match chapter::parse(&chapter.source, context) {
            Ok(parts) => parsed.push(parts),
            Err(Problems(found)) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        problems = way::check(chapters, &parsed);
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let ledger = ledger::entries(chapters, &parsed);
    let lessons = instructor::lessons(chapters, context);
    let exercises = Exercises::of(chapters, &parsed);
    let ways = Ways::of(chapters, &parsed);
    let collected =
        Collected { ledger: &ledger, lessons: &lessons, exercises: &exercises, ways: &ways };
    let expand = |(chapter, parts): (&Chapter, &Vec<Part>)| {
        Expansion::new(context, chapter, collected, parts).page(parts)
    };
    Ok(chapters.iter().zip(&parsed).map(expand).collect())
}

/// What is collected from all chapters for the pages that show it.
#[derive(Clone, Copy)]
struct Collected<'a> {
    ledger: &'a [Entry],
    lessons: &'a str,
    exercises: &'a Exercises,
    ways: &'a Ways,
}

struct Expansion<'a> {
    context: &'a Context<'a>,
    chapter: &'a Chapter,
    collected: Collected<'a>,
    page: Page,
    places: usize,
    listings: usize,
    /// A reader can hide what the page says of Python, because the page is about something else.
    python_aside: bool,
}

impl<'a> Expansion<'a> {
    fn new(
        context: &'a Context<'a>,
        chapter: &'a Chapter,
        collected: Collected<'a>,
        parts: &[Part],
    ) -> Expansion<'a> {
        let python_aside = !way::needs_of(parts).is_some_and(|needs| needs.python);
        let page = Page::default();
        Expansion { context, chapter, collected, page, places: 0, listings: 0, python_aside }
    }

    fn page(mut self, parts: &[Part]) -> Page {
        let text = &*self.chapter.source.text;
        let mut body = String::with_capacity(text.len() * 2);
        let mut at = 0;
        for part in parts {
            body.push_str(&text[at..part.span.start]);
            body.push_str(&self.part(&part.node));
            at = part.span.end;
        }
        body.push_str(&text[at..]);
        if self.places > 0 {
            self.page.content.push_str(&self.machine_line());
        }
        if let Some(part) = &self.chapter.part {
            self.page.content.push_str(&format!("<p class=\"eyebrow\">{}</p>\n\n", escape(part)));
        }
        let body = way::with_number(&body, self.chapter.number);
        let body = if self.python_aside { quotations::of_python(&body) } else { body };
        self.page.content.push_str(&quotations::for_instructors(&body));
        self.page.content.push_str(&self.collected.ways.leads(self.chapter.number));
        self.page
    }

    /// Whose numbers these are, said without a script; with one it becomes the selector.
    fn machine_line(&self) -> String {
        let page = escape(&self.chapter.page);
        let machine = self.context.records.machines.get(&self.context.machine);
        let (label, line) = match machine {
            Some(of) => (escape(&of.machine.label), escape(&of.line())),
            None => (escape(&self.context.machine), "nothing was measured there yet".into()),
        };
        format!(
            "<p class=\"machine-line\" data-page=\"{page}\">Numbers on this page are from \
             <strong>{label}</strong> <span class=\"line\">{line}</span></p>\n\n"
        )
    }

    fn part(&mut self, node: &Node) -> String {
        match node {
            Node::Given(text) => format!("<span class=\"given\">{}</span>", escape(text)),
            Node::Listing(listing) => self.listing(listing),
            Node::Output(example) => match self.demo(example) {
                Some(out) => format!("<div class=\"card\">{out}</div>"),
                None => not_run(example),
            },
            Node::Interleavings(explored) => interleavings::explorer(explored),
            Node::Litmus(tests, only) => {
                litmus::html(tests, only.as_deref(), &mut |element, html| self.place(element, html))
            }
            Node::Exercise(exercise) => {
                let code = exercise.playground_file().map(|text| {
                    let path = code_path(&exercise.file);
                    self.page.code.insert(path.clone(), text);
                    path
                });
                self.collected.exercises.block(&self.chapter.page, &exercise.name, code.as_deref())
            }
            Node::Solutions => self.collected.exercises.solutions(),
            Node::Diagram(diagram) => diagram.markdown(),
            Node::Lessons => self.collected.lessons.to_string(),
            Node::Needs(needs) => self.collected.ways.needs(needs),
            Node::Claims => {
                let entries = self.collected.ledger;
                let disagree = ledger::where_machines_disagree(entries, self.context);
                disagree
                    + &self.place("div", |context, machine| {
                        one_line(&ledger::on_machine(entries, context, machine))
                    })
            }
            Node::Machines => tables::machines(self.context),
            Node::Figure { options, .. } | Node::Table { options, .. }
                if options.machine.is_some() =>
            {
                on_machine(self.context, node, options.machine.as_deref().unwrap_or_default())
            }
            Node::Value { .. } | Node::MachineProperty(_) => self.everywhere("span", node),
            Node::Claim(_)
            | Node::Predict(_)
            | Node::Chooser(_)
            | Node::Amdahl(_)
            | Node::Figure { .. }
            | Node::Table { .. } => self.everywhere("div", node),
        }
    }

    /// A place whose content follows the selected machine.
    fn everywhere(&mut self, element: &str, node: &Node) -> String {
        let place = self.place(element, |context, machine| on_machine(context, node, machine));
        match self.python_beside(node) {
            true => place.replacen('>', " class=\"py-beside\">", 1),
            false => place,
        }
    }

    /// Whether Python's arms stand in a figure or table of others, and are fewer: then a reader can hide them.
    fn python_beside(&self, node: &Node) -> bool {
        let (Node::Figure { experiment, options, .. } | Node::Table { experiment, options }) = node
        else {
            return false;
        };
        let Some(description) = self.context.description(experiment) else { return false };
        let chosen = |arm: &&Arm| options.arms.is_empty() || options.arms.contains(&arm.name);
        let arms: Vec<&Arm> = description.arms.iter().filter(chosen).collect();
        let python = arms.iter().filter(|arm| arm.kind == Kind::Python).count();
        self.python_aside && python > 0 && 2 * python < arms.len()
    }

    fn place(&mut self, element: &str, html: impl Fn(&Context, &str) -> String) -> String {
        let place = self.places;
        self.places += 1;
        for machine in self.context.records.machines.keys() {
            if *machine != self.context.machine {
                let html = html(self.context, machine);
                self.page.elsewhere.entry(machine.clone()).or_default().insert(place, html);
            }
        }
        let here = html(self.context, &self.context.machine);
        format!("<{element} data-m=\"{place}\">{here}</{element}>")
    }

    fn listing(&mut self, listing: &Listing) -> String {
        self.listings += 1;
        let number = match self.chapter.number {
            Some(chapter) => format!("Listing {chapter}-{}", self.listings),
            None => "Listing".to_string(),
        };
        let file = escape(&listing.file);
        let ending = Path::new(&listing.file).extension().unwrap_or_default().to_string_lossy();
        let (language, code) = match &*ending {
            "rs" => ("rust", rust(&listing.code)),
            "py" => ("python", python::highlighted(&listing.code)),
            other => (other, escape(&listing.code)),
        };
        let below = match (&listing.output_of, &listing.error) {
            (Some(example), _) => self.demo(example).unwrap_or_else(|| not_run(example)),
            (None, Some(error)) => format!(
                "<div class=\"out error\"><p class=\"command\">The compiler answers:</p>{}</div>",
                pre(error, &format!("What the compiler says to {number}"))
            ),
            (None, None) => String::new(),
        };
        format!(
            "<figure class=\"listing\"{}><figcaption><span class=\"number\">{number}</span> {}</figcaption>\
             <div class=\"card\"><div class=\"bar\"><span class=\"file\">{file}</span>\
             <span class=\"grow\"></span><button type=\"button\" class=\"copy\" hidden></button>{}</div>\
             <pre tabindex=\"0\" aria-label=\"{number}, {file}\" role=\"region\"><code class=\"language-{language}\">{}</code></pre>{below}</div></figure>",
            self.abilities(listing),
            inline_code(&listing.caption),
            self.controls(listing),
            one_line(&code),
        )
    }

    /// What a page can do with a listing: run its example with these parameters, or post the file.
    fn abilities(&mut self, listing: &Listing) -> String {
        let mut html = String::new();
        if let Some(example) = &listing.example {
            html.push_str(&format!(" data-example=\"{}\"", escape(example)));
            let description = self.context.description(example);
            if let Some(of) = description.filter(|of| !of.parameters.is_empty()) {
                let parameters = serde_json::to_string(&of.parameters).unwrap_or_default();
                html.push_str(&format!(" data-parameters=\"{}\"", escape(&parameters)));
            }
        }
        if let Some(text) = &listing.playground {
            let path = code_path(&listing.file);
            html.push_str(&format!(" data-playground=\"{}\"", escape(&path)));
            self.page.code.insert(path, text.to_string());
        }
        html
    }

    /// Places for what a script offers; it fills them, so that no search finds their words.
    fn controls(&self, listing: &Listing) -> String {
        let mut html = String::new();
        if listing.playground.is_some() {
            html.push_str("<button type=\"button\" class=\"play with-script\"></button>");
        }
        if let Some(example) = &listing.example {
            let parameters = self.context.description(example).map_or(&[][..], |of| &of.parameters);
            for (name, _) in parameters {
                html.push_str(&format!(
                    "<select class=\"parameter with-script\" data-name=\"{0}\" aria-label=\"{0}\"></select>",
                    escape(name)
                ));
            }
            html.push_str("<button type=\"button\" class=\"run with-script\"></button>");
        }
        html
    }

    /// The demo's output and the command that prints it: of the listing as it is, if it was run
    /// anywhere; from the page's machine first.
    fn demo(&self, example: &str) -> Option<String> {
        let records = self.context.records;
        let usual = records.get(&self.context.machine, example);
        let others = records.machines.values().filter_map(|machine| machine.records.get(example));
        let seen: Vec<_> =
            usual.into_iter().chain(others).filter(|record| record.demo.is_some()).collect();
        let fresh = seen.iter().find(|record| !self.context.stale_output(record));
        let record = fresh.or(seen.first())?;
        let demo = record.demo.as_ref()?;
        let stale = match fresh.is_none() {
            true => "<p class=\"note stale\">Printed by an earlier version of this listing.</p>",
            false => "",
        };
        let stderr = match demo.stderr.trim_end() {
            "" => String::new(),
            text => pre(text, &format!("What {example} writes to stderr")),
        };
        let stdout = match demo.stdout.trim_end() {
            "" if !stderr.is_empty() => String::new(),
            text => pre(text, &format!("Output of {example}")),
        };
        Some(format!(
            "<div class=\"out\"><p class=\"command\"><code>{}</code></p>{stale}{stdout}{stderr}</div>",
            escape(&demo.command)
        ))
    }
}

fn not_run(example: &str) -> String {
    let command = match python::is_program(example) {
        true => python::command_line(example),
        false => format!("cargo run --release --example {example}"),
    };
    format!(
        "<div class=\"out\"><p class=\"note missing\">This demo was not run yet: \
         <code>cargo course build</code> runs it, <code>{}</code> too.</p></div>",
        escape(&command)
    )
}

fn pre(text: &str, label: &str) -> String {
    format!(
        "<pre tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</pre>",
        escape(label),
        one_line(&escape(text))
    )
}

/// Line ends as entities: a blank line would end the HTML block in Markdown.
pub(crate) fn one_line(html: &str) -> String {
    html.replace('\n', "&#10;")
}

/// Escaped text in which `code` between backticks becomes code.
pub(crate) fn inline_code(text: &str) -> String {
    let mut html = String::new();
    for (index, piece) in escape(text).split('`').enumerate() {
        match index % 2 {
            0 => html.push_str(piece),
            _ => html.push_str(&format!("<code>{piece}</code>")),
        }
    }
    html
}

/// The HTML of a node whose content depends on the machine.
pub(crate) fn on_machine(context: &Context, node: &Node, machine: &str) -> String {
    let Some(of) = context.records.machines.get(machine) else {
        return missing(node, "nothing was measured on this machine yet");
    };
    let measured = |experiment: &str| {
        let record = of.records.get(experiment)?;
        Some((record, record.measurement.as_ref()?))
    };
    let html = match node {
        Node::MachineProperty(property) => machine_property(*property, &of.machine),
        Node::Value { experiment, expression } => match measured(experiment) {
            Some((record, measurement)) => value(context, record, measurement, expression),
            None => missing(node, "not measured on this machine"),
        },
        Node::Claim(claim) => claim_box(context, claim, machine),
        Node::Predict(predict) => prediction(context, predict, machine),
        Node::Chooser(chooser) => chooser.html(context, machine),
        Node::Figure { experiment, kind, caption, options } => match of.records.get(experiment) {
            Some(record) => {
                let caption = caption_on(context, caption, machine);
                plots::figure(context, record, *kind, caption, options)
            }
            None => missing(node, &not_measured(experiment)),
        },
        Node::Table { experiment, options } => match measured(experiment) {
            Some((record, measurement)) => {
                tables::experiment(context, record, measurement, options)
            }
            None => missing(node, &not_measured(experiment)),
        },
        Node::Amdahl(asked) => match measured(&asked.experiment) {
            Some((record, measurement)) => amdahl::explorer(context, record, measurement, asked),
            None => missing(node, &not_measured(&asked.experiment)),
        },
        _ => String::new(),
    };
    one_line(&html)
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

fn not_measured(experiment: &str) -> String {
    format!(
        "{experiment} was not measured on this machine; `cargo course measure {experiment}` does"
    )
}

fn missing(node: &Node, why: &str) -> String {
    match node {
        Node::Value { .. } | Node::MachineProperty(_) => {
            format!("<span class=\"unmeasured\">{}</span>", inline_code(why))
        }
        _ => format!("<p class=\"unmeasured\">{}</p>", inline_code(why)),
    }
}

fn machine_property(property: MachineProperty, machine: &Machine) -> String {
    let text = match property {
        MachineProperty::Cores => Some(machine.cores.to_string()),
        MachineProperty::Cpu => machine.cpu.clone(),
        MachineProperty::Label => Some(machine.label.clone()),
        MachineProperty::Memory => machine.memory_bytes.map(|bytes| units::bytes(bytes as f64)),
        MachineProperty::System => machine.system.clone(),
    };
    let text = text.unwrap_or_else(|| "not exposed".into());
    format!("<span class=\"measured-machine\">{}</span>", escape(&text))
}

/// One value in prose, with what it was made from.
fn value(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    expression: &Expression,
) -> String {
    let value = match expression.evaluate(measurement, &record.machine) {
        Ok(value) => value,
        Err(absent) => {
            return format!("<span class=\"unmeasured\">{}</span>", escape(&absent.to_string()));
        }
    };
    let Some(estimate) = value.estimate() else {
        return "<span class=\"unmeasured\">no round was kept on this machine</span>".into();
    };
    if !estimate.median.is_finite() {
        return "<span class=\"unmeasured\">a division by nothing on this machine</span>".into();
    }
    let how = match &value.amount {
        Amount::Fixed(_) => match extreme(expression) {
            Some(word) => format!("the {word} of {}", counted(measurement.kept().count(), "round")),
            None => format!("all {}", counted(measurement.rounds.len(), "round")),
        },
        Amount::Rounds(values) => {
            let range = shown_range(value.unit, &estimate, expression);
            format!("median of {}, {range}", counted(values.len(), "round"))
        }
    };
    let median = shown(value.unit, estimate.median, &estimate, expression);
    let (text, how) = match groups::of_value(measurement, expression, &value, &record.machine) {
        Some(found) => {
            let show = |x: f64, of: &Estimate| shown(value.unit, x, of, expression);
            let (text, grouped) = found.in_prose(&median, show);
            (text, format!("{grouped} · {how}"))
        }
        None => (escape(&median), how),
    };
    let stale = context.stale_timing(record);
    format!(
        "<data class=\"measured{}\" value=\"{}\" tabindex=\"0\" data-from=\"{}\">{text}</data>",
        if stale { " stale" } else { "" },
        estimate.median,
        escape(&format!("{how} · {}", provenance(record, measurement, stale))),
    )
}

/// Which of an arm's samples is meant, where it is a single one.
fn extreme(expression: &Expression) -> Option<&'static str> {
    use crate::expression::{Function, Node as Of};
    match &expression.node {
        Of::Call(Function::Slowest, _) => Some("slowest"),
        Of::Call(Function::Fastest, _) => Some("fastest"),
        _ => None,
    }
}

/// "Intel Xeon, 2 cores, Linux · 22 Nov 2026 · rustc 1.95 · quick"
pub(crate) fn provenance(record: &Record, measurement: &Measurement, stale: bool) -> String {
    let mut text = format!(
        "{} · {} · {}",
        record.machine.label,
        date(&measurement.started),
        rustc(&measurement.toolchain)
    );
    for version in &measurement.interpreters {
        text.push_str(&format!(" · {}", interpreter(version)));
    }
    if measurement.quick() {
        text.push_str(" · measured quickly");
    }
    if stale {
        text.push_str(" · stale: the listing has changed since");
    }
    text
}

/// "Python 3.12.3" as the interpreter says it; "numpy 2.4.0", whose name is not in its version.
fn interpreter((name, version): &(String, String)) -> String {
    match version.contains(' ') {
        true => version.clone(),
        false => format!("{name} {version}"),
    }
}

/// A value with its unit, as it stands in prose, with the digits that its interval allows.
pub(crate) fn shown(unit: Unit, x: f64, of: &Estimate, expression: &Expression) -> String {
    let (shape, factor, word) = shape(unit, of, expression);
    match unit {
        Unit::Count if x.fract() == 0.0 && of.low == of.high => units::count(x as u64),
        _ => format!("{}{word}", shape.show(x * factor)),
    }
}

/// "43.9 to 44.6 ms"
fn shown_range(unit: Unit, of: &Estimate, expression: &Expression) -> String {
    let (shape, factor, word) = shape(unit, of, expression);
    format!("{}{word}", shape.range(of.low * factor, of.high * factor))
}

/// How values of this kind are written, by what they are multiplied, and what follows them.
fn shape(unit: Unit, of: &Estimate, expression: &Expression) -> (Shape, f64, &'static str) {
    use crate::expression::{Function, Node as Of};
    let times = |factor: f64| Estimate {
        low: of.low * factor,
        median: of.median * factor,
        high: of.high * factor,
    };
    match (unit, &expression.node) {
        (Unit::Time, _) => (Shape::duration(&times(1e9)), 1e9, ""),
        (Unit::Bytes, _) => (Shape::bytes(of), 1.0, ""),
        (Unit::Rate, _) => (Shape::rate(of), 1.0, ""),
        (Unit::Count, _) => (Shape::number(of), 1.0, ""),
        (Unit::Ratio, Of::Call(Function::Cpu, _)) if of.median < 0.5 => {
            (Shape::number(&times(100.0)), 100.0, " % of a core")
        }
        (Unit::Ratio, Of::Call(Function::Cpu, _)) => (Shape::number(of), 1.0, " cores"),
        (Unit::Ratio, _) if is_share(expression) => (Shape::number(&times(100.0)), 100.0, " %"),
        (Unit::Ratio, _) => (Shape::number(of), 1.0, " times"),
    }
}

/// A share of trials or of processor time, or a sum of such shares.
fn is_share(expression: &Expression) -> bool {
    use crate::expression::{Function, Node as Of, Operator};
    match &expression.node {
        Of::Call(Function::Share | Function::System, _) => true,
        Of::Binary(Operator::Add | Operator::Subtract, left, right) => {
            is_share(left) && is_share(right)
        }
        _ => false,
    }
}

/// What was measured for a claim, beside what it asks for: "7.57 times (7.54 to 7.62), at least 3 asked for".
pub(crate) fn measured_text(claim: &ClaimNode, measured: &Measured) -> String {
    let unit = measured.value.unit;
    let of = &measured.estimate;
    let (shape, factor, word) = match (unit, measured.counts) {
        // How many of all trials ended so.
        (Unit::Ratio, true) => {
            let percent =
                Estimate { low: of.low * 100.0, median: of.median * 100.0, high: of.high * 100.0 };
            (Shape::number(&percent), 100.0, " %")
        }
        _ => shape(unit, of, &claim.claim.left),
    };
    let value = match measured.value.amount {
        Amount::Fixed(x) if measured.counts && unit == Unit::Ratio => {
            format!("{}{word}", shape.show(x * factor))
        }
        Amount::Fixed(x) => shown(unit, x, of, &claim.claim.left),
        Amount::Rounds(_) => format!(
            "{}{word}{} ({} to {})",
            shape.show(of.median * factor),
            if measured.as_long { " as long" } else { "" },
            shape.bare(of.low * factor),
            shape.bare(of.high * factor)
        ),
    };
    // A threshold was typed, and is shown as it was.
    let typed = |x: f64| match unit {
        Unit::Time => units::typed_duration(x * 1e9),
        Unit::Bytes => units::bytes(x),
        Unit::Rate => units::rate(x),
        Unit::Ratio if word == " times" => units::typed(x),
        Unit::Ratio if word == " cores" && x == 1.0 => "1 core".into(),
        Unit::Ratio | Unit::Count => format!("{}{word}", units::typed(x * factor)),
    };
    let asked = match measured.asked {
        Asked::AtLeast(x) => format!("at least {} asked for", typed(x)),
        Asked::AtMost(x) => format!("at most {} asked for", typed(x)),
        Asked::More(x) => format!("more than {} asked for", typed(x)),
        Asked::Less(x) => format!("less than {} asked for", typed(x)),
        Asked::Above => "slower asked for".into(),
        Asked::Below => "faster asked for".into(),
        Asked::Between(low, high) => format!("{} to {} asked for", typed(low), typed(high)),
    };
    format!("{value}, {asked}")
}

fn claim_box(context: &Context, node: &ClaimNode, machine: &str) -> String {
    let judged = ledger::judge(context, node, machine);
    let body = match (&judged.verdict, &node.otherwise) {
        (Verdict::DoesNotHold, Some(otherwise)) => otherwise,
        _ => &node.holds,
    };
    let record = context.records.get(machine, &node.experiment);
    let stale = record.is_some_and(|record| context.stale_timing(record));
    let measured = match &judged.measured {
        Some(measured) => format!(
            " <span class=\"measured-ratio\">{}{}</span>",
            escape(&measured_text(node, measured)),
            if stale { " · stale: the listing has changed since" } else { "" }
        ),
        None => String::new(),
    };
    format!(
        "<div class=\"claim {}\"><p class=\"verdict\">{} {}{measured}</p>{}</div>",
        judged.verdict.class(),
        judged.verdict.sign(),
        escape(&judged.verdict.to_string()),
        body_html(context, body, machine)
    )
}

/// A question with its choices. The answer is folded; a script unfolds it when the reader has chosen.
fn prediction(context: &Context, predict: &Predict, machine: &str) -> String {
    let right = right_choice(context, predict, machine);
    let mut choices = String::new();
    for (number, choice) in predict.choices.iter().enumerate() {
        choices.push_str(&format!(
            "<label><input type=\"radio\" name=\"choice\" value=\"{number}\"><span>{}</span></label>",
            without_paragraph(&body_html(context, &choice.text, machine))
        ));
    }
    let answer = match right {
        Some(number) => format!(
            "<p class=\"right\" data-choice=\"{number}\">Here it is: <strong>{}</strong></p>",
            without_paragraph(&body_html(context, &predict.choices[number].text, machine))
        ),
        None => format!(
            "<p class=\"right\">{} was not measured on this machine, so that none of them can be called right \
             here.</p>",
            escape(&predict.experiment)
        ),
    };
    let because: String = predict
        .choices
        .iter()
        .enumerate()
        .map(|(number, choice)| {
            let text = body_html(context, &choice.text, machine);
            format!(
                "<div class=\"because\" data-choice=\"{number}\"><p class=\"about\">{}</p>{}</div>",
                without_paragraph(&text),
                body_html(context, &choice.because, machine)
            )
        })
        .collect();
    format!(
        "<form class=\"predict\" data-experiment=\"{}\"><fieldset><legend>Before you look</legend><div class=\"question\">{}</div>\
         {choices}</fieldset><details class=\"answer\"><summary>The answer</summary>{answer}{because}</details></form>",
        escape(&predict.experiment),
        body_html(context, &predict.question, machine)
    )
}

/// The first choice whose condition is met by the medians, or the one that is for otherwise.
fn right_choice(context: &Context, predict: &Predict, machine: &str) -> Option<usize> {
    let record = context.records.get(machine, &predict.experiment)?;
    let measurement = record.measurement.as_ref()?;
    for (number, choice) in predict.choices.iter().enumerate() {
        match &choice.condition {
            None => return Some(number),
            Some(condition) if condition.leans(measurement, &record.machine)? => {
                return Some(number);
            }
            Some(_) => {}
        }
    }
    None
}

pub(crate) fn without_paragraph(html: &str) -> &str {
    html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")).unwrap_or(html)
}

/// Markdown with its directives expanded for one machine, as HTML.
pub(crate) fn body_html(context: &Context, body: &Body, machine: &str) -> String {
    let mut text = String::new();
    let mut at = 0;
    for part in &body.parts {
        text.push_str(&body.text[at..part.span.start]);
        match &part.node {
            Node::Given(given) => {
                text.push_str(&format!("<span class=\"given\">{}</span>", escape(given)))
            }
            node => text.push_str(&on_machine(context, node, machine)),
        }
        at = part.span.end;
    }
    text.push_str(&body.text[at..]);
    let parser = Parser::new_ext(text.trim(), Markdown::ENABLE_SMART_PUNCTUATION);
    let mut out = String::new();
    html::push_html(&mut out, parser);
    links_to_pages(out.trim_end())
}

/// mdBook turns `x.md` into `x.html` in Markdown links; here the HTML is made already.
fn links_to_pages(html: &str) -> String {
    html.replace(".md\">", ".html\">").replace(".md#", ".html#")
}

/// Where a whole listing is kept for the page that offers it: `code/shared_state/bank_race.rs`.
fn code_path(file: &str) -> String {
    format!("code/{}", file.trim_start_matches("listings/"))
}

/// Where the other machines' places of a page are kept, relative to `src/`.
pub fn elsewhere_path(machine: &str, page: &str) -> PathBuf {
    Path::new("machines").join(machine).join(format!("{page}.json"))
}

#[cfg(test)]
mod tests;
