//! The claims ledger: every claim of the book, judged on every machine.

use crate::chapter::{ClaimNode, Node, Part, Standing};
use crate::claim::{Judged, Verdict};
use crate::context::Context;
use crate::expand::{Chapter, body_html, measured_text};
use crate::highlight::escape;

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

/// The page *Claims*: first where recorded machines disagree, then every claim by its chapter, each with what
/// was measured on every machine beside what it asks for.
pub fn page(entries: &[Entry], context: &Context) -> String {
    if entries.is_empty() {
        return "<p class=\"unmeasured\">The book makes no claim yet.</p>".into();
    }
    let names: String = context
        .records
        .machines
        .iter()
        .map(|(name, of)| {
            format!("<option value=\"{}\">{}</option>", escape(name), escape(&of.machine.label))
        })
        .collect();
    let mut html = format!(
        "<div class=\"ledger\"><p class=\"with-script choose\"><label>Verdicts of <select>\
         <option value=\"\">every machine</option>{names}</select></label></p>"
    );
    let disagree: Vec<&Entry> =
        entries.iter().filter(|entry| machines_disagree(entry, context)).collect();
    html.push_str("<h2 id=\"where-machines-disagree\">Where machines disagree</h2>");
    if disagree.is_empty() {
        html.push_str("<p>Of the recorded machines, none refutes what another confirms.</p>");
    }
    for entry in &disagree {
        html.push_str(&block(entry, context, true));
    }
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
        html.push_str(&block(entry, context, false));
    }
    let open: Vec<&Entry> = entries.iter().filter(|entry| !evaluated(entry, context)).collect();
    if !open.is_empty() {
        html.push_str("<h2 id=\"not-evaluated\">Not evaluated on any machine yet</h2>");
    }
    for entry in open {
        html.push_str(&block(entry, context, true));
    }
    html.push_str("</div>");
    html.replace('\n', " ")
}

/// Whether any recorded machine can say something of it. What was never evaluated does not count as a claim.
pub fn evaluated(entry: &Entry, context: &Context) -> bool {
    let mut machines = context.records.machines.keys();
    machines.any(|machine| {
        !matches!(judge(context, &entry.node, machine).verdict, Verdict::NotApplicable(_))
    })
}

/// It holds on one machine, and does not on another.
fn machines_disagree(entry: &Entry, context: &Context) -> bool {
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

/// A claim with its test, and a line for each machine.
fn block(entry: &Entry, context: &Context, name_chapter: bool) -> String {
    let mut html = format!("<article>{}", body_html(context, &entry.node.holds, &context.machine));
    html.push_str("<p class=\"test\">");
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
    html.push_str(&format!(
        "<code>{}: {}</code></p><ul class=\"verdicts\">",
        escape(&entry.node.experiment),
        escape(&entry.node.text)
    ));
    for (machine, of) in &context.records.machines {
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
        let words = match &judged.verdict {
            Verdict::Holds => "holds",
            Verdict::DoesNotHold => "does not hold",
            Verdict::NotResolved => "not resolved",
            Verdict::NotApplicable(_) => "not applicable",
        };
        html.push_str(&format!(
            "<li class=\"{}\" data-of=\"{}\"><span class=\"verdict\">{} {words}</span> \
             <span class=\"on\">{}:</span> <span class=\"sides\">{}</span></li>",
            judged.verdict.class(),
            escape(machine),
            judged.verdict.sign(),
            escape(&of.machine.label),
            escape(&detail) + old
        ));
    }
    html + "</ul></article>"
}
