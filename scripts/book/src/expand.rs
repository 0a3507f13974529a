//! Turns parsed chapters into pages: a pure function of chapters, listings and records.

use std::path::Path;

use lab::machine::Machine;
use lab::record::{Arm, Kind, Measurement, Record};
use lab::statistics::Estimate;
use maud::{Markup, PreEscaped, Render, html};
use pulldown_cmark::html::push_html;
use pulldown_cmark::{Options as Markdown, Parser};
use serde_json::json;

use crate::amdahl;
use crate::chapter;
use crate::claim::Verdict;
use crate::context::Context;
use crate::diagnostic::{Problems, counted};
use crate::exercise::page::Exercises;
use crate::expression::{Amount, Expression};
use crate::figures::units;
use crate::groups;
use crate::highlight::rust;
use crate::html::{Bodies, Code, Element, inline_code, one_line, pre};
use crate::instructor;
use crate::interleavings;
use crate::ledger::{self, Entry};
use crate::litmus;
use crate::page::{Chapter, Page, code_path};
use crate::plots;
use crate::python;
use crate::quotations;
use crate::records::MachineRecords;
use crate::since;
use crate::tables;
use crate::tree::{
    Body, Caption, ClaimNode, Listing, MachineProperty, Node, Part, Predict, Standing,
};
use crate::value::{extreme, measured_in_words, provenance, range_in_words, value_in_words};
use crate::way::{self, Ways};

