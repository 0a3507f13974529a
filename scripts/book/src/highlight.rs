//! Colors Rust excerpts with the compiler's own lexer, so that pages carry no highlighter.

use maud::{Markup, html};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut",
    "pub", "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

/// Rust with its tokens in `<span class="kw|fn|ty|st|nu|cm|lt|ma">`.
pub fn rust(code: &str) -> Markup {
    let mut at = 0;
    colored(tokenize(code, FrontmatterAllowed::No).map(|token| {
        let text = &code[at..at + token.len as usize];
        at += text.len();
        (text, class(token.kind, text, &code[at..]))
    }))
}

/// Tokens one after the other, each with its class if it has one.
pub fn colored<'a>(tokens: impl Iterator<Item = (&'a str, Option<&'static str>)>) -> Markup {
    html! {
        @for (text, class) in tokens {
            @if let Some(class) = class { span class=(class) { (text) } } @else { (text) }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_get_their_class_and_text_is_escaped() {
        let html = rust("fn a<'x>(b: &'x Vec<u8>) { println!(\"<{}>\", 1) } // c").into_string();
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
        let mut html = rust(code).into_string();
        for tag in ["kw", "fn", "ty", "st", "nu", "cm", "lt", "ma"] {
            html = html.replace(&format!("<span class=\"{tag}\">"), "");
        }
        assert_eq!(html.replace("</span>", ""), html! { (code) }.into_string());
    }
}
