//! What a reader does with pages of the real `course serve`: runs listings, measures, edits a chapter. The
//! server works on a copy of this project, so that no record of it is touched; Cargo is played by a
//! stand-in that offers the examples as they are built already.
#![cfg(unix)]

mod browser;
mod machines;
mod programs;
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use browser::Browser;
use fantoccini::key::Key;
use programs::built;
use serde_json::{Value, json};
use server::{Server, copy_folder, house};
use tempfile::TempDir;

const WAYS: [(&str, u32); 4] = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)];
const THREADS: &str = "ch05-threads.html";
/// What the tests run and measure, and what their chapter shows before that.
const EXAMPLES: [&str; 3] = ["counting", "one_by_one", "word_count"];
/// A quick measurement, on a machine that is busy with other tests.
const LONG: Duration = Duration::from_secs(400);
/// The name that the book's own machine has in the copy, so that this machine is another one.
const ELSEWHERE: &str = "elsewhere";

/// A copy of this project whose Cargo is a stand-in, with one page more: a listing that does not end.
fn project() -> TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path();
    for part in ["src", "theme", "listings", "examples", "measurements"] {
        copy_folder(&house().join(part), &root.join(part));
    }
    for file in ["book.toml", "Cargo.toml", "Cargo.lock"] {
        fs::copy(house().join(file), root.join(file)).unwrap();
    }
    rename_the_machine(root);
    // The stand-in takes every file there for an example, and the server runs the demo of each. Of the
    // others the copied records tell.
    for entry in fs::read_dir(root.join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if !EXAMPLES.iter().any(|name| path.ends_with(format!("{name}.rs"))) {
            fs::remove_file(path).unwrap();
        }
    }
    let write = |path: &str, text: &str| fs::write(root.join(path), text).unwrap();
    write("listings/threads/unruly.rs", "//! Does not end.\npub fn main() {\n    loop {}\n}\n");
    write(
        "examples/unruly.rs",
        "use listings::threads::unruly as listing;\nfn main() {\n    listing::main()\n}\n",
    );
    write("src/endless.md", "# Endless\n\n{{#listing threads/unruly.rs \"It stays\"}}\n");
    // A book of the chapter that is tried, and of the page that book.toml has something to say about.
    // The chapters that it builds on are not among them.
    let threads = fs::read_to_string(root.join("src/ch05-threads.md")).unwrap();
    write("src/ch05-threads.md", &without_needs(&threads));
    let chapters = "[Threads](ch05-threads.md)\n[Solutions](solutions.md)\n[Endless](endless.md)\n";
    write("src/SUMMARY.md", &format!("# Summary\n\n{chapters}"));
    fs::create_dir(root.join("bin")).unwrap();
    let place = |program: PathBuf, name: &str| {
        let target = root.join("bin").join(name);
        if fs::hard_link(&program, &target).is_err() {
            fs::copy(program, target).unwrap();
        }
    };
    place(built("examples/unruly"), "cargo");
    for entry in fs::read_dir(root.join("examples")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        place(built(&format!("examples/{name}")), &name);
    }
    folder
}

/// A chapter that builds on no other.
fn without_needs(chapter: &str) -> String {
    let needs = |line: &&str| line.starts_with("{{#needs ");
    assert_eq!(chapter.lines().filter(needs).count(), 1, "a chapter says what it builds on");
    let line =
        |line| if needs(&line) { "{{#needs nothing}}\n".into() } else { format!("{line}\n") };
    chapter.lines().map(line).collect()
}

fn rename_the_machine(root: &Path) {
    let settings = fs::read_to_string(root.join("book.toml")).unwrap();
    let line = settings.lines().find_map(|line| line.strip_prefix("machine = "));
    let usual = line.expect("book.toml names a machine").trim_matches('"').to_string();
    let (old, new) = (format!("\"{usual}\""), format!("\"{ELSEWHERE}\""));
    fs::write(root.join("book.toml"), settings.replace(&old, &new)).unwrap();
    let folder = root.join("measurements").join(ELSEWHERE);
    fs::rename(root.join("measurements").join(usual), &folder).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace(&old, &new)).unwrap();
    }
}

