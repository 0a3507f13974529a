//! What the Publish workflow would upload, and that no address which was published once is lost.

mod browser;
mod built;
mod workflow;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use book::project::Project;
use browser::{Browser, host};
use built::{built_book, files, moved_to};
use serde_json::{Value, json};
use workflow::{Step, answered, parse, steps};

/// Every page that a reader may have an address of, one a line.
const LIST: &str = "scripts/checks/published.txt";
/// Pages that stand for no address: any that does not exist, and mdBook's own contents.
const NO_ADDRESS: [&str; 2] = ["404.html", "toc.html"];

fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/checks")
}

/// The addresses that a folder of pages answers, those of moved pages included.
fn addresses(folder: &Path) -> BTreeSet<String> {
    let is_address = |name: &String| name.ends_with(".html") && !NO_ADDRESS.contains(&&**name);
    files(folder).into_iter().filter(is_address).collect()
}

/// What has to be done about each difference between the list and the pages.
fn differences(list: &str, built: &BTreeSet<String>) -> Vec<String> {
    let published: BTreeSet<String> = list.lines().map(str::to_string).collect();
    let lost = published.difference(built).map(|page| {
        format!(
            "{page} was published and is not there any more. Where the chapter was renamed, add to \
             book.toml under [output.html.redirect]: \"/{page}\" = \"its-new-name.html\""
        )
    });
    let new = built.difference(&published);
    lost.chain(new.map(|page| {
        format!("{page} is new: add this line to {LIST}, as `cargo course new chapter` does")
    }))
    .collect()
}

/// Pages that say they have moved, to where nothing is.
fn led_astray(folder: &Path) -> Vec<String> {
    let moved = addresses(folder).into_iter().filter_map(|page| {
        let text = fs::read_to_string(folder.join(&page)).unwrap();
        let target = moved_to(&text)?.split('#').next()?.to_string();
        let base = Path::new(&page).parent().unwrap_or(Path::new(""));
        let found = folder.join(base).join(target.trim_start_matches('/')).is_file();
        (!found).then(|| format!("{page} leads to {target}, which is not there: see book.toml"))
    });
    moved.collect()
}

#[test]
fn every_address_that_was_published_still_leads_to_its_page() {
    let list = fs::read_to_string(house().join(LIST)).unwrap();
    let mut wrong = differences(&list, &addresses(&built_book()));
    wrong.extend(led_astray(&built_book()));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_lost_page_and_a_new_one_are_told_from_each_other_with_what_to_do() {
    let built = ["new.html", "same.html"].map(String::from).into();
    let said = differences("lost.html\nsame.html\n", &built);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("\"/lost.html\" = "), "{}", said[0]);
    assert!(said[1].starts_with("new.html") && said[1].contains(LIST), "{}", said[1]);
}

#[tokio::test]
async fn the_old_address_of_a_renamed_chapter_shows_the_chapter() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path();
    fs::create_dir(root.join("src")).unwrap();
    let settings = "[book]\ntitle = \"Small\"\n\n[preprocessor.course]\n\n[output.html.redirect]\n\
                    \"/ch01-begin.html\" = \"first.html\"\n\"/gone.html\" = \"nowhere.html\"\n";
    fs::write(root.join("book.toml"), settings).unwrap();
    fs::write(root.join("Cargo.toml"), "").unwrap();
    fs::write(root.join("Cargo.lock"), "").unwrap();
    fs::write(root.join("src/SUMMARY.md"), "# Summary\n\n- [First](first.md)\n").unwrap();
    fs::write(root.join("src/first.md"), "# First\n\nHere it goes on.\n").unwrap();
    let book = course::render::render(&Project::at(root).unwrap(), None).unwrap();
    let astray = led_astray(&book);
    assert_eq!(astray.len(), 1, "{astray:?}");
    assert!(astray[0].starts_with("gone.html leads to nowhere.html"), "{}", astray[0]);

    let (book, browser) = (host(book), Browser::open().await);
    browser.goto(&format!("{book}ch01-begin.html")).await;
    let there = format!("location.href === {}", json!(format!("{book}first.html")));
    let text = "document.querySelector('main')?.textContent.includes('Here it goes on.')";
    browser.wait_until(&format!("{there} && {text}")).await;
    browser.close().await;
}

