//! What a student does with an exercise on a page of the real `course serve`: has their own file watched, by
//! keyboard, and saves it. The server works on a project of one page, with the theme of this one.
#![cfg(unix)]

mod browser;
mod programs;
mod server;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use browser::Browser;
use fantoccini::key::Key;
use programs::built;
use serde_json::{Value, json};
use server::{Server, copy_folder, house};
use tempfile::TempDir;

const WAYS: [(&str, u32); 4] = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)];
const MINE: &str = "practice/tickets/src/lib.rs";
const TODO: &str = "todo!(\"look whether one is left\")";
const TICKETS: &str = include_str!("../../course/tests/tickets/exercise.rs");
const BUTTON: &str = "document.querySelector('.watch button')";

/// A page with two exercises, and one that book.toml has something to say about. There are no listings to
/// compile, and Cargo is asked for tests alone.
fn project() -> TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path();
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    copy_folder(&house().join("theme"), &root.join("theme"));
    let settings = fs::read_to_string(house().join("book.toml")).unwrap();
    // Nothing is recorded here, on no machine.
    let kept = settings.lines().filter(|line| !line.starts_with("machine = "));
    write("book.toml", &kept.map(|line| format!("{line}\n")).collect::<String>());
    write(
        "Cargo.toml",
        "[package]\nname = \"listings\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n",
    );
    write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"listings\"\nversion = \"0.1.0\"\n");
    write("listings/ideas/exercises/tickets.rs", TICKETS);
    write("listings/ideas/exercises/queue.rs", &TICKETS.replace("One ticket", "A queue"));
    write("src/SUMMARY.md", "# Summary\n\n- [One](one.md)\n- [Solutions](solutions.md)\n");
    write(
        "src/one.md",
        "# One\n\n{{#exercise tickets}}\n\n{{#exercise queue}}\n\nThe last words.\n",
    );
    write("src/solutions.md", "# Solutions\n\nNone here.\n");
    let real = std::env::var("CARGO").unwrap_or("cargo".into());
    write(
        "bin/cargo",
        &format!("#!/bin/sh\n[ \"$1\" = test ] || exit 0\nexec \"{real}\" \"$@\"\n"),
    );
    fs::set_permissions(root.join("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// The student's file with this in place of the `todo!`.
fn save(root: &Path, code: &str) {
    let starter = root.join("practice/tickets/starter.txt");
    let mine = root.join(MINE);
    if !starter.exists() {
        fs::copy(&mine, &starter).unwrap();
    }
    let text = fs::read_to_string(starter).unwrap();
    assert!(text.contains(TODO), "{text}");
    fs::write(mine, text.replace(TODO, code)).unwrap();
}

/// Every movement of what stands on the page without the reader's doing, since the first paint.
async fn open(browser: &Browser, url: &str) {
    browser.goto("about:blank").await;
    let watch = "window.moved = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) \
                 if (!entry.hadRecentInput) window.moved += entry.value; }).observe({ type: 'layout-shift', buffered: true });";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": watch })).await;
    browser.goto(url).await;
    browser.wait_until("document.readyState === 'complete'").await;
}

async fn presses_enter(browser: &Browser) {
    let enter = char::from(Key::Enter).to_string();
    assert!(browser.types_at(BUTTON, &enter).await, "the button is reached by keyboard");
}

/// Waits until the panel says this, and returns all that it says.
async fn says(browser: &Browser, words: &str) -> String {
    let panel = "document.querySelector('.watch').innerText";
    browser.wait_until(&format!("{panel}.includes({})", json!(words))).await;
    browser.text(panel).await
}

#[tokio::test]
async fn a_students_file_is_watched_beside_its_exercise() {
    let served = Server::start(project(), &[]);
    let browser = Browser::open().await;
    let announced = "document.getElementById('said').textContent";
    let top = "document.querySelector('.exercise h3').getBoundingClientRect().top + scrollY";
    for (scheme, width) in WAYS {
        let way = format!("{scheme}, {width} px");
        browser.set_width(width).await;
        browser.prefer(scheme).await;
        open(&browser, &served.page("one.html")).await;
        browser.wait_until(&format!("{BUTTON}?.textContent === 'Watch my file'")).await;
        assert_eq!(
            browser.value("window.moved").await,
            json!(0),
            "{way}: nothing moved as it came"
        );
        let above = browser.value(top).await;
        presses_enter(&browser).await;
        let told = says(&browser, "0 of 2 tests pass.").await;
        assert!(told.contains("✗ one is sold"), "{way}: {told}");
        assert!(told.contains("still to do: look whether one is left"), "{way}: {told}");
        assert!(told.contains(&format!("{MINE}:")), "{way}: {told}");
        assert!(!told.contains("none is sold"), "{way}: one at a time: {told}");
        let heard = browser.text(announced).await;
        assert!(heard.contains("0 of 2 tests pass. First: one is sold."), "{way}: {heard}");

        save(served.root.path(), "maybe");
        let told = says(&browser, "does not compile").await;
        assert!(told.contains("cannot find value `maybe`"), "{way}: {told}");
        for (code, hinted) in [("false", false), ("left > 7", false), ("left > 8", true)] {
            save(served.root.path(), code);
            browser.wait_until(&format!("{announced} === 'Compiling'")).await;
            browser.wait_until(&format!("{announced}.includes('First: one is sold')")).await;
            let told = says(&browser, "1 of 2 tests passes.").await;
            assert_eq!(told.contains("look at the guard"), hinted, "{way}, {code}: {told}");
        }
        save(served.root.path(), "left > 0");
        let told = says(&browser, "Done: all 2 tests pass.").await;
        assert!(told.contains("Next comes Exercise 1-2."), "{way}: {told}");
        let next = browser.text("document.querySelector('.watch .report a').href").await;
        assert_eq!(next, format!("{}one.html#exercise-queue", served.url), "{way}");

        assert_eq!(browser.value(top).await, above, "{way}: what stands above has not moved");
        let wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(false), "{way}: scrolls sideways");
        let focused = format!("document.activeElement === {BUTTON}");
        assert_eq!(browser.value(&focused).await, json!(true), "{way}: the focus stays");
        browser.value("(location.reload(), true)").await;
        let again = "performance.getEntriesByType('navigation')[0].type === 'reload'";
        browser.wait_until(again).await;
        says(&browser, "Done: all 2 tests pass.").await;
        presses_enter(&browser).await;
        says(&browser, "Your file is not watched any more.").await;
        fs::remove_dir_all(served.root.path().join("practice")).unwrap();
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn without_a_server_there_is_nothing_to_watch_with() {
    let served = Server::start(project(), &["--recorded"]);
    let browser = Browser::open().await;
    // As it is published: no server to ask stands in it.
    let build = Command::new(built("course"))
        .args(["build", "--recorded"])
        .current_dir(served.root.path())
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let hosted = browser::host(served.root.path().join("book"));
    open(&browser, &format!("{hosted}one.html")).await;
    browser.wait_until("document.querySelector('button.copy')?.textContent === 'Copy'").await;
    let scripts =
        "[...document.scripts].filter((script) => /theme.exercise-/.test(script.src)).length";
    for nothing in ["document.querySelectorAll('.watch').length", scripts] {
        assert_eq!(browser.value(nothing).await, json!(0), "{nothing}");
    }
    // One that runs nothing says so, and what to do.
    open(&browser, &served.page("one.html")).await;
    browser.wait_until(BUTTON).await;
    presses_enter(&browser).await;
    browser.wait_until("document.querySelector('#how')?.textContent.includes('no key')").await;
    let watching: Value = browser.value(&format!("{BUTTON}.textContent")).await;
    assert_eq!(watching, json!("Watch my file"));
    browser.close().await;
}