/// A server that runs what pages may run.
fn serve() -> Server {
    let server = Server::start(project(), &[]);
    server.hears("Ready");
    server
}

async fn open(browser: &Browser, url: &str) {
    browser.goto("about:blank").await;
    browser.goto(url).await;
    browser.wait_until("document.readyState === 'complete'").await;
}

/// Turns to what Tab can reach, and types. The numbers of another machine can arrive at this very moment,
/// and the button with them: then to the new one.
async fn type_at(browser: &Browser, element: &str, keys: &str) {
    for _ in 0..TRIES {
        browser.wait_until(element).await;
        if browser.types_at(element, keys).await {
            return;
        }
    }
    panic!(
        "{element} cannot be reached by keyboard, or was replaced {TRIES} times before {keys} was typed"
    );
}

const TRIES: usize = 5;

fn enter() -> String {
    char::from(Key::Enter).to_string()
}

#[tokio::test]
async fn a_listing_runs_here_and_an_endless_one_is_stopped() {
    let served = serve();
    let browser = Browser::open().await;
    let live = "(document.querySelector('.live')?.textContent ?? '')";
    for (scheme, width) in WAYS {
        let way = format!("{scheme}, {width} px");
        browser.set_width(width).await;
        browser.prefer(scheme).await;
        open(&browser, &served.page(THREADS)).await;
        assert!(!browser.text("location.href").await.contains('#'), "{way}: the key is taken out");
        let run = "document.querySelector('figure[data-example=counting] button.run')";
        browser.wait_until(&format!("{run}.textContent === 'Run here'")).await;
        type_at(&browser, run, &enter()).await;
        browser.wait_until("document.querySelector('.live.success')").await;
        let said = browser.text(live).await;
        assert!(said.contains("exit status 0"), "{way}: {said}");
        assert!(said.contains("cargo run --release --example counting"), "{way}: {said}");
        let printed = browser.text("document.querySelector('.live pre').textContent").await;
        assert!(printed.contains("worker: 10") && printed.contains("main: 20"), "{way}: {printed}");

        open(&browser, &served.page("endless.html")).await;
        let run = "document.querySelector('button.run')";
        browser.wait_until("document.querySelector('select.parameter')?.options.length > 1").await;
        browser.value("(document.querySelector('select.parameter').value = 'stays', true)").await;
        type_at(&browser, run, &enter()).await;
        // It says when it began, and stays.
        browser.wait_until("document.querySelector('.live pre')?.textContent.length > 10").await;
        assert_eq!(browser.text(&format!("{run}.textContent")).await, "Stop", "{way}");
        type_at(&browser, run, &enter()).await;
        browser.wait_until("document.querySelector('.live.stopped')").await;
        browser.wait_until(&format!("{run}.textContent === 'Run here'")).await;
        let wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(false), "{way}: scrolls sideways");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn a_figure_is_measured_here_beside_the_books_and_an_edited_chapter_comes_by_itself() {
    let served = serve();
    let browser = Browser::open().await;
    browser.set_width(1280).await;
    open(&browser, &served.page(THREADS)).await;
    machines::settled(&browser).await;
    browser
        .value("(document.querySelectorAll('.cover button').forEach((b) => b.click()), true)")
        .await;
    browser.value("(window.same = true)").await;

    type_at(&browser, &button(0), &enter()).await;
    browser.wait_until(&format!("{}.startsWith('Round ')", words(0))).await;
    // One thing at a time: the second one waits, and is stopped.
    type_at(&browser, &button(1), &enter()).await;
    browser.wait_until(&format!("{} === 'Waiting: 1 before this one'", words(1))).await;
    type_at(&browser, &button(1), &enter()).await;
    browser.wait_until(&format!("{} === 'Stopped.'", words(1))).await;

    let done = format!("{}.includes('are from this machine')", words(0));
    wait_for_the_measurement(&browser, &done).await;
    let here = machines::shown(&browser).await.expect("now there are several");
    shows_what_was_measured(&browser, &here).await;
    let records = served.root.path().join("measurements").join(&here);
    assert!(records.join("word_count.json").exists(), "recorded in the copy");

    let chapter = served.root.path().join("src/ch05-threads.md");
    an_edit_comes_by_itself(&browser, &chapter).await;
    // Edited while its own figure is measured: it waits for the measurement, and then both are there.
    browser.wait_until(&format!("{} && window.course.ask", button(0))).await;
    type_at(&browser, &button(0), &enter()).await;
    browser.wait_until(&format!("{}.startsWith('Round ')", words(0))).await;
    let text = fs::read_to_string(&chapter).unwrap();
    fs::write(&chapter, format!("{text}\nEdited meanwhile.\n")).unwrap();
    let edited = "document.querySelector('main')?.textContent.includes('Edited meanwhile.')";
    wait_for_the_measurement(&browser, &format!("{edited} && {BEFORE}")).await;
    machines::settled(&browser).await;
    assert_eq!(machines::shown(&browser).await, Some(here));
    browser.close().await;
}

/// One of the page's figures of the experiment.
fn figure(number: usize) -> String {
    format!(
        "document.querySelectorAll('[data-m] > figure.plot[data-experiment=word_count]')[{number}]?"
    )
}

fn button(number: usize) -> String {
    format!("{}.querySelector('.measure')", figure(number))
}

/// What the figure says of its measurement: nothing, while the numbers of another machine arrive.
fn words(number: usize) -> String {
    format!("({}.querySelector('.words')?.textContent ?? '')", figure(number))
}

/// Whether the book's figure stands below the one from here.
const BEFORE: &str = "document.querySelector('figure.before svg')?.checkVisibility()";

/// Waits longer than for anything else, as long as nothing goes wrong.
async fn wait_for_the_measurement(browser: &Browser, done: &str) {
    let began = Instant::now();
    while browser.value(done).await != Value::Bool(true) {
        let now = browser.text(&words(0)).await;
        assert!(began.elapsed() < LONG, "after {LONG:?} it says: {now}");
        assert!(!now.contains("error") && !now.contains("Stopped"), "{now}");
        thread::sleep(Duration::from_millis(200)); // how often to look
    }
}

async fn shows_what_was_measured(browser: &Browser, here: &str) {
    assert_eq!(browser.value("window.same").await, json!(true), "without a reload");
    assert_ne!(here, ELSEWHERE, "another machine than the book's");
    // A value, or why there is none: on a machine that is busy meanwhile no round may be kept.
    let (place, text) = ("data.measured, .unmeasured, .claim", "e.textContent");
    let places = machines::of_its_file(browser, here, place, text).await;
    assert_ne!(places, json!([]));
    assert_eq!(machines::of_the_page(browser, place, text).await, places);
    assert_eq!(browser.value(BEFORE).await, json!(true), "the book's figure stands below");
    let claims = "document.querySelectorAll('main .claim .verdict').length";
    assert_ne!(browser.value(claims).await, json!(0));
    let table = format!("{}.querySelectorAll('details tbody tr').length", figure(0));
    assert_ne!(browser.value(&table).await, json!(0), "what it says was measured, it shows");
}

async fn an_edit_comes_by_itself(browser: &Browser, chapter: &Path) {
    let mut best = Duration::MAX;
    for edit in ["once", "twice", "thrice"] {
        let text = fs::read_to_string(chapter).unwrap();
        let began = Instant::now();
        fs::write(chapter, format!("{text}\nEdited {edit}.\n")).unwrap();
        browser
            .wait_until(&format!(
                "document.querySelector('main')?.textContent.includes('Edited {edit}.')"
            ))
            .await;
        best = best.min(began.elapsed());
        machines::settled(browser).await;
    }
    println!("an edited chapter is in the browser after {best:?}");
}
