//! The rules of the house: who may know whom, and what stands where.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use book::project::Project;
use course::generated::{self, Generated};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use regex::Regex;
use serde_json::Value;
use walkdir::{DirEntry, WalkDir};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/checks")
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = WalkDir::new(root().join(folder)).sort_by_file_name().into_iter();
    let files = entries.map(Result::unwrap).filter(|entry| !entry.file_type().is_dir());
    let found: Vec<PathBuf> = files
        .map(DirEntry::into_path)
        .filter(|path| ending.is_empty() || path.extension().is_some_and(|e| e == ending))
        .collect();
    assert!(!found.is_empty(), "{folder} holds no .{ending}");
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string().replace('\\', "/")
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// What Cargo says of the workspace's packages.
fn packages() -> Vec<Value> {
    let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Each package's dependencies: name, and `normal`, `dev` or `build`.
fn dependencies() -> BTreeMap<String, Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().unwrap_or("normal").to_string();
    let known = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap();
        all.iter()
            .map(|dependency| (text(&dependency["name"]), text(&dependency["kind"])))
            .collect()
    };
    packages().iter().map(|package| (text(&package["name"]), known(package))).collect()
}

/// Lines of code: no blank lines, no comments.
fn code(text: &str) -> Vec<&str> {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect()
}

/// Whether the word stands alone in the text: `sum`, not `sums` or `sum_up`.
fn mentions(text: &str, word: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(letter)
            && !text[at + word.len()..].chars().next().is_some_and(letter)
    })
}

#[test]
fn packages_know_only_whom_they_may() {
    let all = dependencies();
    let ours = |name: &String| all.contains_key(name);
    let known = |package: &str| -> Vec<(&str, &str)> {
        all[package]
            .iter()
            .filter(|(name, kind)| ours(name) && kind != "build")
            .map(|(name, kind)| (name.as_str(), kind.as_str()))
            .collect()
    };
    let of_listings: Vec<&String> =
        all.keys().filter(|name| name.starts_with("listings")).collect();
    for package in &of_listings {
        // The lab for the examples alone, and the listings of the standard library where they are needed.
        let strangers = known(package).into_iter().filter(|known| *known != ("lab", "dev"));
        let strangers: Vec<_> = strangers.collect();
        assert!(
            strangers.is_empty() || strangers == [("listings", "normal")],
            "{package}: {strangers:?}"
        );
    }
    assert_eq!(known("listings"), [("lab", "dev")]);
    assert_eq!(known("lab"), []);
    assert_eq!(known("book"), [("lab", "normal")]);
    assert_eq!(known("preprocessor"), [("book", "normal"), ("lab", "normal")]);
    let course = ["book", "lab", "preprocessor"].map(|name| (name, "normal"));
    let of_course = known("course").into_iter().filter(|(_, kind)| *kind == "normal");
    assert_eq!(of_course.collect::<Vec<_>>(), course);
    let book = |name: &str| name.starts_with("mdbook");
    for package in of_listings.iter().map(|name| name.as_str()).chain(["lab", "book"]) {
        let knows = all[package].iter().find(|(name, _)| book(name));
        assert_eq!(knows, None, "{package} knows nothing of books");
    }
}

/// The examples by name, and the package that compiles each.
#[test]
fn every_example_is_compiled_by_one_package_that_students_build() {
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folder = fs::canonicalize(root().join("examples")).unwrap();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        for target in package["targets"].as_array().unwrap() {
            // Through as many `..` as its manifest needs.
            let source = fs::canonicalize(target["src_path"].as_str().unwrap()).unwrap();
            if target["kind"][0] == "example" && source.starts_with(&folder) {
                homes.entry(stem(&source)).or_default().push(name.to_string());
            }
        }
    }
    for path in files("examples", "rs") {
        let example = stem(&path);
        let homes = homes.get(&example).map_or(&[][..], Vec::as_slice);
        assert!(
            homes.len() == 1 && homes[0].starts_with("listings"),
            "examples/{example}.rs is compiled by {homes:?}; name it as an [[example]] in Cargo.toml, or where it \
             needs more than the standard library in one of listings/packages/*/Cargo.toml, as `cargo course new listing` does"
        );
    }
}

