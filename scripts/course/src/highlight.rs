//! Colors Rust excerpts with the compiler's own lexer, so that pages carry no highlighter.

use maud::{Markup, Render, html};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut",
    "pub", "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

/// The code as HTML: escaped, its tokens in `<span class="kw|fn|ty|st|nu|cm|lt|ma">`.
pub fn rust(code: &str) -> String {
    let mut html = String::with_capacity(code.len() * 2);
    let mut at = 0;
    for token in tokenize(code, FrontmatterAllowed::No) {
        let text = &code[at..at + token.len as usize];
        at += text.len();
        match class(token.kind, text, &code[at..]) {
            Some(class) => {
                html.push_str("<span class=\"");
                html.push_str(class);
                html.push_str("\">");
                escape_into(&mut html, text);
                html.push_str("</span>");
            }
            None => escape_into(&mut html, text),
        }
    }
    html
}

fn class(kind: TokenKind, text: &str, rest: &str) -> Option<&'static str> {
    match kind {
        TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => Some("cm"),
        TokenKind::Lifetime { .. } => Some("lt"),
        TokenKind::Literal {
            kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, ..
        } => Some("nu"),
        TokenKind::Literal { .. } => Some("st"),
        TokenKind::Ident if KEYWORDS.contains(&text) => Some("kw"),
        TokenKind::Ident if rest.starts_with('!') && !rest.starts_with("!=") => Some("ma"),
        TokenKind::Ident if text.starts_with(|c: char| c.is_uppercase()) => Some("ty"),
        TokenKind::Ident if rest.starts_with('(') || rest.starts_with("::<") => Some("fn"),
        _ => None,
    }
}

/// Text for HTML, in elements and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    escape_into(&mut html, text);
    html
}

fn escape_into(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(letter),
        }
    }
}

/// A box that scrolls by itself where the page is narrow, by keyboard too; the label says what it holds.
pub fn scroll_box(label: impl Render, content: impl Render) -> Markup {
    html! {
        .scroll tabindex="0" role="region" aria-label=(label) { (content) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_get_their_class_and_text_is_escaped() {
        let html = rust("fn a<'x>(b: &'x Vec<u8>) { println!(\"<{}>\", 1) } // c");
        for part in [
            "<span class=\"kw\">fn</span>",
            "<span class=\"lt\">'x</span>",
            "<span class=\"ty\">Vec</span>&lt;u8&gt;",
            "<span class=\"ma\">println</span>!",
            "<span class=\"st\">&quot;&lt;{}&gt;&quot;</span>",
            "<span class=\"nu\">1</span>",
            "<span class=\"cm\">// c</span>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn nothing_of_the_text_is_lost() {
        let code = include_str!("highlight.rs");
        let mut html = rust(code);
        for tag in ["kw", "fn", "ty", "st", "nu", "cm", "lt", "ma"] {
            html = html.replace(&format!("<span class=\"{tag}\">"), "");
        }
        assert_eq!(html.replace("</span>", ""), escape(code));
    }
}
