//! Pieces of HTML that several directives have in common. Text that is put into any of them is escaped.

use maud::{Markup, PreEscaped, Render, html};

use crate::tree::Body;

/// Whoever turns Markdown with directives of its own into HTML. What stands around such a body is given one of
/// these, and need not know who expands directives.
pub trait Bodies {
    /// As it reads on this machine.
    fn html(&self, body: &Body, machine: &str) -> Markup;

    /// A body of one paragraph, as part of a line.
    fn inline(&self, body: &Body, machine: &str) -> Markup {
        let html = self.html(body, machine).into_string();
        let inner = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>"));
        // Still the HTML that it was.
        match inner {
            Some(inner) => PreEscaped(inner.to_string()),
            None => PreEscaped(html),
        }
    }
}

/// The element of a place whose content follows the selected machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Within a sentence.
    Span,
    /// On lines of its own.
    Div,
    /// In a row of a table.
    Cell,
}

impl Element {
    /// Around the content for one machine; a script finds that of the others by the number.
    pub fn place(self, number: usize, class: Option<&str>, content: impl Render) -> Markup {
        match self {
            Element::Span => html! { span data-m=(number) class=[class] { (content) } },
            Element::Div => html! { div data-m=(number) class=[class] { (content) } },
            Element::Cell => html! { td data-m=(number) class=[class] { (content) } },
        }
    }
}

/// Line ends as entities: a blank line would end the HTML block in Markdown.
pub fn one_line(html: Markup) -> Markup {
    // The entity stands for what was there.
    PreEscaped(html.into_string().replace('\n', "&#10;"))
}

/// An author's Markdown within HTML: mdBook reads it as such between blank lines.
pub fn markdown(text: &str) -> Markup {
    // HTML that an author writes in Markdown is HTML.
    PreEscaped(format!("\n\n{text}\n\n"))
}

/// Text in which `code` between backticks becomes code.
pub fn inline_code(text: &str) -> Markup {
    html! {
        @for (index, piece) in text.split('`').enumerate() {
            @if index % 2 == 0 { (piece) } @else { code { (piece) } }
        }
    }
}

/// What a program printed, line by line.
pub fn pre(text: &str, label: &str) -> Markup {
    one_line(html! { pre tabindex="0" role="group" aria-label=(label) { (text) } })
}

/// Code under a bar with the name of its file.
pub struct Code<'a> {
    /// What stands in the bar.
    pub file: &'a str,
    /// As in the name of a class: `rust`.
    pub language: &'a str,
    /// What a screen reader calls the code.
    pub label: String,
    /// With its tokens marked.
    pub code: Markup,
}

impl Code<'_> {
    /// With what a page offers for it in the bar, and what stands below it.
    pub fn card(self, controls: impl Render, below: impl Render) -> Markup {
        html! {
            .card {
                .bar {
                    span.file { (self.file) }
                    span.grow {}
                    button.copy type="button" hidden {}
                    (controls)
                }
                pre tabindex="0" role="group" aria-label=(self.label) {
                    code class={ "language-" (self.language) } { (one_line(self.code)) }
                }
                (below)
            }
        }
    }
}

/// A box that scrolls by itself where the page is narrow, by keyboard too; the label says what it holds.
pub fn scroll_box(label: impl Render, content: impl Render) -> Markup {
    html! {
        .scroll tabindex="0" role="group" aria-label=(label) { (content) }
    }
}

/// A table in such a box.
pub fn table<Head: Render>(
    label: impl Render,
    heads: impl IntoIterator<Item = Head>,
    rows: impl Render,
) -> Markup {
    let table = html! {
        table {
            thead { tr {
                @for head in heads { th scope="col" { (head) } }
            } }
            tbody { (rows) }
        }
    };
    scroll_box(label, table)
}

/// One after the other, with this between them.
pub fn joined<Part: Render>(parts: impl IntoIterator<Item = Part>, between: impl Render) -> Markup {
    html! {
        @for (number, part) in parts.into_iter().enumerate() {
            @if number > 0 { (between) }
            (part)
        }
    }
}