/// A student who runs a program of the standard library alone waits for no crate of another listing.
#[test]
fn listings_of_the_standard_library_need_no_crate_that_the_lab_does_not_bring() {
    let all = dependencies();
    let names = |package: &str, kind: &str| -> Vec<String> {
        let of_kind = all[package].iter().filter(|(_, is)| is == kind);
        of_kind.map(|(name, _)| name.clone()).collect()
    };
    let brought = names("lab", "normal");
    for name in names("listings", "normal") {
        assert!(
            brought.contains(&name),
            "Cargo.toml: {name} belongs into one of listings/packages"
        );
    }
}

#[test]
fn listings_use_neither_the_lab_nor_the_course() {
    for path in files("listings", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        for line in code(&text) {
            for stranger in ["lab::", "book::", "course::", "use lab", "extern crate"] {
                assert!(!line.trim_start().contains(stranger), "{}: {line}", shown(&path));
            }
        }
    }
}

#[test]
fn the_lab_knows_neither_listings_nor_books() {
    for path in files("scripts/lab/src", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        for stranger in ["listings::", "mdbook", "book::", "course::"] {
            assert!(
                !code(&text).iter().any(|line| line.contains(stranger)),
                "{}: {stranger}",
                shown(&path)
            );
        }
    }
}

/// What makes pages, and what acts: the packages that know books.
const OF_BOOKS: [&str; 3] = ["scripts/book/src", "scripts/preprocessor/src", "scripts/course/src"];

/// The sources of a package as they are compiled into a program: without tests, fixtures and the gallery.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let for_tests = ["tests", "reference", "fixtures", "gallery"];
    files(folder, "rs")
        .into_iter()
        .filter(|path| !for_tests.contains(&stem(path).as_str()))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
            (path, text[..end].to_string())
        })
        .collect()
}

#[test]
fn the_pages_are_made_without_a_process_a_socket_or_a_runtime() {
    let strangers =
        ["std::process", "std::net", "tokio", "axum", "hyper", "notify", "ctrlc", "libc"];
    for (path, text) in sources("scripts/book/src") {
        for line in code(&text) {
            // Inside quotes stands what a text is searched for, or what it says.
            let outside: String = line.split('"').step_by(2).collect();
            for stranger in strangers {
                assert!(!mentions(&outside, stranger), "{}: {}", shown(&path), line.trim());
            }
        }
    }
    let package = packages().into_iter().find(|package| package["name"] == "book").unwrap();
    let dependencies = package["dependencies"].as_array().unwrap();
    let lab = dependencies.iter().find(|known| known["name"] == "lab").unwrap();
    assert_eq!(lab["uses_default_features"], false, "the half of lab that measures is left out");
    let name = |known: &Value| known["name"].as_str().unwrap().to_string();
    let known: Vec<String> = dependencies.iter().map(name).collect();
    assert!(!known.iter().any(|name| strangers.contains(&name.as_str())), "{known:?}");
}

#[test]
fn no_two_modules_import_each_other_in_a_circle() {
    for folder in OF_BOOKS.into_iter().chain(["scripts/lab/src"]) {
        let circles = modules::circles(&modules::imports(&sources(folder), &root().join(folder)));
        assert!(circles.is_empty(), "{folder}: {circles:?}");
    }
}

/// Where a tag stands in a text of Rust, and why it is no work for maud.
const TAGS: [(&str, &str); 7] = [
    ("scripts/book/src/diagram.rs", "what a finished page is searched for"),
    ("scripts/book/src/figures/backend.rs", "writes SVG piece by piece, as plotters draws"),
    ("scripts/book/src/html.rs", "takes the paragraph off what Markdown became"),
    ("scripts/book/src/since.rs", "divides highlighted code, which is HTML already, into lines"),
    ("scripts/book/src/sitemap.rs", "the mark of an XML file"),
    ("scripts/book/src/way.rs", "finds headings that are HTML already"),
    ("scripts/preprocessor/src/scripts.rs", "a template for mdBook, with its own braces"),
];

fn tags(text: &str) -> Vec<String> {
    let tag = Regex::new(r"<(?:/?[a-z]|!--)[^<>]*>?").unwrap();
    let tags = |text: &String| -> Vec<String> {
        tag.find_iter(text).map(|tag| tag.as_str().to_string()).collect()
    };
    literals(text).iter().flat_map(tags).collect()
}