/// What the chapters of a book ask for, or everything that is wrong with them.
pub fn resolve(chapters: &[Chapter], context: &Context) -> Result<Vec<Vec<Part>>, Problems> {
    let mut resolved = Vec::new();
    let mut problems = Vec::new();
    for chapter in chapters {
        match chapter::parse(&chapter.source, context) {
            Ok(parts) => resolved.push(parts),
            Err(Problems(found)) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        problems = way::check(chapters, &resolved);
    }
    if problems.is_empty() { Ok(resolved) } else { Err(Problems(problems)) }
}

/// Expands all chapters of a book, or says everything that is wrong with them.
pub fn expand(chapters: &[Chapter], context: &Context) -> Result<Vec<Page>, Problems> {
    let parsed = resolve(chapters, context)?;
    let ledger = ledger::entries(chapters, &parsed);
    let exercises = Exercises::of(chapters, &parsed);
    let lessons = instructor::lessons(chapters, &exercises);
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
    lessons: &'a Markup,
    exercises: &'a Exercises,
    ways: &'a Ways,
}

struct Expansion<'a> {
    context: &'a Context<'a>,
    chapter: &'a Chapter,
    collected: Collected<'a>,
    page: Page,
    places: usize,
    /// How each listing so far is called, by its file and anchor: "Listing 7-6".
    listings: Vec<(String, String)>,
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
        Expansion {
            context,
            chapter,
            collected,
            page,
            places: 0,
            listings: Vec::new(),
            python_aside,
        }
    }

    fn page(mut self, parts: &[Part]) -> Page {
        let text = &*self.chapter.source.text;
        let mut body = String::with_capacity(text.len() * 2);
        let mut at = 0;
        for part in parts {
            body.push_str(&text[at..part.span.start]);
            body.push_str(&self.part(&part.node).into_string());
            at = part.span.end;
        }
        body.push_str(&text[at..]);
        let before = html! {
            @if self.places > 0 { (self.machine_line()) "\n\n" }
            @if let Some(part) = &self.chapter.part { p.eyebrow { (part) } "\n\n" }
        };
        let body = way::with_number(&body, self.chapter.number);
        let body = if self.python_aside { quotations::of_python(&body) } else { body };
        let content = html! {
            (before)
            // The chapter's Markdown, in which HTML stands for directives.
            (PreEscaped(quotations::for_instructors(&body)))
            @if let Some(leads) = self.collected.ways.leads(self.chapter.number) {
                "\n\n" (leads) "\n"
            }
        };
        self.page.content = content.into_string();
        self.page
    }

    /// Whose numbers these are, said without a script; with one it becomes the selector.
    fn machine_line(&self) -> Markup {
        let records = self.context.records.machines.get(&self.context.machine);
        let label = records.map_or(&self.context.machine, |records| &records.machine.label);
        let line = records.map(MachineRecords::line);
        html! {
            p.machine-line data-page=(self.chapter.page) {
                "Numbers on this page are from " strong { (label) } " "
                span.line { (line.as_deref().unwrap_or("nothing was measured there yet")) }
            }
        }
    }

    fn part(&mut self, node: &Node) -> Markup {
        let collected = self.collected;
        match node {
            Node::Given(text) => given(text),
            Node::Listing(listing) => self.listing(listing),
            Node::Output(example) => match self.demo(example) {
                Some(output) => html! { .card { (output) } },
                None => not_run(self.context, example),
            },
            Node::Interleavings(explored) => interleavings::explorer(explored),
            Node::Litmus(tests, only) => {
                litmus::figures(tests, only.as_deref(), &mut |element, content| {
                    self.place(element, None, content)
                })
            }
            Node::Exercise(exercise) => {
                let code = exercise.playground_file().map(|text| self.post(&exercise.file, text));
                collected.exercises.block(&self.chapter.page, &exercise.name, code.as_deref())
            }
            Node::Solutions => collected.exercises.solutions(),
            Node::Diagram(diagram) => diagram.html(),
            Node::Lessons => collected.lessons.clone(),
            Node::Needs(needs) => collected.ways.needs(needs),
            Node::Claims => self.claims(),
            Node::Machines => tables::machines(self.context),
            Node::Figure { options, .. } | Node::Table { options, .. }
                if options.machine.is_some() =>
            {
                on_machine(self.context, node, options.machine.as_deref().unwrap_or_default())
            }
            Node::Value { .. } | Node::MachineProperty(_) => self.everywhere(Element::Span, node),
            Node::Claim(_)
            | Node::Predict(_)
            | Node::Chooser(_)
            | Node::Amdahl(_)
            | Node::Figure { .. }
            | Node::Table { .. } => self.everywhere(Element::Div, node),
        }
    }

    fn claims(&mut self) -> Markup {
        let entries = self.collected.ledger;
        let disagree = ledger::where_machines_disagree(entries, self.context, self.context);
        html! {
            (one_line(disagree)) "\n\n"
            (self.place(Element::Div, None, |context, machine| {
                one_line(ledger::on_machine(entries, context, context, machine))
            }))
        }
    }

    /// A place whose content follows the selected machine.
    fn everywhere(&mut self, element: Element, node: &Node) -> Markup {
        let class = self.python_beside(node).then_some("py-beside");
        self.place(element, class, |context, machine| on_machine(context, node, machine))
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

    fn place(
        &mut self,
        element: Element,
        class: Option<&str>,
        content: impl Fn(&Context, &str) -> Markup,
    ) -> Markup {
        let place = self.places;
        self.places += 1;
        for machine in self.context.records.machines.keys() {
            if *machine != self.context.machine {
                let there = content(self.context, machine).into_string();
                self.page.elsewhere.entry(machine.clone()).or_default().insert(place, there);
            }
        }
        element.place(place, class, content(self.context, &self.context.machine))
    }

    fn listing(&mut self, listing: &Listing) -> Markup {
        let number = match self.chapter.number {
            Some(chapter) => format!("Listing {chapter}-{}", self.listings.len() + 1),
            None => "Listing".to_string(),
        };
        let playground =
            listing.playground.as_ref().map(|text| self.post(&listing.file, text.to_string()));
        let parameters = self.parameters(listing);
        let known = (!parameters.is_empty()).then(|| json!(parameters));
        let ending = Path::new(&listing.file).extension().unwrap_or_default().to_string_lossy();
        let (language, colored) = match &*ending {
            "rs" => ("rust", rust(&listing.code)),
            "py" => ("python", python::highlighted(&listing.code)),
            other => (other, html! { (listing.code) }),
        };
        let colored = match &listing.since {
            Some(since) => since::marked(colored, &since.news.runs),
            None => colored,
        };
        let since = listing.since.as_ref().map(|since| self.called(&since.name).to_string());
        let called = match self.chapter.number {
            Some(_) => number.clone(),
            None => format!("“{}”", listing.caption),
        };
        self.listings.push((listing.name.clone(), called));
        let label = format!("{number}, {}", listing.file);
        let code = Code { file: &listing.file, language, label, code: colored };
        html! {
            figure.listing data-example=[&listing.example] data-parameters=[known]
                data-playground=[playground] {
                figcaption {
                    span.number { (number) } " " (inline_code(&listing.caption))
                    // It looks like the marks that it explains.
                    @if let Some(since) = since { " " span.since { "new since " (inline_code(&since)) } }
                }
                (code.card(controls(listing, parameters), self.below(listing, &number)))
            }
        }
    }

    /// How a listing further up is called.
    fn called(&self, name: &str) -> &str {
        let listing = self.listings.iter().rev().find(|(above, _)| above == name);
        listing.map_or("", |(_, called)| called)
    }

    /// The parameters that the example of a listing takes.
    fn parameters(&self, listing: &Listing) -> &'a [(String, Vec<String>)] {
        let example = listing.example.as_ref();
        let description = example.and_then(|example| self.context.description(example));
        description.map_or(&[], |description| &description.parameters)
    }

    /// What a listing prints, or what the compiler says to it.
    fn below(&self, listing: &Listing, number: &str) -> Markup {
        match (&listing.output_of, &listing.error) {
            (Some(example), _) => {
                self.demo(example).unwrap_or_else(|| not_run(self.context, example))
            }
            (None, Some(error)) => html! {
                .out.error {
                    p.command { "The compiler answers:" }
                    (pre(error, &format!("What the compiler says to {number}")))
                }
            },
            (None, None) => html! {},
        }
    }

    /// Keeps a file for the page that offers to post it, and says where.
    fn post(&mut self, file: &str, text: String) -> String {
        let path = code_path(&self.context.project.settings, file);
        self.page.code.insert(path.clone(), text);
        path
    }

    /// The demo's output and the command that prints it: of the listing as it is, if it was run
    /// anywhere; from the page's machine first.
    fn demo(&self, example: &str) -> Option<Markup> {
        let records = self.context.records;
        let usual = records.get(&self.context.machine, example);
        let others = records.machines.values().filter_map(|machine| machine.records.get(example));
        let seen: Vec<_> =
            usual.into_iter().chain(others).filter(|record| record.demo.is_some()).collect();
        let fresh = seen.iter().find(|record| !self.context.stale_output(record));
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
}

