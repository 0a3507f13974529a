//! What an excerpt names and no page has shown: a reader cannot run in the head what stands nowhere.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};

use crate::context::Context;
use crate::diagnostic::Problem;
use crate::items::Items;
use crate::page::Chapter;
use crate::tree::{Listing, Part};

/// Every name of a function, a type, a constant, a trait or a macro that a listing uses, where its definition was
/// shown neither by an excerpt so far nor in a sentence of the chapter, up to the one that follows the listing.
pub fn unshown(chapters: &[Chapter], parsed: &[Vec<Part>], context: &Context) -> Vec<Problem> {
    let mut shown = Shown { context, files: HashMap::new(), items: HashSet::new() };
    let mut problems = Vec::new();
    for (chapter, parts) in chapters.iter().zip(parsed) {
        let mut said = HashSet::new();
        for part in parts {
            let Some(listing) = part.node.get::<Listing>() else { continue };
            if !listing.file.ends_with(".rs") {
                continue;
            }
            for (name, place) in shown.lacking(listing) {
                let new = said.insert((name.clone(), place.clone()));
                if new && !is_introduced(&chapter.source.text, part.span.end, &name) {
                    problems.push(problem(chapter, part, &name, &place));
                }
            }
        }
    }
    problems
}

fn problem(chapter: &Chapter, part: &Part, name: &str, place: &str) -> Problem {
    let shows = if place.starts_with("here:") {
        format!("`with={name}` shows it above the excerpt")
    } else {
        "a listing of that file can show it before".to_string()
    };
    let place = place.trim_start_matches("here:");
    Problem {
        source: chapter.source.clone(),
        span: part.span.clone(),
        title: format!("`{name}` is used here, and nothing has shown it before"),
        label: format!("defined in {place}"),
        help: Some(format!("{shows}; or say in a sentence what `{name}` is")),
    }
}

/// What excerpts have shown so far.
struct Shown<'a> {
    context: &'a Context<'a>,
    files: HashMap<PathBuf, Rc<Items>>,
    /// The name, and the text of the whole item: other files can define the same.
    items: HashSet<(String, String)>,
}

impl Shown<'_> {
    /// Takes a listing in; what it lacks, and where that is defined.
    fn lacking(&mut self, listing: &Listing) -> Vec<(String, String)> {
        let file = PathBuf::from(&listing.file);
        let items = self.items_of(&file);
        let Names { defined, used } = Names::parse(&listing.code);
        for name in &defined {
            if let Some(text) = self.text(&items, &file, name) {
                self.items.insert((name.clone(), text));
            }
        }
        let mut lacking = Vec::new();
        for name in used {
            let Some((there, place, text)) = self.definition(&items, &file, &name) else {
                continue;
            };
            if !self.items.contains(&(there, text)) {
                lacking.push((name, place));
            }
        }
        lacking
    }

    /// Its name there, `file:line`, and its text.
    fn definition(
        &mut self,
        items: &Items,
        file: &Path,
        name: &str,
    ) -> Option<(String, String, String)> {
        let defined = |items: &Items, file: &Path, there: &str, here: &str| {
            let item = items.defined.iter().find(|item| item.name == there)?;
            let text = self.text(items, file, there)?;
            let place = format!("{here}{}:{}", file.display(), item.lines.start + 1);
            Some((there.to_string(), place.replace('\\', "/"), text))
        };
        if let Some(found) = defined(items, file, name, "here:") {
            return Some(found);
        }
        let taken = items.taken.iter().find(|taken| taken.name == name)?;
        let exists = |file: &&PathBuf| self.context.text(file).is_ok();
        let other = taken.files.iter().find(exists)?.clone();
        let there = self.items_of(&other);
        let item = there.defined.iter().find(|item| item.name == taken.there)?;
        let text = self.text(&there, &other, &taken.there)?;
        let place = format!("{}:{}", other.display(), item.lines.start + 1);
        Some((taken.there.clone(), place.replace('\\', "/"), text))
    }

    fn items_of(&mut self, file: &Path) -> Rc<Items> {
        let context = self.context;
        let read = || {
            let text = context.text(file).unwrap_or_default();
            Rc::new(Items::parse(file, &text))
        };
        Rc::clone(self.files.entry(file.to_path_buf()).or_insert_with(read))
    }

    /// Spaces and `pub` apart.
    fn text(&self, items: &Items, file: &Path, name: &str) -> Option<String> {
        let text = items.text(name, &self.context.text(file).ok()?)?;
        let words = text.split_whitespace().filter(|word| *word != "pub");
        Some(words.collect::<Vec<_>>().join(" "))
    }
}

