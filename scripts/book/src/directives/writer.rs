//! What a directive is shown with: the page so far, the records of every machine, and what is collected from all
//! chapters.

use lab::record::{Arm, Kind, Measurement, Record};
use maud::{Markup, PreEscaped, Render, html};
use pulldown_cmark::html::push_html;
use pulldown_cmark::{Options as Markdown, Parser};

use super::{ALL, Registered, named};
use crate::context::Context;
use crate::exercise::page::Exercises;
use crate::html::{Bodies, Element, inline_code};
use crate::ledger::Entry;
use crate::page::{Chapter, Page, code_path};
use crate::quotations;
use crate::records::MachineRecords;
use crate::tree::{Body, Options, Part};
use crate::way::{self, Ways};

/// What is collected from all chapters for the pages that show it.
#[derive(Clone, Copy)]
pub struct Collected<'a> {
    /// All claims, for the page that judges them on every machine.
    pub ledger: &'a [Entry],
    /// The chapters as lessons, for instructors.
    pub lessons: &'a Markup,
    /// All exercises, and the page of their solutions.
    pub exercises: &'a Exercises,
    /// Which chapter needs which.
    pub ways: &'a Ways,
}

/// One machine and its records.
pub struct Here<'a> {
    /// The project that the page belongs to.
    pub context: &'a Context<'a>,
    /// What is recorded of this machine.
    pub records: &'a MachineRecords,
    /// The name of its folder of records.
    pub machine: &'a str,
}

impl<'a> Here<'a> {
    /// What was measured of an experiment here.
    pub fn measured(&self, experiment: &str) -> Option<(&'a Record, &'a Measurement)> {
        let record = self.records.records.get(experiment)?;
        Some((record, record.measurement.as_ref()?))
    }
}

/// A page while its directives are written.
pub struct Writer<'a> {
    /// The project that the page belongs to.
    pub context: &'a Context<'a>,
    /// What the page is written from.
    pub chapter: &'a Chapter,
    /// What other chapters have for this page.
    pub collected: Collected<'a>,
    /// How each listing so far is called, by its file and anchor: "Listing 7-6".
    pub listings: Vec<(String, String)>,
    directives: &'a [&'static dyn Registered],
    page: Page,
    places: usize,
    /// A reader can hide what the page says of Python, because the page is about something else.
    python_aside: bool,
}

impl<'a> Writer<'a> {
    /// A page that nothing is written of yet. `directives`: those that a chapter may use.
    pub fn new(
        context: &'a Context<'a>,
        chapter: &'a Chapter,
        collected: Collected<'a>,
        directives: &'a [&'static dyn Registered],
    ) -> Writer<'a> {
        Writer {
            context,
            chapter,
            collected,
            listings: Vec::new(),
            directives,
            page: Page::default(),
            places: 0,
            python_aside: true,
        }
    }

    /// The page, with HTML in place of its parts.
    pub fn page(mut self, parts: &[Part]) -> Page {
        self.python_aside = !way::needs_of(parts).is_some_and(|needs| needs.python);
        let text = &*self.chapter.source.text;
        let mut body = String::with_capacity(text.len() * 2);
        let mut at = 0;
        for part in parts {
            body.push_str(&text[at..part.span.start]);
            if let Some(directive) = named(self.directives, part.node.directive()) {
                body.push_str(&directive.on_page(&part.node, &mut self).into_string());
            }
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

    /// Whether Python's arms stand in a figure or table of others, and are fewer: then a reader can hide them.
    pub fn python_beside(&self, experiment: &str, options: &Options) -> bool {
        let Some(description) = self.context.description(experiment) else { return false };
        let chosen = |arm: &&Arm| options.arms.is_empty() || options.arms.contains(&arm.name);
        let arms: Vec<&Arm> = description.arms.iter().filter(chosen).collect();
        let python = arms.iter().filter(|arm| arm.kind == Kind::Python).count();
        self.python_aside && python > 0 && 2 * python < arms.len()
    }

    /// A place whose content follows the selected machine.
    pub fn place(
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

    /// Keeps a file for the page that offers to post it, and says where.
    pub fn post(&mut self, file: &str, text: String) -> String {
        let path = code_path(&self.context.project.settings, file);
        self.page.code.insert(path.clone(), text);
        path
    }
}

/// In place of what needs a measurement of this experiment.
pub fn not_measured(experiment: &str) -> Markup {
    let why = format!(
        "{experiment} was not measured on this machine; `cargo course measure {experiment}` does"
    );
    html! { p.unmeasured { (inline_code(&why)) } }
}

/// In place of a value.
pub fn unmeasured(why: impl Render) -> Markup {
    html! { span.unmeasured { (why) } }
}

/// The directives in a body are expanded as those of a chapter are.
impl Bodies for Context<'_> {
    fn html(&self, body: &Body, machine: &str) -> Markup {
        let mut text = String::new();
        let mut at = 0;
        for part in &body.parts {
            text.push_str(&body.text[at..part.span.start]);
            if let Some(directive) = named(ALL, part.node.directive()) {
                text.push_str(&directive.in_body(&part.node, self, machine).into_string());
            }
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
