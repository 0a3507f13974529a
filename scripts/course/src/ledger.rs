//! The claims ledger: every claim of the book, judged on every machine.

use crate::chapter::{ClaimNode, Node, Part};
use crate::claim::{Judged, Verdict};
use crate::context::Context;
use crate::expand::{Chapter, body_html, sides};
use crate::highlight::escape;

/// One claim and where it stands.
#[derive(Clone, Debug)]
pub struct Entry {
    pub page: String,
    pub chapter: String,
    pub file: String,
    pub node: ClaimNode,
}

/// All claims, in the book's order.
pub fn entries(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (chapter, parts) in chapters.iter().zip(parsed) {
        for node in claims(parts) {
            entries.push(Entry {
                page: chapter.page.clone(),
                chapter: chapter.title.clone(),
                file: chapter.source.file.display().to_string(),
                node: node.clone(),
            });
        }
    }
    entries
}

/// The claims of a chapter, those of its recommendations too.
fn claims(parts: &[Part]) -> Vec<&ClaimNode> {
    let mut found = Vec::new();
    for part in parts {
        match &part.node {
            Node::Claim(node) => found.push(&**node),
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
            sides: None,
        },
    }
}

/// The table of the page *Claims*: a row a claim, a column a machine.
pub fn page(entries: &[Entry], context: &Context) -> String {
    if entries.is_empty() {
        return "<p class=\"unmeasured\">The book makes no claim yet.</p>".into();
    }
    let machines = &context.records.machines;
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Every claim on every machine\">\
         <table class=\"ledger\" style=\"--machines: {}\"><thead><tr><th scope=\"col\">Claim</th>",
        machines.len()
    );
    for of in machines.values() {
        html.push_str(&format!("<th scope=\"col\">{}</th>", escape(&of.machine.label)));
    }
    html.push_str("</tr></thead><tbody>");
    let mut chapter = "";
    for entry in entries {
        if entry.chapter != chapter {
            chapter = &entry.chapter;
            html.push_str(&format!(
                "<tr class=\"chapter\"><th colspan=\"{}\" scope=\"colgroup\"><a href=\"{}.html\">{}</a></th></tr>",
                machines.len() + 1,
                escape(&entry.page),
                escape(chapter)
            ));
        }
        html.push_str(&row(entry, context));
    }
    html.push_str("</tbody></table></div>");
    html.replace('\n', " ")
}

fn row(entry: &Entry, context: &Context) -> String {
    let sentence = body_html(context, &entry.node.holds, &context.machine);
    let mut html = format!(
        "<tr><th scope=\"row\">{sentence}<p class=\"test\"><code>{}: {}</code></p></th>",
        escape(&entry.node.experiment),
        escape(&entry.node.text)
    );
    for machine in context.records.machines.keys() {
        let judged = judge(context, &entry.node, machine);
        let detail = match (&judged.verdict, &judged.sides) {
            (Verdict::NotApplicable(why), _) => escape(why),
            (_, Some((left, right))) => escape(&sides(&entry.node, left, right)),
            (_, None) => String::new(),
        };
        let words = match &judged.verdict {
            Verdict::Holds => "holds",
            Verdict::DoesNotHold => "does not hold",
            Verdict::NotResolved => "not resolved",
            Verdict::NotApplicable(_) => "not applicable",
        };
        html.push_str(&format!(
            "<td class=\"{}\"><p class=\"verdict\">{} {}</p><p class=\"sides\">{detail}</p></td>",
            judged.verdict.class(),
            judged.verdict.sign(),
            words
        ));
    }
    html.push_str("</tr>");
    html
}