/// The names in a piece of code, each once.
#[derive(Debug, Default, PartialEq)]
struct Names {
    defined: Vec<String>,
    /// Neither fields and methods, nor what is bound here, nor what follows a `::`.
    used: Vec<String>,
}

/// Before a name that is defined.
const DEFINES: [&str; 10] =
    ["fn", "struct", "enum", "trait", "const", "static", "type", "union", "mod", "macro_rules"];
/// Before a name that is bound.
const BINDS: [&str; 4] = ["let", "mut", "ref", "for"];

impl Names {
    fn parse(code: &str) -> Names {
        let tokens = tokens(code);
        let text = |at: usize| tokens.get(at).map_or("", |token| token.0);
        let before = |at: usize, n: usize| at.checked_sub(n).map_or("", text);
        let mut names = Names::default();
        let mut bound = HashSet::new();
        let is_path = |at: usize| text(at + 1) == ":" && text(at + 2) == ":";
        let is_defined = |at: usize| {
            let in_macro = before(at, 1) == "!" && before(at, 2) == "macro_rules";
            in_macro || DEFINES.contains(&before(at, 1))
        };
        let is_bound = |at: usize| {
            let in_closure = before(at, 1) == "|" && matches!(text(at + 1), "|" | "," | ":");
            let is_typed = text(at + 1) == ":" && !is_path(at);
            in_closure || is_typed || BINDS.contains(&before(at, 1))
        };
        let variants = variants(&tokens);
        for (at, (name, is_word)) in tokens.iter().enumerate() {
            if *is_word && is_defined(at) {
                names.defined.push((*name).to_string());
            } else if *is_word && is_bound(at) {
                bound.insert(*name);
            }
        }
        for (at, (name, is_word)) in tokens.iter().enumerate() {
            let of_a_value = before(at, 1) == "." && before(at, 2) != ".";
            let of_a_path = before(at, 1) == ":" && before(at, 2) == ":";
            let is_called = matches!(text(at + 1), "(" | "!") || is_path(at);
            let is_local = bound.contains(name) && !is_called;
            let is_part = of_a_value || of_a_path || variants.contains(&at);
            let is_other = is_part || is_local || is_defined(at) || is_bound(at);
            if *is_word && !is_other && !names.used.iter().any(|used| used == name) {
                names.used.push((*name).to_string());
            }
        }
        names
    }
}

/// Which tokens name the variants of an enum.
fn variants(tokens: &[(&str, bool)]) -> HashSet<usize> {
    let mut variants = HashSet::new();
    // How many brackets are open inside of an enum; its own are the first.
    let mut depth = None;
    for (at, (text, is_word)) in tokens.iter().enumerate() {
        depth = match (depth, *text) {
            (None, "enum") => Some(0),
            (Some(open), "{" | "(" | "[") => Some(open + 1),
            (Some(1), "}") => None,
            (Some(open), "}" | ")" | "]") => Some(open - 1),
            (depth, _) => depth,
        };
        let begins = at > 0 && matches!(tokens[at - 1].0, "{" | "," | "]");
        if depth == Some(1) && begins && *is_word {
            variants.insert(at);
        }
    }
    variants
}

/// Words and signs, and whether each is a word.
fn tokens(code: &str) -> Vec<(&str, bool)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    for token in tokenize(code, FrontmatterAllowed::No) {
        let text = &code[at..at + token.len as usize];
        at += text.len();
        let is_aside = matches!(
            token.kind,
            TokenKind::Whitespace
                | TokenKind::LineComment { .. }
                | TokenKind::BlockComment { .. }
                | TokenKind::Literal { .. }
        );
        if !is_aside {
            tokens.push((text, matches!(token.kind, TokenKind::Ident)));
        }
    }
    tokens
}

