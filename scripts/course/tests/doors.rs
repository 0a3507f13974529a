//! One expansion, two doors: `course build`, and an installed `mdbook build` that calls `mdbook-course`.

mod tiny;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::{DirEntry, WalkDir};

use lab::record::{Demo, Record};
use tiny::{MACHINE, Ran, Tiny, built, ran};

/// The second door: mdBook's own loading, with nothing on the path but the compiled preprocessor and `course`,
/// which answers the same protocol.
fn mdbook(root: &Path) -> Ran {
    mdbook_with(root, &[])
}

fn mdbook_with(root: &Path, variables: &[(&str, &str)]) -> Ran {
    let tools = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let place = |program: &Path, name: &str| {
        let placed = tools.path().join(format!("{name}{}", env::consts::EXE_SUFFIX));
        fs::copy(program, &placed).unwrap();
        placed
    };
    place(Path::new(env!("CARGO_BIN_EXE_course")), "course");
    place(&built("", "mdbook-course"), "mdbook-course");
    let mdbook = place(&built("examples", "stand_in"), "mdbook");
    // No Cargo, no compiler, no other tool.
    let mut command = Command::new(mdbook);
    command.current_dir(root).env("PATH", tools.path()).env_remove("CARGO").env_remove("RUSTC");
    command.envs(variables.iter().copied());
    ran(&mut command)
}

/// What stands in `<main>` of each page, by its path in `book/`.
fn mains(root: &Path) -> BTreeMap<String, String> {
    let folder = root.join("book");
    let mut pages = BTreeMap::new();
    for path in files(&folder) {
        if path.extension().is_some_and(|ending| ending == "html") {
            let text = fs::read_to_string(&path).unwrap();
            let Some(start) = text.find("<main") else { continue };
            let end = text.find("</main>").expect("main ends");
            let name = path.strip_prefix(&folder).unwrap().display().to_string();
            pages.insert(name, text[start..end].to_string());
        }
    }
    pages
}

fn outside_code(html: &str) -> String {
    let pieces = html.split("<code");
    pieces.map(|piece| piece.split_once("</code>").map_or(piece, |(_, after)| after)).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    entries.filter(|entry| !entry.file_type().is_dir()).map(DirEntry::into_path).collect()
}

fn copy_tree(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// The project that this test belongs to, without what a build makes.
fn this_book(to: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    for folder in ["src", "listings", "examples", "theme", "measurements"] {
        copy_tree(&root.join(folder), &to.join(folder));
    }
    for file in ["book.toml", "Cargo.toml", "Cargo.lock"] {
        fs::copy(root.join(file), to.join(file)).unwrap();
    }
    let _ = fs::remove_dir_all(to.join("src/machines"));
}

#[test]
fn both_doors_give_this_book_the_same_content_and_the_second_needs_no_compiler() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path();
    this_book(root);
    mdbook(root).assert_succeeded();
    let second = mains(root);
    let machines = files(&root.join("book/machines"));
    fs::remove_dir_all(root.join("book")).unwrap();
    let mut build = Command::new(env!("CARGO_BIN_EXE_course"));
    ran(build.args(["build", "--recorded"]).current_dir(root)).assert_succeeded();
    let first = mains(root);
    assert!(first.len() > 8, "{:?}", first.keys());
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (page, main) in &first {
        assert!(*main == second[page], "{page} differs");
        // Where directives are explained, they stand in code.
        let text: String = outside_code(main);
        assert!(!text.contains("{{#") && !text.contains("{{/"), "{page} has a directive left");
    }
    assert_eq!(files(&root.join("book/machines")), machines, "the other machines' files, too");
}

#[test]
fn a_second_build_with_nothing_changed_writes_the_other_machines_files_once() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path();
    this_book(root);
    let build = || {
        let mut build = Command::new(env!("CARGO_BIN_EXE_course"));
        ran(build.args(["build", "--recorded"]).current_dir(root)).assert_succeeded();
        files(&root.join("src/machines"))
            .into_iter()
            .map(|path| (path.clone(), fs::metadata(path).unwrap().modified().unwrap()))
            .collect::<Vec<_>>()
    };
    let first = build();
    assert!(!first.is_empty());
    assert_eq!(first, build(), "a watching mdBook would build for ever");
}

/// A record whose demo printed what mdBook and this expansion would take for directives.
fn tricky() -> Tiny {
    let tiny = Tiny::new(&["sums"]);
    let page = "# First\n\n{{#output sums}}\n\n{{#title Its own title}}\n";
    tiny.write("src/first.md", page);
    tiny.measure().assert_succeeded();
    let record = tiny.record("sums");
    let printed =
        "{{#title Stolen}}\n\n{{#include ../book.toml}}\n\n{{#time sums.sequential}} <b>*x*\n";
    let demo = Demo { stdout: printed.into(), ..record.demo.clone().unwrap() };
    Record { demo: Some(demo), ..record }.write(&tiny.record_path("sums")).unwrap();
    tiny
}

