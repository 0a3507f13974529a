//! The claims ledger: every claim of the book, judged on every machine.

use maud::{Markup, html};

use crate::claim::{Judged, Verdict};
use crate::context::Context;
use crate::html::Bodies;
use crate::page::Chapter;
use crate::tree::{Chooser, ClaimNode, Figure, Part, Standing};
use crate::value::measured_in_words;

/// One claim and where it stands.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The page it is on, without ending: `ch05-threads`.
    pub page: String,
    /// The title of that chapter.
    pub chapter: String,
    /// The file of that chapter, relative to the project.
    pub file: String,
    /// The claim, with what is said where it holds and where it does not.
    pub node: ClaimNode,
    /// It is the caption of a figure.
    pub caption: bool,
}

/// All claims, in the book's order.
pub fn entries(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (chapter, parts) in chapters.iter().zip(parsed) {
        for (node, caption) in claims(parts) {
            entries.push(Entry {
                page: chapter.page.clone(),
                chapter: chapter.title.clone(),
                file: chapter.source.file.display().to_string(),
                node: node.clone(),
                caption,
            });
        }
    }
    entries
}

/// The claims of a chapter, those of its recommendations too, and captions that compare.
fn claims(parts: &[Part]) -> Vec<(&ClaimNode, bool)> {
    let mut found = Vec::new();
    for part in parts {
        if let Some(node) = part.node.get::<ClaimNode>() {
            found.push((node, false));
        }
        if let Some(Figure { caption, .. }) = part.node.get()
            && let Standing::Claim(node) = &caption.standing
        {
            found.push((&**node, true));
        }
        if let Some(chooser) = part.node.get::<Chooser>() {
            for recommendation in &chooser.recommendations {
                found.extend(claims(&recommendation.body.parts));
            }
        }
    }
    found
}

/// The verdict of one machine's record.
pub fn judge(context: &Context, node: &ClaimNode, machine: &str) -> Judged {
    let record = context.records.get(machine, &node.experiment);
    match record.and_then(|record| Some((record, record.measurement.as_ref()?))) {
        Some((record, measurement)) => node.claim.judge(measurement, &record.machine),
        None => Judged {
            verdict: Verdict::NotApplicable(format!("{} was not measured here", node.experiment)),
            measured: None,
        },
    }
}

/// The claims that one recorded machine confirms and another refutes, with what was measured on each: the same
/// whichever machine is chosen.
pub fn where_machines_disagree(
    entries: &[Entry],
    context: &Context,
    bodies: &dyn Bodies,
) -> Markup {
    let mut disagree = entries.iter().filter(|entry| disputed(entry, context)).peekable();
    html! {
        .ledger {
            h2 id="where-machines-disagree" { "Where machines disagree" }
            @if disagree.peek().is_none() {
                p { "Of the recorded machines, none refutes what another confirms." }
            }
            @for entry in disagree {
                article {
                    (sentence(entry, bodies, &context.machine, true))
                    @for (machine, records) in &context.records.machines {
                        (line(entry, context, machine, Some(&records.machine.label)))
                    }
                }
            }
        }
    }
}

/// Every claim by its chapter, with what was measured for it on one machine beside what it asks for, and how
/// many machines say what.
pub fn on_machine(
    entries: &[Entry],
    context: &Context,
    bodies: &dyn Bodies,
    machine: &str,
) -> Markup {
    if entries.is_empty() {
        return html! { p.unmeasured { "The book makes no claim yet." } };
    }
    let (judged, open): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| evaluated(entry, context));
    let block = |entry: &Entry, name_chapter: bool| {
        html! {
            article {
                (sentence(entry, bodies, machine, name_chapter))
                (line(entry, context, machine, None))
                (tally(entry, context))
            }
        }
    };
    html! {
        .ledger {
            @for of_chapter in judged.chunk_by(|one, next| one.chapter == next.chapter) {
                h2 id={ "of-" (of_chapter[0].page) } { (link(of_chapter[0])) }
                @for entry in of_chapter { (block(entry, false)) }
            }
            @if !open.is_empty() {
                h2 id="not-evaluated" { "Not evaluated on any machine yet" }
            }
            @for entry in open { (block(entry, true)) }
        }
    }
}

fn link(entry: &Entry) -> Markup {
    html! { a href={ (entry.page) ".html" } { (entry.chapter) } }
}

/// Whether any recorded machine can say something of it. What was never evaluated does not count as a claim.
pub fn evaluated(entry: &Entry, context: &Context) -> bool {
    let mut machines = context.records.machines.keys();
    machines.any(|machine| {
        !matches!(judge(context, &entry.node, machine).verdict, Verdict::NotApplicable(_))
    })
}

/// It holds on one machine, and does not on another.
fn disputed(entry: &Entry, context: &Context) -> bool {
    // What was measured of an earlier listing disagrees with itself, if at all.
    let machines =
        context.records.machines.keys().filter(|machine| !stale(entry, context, machine));
    let verdicts: Vec<Verdict> =
        machines.map(|machine| judge(context, &entry.node, machine).verdict).collect();
    verdicts.contains(&Verdict::Holds) && verdicts.contains(&Verdict::DoesNotHold)
}

/// Whether that machine was measured with an earlier version of the listing.
fn stale(entry: &Entry, context: &Context, machine: &str) -> bool {
    let record = context.records.get(machine, &entry.node.experiment);
    record.is_some_and(|record| record.measurement.is_some() && context.stale_timing(record))
}

/// What is claimed, and how that is tested.
fn sentence(entry: &Entry, bodies: &dyn Bodies, machine: &str, name_chapter: bool) -> Markup {
    html! {
        (bodies.html(&entry.node.holds, machine))
        p.test {
            @if name_chapter { (link(entry)) ": " }
            @if entry.caption { "caption of a figure: " }
            code { (entry.node.experiment) ": " (entry.node.text) }
        }
    }
}

/// The verdict of one machine, and what was measured there.
fn line(entry: &Entry, context: &Context, machine: &str, label: Option<&str>) -> Markup {
    let judged = judge(context, &entry.node, machine);
    let detail = match (&judged.verdict, &judged.measured) {
        (Verdict::NotApplicable(why), _) => why.clone(),
        (_, Some(measured)) => measured_in_words(&entry.node, measured),
        (_, None) => String::new(),
    };
    html! {
        p class={ "line " (judged.verdict.class()) } {
            b { (judged.verdict.sign()) " " (in_words(&judged.verdict)) }
            @if let Some(label) = label { " " (label) ":" }
            " " (detail)
            @if stale(entry, context, machine) { " · stale: the listing has changed since" }
        }
    }
}

fn in_words(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::DoesNotHold => "does not hold",
        Verdict::NotResolved => "not resolved",
        Verdict::NotApplicable(_) => "not applicable",
    }
}

/// "all machines: 3 ✓ 1 –", where there are several.
fn tally(entry: &Entry, context: &Context) -> Markup {
    let machines = context.records.machines.keys();
    let signs: Vec<&str> =
        machines.map(|machine| judge(context, &entry.node, machine).verdict.sign()).collect();
    let count = |sign: &str| signs.iter().filter(|said| **said == sign).count();
    let counts = ["✓", "✗", "?", "–"].map(|sign| (count(sign), sign));
    let said = counts.iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said.map(|(count, sign)| format!("{count} {sign}")).collect();
    html! {
        @if signs.len() > 1 { p.test { "all machines: " (said.join(" · ")) } }
    }
}