/// Whether a code span of the chapter has the name, above the listing or in the paragraph below it.
fn is_introduced(text: &str, end: usize, name: &str) -> bool {
    let mut below: Range<usize> = end..end;
    for paragraph in text[end..].split_inclusive("\n\n") {
        below.end += paragraph.len();
        let words = paragraph.trim();
        if !words.is_empty() && !words.starts_with("{{#listing") {
            break;
        }
    }
    let fences = crate::directive::code_ranges(text);
    let mut from = 0;
    while let Some(found) = text[from..below.end].find(&format!("`{name}")) {
        let at = from + found;
        from = at + 1 + name.len();
        let after = text[from..].chars().next();
        let ends = after.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
        let is_span = fences.iter().any(|range| range.contains(&(at + 1)));
        if ends && is_span {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapter;
    use crate::fixtures::{TinyBook, chapter as of_text};

    fn names(code: &str) -> (Vec<String>, Vec<String>) {
        let Names { defined, used } = Names::parse(code);
        (defined, used)
    }

    #[test]
    fn names_are_defined_used_or_bound() {
        let (defined, used) = names(
            "fn after(mail: Mail) -> u64 {\n    // sum\n    let seal = seal(mail.steps, \"CALM\");\n    \
             each(|letter| letter + Mail::SIZE);\n    spawn(|| answer(1));\n    keys.map(reply)\n}",
        );
        assert_eq!(defined, ["after"]);
        for name in ["Mail", "seal", "each", "answer", "reply"] {
            assert!(used.iter().any(|used| used == name), "{name}: {used:?}");
        }
        for name in ["mail", "steps", "CALM", "SIZE", "sum", "letter", "map", "after"] {
            assert!(!used.iter().any(|used| used == name), "{name}: {used:?}");
        }
    }

    #[test]
    fn the_variants_of_an_enum_are_no_items_and_what_they_hold_is() {
        let (defined, used) =
            names("enum Ways {\n    #[default]\n    Loop,\n    Tasks(Runtime),\n}\nrun(Pool)");
        assert_eq!(defined, ["Ways"]);
        assert!(!used.iter().any(|name| name == "Loop" || name == "Tasks"), "{used:?}");
        assert!(["Runtime", "Pool"].iter().all(|name| used.iter().any(|used| used == name)));
    }

    /// Titles of what is found in a chapter of this text.
    fn found(text: &str) -> Vec<String> {
        let book = TinyBook::measured();
        book.write(
            "listings/ideas/bread.rs",
            "use super::oven::bake;\n\n// ANCHOR: all\nfn main() {\n    bake(DOUGH);\n}\n// ANCHOR_END: all\n\n\
             // ANCHOR: dough\n/// Raw.\nconst DOUGH: u8 = 1;\n// ANCHOR_END: dough\n",
        );
        book.write(
            "listings/ideas/oven.rs",
            "// ANCHOR: bake\npub fn bake(dough: u8) {}\n// ANCHOR_END: bake\n// ANCHOR: other\nconst DOUGH: u8 = 2;\n\
             // ANCHOR_END: other\n",
        );
        let (project, records) = (book.project(), book.records());
        let context = Context::new(&project, &records).unwrap();
        let chapter = of_text(text);
        let parts = chapter::parse(&chapter.source, &context).unwrap();
        let problems = unshown(&[chapter], &[parts], &context);
        problems.iter().map(|problem| format!("{}: {}", problem.title, problem.label)).collect()
    }

    const BAKE: &str = "{{#listing ideas/oven.rs:bake \"A\"}}\n\n";
    const DOUGH: &str = "{{#listing ideas/bread.rs:dough \"A\"}}\n\n";
    const ALL: &str = "{{#listing ideas/bread.rs:all \"A\"}}\n\n";

    #[test]
    fn what_stands_nowhere_is_named_with_its_place() {
        assert_eq!(
            found(&format!("# A\n\n{ALL}")),
            [
                "`bake` is used here, and nothing has shown it before: defined in listings/ideas/oven.rs:2",
                "`DOUGH` is used here, and nothing has shown it before: defined in listings/ideas/bread.rs:10",
            ]
        );
    }

    #[test]
    fn what_was_shown_or_is_said_is_not_named() {
        assert_eq!(found(&format!("# A\n\n{BAKE}{DOUGH}{ALL}")), [""; 0]);
        assert_eq!(found(&format!("# A\n\n`bake` does it.\n\n{DOUGH}{ALL}")), [""; 0]);
        assert_eq!(found(&format!("# A\n\n{BAKE}{ALL}The `DOUGH` is raw.\n")), [""; 0]);
        let with = "{{#listing ideas/bread.rs:all with=DOUGH \"A\"}}\n\n";
        assert_eq!(found(&format!("# A\n\n{BAKE}{with}")), [""; 0]);
    }

    #[test]
    fn another_thing_of_that_name_or_a_later_word_shows_nothing() {
        let other = "{{#listing ideas/oven.rs:other \"A\"}}\n\n";
        assert_eq!(found(&format!("# A\n\n{BAKE}{other}{ALL}")).len(), 1);
        assert_eq!(found(&format!("# A\n\n{BAKE}{ALL}It bakes.\n\n`DOUGH` is raw.\n")).len(), 1);
        assert_eq!(found(&format!("# A\n\nDOUGH, `DOUGHS`\n\n{BAKE}{ALL}")).len(), 1);
    }
}
