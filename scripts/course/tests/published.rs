//! What is published, and what stays on the computer that built it.

mod tiny;

use std::fs;
use std::path::Path;
use std::process::Command;

use lab::machine::Machine;
use tiny::{MACHINE, Tiny, ran};

/// The machine at which a reader's selector starts, as `machines/index.json` says it.
fn local(tiny: &Tiny) -> Option<String> {
    let index = fs::read_to_string(tiny.path("book/machines/index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    index.get("local").map(|name| name.as_str().unwrap().to_string())
}

#[test]
fn a_build_names_the_machine_it_ran_on_and_what_is_published_does_not() {
    let tiny = Tiny::new(&["sums"]);
    tiny.write("src/first.md", "# First\n\n{{#time sums.sequential}}\n");
    tiny.measure().assert_succeeded();
    tiny.run(&["build", "--for", "0"]).assert_succeeded();
    assert_eq!(local(&tiny), None, "its demo ran here, and nothing was measured");

    tiny.run(&["build"]).assert_succeeded();
    let here = Machine::here().name;
    assert_ne!(here, MACHINE);
    assert_eq!(local(&tiny).as_deref(), Some(&*here));
    let page = fs::read_to_string(tiny.path("book/first.html")).unwrap();

    for published in [&["build", "--recorded"][..], &["build", "--for", "0", "--machine", MACHINE]]
    {
        tiny.run(published).assert_succeeded();
        assert_eq!(local(&tiny), None, "{published:?}");
        let same = fs::read_to_string(tiny.path("book/first.html")).unwrap();
        assert_eq!(page, same, "the page itself keeps the book's machine");
    }
}

/// Git in the project, with its own author and date, whatever this computer is set to.
fn git(root: &Path, date: &str, arguments: &[&str]) {
    let mut command = Command::new("git");
    let set = ["user.name=A", "user.email=a@example.org", "commit.gpgSign=false"];
    command.args(set.iter().flat_map(|set| ["-c", set]));
    command.args(arguments).current_dir(root);
    command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date);
    ran(&mut command).assert_succeeded();
}

#[test]
fn a_page_names_its_commit_and_the_sitemap_the_day_of_each_change() {
    let tiny = Tiny::new(&[]);
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let shell = fs::read_to_string(house.join("theme/index.hbs")).unwrap();
    tiny.write("theme/index.hbs", &shell);
    tiny.write(".gitignore", "/book/\n/bin/\n/target/\n/theme/head*\n/src/machines/\n");
    tiny.write("src/SUMMARY.md", "# Summary\n\n- [First](first.md)\n- [Second](second.md)\n");
    tiny.write("src/second.md", "# Second\n\nNothing yet.\n");
    git(tiny.root(), "", &["init", "--quiet"]);
    git(tiny.root(), "2026-11-20T12:00:00Z", &["add", "--all"]);
    git(tiny.root(), "2026-11-20T12:00:00Z", &["commit", "--quiet", "-m", "Begin"]);
    tiny.write("src/second.md", "# Second\n\nSomething.\n");
    git(tiny.root(), "2026-11-25T12:00:00Z", &["commit", "--quiet", "-a", "-m", "Go on"]);

    let build = || {
        let mut build = tiny.course(&["build", "--recorded"]);
        build.env("MDBOOK_OUTPUT__HTML__SITE_URL", "https://example.org/");
        ran(&mut build).assert_succeeded();
        fs::read_to_string(tiny.path("book/second.html")).unwrap()
    };
    let page = build();
    assert!(page.contains("of 25 November 2026</span>"), "{page}");
    assert_eq!(page, build(), "the same commit gives the same page");
    let sitemap = fs::read_to_string(tiny.path("book/sitemap.xml")).unwrap();
    for line in [
        "<loc>https://example.org/</loc><lastmod>2026-11-20</lastmod>",
        "<loc>https://example.org/second.html</loc><lastmod>2026-11-25</lastmod>",
    ] {
        assert!(sitemap.contains(line), "`{line}` is not in\n{sitemap}");
    }
    tiny.write("src/first.md", "# First\n\nEdited.\n");
    let edited = build();
    assert!(edited.contains("of 25 November 2026, with changes</span>"), "{edited}");
}

#[test]
fn the_old_address_of_a_chapter_leads_to_the_new_one() {
    let tiny = Tiny::new(&[]);
    let settings = fs::read_to_string(tiny.path("book.toml")).unwrap();
    let renamed = "\n[output.html.redirect]\n\"/ch01-begin.html\" = \"first.html\"\n";
    tiny.write("book.toml", &format!("{settings}{renamed}"));
    tiny.run(&["build", "--recorded"]).assert_succeeded();
    let old = fs::read_to_string(tiny.path("book/ch01-begin.html")).unwrap();
    assert!(old.contains("http-equiv=\"refresh\" content=\"0; URL=first.html\""), "{old}");
}