/// What the workflow is told where it asks GitHub.
const ANSWERS: [(&str, &str); 4] = [
    ("steps.pages.outputs.base_url", "https://example.org/course"),
    ("github.server_url", "https://example.org"),
    ("github.repository", "us/course"),
    ("github.ref_name", "main"),
];

/// Steps that are not run here, and what stands in for each.
const NOT_RUN: [(&str, &str); 5] = [
    ("actions/checkout@v5", "a copy of every file that Git tracks or would, with one commit"),
    ("actions/cache@v4", "the target folder of this test"),
    (
        "rustup toolchain install stable --profile minimal",
        "the compiler that this test was compiled with",
    ),
    ("actions/configure-pages@v5", "an address on example.org"),
    ("actions/upload-pages-artifact@v4", "a look into the folder that it names"),
];

/// A folder with what a checkout has: the tracked files as they are now, and new ones that are not ignored, in one
/// commit. Always the same folder, and files as old as they are, so that Cargo compiles again only what has changed.
fn checkout() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checkout");
    if copy.exists() {
        fs::remove_dir_all(&copy).unwrap();
    }
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = run(Command::new("git").args(list).current_dir(house()));
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (house().join(name), copy.join(name));
        let Ok(tracked) = from.metadata() else { continue }; // removed, and not committed yet
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&from, &to).unwrap();
        let age = tracked.modified().unwrap();
        fs::File::options().write(true).open(&to).unwrap().set_modified(age).unwrap();
    }
    let us = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false"];
    for arguments in [&["init", "-q"][..], &["add", "-A", "-f"], &["commit", "-q", "-m", "Copy"]] {
        run(Command::new("git").args(us).args(arguments).current_dir(&copy));
    }
    copy
}

/// What a command printed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let ran = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(ran.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

/// Runs a step as GitHub does on Linux, or says what stands in for it.
fn take(step: &Step, checkout: &Path) {
    let what = step.uses.as_ref().or(step.run.as_ref()).expect("one of them");
    if let Some((_, instead)) = NOT_RUN.iter().find(|(name, _)| name == what) {
        return println!("not run: {what}; instead: {instead}");
    }
    let command = step.run.as_ref();
    let command = command.unwrap_or_else(|| panic!("nothing stands in for {what}: see NOT_RUN"));
    println!("run: {what}");
    // target/<profile>/deps/<test>: what the course was compiled into is not compiled twice.
    let test = env::current_exe().unwrap();
    let target = test.ancestors().nth(3).expect("the target folder");
    let mut shell = Command::new("bash");
    shell.args(["-e", "-c", command]).current_dir(checkout).env("CARGO_TARGET_DIR", target);
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("MDBOOK_")) {
        shell.env_remove(name);
    }
    shell.envs(step.env.iter().map(|(name, value)| (name, answered(value, &ANSWERS))));
    run(&mut shell);
}

// It publishes from Linux, and nowhere else are its commands run.
#[cfg(target_os = "linux")]
#[test]
fn the_steps_of_the_workflow_publish_every_page_and_no_machine_of_their_own() {
    let checkout = checkout();
    let steps = steps(&checkout.join(".github/workflows/publish.yml"), "build");
    let mut uploaded = None;
    for step in &steps {
        take(step, &checkout);
        if step.uses.as_ref().is_some_and(|uses| uses.starts_with("actions/upload-pages-artifact"))
        {
            uploaded = Some(checkout.join(&step.with["path"]));
        }
    }
    for (name, _) in NOT_RUN {
        let is_there =
            |step: &Step| [&step.uses, &step.run].iter().any(|said| said.as_deref() == Some(name));
        assert!(steps.iter().any(is_there), "no step is `{name}` any more: see NOT_RUN");
    }
    let seen = run(Command::new("git").args(["status", "--porcelain"]).current_dir(&checkout));
    assert_eq!(seen, "", "a build changes nothing that Git sees");
    let uploaded = uploaded.expect("a step uploads a folder");
    assert_published(&uploaded);
}

