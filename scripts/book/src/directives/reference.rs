//! The page *Directives* against what the parser knows: each has all that the other has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{ALL, forms};
use crate::directive;
use crate::expression::FUNCTIONS;
use crate::syntax::Stands;

/// A heading of the third level, and what stands below it.
struct Section {
    /// What its heading has in code: `claim`, `/claim`, `p50(arm)`.
    names: Vec<String>,
    text: String,
}

fn page() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/directives.md");
    fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

fn sections(page: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let fences = directive::code_ranges(page);
    let mut at = 0;
    let mut open = false;
    for line in page.split_inclusive('\n') {
        let is_heading = line.starts_with('#') && !fences.iter().any(|range| range.contains(&at));
        at += line.len();
        if is_heading {
            open = line.starts_with("### ");
            let names = line.split('`').skip(1).step_by(2).map(str::to_string).collect();
            if open {
                sections.push(Section { names, text: String::new() });
            }
        } else if let Some(section) = sections.last_mut().filter(|_| open) {
            section.text.push_str(line);
        }
    }
    sections
}

/// The section that this directive is explained in.
fn section<'a>(sections: &'a [Section], name: &str) -> &'a str {
    let has_name = |section: &&Section| section.names.iter().any(|known| known == name);
    let found = sections.iter().find(has_name);
    &found.unwrap_or_else(|| panic!("src/directives.md has no section for `{name}`")).text
}

/// Fails with what one side has and the other lacks.
#[track_caller]
fn assert_same(what: &str, known: BTreeSet<&str>, explained: Vec<&str>) {
    let on_page: BTreeSet<&str> = explained.iter().copied().collect();
    let lacking: Vec<_> = known.difference(&on_page).collect();
    let unknown: Vec<_> = on_page.difference(&known).collect();
    assert!(lacking.is_empty(), "src/directives.md needs a section for the {what} {lacking:?}");
    assert!(
        unknown.is_empty(),
        "src/directives.md explains {what}s that do not exist: {unknown:?}"
    );
    assert_eq!(on_page.len(), explained.len(), "a {what} is explained twice: {explained:?}");
}

#[test]
fn every_directive_has_a_section_and_every_section_a_directive() {
    let page = page();
    let sections = sections(&page);
    let named = sections.iter().flat_map(|section| &section.names);
    let explained = named.map(String::as_str).filter(|name| !name.contains('(')).collect();
    let mut known = BTreeSet::new();
    for form in forms(ALL) {
        known.insert(form.name);
        if let Stands::Around(block) = form.stands {
            known.extend(block.marks.iter().chain([&block.end]));
        }
    }
    assert_same("directive", known, explained);
}

#[test]
fn every_function_of_the_language_has_a_section_and_every_section_a_function() {
    let page = page();
    let sections = sections(&page);
    let named = sections.iter().flat_map(|section| &section.names);
    let explained = named.filter_map(|name| Some(name.split_once('(')?.0)).collect();
    assert_same("function", FUNCTIONS.iter().map(|(name, _)| *name).collect(), explained);
}

#[test]
fn every_section_shows_how_it_is_written() {
    for Section { names, text } in sections(&page()) {
        for name in names {
            let written = match (name.split_once('('), name.strip_prefix('/')) {
                (Some((function, _)), _) => format!("{function}("),
                (None, Some(closed)) => format!("{{{{/{closed}}}}}"),
                (None, None) => format!("{{{{#{name}"),
            };
            assert!(text.contains(&written), "`{name}` is explained without an example");
        }
    }
}

#[test]
fn every_flag_option_and_word_that_a_directive_takes_is_named() {
    let page = page();
    let sections = sections(&page);
    for directive in ALL {
        let (name, takes) = (directive.form().name, directive.takes());
        let text = section(&sections, name);
        let assert_named = |what: &str, forms: &[String]| {
            let said = forms.iter().any(|form| text.contains(form.as_str()));
            assert!(said, "the section on `{name}` does not name `{what}`");
        };
        for flag in takes.flags {
            assert_named(flag, &[format!("`+{flag}`")]);
        }
        for option in takes.options {
            assert_named(option, &[format!("`{option}="), format!(" {option}=")]);
        }
        for word in directive.words().concat() {
            let forms = [format!("`{word}`"), format!("={word}`"), format!(" {word}}}}}")];
            assert_named(word, &forms);
        }
    }
}

#[test]
fn what_the_page_renders_is_what_it_shows_as_source() {
    let page = page();
    let code: Vec<&str> =
        directive::code_ranges(&page).into_iter().map(|range| &page[range]).collect();
    for directive in directive::find(&page).expect("every directive is closed") {
        // A setting in a sentence explains nothing.
        if directive.name != "given" {
            let source = &page[directive.span.clone()];
            assert!(code.iter().any(|code| code.contains(source)), "{source} is not shown");
        }
    }
}
