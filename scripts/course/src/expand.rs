//! Turns parsed chapters into pages: a pure function of chapters, listings and records.

use std::path::Path;

use lab::machine::Machine;
use lab::record::{Arm, Kind, Measurement, Record};
use lab::statistics::Estimate;
use maud::{Markup, PreEscaped};
use pulldown_cmark::{Options as Markdown, Parser, html};

use crate::amdahl;
use crate::chapter;
use crate::claim::Verdict;
use crate::context::Context;
use crate::diagnostic::{Problems, counted};
use crate::exercise::page::Exercises;
use crate::expression::{Amount, Expression};
use crate::figures::units;
use crate::groups;
use crate::highlight::{escape, rust};
use crate::html::{Bodies, inline_code, one_line, pre, without_paragraph};
use crate::instructor;
use crate::interleavings;
use crate::ledger::{self, Entry};
use crate::litmus;
use crate::page::{Chapter, Page, code_path};
use crate::plots;
use crate::python;
use crate::quotations;
use crate::tables;
use crate::tree::{
    Body, Caption, ClaimNode, Listing, MachineProperty, Node, Part, Predict, Standing,
};
use crate::value::{extreme, measured_text, provenance, shown, shown_range};
use crate::way::{self, Ways};

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
        if let Some(leads) = self.collected.ways.leads(self.chapter.number) {
            self.page.content.push_str(&format!("\n\n{}\n", leads.into_string()));
        }
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
            Node::Interleavings(explored) => interleavings::explorer(explored).into_string(),
            Node::Litmus(tests, only) => {
                let place = &mut |element: &str, html: &dyn Fn(&Context, &str) -> Markup| {
                    PreEscaped(self.place(element, |on, machine| html(on, machine).into_string()))
                };
                litmus::figures(tests, only.as_deref(), place).into_string()
            }
            Node::Exercise(exercise) => {
                let code = exercise.playground_file().map(|text| {
                    let path = code_path(&exercise.file);
                    self.page.code.insert(path.clone(), text);
                    path
                });
                let Collected { exercises, .. } = self.collected;
                exercises.block(&self.chapter.page, &exercise.name, code.as_deref()).into_string()
            }
            Node::Solutions => self.collected.exercises.solutions().into_string(),
            Node::Diagram(diagram) => diagram.markdown(),
            Node::Lessons => self.collected.lessons.0.clone(),
            Node::Needs(needs) => self.collected.ways.needs(needs).into_string(),
            Node::Claims => {
                let entries = self.collected.ledger;
                let disagree = ledger::where_machines_disagree(entries, self.context, self.context);
                // On one line, because a blank one would end the HTML.
                let disagree = disagree.into_string().replace('\n', " ");
                let judged = self.place("div", |context, machine| {
                    one_line(&ledger::on_machine(entries, context, context, machine).into_string())
                });
                disagree + "\n\n" + &judged
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

/// The HTML of a node whose content depends on the machine.
fn on_machine(context: &Context, node: &Node, machine: &str) -> String {
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
        Node::Chooser(chooser) => chooser.html(context, machine).into_string(),
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
            Some((record, measurement)) => {
                amdahl::explorer(context, record, measurement, asked).into_string()
            }
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
        context.html(body, machine)
    )
}

/// A question with its choices. The answer is folded; a script unfolds it when the reader has chosen.
fn prediction(context: &Context, predict: &Predict, machine: &str) -> String {
    let right = right_choice(context, predict, machine);
    let mut choices = String::new();
    for (number, choice) in predict.choices.iter().enumerate() {
        choices.push_str(&format!(
            "<label><input type=\"radio\" name=\"choice\" value=\"{number}\"><span>{}</span></label>",
            without_paragraph(&context.html(&choice.text, machine))
        ));
    }
    let answer = match right {
        Some(number) => format!(
            "<p class=\"right\" data-choice=\"{number}\">Here it is: <strong>{}</strong></p>",
            without_paragraph(&context.html(&predict.choices[number].text, machine))
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
            let text = context.html(&choice.text, machine);
            format!(
                "<div class=\"because\" data-choice=\"{number}\"><p class=\"about\">{}</p>{}</div>",
                without_paragraph(&text),
                context.html(&choice.because, machine)
            )
        })
        .collect();
    format!(
        "<form class=\"predict\" data-experiment=\"{}\"><fieldset><legend>Before you look</legend><div class=\"question\">{}</div>\
         {choices}</fieldset><details class=\"answer\"><summary>The answer</summary>{answer}{because}</details></form>",
        escape(&predict.experiment),
        context.html(&predict.question, machine)
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

/// The directives in a body are expanded as those of a chapter are.
impl Bodies for Context<'_> {
    fn html(&self, body: &Body, machine: &str) -> String {
        let mut text = String::new();
        let mut at = 0;
        for part in &body.parts {
            text.push_str(&body.text[at..part.span.start]);
            match &part.node {
                Node::Given(given) => {
                    text.push_str(&format!("<span class=\"given\">{}</span>", escape(given)))
                }
                node => text.push_str(&on_machine(self, node, machine)),
            }
            at = part.span.end;
        }
        text.push_str(&body.text[at..]);
        let parser = Parser::new_ext(text.trim(), Markdown::ENABLE_SMART_PUNCTUATION);
        let mut out = String::new();
        html::push_html(&mut out, parser);
        links_to_pages(out.trim_end())
    }
}

/// mdBook turns `x.md` into `x.html` in Markdown links; here the HTML is made already.
fn links_to_pages(html: &str) -> String {
    html.replace(".md\">", ".html\">").replace(".md#", ".html#")
}

#[cfg(test)]
mod tests;
