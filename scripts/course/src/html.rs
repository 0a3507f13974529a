//! Pieces of HTML that several directives have in common.

use crate::highlight::escape;
use crate::tree::Body;

/// Whoever turns Markdown with directives of its own into HTML. What stands around such a body is given one of
/// these, and need not know who expands directives.
pub trait Bodies {
    /// As it reads on this machine.
    fn html(&self, body: &Body, machine: &str) -> String;
}

/// Line ends as entities: a blank line would end the HTML block in Markdown.
pub fn one_line(html: &str) -> String {
    html.replace('\n', "&#10;")
}

/// Escaped text in which `code` between backticks becomes code.
pub fn inline_code(text: &str) -> String {
    let mut html = String::new();
    for (index, piece) in escape(text).split('`').enumerate() {
        match index % 2 {
            0 => html.push_str(piece),
            _ => html.push_str(&format!("<code>{piece}</code>")),
        }
    }
    html
}

pub fn pre(text: &str, label: &str) -> String {
    format!(
        "<pre tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</pre>",
        escape(label),
        one_line(&escape(text))
    )
}

pub fn without_paragraph(html: &str) -> &str {
    html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")).unwrap_or(html)
}
