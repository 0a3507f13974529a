//! The chapter that the page *Writing a chapter* writes, taken from the page: its code passes its tests, and its
//! directives resolve.

mod tiny;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use tiny::{Tiny, ran};

const CHAPTER: &str = "src/ch23-phone.md";
const LISTING: &str = "listings/phone/calls.rs";
const EXERCISE: &str = "listings/phone/exercises/answered.rs";
const EXAMPLE: &str = "examples/calls.rs";

/// The files that the page shows, each a block below a sentence that names it.
fn files() -> BTreeMap<String, String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/writing.md");
    let text = fs::read_to_string(&page).unwrap_or_else(|why| panic!("{}: {why}", page.display()));
    let mut files = BTreeMap::new();
    let mut blocks = text.split("\n```");
    let mut before = blocks.next().unwrap_or_default();
    // A block, then the text up to the next one.
    while let (Some(block), after) = (blocks.next(), blocks.next()) {
        let (language, code) = block.split_once('\n').expect("a block has lines");
        let ending = match language {
            "rust" => ".rs",
            "markdown" => ".md",
            _ => "no file",
        };
        let spans = before.split('`').skip(1).step_by(2);
        let is_file = |span: &&str| span.contains('/') && span.ends_with(ending);
        if let Some(name) = spans.filter(is_file).last() {
            files.insert(name.to_string(), format!("{code}\n"));
        }
        before = after.unwrap_or_default();
    }
    files
}

#[test]
fn the_page_shows_every_file_of_its_chapter() {
    let files = files();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, [EXAMPLE, LISTING, EXERCISE, CHAPTER]);
}

#[test]
fn the_code_of_the_chapter_compiles_and_passes_its_tests() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let files = files();
    for (name, tests) in [(LISTING, 1), (EXERCISE, 2)] {
        let source = folder.path().join("lib.rs");
        fs::write(&source, &files[name]).unwrap();
        let program = folder.path().join(format!("tests{}", env::consts::EXE_SUFFIX));
        let mut compile = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()));
        compile.args(["--test", "--edition=2024", "--deny=warnings"]);
        ran(compile.arg(&source).arg("-o").arg(&program)).assert_succeeded();
        let tested = ran(&mut Command::new(&program));
        assert_eq!(tested.code, Some(0), "{name}: {}", tested.stdout);
        assert!(tested.stdout.contains(&format!("{tests} passed")), "{name}: {}", tested.stdout);
    }
}

#[test]
fn the_directives_of_the_chapter_resolve_and_only_its_record_is_missing() {
    let tiny = Tiny::new(&[]);
    for (name, text) in files() {
        tiny.write(&name, &text.replace("{{#needs 5}}", "{{#needs nothing}}"));
    }
    tiny.write("src/SUMMARY.md", "# Summary\n\n- [On the phone](ch23-phone.md)\n");
    let checked = tiny.run(&["check"]);
    checked.assert_failed(&["directives of 1 chapter", "Open 2 claims", "nothing is recorded yet"]);
    checked.assert_said(&["error: 1 problem found"]);
}