#[test]
fn what_a_program_printed_is_shown_as_it_is_through_both_doors() {
    let tiny = tricky();
    tiny.run(&["build", "--recorded"]).assert_succeeded();
    let first = fs::read_to_string(tiny.path("book/first.html")).unwrap();
    mdbook(tiny.root()).assert_succeeded();
    let second = fs::read_to_string(tiny.path("book/first.html")).unwrap();
    for page in [&first, &second] {
        assert!(page.contains("<title>Its own title</title>"), "{page}");
        for printed in [
            "{{#title Stolen}}",
            "{{#include ../book.toml}}",
            "{{#time sums.sequential}} &lt;b&gt;*x*",
        ] {
            assert!(page.contains(printed), "`{printed}` is not in\n{page}");
        }
    }
}

#[test]
fn a_wrong_directive_stops_both_doors_and_is_shown_at_its_place() {
    let tiny = Tiny::new(&["sums"]);
    tiny.write("src/first.md", "# First\n\nIt takes {{#time sum.sequential}}.\n");
    let words = ["no experiment named `sum`", "src/first.md:3:18", "did you mean `sums`?"];
    tiny.run(&["build", "--recorded"]).assert_failed(&words);
    let installed = mdbook(tiny.root());
    assert_ne!(installed.code, Some(0));
    installed.assert_said(&words);
    assert!(!tiny.path("book/first.html").exists(), "nothing half-done is published");
}

#[test]
fn both_doors_say_where_a_page_is_published_and_what_it_was_built_from() {
    let tiny = Tiny::new(&[]);
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    fs::create_dir(tiny.path("theme")).unwrap();
    fs::copy(house.join("theme/index.hbs"), tiny.path("theme/index.hbs")).unwrap();
    let variables = [
        ("MDBOOK_OUTPUT__HTML__SITE_URL", "https://example.org/tiny"),
        ("MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL", "https://example.org/us/tiny"),
        ("MDBOOK_OUTPUT__HTML__EDIT_URL_TEMPLATE", "https://example.org/us/tiny/blob/main/{path}"),
        ("COURSE_COMMIT", "1a2b3c4d5e6f 2026-11-25T18:22:17+00:00"),
    ];
    let files = ["index.html", "first.html", "404.html", "print.html", "sitemap.xml"];
    let read = || files.map(|file| fs::read_to_string(tiny.path("book").join(file)).unwrap());
    let mut build = tiny.course(&["build", "--recorded"]);
    ran(build.envs(variables)).assert_succeeded();
    let first = read();
    fs::remove_dir_all(tiny.path("book")).unwrap();
    mdbook_with(tiny.root(), &variables).assert_succeeded();
    assert_eq!(first, read());
    for part in [
        "<link rel=\"canonical\" href=\"https://example.org/tiny/\">",
        "<a href=\"https://example.org/us/tiny/commit/1a2b3c4d5e6f\"><code>1a2b3c4</code></a> of 25 November 2026",
        "<a href=\"https://example.org/us/tiny/blob/main/src/first.md\">Source of this page</a>",
        "<a href=\"https://example.org/us/tiny/issues/new?title=First%20%28first%2Emd%29%3A%20\">",
    ] {
        assert!(first[1].contains(part), "`{part}` is not in\n{}", first[1]);
    }

    mdbook(tiny.root()).assert_succeeded();
    let page = fs::read_to_string(tiny.path("book/first.html")).unwrap();
    for part in ["colophon", "canonical", "example.org"] {
        assert!(!page.contains(part), "nothing is known any more, and `{part}` is in\n{page}");
    }
    assert!(!tiny.path("book/sitemap.xml").exists());
}

#[test]
fn another_machine_can_be_shown_first() {
    let tiny = Tiny::new(&["sums"]);
    tiny.write("src/first.md", "# First\n\n{{#time sums.sequential}}\n");
    tiny.measure().assert_succeeded();
    tiny.run(&["measure", "--quick", "--machine", "second"]).assert_succeeded();
    tiny.run(&["build", "--recorded", "--machine", "second"]).assert_succeeded();
    let index = fs::read_to_string(tiny.path("book/machines/index.json")).unwrap();
    assert!(index.contains("\"default\":\"second\""), "{index}");
    assert!(tiny.path(&format!("book/machines/{MACHINE}/first.json")).exists());
    assert!(!tiny.path("book/machines/second").exists(), "the page itself holds these");
}

#[test]
fn files_of_machines_and_pages_that_are_no_more_are_removed() {
    let tiny = tricky();
    tiny.write("src/machines/gone-4c/first.json", "{}");
    tiny.write("src/machines/gone-4c/of-the-author.txt", "kept\n");
    tiny.run(&["build", "--recorded"]).assert_succeeded();
    assert!(!tiny.path("src/machines/gone-4c/first.json").exists());
    assert!(tiny.path("src/machines/gone-4c/of-the-author.txt").exists(), "only what it wrote");
    assert!(tiny.path("src/machines/index.json").exists());
}