/// What maud writes is escaped, and closed.
#[test]
fn html_is_written_by_maud() {
    let mut listed: Vec<&str> = TAGS.map(|(file, _)| file).into();
    for (path, text) in OF_BOOKS.into_iter().flat_map(sources) {
        let (file, tags) = (shown(&path), tags(&text));
        let is_listed = TAGS.iter().any(|(known, _)| *known == file);
        assert!(
            tags.is_empty() || is_listed,
            "{file}: {tags:?}: write `html! {{ … }}`, or say in TAGS why this is no work for maud"
        );
        listed.retain(|known| tags.is_empty() || *known != file);
    }
    assert_eq!(listed, [""; 0], "no tag stands there any more: strike it off TAGS");
}

#[test]
fn a_tag_is_found_in_every_kind_of_text_and_in_no_comment() {
    let text = r####"
        // "<i>" and `<T>`
        fn a<'x>(b: Vec<u8>) -> char { '"' } // what follows is still outside: <b>
        f("a \"quoted\" <p class=\"x\">", r"</em>", r#"<a href="b">"#, "1 < 2 <= 3", "-> <", "<!-- c -->");
    "####;
    assert_eq!(tags(text), ["<p class=\\\"x\\\">", "</em>", "<a href=\"b\">", "<!-- c -->"]);
}

/// The names that can only mean an example: `filter` and `average` are words of every program.
fn named(examples: &[String]) -> impl Iterator<Item = &String> {
    examples.iter().filter(|name| name.contains('_'))
}

#[test]
fn the_command_names_no_experiment() {
    let examples: Vec<String> = files("examples", "rs").iter().map(|path| stem(path)).collect();
    for (path, text) in OF_BOOKS.into_iter().flat_map(sources) {
        for literal in literals(&text) {
            for line in literal.lines() {
                for example in named(&examples) {
                    // Help and messages show what a directive or a command line looks like.
                    let shown_to_people = line.contains("like `") || is_help(&path, line);
                    let names = mentions(line, example) && !shown_to_people;
                    assert!(
                        !names,
                        "{} says `{example}`, which is the name of an example: {}. The command learns names from the \
                         examples; where the word means something else, give the example another name",
                        shown(&path),
                        line.trim()
                    );
                }
            }
        }
        for line in code(&text) {
            assert!(!line.contains("listings::"), "{}: {}", shown(&path), line.trim());
        }
    }
}

/// The literals of a source, as they are written: a name outside of them is a word of the program, and a new
/// example can have it.
fn literals(source: &str) -> Vec<String> {
    fn collect(tokens: TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) if !is_comment(&group) => collect(group.stream(), found),
                TokenTree::Literal(literal) => found.push(literal.to_string()),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(source.parse().expect("a source that compiles"), &mut found);
    found
}

/// `[doc = "…"]`, which is what a comment with three slashes is made of.
fn is_comment(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

#[test]
fn a_name_is_found_where_a_source_says_it_and_not_where_it_is_a_word_of_the_program() {
    let source = "/// As bank_race does.\nfn take_turns() { if name == \"bank_race\" { first_come() } } // word_count\n";
    assert_eq!(literals(source), ["\"bank_race\""]);
}

#[test]
fn the_command_leaves_escape_codes_and_the_wish_for_none_to_its_libraries() {
    for (path, text) in OF_BOOKS.into_iter().flat_map(sources) {
        for line in code(&text) {
            for part in ["\\x1b", "NO_COLOR"] {
                assert!(!line.contains(part), "{}: {}", shown(&path), line.trim());
            }
        }
    }
}

fn is_help(path: &Path, line: &str) -> bool {
    stem(path) == "command_line" && line.trim_start().starts_with("cargo ")
}

#[test]
fn the_theme_names_no_experiment() {
    let examples: Vec<String> = files("examples", "rs").iter().map(|path| stem(path)).collect();
    for path in files("theme", "") {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for example in named(&examples) {
            assert!(!mentions(&text, example), "{} names {example}", shown(&path));
        }
    }
}

#[test]
fn an_example_is_seventy_lines_of_glue_at_most_and_runs_the_listing_of_its_name() {
    let listings: Vec<String> = files("listings", "rs").iter().map(|path| stem(path)).collect();
    for path in files("examples", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        // Counted in letters, so that the width of a page does not decide: seventy lines of fifty.
        let letters: usize = code(&text).iter().map(|line| line.trim().len()).sum();
        assert!(letters <= 70 * 50, "{} has {letters} letters of code", shown(&path));
        let name = stem(&path);
        assert!(
            listings.contains(&name),
            "no listing is named {name}; `cargo course new listing FOLDER/{name}` makes both"
        );
        let text: String = text.split_whitespace().collect();
        let declared = ["Experiment::new", "Experiment::<(),()>::new", "Demo::new"]
            .map(|new| format!("{new}(\"{name}\""));
        assert!(
            declared.iter().any(|words| text.contains(words)),
            "{} declares another name than `{name}`, which `cargo course new experiment` would have written",
            shown(&path)
        );
    }
}

#[test]
fn chapters_are_markdown_and_nothing_else() {
    let generated = Generated::of(&Project::at(root()).unwrap());
    for path in files("src", "") {
        let made = generated.contain(path.strip_prefix(root()).unwrap());
        let markdown = path.extension().is_some_and(|ending| ending == "md");
        assert!(
            made || markdown,
            "{} is no chapter, which `cargo course new chapter` makes, and no file that a build writes",
            shown(&path)
        );
    }
}

#[test]
fn git_ignores_what_a_build_writes_and_no_other_source() {
    let text = fs::read_to_string(root().join(".gitignore")).unwrap();
    let ignored: BTreeSet<&str> = text.lines().collect();
    let folders = generated::FOLDERS.map(|folder| format!("/{folder}/"));
    let files = generated::FILES.map(|file| format!("/{file}"));
    // What Cargo and npm make, and a student's own work.
    let others = ["/target/", "/practice/", "/scripts/checks/lighthouse/node_modules"];
    let expected: BTreeSet<&str> =
        folders.iter().chain(&files).map(String::as_str).chain(others).collect();
    assert_eq!(ignored, expected, ".gitignore and course::generated");
}

#[test]
fn unsafe_code_says_why_it_is_sound() {
    for folder in OF_BOOKS.into_iter().chain(["scripts/lab/src", "listings"]) {
        for path in files(folder, "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                let opens = mentions(line, "unsafe")
                    && line.contains('{')
                    && !line.trim_start().starts_with("//");
                // A function says what its caller has to see to.
                let says = if line.contains("unsafe fn") { "# Safety" } else { "SAFETY:" };
                let argued = lines[at.saturating_sub(6)..at].iter().any(|line| line.contains(says));
                assert!(!opens || argued, "{}:{}: {}", shown(&path), at + 1, line.trim());
            }
        }
    }
}

/// What is longer than this, in lines, nobody reads in one sitting: of such a file the pages show at least half.
const SITTING: usize = 150;

/// Files that are longer, and of which the pages show less: why they are one file all the same.
const SHOWN_IN_PART: [(&str, &str); 14] = [
    (
        "blocking/database.rs",
        "starts and ends a server of its own, and says in words what a driver reports",
    ),
    ("blocking/open_loop.rs", "the schedule and the clocks that every way of asking shares"),
    ("blocking/pages.rs", "serves the pages that chapter 17 fetches"),
    (
        "blocking/under_load.rs",
        "one server in several forms, and the HTTP, the options and the counts that they share",
    ),
    ("cluster/cluster_map.rs", "starts, watches and ends engines on this machine and on others"),
    ("cluster/cluster_words.rs", "the forms that the dataflow is compared with, and their options"),
    ("cluster/engine.rs", "goes on after every fault that chapter 21 tells of"),
    ("cluster/job.rs", "a process that works while another one waits, and may be killed"),
    ("cluster/queue.rs", "every message that chapter 21 sends to its broker"),
    ("cluster/through_faults.rs", "plays the faults, and hears what the engines tell of them"),
    ("cluster/words_process.rs", "starts processes that find each other, and ends them together"),
    (
        "ideas/two_jobs.rs",
        "two jobs in four forms, and how each is told when to begin and what it did",
    ),
    ("scheduling/cost_ladder.rs", "one rung like the other, each shown by what it costs"),
    (
        "waiting/handoff.rs",
        "six ways to pass a turn, in one file for the Playground; the page shows the first",
    ),
];

/// The pieces of listings that pages quote: the file below `listings/`, and the anchor or all of it.
fn quoted() -> BTreeMap<String, Vec<Option<String>>> {
    let mut quoted: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for page in files("src", "md") {
        let text = fs::read_to_string(page).unwrap();
        for piece in text.split("{{#listing ").skip(1) {
            let place = piece.split([' ', '}']).next().unwrap();
            let (file, anchor) = match place.split_once(':') {
                Some((file, anchor)) => (file, Some(anchor.to_string())),
                None => (place, None),
            };
            // The reference of the directives quotes files that are not there.
            if file.ends_with(".rs") && root().join("listings").join(file).is_file() {
                quoted.entry(file.into()).or_default().push(anchor);
            }
        }
    }
    quoted
}

/// How many lines of a listing these pieces show, and how many it has: without its tests and blank lines.
fn lines_shown(text: &str, pieces: &[Option<String>]) -> (usize, usize) {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    let (mut open, mut shown, mut all) = (Vec::new(), 0, 0);
    for line in text[..end].lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("// ANCHOR: ") {
            open.push(name);
        } else if let Some(name) = line.strip_prefix("// ANCHOR_END: ") {
            open.retain(|other| *other != name);
        } else {
            let is_shown = pieces.iter().any(|piece| match piece.as_deref() {
                None => true,
                Some(name) => open.contains(&name),
            });
            shown += usize::from(is_shown);
            all += 1;
        }
    }
    (shown, all)
}