fn given(text: &str) -> Markup {
    html! { span.given { (text) } }
}

/// Places for what a script offers; it fills them, so that no search finds their words.
fn controls(listing: &Listing, parameters: &[(String, Vec<String>)]) -> Markup {
    html! {
        @if listing.playground.is_some() { button.play.with-script type="button" {} }
        @if listing.example.is_some() {
            @for (name, _) in parameters {
                select.parameter.with-script data-name=(name) aria-label=(name) {}
            }
            button.run.with-script type="button" {}
        }
    }
}

fn not_run(context: &Context, example: &str) -> Markup {
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

/// The HTML of a node whose content depends on the machine.
fn on_machine(context: &Context, node: &Node, machine: &str) -> Markup {
    let Some(records) = context.records.machines.get(machine) else {
        return missing(node, "nothing was measured on this machine yet");
    };
    let measured = |experiment: &str| {
        let record = records.records.get(experiment)?;
        Some((record, record.measurement.as_ref()?))
    };
    one_line(match node {
        Node::MachineProperty(property) => machine_property(*property, &records.machine),
        Node::Value { experiment, expression } => match measured(experiment) {
            Some((record, measurement)) => value(context, record, measurement, expression),
            None => missing(node, "not measured on this machine"),
        },
        Node::Claim(claim) => claim_box(context, claim, machine),
        Node::Predict(predict) => prediction(context, predict, machine),
        Node::Chooser(chooser) => chooser.html(context, machine),
        Node::Figure { experiment, kind, caption, options } => {
            match records.records.get(experiment) {
                Some(record) => {
                    let caption = caption_on(context, caption, machine);
                    plots::figure(context, record, *kind, caption, options)
                }
                None => missing(node, &not_measured(experiment)),
            }
        }
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
        _ => html! {},
    })
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

fn missing(node: &Node, why: &str) -> Markup {
    match node {
        Node::Value { .. } | Node::MachineProperty(_) => unmeasured(inline_code(why)),
        _ => html! { p.unmeasured { (inline_code(why)) } },
    }
}

/// In place of a value.
fn unmeasured(why: impl Render) -> Markup {
    html! { span.unmeasured { (why) } }
}

fn machine_property(property: MachineProperty, machine: &Machine) -> Markup {
    let text = match property {
        MachineProperty::Cores => Some(machine.cores.to_string()),
        MachineProperty::Cpu => machine.cpu.clone(),
        MachineProperty::Label => Some(machine.label.clone()),
        MachineProperty::Memory => machine.memory_bytes.map(|bytes| units::bytes(bytes as f64)),
        MachineProperty::System => machine.system.clone(),
    };
    let text = text.unwrap_or_else(|| "not exposed".into());
    html! { span.measured-machine { (text) } }
}

/// One value in prose, with what it was made from.
fn value(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    expression: &Expression,
) -> Markup {
    let value = match expression.evaluate(measurement, &record.machine) {
        Ok(value) => value,
        Err(absent) => return unmeasured(absent.to_string()),
    };
    let Some(estimate) = value.estimate() else {
        return unmeasured("no round was kept on this machine");
    };
    if !estimate.median.is_finite() {
        return unmeasured("a division by nothing on this machine");
    }
    let how = match &value.amount {
        Amount::Fixed(_) => match extreme(expression) {
            Some(word) => format!("the {word} of {}", counted(measurement.kept().count(), "round")),
            None => format!("all {}", counted(measurement.rounds.len(), "round")),
        },
        Amount::Rounds(values) => {
            let range = range_in_words(value.unit, &estimate, expression);
            format!("median of {}, {range}", counted(values.len(), "round"))
        }
    };
    let median = value_in_words(value.unit, estimate.median, &estimate, expression);
    let (text, how) = match groups::of_value(measurement, expression, &value, &record.machine) {
        Some(found) => {
            let show = |x: f64, group: &Estimate| value_in_words(value.unit, x, group, expression);
            let explained = context.project.settings.two_groups.as_deref();
            let (text, grouped) = found.in_prose(explained, &median, show);
            (text, format!("{grouped} · {how}"))
        }
        None => (html! { (median) }, how),
    };
    let stale = context.stale_timing(record);
    let from = format!("{how} · {}", provenance(record, measurement, stale));
    html! {
        data.measured.stale[stale] value=(estimate.median) tabindex="0" data-from=(from) { (text) }
    }
}

fn claim_box(context: &Context, node: &ClaimNode, machine: &str) -> Markup {
    let judged = ledger::judge(context, node, machine);
    let body = match (&judged.verdict, &node.otherwise) {
        (Verdict::DoesNotHold, Some(otherwise)) => otherwise,
        _ => &node.holds,
    };
    let record = context.records.get(machine, &node.experiment);
    let stale = record.is_some_and(|record| context.stale_timing(record));
    html! {
        div class={ "claim " (judged.verdict.class()) } {
            p.verdict {
                (judged.verdict.sign()) " " (judged.verdict)
                @if let Some(measured) = &judged.measured {
                    " "
                    span.measured-ratio {
                        (measured_in_words(node, measured))
                        @if stale { " · stale: the listing has changed since" }
                    }
                }
            }
            (context.html(body, machine))
        }
    }
}

/// A question with its choices. The answer is folded; a script unfolds it when the reader has chosen.
fn prediction(context: &Context, predict: &Predict, machine: &str) -> Markup {
    html! {
        form.predict data-experiment=(predict.experiment) {
            fieldset {
                legend { "Before you look" }
                .question { (context.html(&predict.question, machine)) }
                @for (number, choice) in predict.choices.iter().enumerate() {
                    label {
                        input type="radio" name="choice" value=(number);
                        span { (context.inline(&choice.text, machine)) }
                    }
                }
            }
            details.answer {
                summary { "The answer" }
                (right_answer(context, predict, machine))
                @for (number, choice) in predict.choices.iter().enumerate() {
                    .because data-choice=(number) {
                        p.about { (context.inline(&choice.text, machine)) }
                        (context.html(&choice.because, machine))
                    }
                }
            }
        }
    }
}

fn right_answer(context: &Context, predict: &Predict, machine: &str) -> Markup {
    let right = right_choice(context, predict, machine);
    html! {
        p.right data-choice=[right] {
            @if let Some(number) = right {
                "Here it is: "
                strong { (context.inline(&predict.choices[number].text, machine)) }
            } @else {
                (predict.experiment)
                " was not measured on this machine, so that none of them can be called right here."
            }
        }
    }
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

/// The directives in a body are expanded as those of a chapter are.
impl Bodies for Context<'_> {
    fn html(&self, body: &Body, machine: &str) -> Markup {
        let mut text = String::new();
        let mut at = 0;
        for part in &body.parts {
            text.push_str(&body.text[at..part.span.start]);
            let part_html = match &part.node {
                Node::Given(text) => given(text),
                node => on_machine(self, node, machine),
            };
            text.push_str(&part_html.into_string());
            at = part.span.end;
        }
        text.push_str(&body.text[at..]);
        let parser = Parser::new_ext(text.trim(), Markdown::ENABLE_SMART_PUNCTUATION);
        let mut out = String::new();
        push_html(&mut out, parser);
        // HTML that was made of the author's Markdown.
        PreEscaped(links_to_pages(out.trim_end()))
    }
}

/// mdBook turns `x.md` into `x.html` in Markdown links; here the HTML is made already.
fn links_to_pages(html: &str) -> String {
    html.replace(".md\">", ".html\">").replace(".md#", ".html#")
}

#[cfg(test)]
mod tests;