/// The folder is a whole book that knows where it is published.
fn assert_published(folder: &Path) {
    let read = |name: &str| {
        fs::read_to_string(folder.join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    };
    let index: Value = serde_json::from_str(&read("machines/index.json")).unwrap();
    assert_eq!(index.get("local"), None, "the machine that published it is nobody's");
    assert!(read("404.html").contains("<base href=\"https://example.org/course/\">"));

    let sitemap = read("sitemap.xml");
    let listed: BTreeSet<&str> = sitemap
        .split("<loc>https://example.org/course/")
        .skip(1)
        .filter_map(|rest| rest.split_once("</loc>").map(|(page, _)| page))
        .map(|page| if page.is_empty() { "index.html" } else { page })
        .collect();
    for page in addresses(folder).iter().map(String::as_str) {
        let text = read(page);
        if moved_to(&text).is_some() {
            continue;
        }
        for part in
            ["Built from commit <a href=\"https://example.org/us/course/commit/", "/issues/new"]
        {
            assert!(text.contains(part), "{page} lacks `{part}`");
        }
        assert!(!text.contains(", with changes</span>"), "{page}");
        if page == "print.html" {
            continue; // not one page of the book, and no search should find it
        }
        assert!(text.contains("<a href=\"https://example.org/us/course/blob/main/src/"), "{page}");
        // The first chapter is the front page, too.
        let canonical = text.split("<link rel=\"canonical\" href=\"https://example.org/course/");
        let named = canonical.skip(1).filter_map(|rest| rest.split_once('"')).map(|(page, _)| page);
        let named: Vec<&str> = named.collect();
        let [named] = named[..] else { panic!("{page} names {named:?}") };
        let named = if named.is_empty() { "index.html" } else { named };
        assert!(listed.contains(named), "{page} is {named}, which the sitemap lacks");
    }
    let lost: Vec<&&str> = listed.iter().filter(|page| !folder.join(page).is_file()).collect();
    assert!(lost.is_empty(), "the sitemap lists {lost:?}");
}

#[test]
fn a_workflow_is_read_as_it_is_written() {
    let text = "# why\non:\n  push:\n    branches: [main, next]\n  workflow_dispatch:\n\njobs:\n  build:\n    \
                steps:\n      - uses: a/b@v1\n        with:\n          path: |\n            ~/one\n            two # kept\n          \
                key: of-${{ runner.os }}\n      # between\n      - name: Say it\n        run: echo 'a: b'\n      - last\n";
    let expected = json!({
        "on": { "push": { "branches": ["main", "next"] }, "workflow_dispatch": null },
        "jobs": { "build": { "steps": [
            { "uses": "a/b@v1", "with": { "path": "~/one\ntwo # kept\n", "key": "of-${{ runner.os }}" } },
            { "name": "Say it", "run": "echo" },
            "last",
        ] } },
    });
    let text = text.replace(" 'a: b'", "");
    assert_eq!(parse(&text), expected);
}

#[test]
fn what_is_not_understood_in_a_workflow_is_not_guessed() {
    for text in [
        "a: \"quoted\"\n",
        "a: &anchor b\n",
        "a: {b: c}\n",
        "a: >\n  folded\n",
        "a: b # said behind\n",
        "a: b\na: c\n",
        "a:\n    b: c\n  d: e\n",
        "no key\n",
        "run: echo a: b\n",
    ] {
        let read = std::panic::catch_unwind(|| parse(text));
        assert!(read.is_err(), "{text:?} was read as {read:?}");
    }
    let unknown = std::panic::catch_unwind(|| answered("${{ secrets.KEY }}", &ANSWERS));
    assert!(unknown.is_err(), "{unknown:?}");
}
