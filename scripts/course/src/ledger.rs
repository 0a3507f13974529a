//! The claims ledger: every claim of the book, judged on every machine.

use crate::claim::{Judged, Verdict};
use crate::context::Context;
use crate::highlight::escape;
use crate::html::Bodies;
use crate::page::Chapter;
use crate::tree::{ClaimNode, Node, Part, Standing};
use crate::value::measured_text;

/// One claim and where it stands.
#[derive(Clone, Debug)]
pub struct Entry {
    pub page: String,
    pub chapter: String,
    pub file: String,
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
        match &part.node {
            Node::Claim(node) => found.push((&**node, false)),
            Node::Figure { caption, .. } => {
                if let Standing::Claim(node) = &caption.standing {
                    found.push((&**node, true));
                }
            }
            Node::Chooser(chooser) => {
                for recommendation in &chooser.recommendations {
                    found.extend(claims(&recommendation.body.parts));
                }
            }
            _ => {}
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
) -> String {
    let mut html =
        "<div class=\"ledger\"><h2 id=\"where-machines-disagree\">Where machines disagree</h2>"
            .to_string();
    let disagree: Vec<&Entry> = entries.iter().filter(|entry| disputed(entry, context)).collect();
    if disagree.is_empty() {
        html.push_str("<p>Of the recorded machines, none refutes what another confirms.</p>");
    }
    for entry in disagree {
        html.push_str(&format!("<article>{}", sentence(entry, bodies, &context.machine, true)));
        for (machine, of) in &context.records.machines {
            html.push_str(&line(entry, context, machine, Some(&of.machine.label)));
        }
        html.push_str("</article>");
    }
    (html + "</div>\n\n").replace('\n', " ") + "\n\n"
}

/// Every claim by its chapter, with what was measured for it on one machine beside what it asks for, and how
/// many machines say what.
pub fn on_machine(
    entries: &[Entry],
    context: &Context,
    bodies: &dyn Bodies,
    machine: &str,
) -> String {
    if entries.is_empty() {
        return "<p class=\"unmeasured\">The book makes no claim yet.</p>".into();
    }
    let mut html = "<div class=\"ledger\">".to_string();
    let block = |entry: &Entry, name_chapter: bool| {
        let sentence = sentence(entry, bodies, machine, name_chapter);
        let line = line(entry, context, machine, None);
        format!("<article>{sentence}{line}{}</article>", tally(entry, context))
    };
    let mut chapter = "";
    for entry in entries.iter().filter(|entry| evaluated(entry, context)) {
        if entry.chapter != chapter {
            chapter = &entry.chapter;
            html.push_str(&format!(
                "<h2 id=\"of-{}\"><a href=\"{0}.html\">{}</a></h2>",
                escape(&entry.page),
                escape(chapter)
            ));
        }
        html.push_str(&block(entry, false));
    }
    let open: Vec<&Entry> = entries.iter().filter(|entry| !evaluated(entry, context)).collect();
    if !open.is_empty() {
        html.push_str("<h2 id=\"not-evaluated\">Not evaluated on any machine yet</h2>");
    }
    for entry in open {
        html.push_str(&block(entry, true));
    }
    html + "</div>"
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
fn sentence(entry: &Entry, bodies: &dyn Bodies, machine: &str, name_chapter: bool) -> String {
    let mut html = bodies.html(&entry.node.holds, machine) + "<p class=\"test\">";
    if name_chapter {
        html.push_str(&format!(
            "<a href=\"{}.html\">{}</a>: ",
            escape(&entry.page),
            escape(&entry.chapter)
        ));
    }
    if entry.caption {
        html.push_str("caption of a figure: ");
    }
    html + &format!(
        "<code>{}: {}</code></p>",
        escape(&entry.node.experiment),
        escape(&entry.node.text)
    )
}

/// The verdict of one machine, and what was measured there.
fn line(entry: &Entry, context: &Context, machine: &str, label: Option<&str>) -> String {
    let judged = judge(context, &entry.node, machine);
    let detail = match (&judged.verdict, &judged.measured) {
        (Verdict::NotApplicable(why), _) => why.clone(),
        (_, Some(measured)) => measured_text(&entry.node, measured),
        (_, None) => String::new(),
    };
    let old = if stale(entry, context, machine) {
        " · stale: the listing has changed since"
    } else {
        ""
    };
    let on = label.map_or_else(String::new, |label| format!(" {}:", escape(label)));
    format!(
        "<p class=\"line {}\"><b>{} {}</b>{on} {}{old}</p>",
        judged.verdict.class(),
        judged.verdict.sign(),
        word(&judged.verdict),
        escape(&detail)
    )
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::DoesNotHold => "does not hold",
        Verdict::NotResolved => "not resolved",
        Verdict::NotApplicable(_) => "not applicable",
    }
}

/// "all machines: 3 ✓ 1 –", where there are several.
fn tally(entry: &Entry, context: &Context) -> String {
    let machines = context.records.machines.keys();
    let mut counts: Vec<(&str, usize)> = ["✓", "✗", "?", "–"].map(|sign| (sign, 0)).into();
    for machine in machines {
        let sign = judge(context, &entry.node, machine).verdict.sign();
        counts.iter_mut().filter(|(known, _)| *known == sign).for_each(|(_, count)| *count += 1);
    }
    if context.records.machines.len() < 2 {
        return String::new();
    }
    let said = counts.iter().filter(|(_, count)| *count > 0);
    let said: Vec<String> = said.map(|(sign, count)| format!("{count} {sign}")).collect();
    format!("<p class=\"test\">all machines: {}</p>", said.join(" · "))
}