/// Options, servers and reports are modules of their own: what a page quotes can be read from top to bottom.
#[test]
fn pages_show_half_of_every_long_listing() {
    let mut listed: Vec<&str> = SHOWN_IN_PART.map(|(file, _)| file).into();
    for (file, pieces) in quoted() {
        let text = fs::read_to_string(root().join("listings").join(&file)).unwrap();
        let (shown, all) = lines_shown(&text, &pieces);
        let is_enough = all <= SITTING || 2 * shown >= all;
        let is_listed = listed.contains(&file.as_str());
        assert!(
            is_enough || is_listed,
            "listings/{file}: pages show {shown} of {all} lines; move what they do not show to modules of its own, \
             or say in SHOWN_IN_PART why it is one file"
        );
        assert!(!(is_enough && is_listed), "listings/{file} can be struck off SHOWN_IN_PART");
        listed.retain(|other| *other != file);
    }
    assert_eq!(listed, [""; 0], "of SHOWN_IN_PART no page quotes these");
}

#[test]
fn a_line_is_shown_by_the_piece_that_it_stands_in() {
    let text = "use std::io;\n\n// ANCHOR: a\nfn a() {\n    // ANCHOR: b\n    b();\n    // ANCHOR_END: b\n}\n\
        // ANCHOR_END: a\n\n#[cfg(test)]\nmod tests {}\n";
    let piece = |name: &str| Some(name.to_string());
    assert_eq!(lines_shown(text, &[piece("a")]), (3, 4));
    assert_eq!(lines_shown(text, &[piece("b")]), (1, 4));
    assert_eq!(lines_shown(text, &[piece("a"), piece("b")]), (3, 4));
    assert_eq!(lines_shown(text, &[None]), (4, 4));
}

#[test]
fn a_circle_of_modules_is_found_through_groups_and_inner_paths() {
    let source = |name: &str, text: &str| (PathBuf::from(name), text.to_string());
    let circles =
        |sources: &[(PathBuf, String)]| modules::circles(&modules::imports(sources, Path::new("")));
    let a = source("a.rs", "use crate::{c::{Item, inner::f}, d};\n");
    let c = source("c/mod.rs", "mod inner;\nfn g() -> crate::d::X { super::d::x() }\n");
    let inner = source("c/inner.rs", "use super::Item; // crate::a\n");
    let leads_back = source("d.rs", "use crate::a::{\n    Y,\n};\n");
    assert_eq!(circles(&[a.clone(), c.clone(), inner.clone(), leads_back]), [["a", "c", "d"]]);
    assert!(circles(&[a, c, inner, source("d.rs", "use std::fmt;\n")]).is_empty());
}
