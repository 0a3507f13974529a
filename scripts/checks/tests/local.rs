//! A copy of the book that is read where it was built: whose numbers its pages show first.

mod browser;
mod built;

use std::fs;

use browser::{Browser, host};
use built::{built_book, files};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Two pages whose numbers depend on the machine.
const THREADS: &str = "ch05-threads.html";
const SHARING: &str = "ch06-sharing.html";
const SELECTED: &str = "document.getElementById('machine').value";
/// What stands beside the selector, or nothing.
const TOLD: &str = "document.querySelector('.machine-line .told')?.textContent ?? ''";
const SHOWN: &str =
    "[...document.querySelectorAll('[data-m]')].map((e) => e.textContent).join('|')";

/// A machine of the book, as its selector names it.
#[derive(Clone)]
struct Machine {
    name: String,
    label: String,
}

/// A copy of the built book, the machine that it is written with, and another.
struct Copy {
    folder: TempDir,
    usual: Machine,
    other: Machine,
}

impl Copy {
    fn new() -> Copy {
        let book = built_book();
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for file in files(&book) {
            let target = folder.path().join(&file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(book.join(&file), target).unwrap();
        }
        let index = index(&folder);
        let text = |value: &Value| value.as_str().unwrap().to_string();
        let machines = index["machines"].as_array().unwrap().iter();
        let machines = machines
            .map(|machine| Machine { name: text(&machine["name"]), label: text(&machine["label"]) })
            .collect::<Vec<_>>();
        let named = |usual: bool| {
            let found = machines.iter().find(|machine| (machine.name == index["default"]) == usual);
            found.expect("the book speaks of two machines").clone()
        };
        let (usual, other) = (named(true), named(false));
        Copy { folder, usual, other }
    }

    /// As if it had been built on this machine.
    fn built_on(&self, machine: &Machine) {
        let mut index = index(&self.folder);
        index["local"] = json!(machine.name);
        fs::write(self.folder.path().join("machines/index.json"), index.to_string()).unwrap();
    }

    fn host(&self) -> String {
        host(self.folder.path().to_path_buf())
    }
}

fn index(folder: &TempDir) -> Value {
    let text = fs::read_to_string(folder.path().join("machines/index.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Opens a page and waits until it shows the machine that it settles on.
async fn open(browser: &Browser, url: &str) {
    browser.goto(url).await;
    browser.wait_until("document.getElementById('machine')").await;
    browser.awaited("course.settled.then(() => true)").await;
}

async fn choose(browser: &Browser, machine: &Machine) {
    let script = format!(
        "((s) => {{ s.value = {}; s.dispatchEvent(new Event('change')); return true; }})(document.getElementById('machine'))",
        json!(machine.name)
    );
    browser.value(&script).await;
}

#[tokio::test]
async fn the_selector_starts_at_the_machine_that_was_built_on_and_the_page_says_so_once() {
    let copy = Copy::new();
    let (book, browser) = (copy.host(), Browser::open().await);
    open(&browser, &format!("{book}{THREADS}")).await;
    let hosted = browser.text(SHOWN).await;
    copy.built_on(&copy.other);
    open(&browser, &format!("{book}{THREADS}")).await;
    assert_eq!(browser.text(SELECTED).await, copy.other.name);
    assert_ne!(browser.text(SHOWN).await, hosted, "the numbers of the other machine");
    let told = browser.text(TOLD).await;
    assert!(
        told.contains("the machine you built on") && told.contains(&copy.usual.label),
        "{told}"
    );

    open(&browser, &format!("{book}{SHARING}")).await;
    assert_eq!(browser.text(SELECTED).await, copy.other.name, "on every page");
    assert_eq!(browser.text(TOLD).await, "", "once");
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn a_machine_that_the_reader_chose_is_kept_and_what_was_said_goes() {
    let copy = Copy::new();
    copy.built_on(&copy.other);
    let (book, browser) = (copy.host(), Browser::open().await);
    open(&browser, &format!("{book}{THREADS}")).await;
    assert_ne!(browser.text(TOLD).await, "");
    choose(&browser, &copy.usual).await;
    browser.wait_until(&format!("({TOLD}) === ''")).await;
    browser.wait_until("document.getElementById('said').textContent").await;
    let chosen = browser.text(SHOWN).await;
    open(&browser, &format!("{book}{SHARING}")).await;
    open(&browser, &format!("{book}{THREADS}")).await;
    assert_eq!(browser.text(SELECTED).await, copy.usual.name);
    assert_eq!(browser.text(SHOWN).await, chosen);
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn where_the_book_was_not_built_here_or_on_its_own_machine_nothing_is_said() {
    let copy = Copy::new();
    let (book, browser) = (copy.host(), Browser::open().await);
    for built_here in [false, true] {
        if built_here {
            copy.built_on(&copy.usual);
        }
        open(&browser, &format!("{book}{THREADS}")).await;
        assert_eq!(browser.text(SELECTED).await, copy.usual.name);
        assert_eq!(browser.text(TOLD).await, "");
    }
    assert_eq!(browser.complaints().await, [""; 0], "no request fails");
    browser.close().await;
}

#[tokio::test]
async fn a_page_that_was_opened_as_a_file_keeps_its_machine_and_says_what_shows_others() {
    let copy = Copy::new();
    copy.built_on(&copy.other);
    let browser = Browser::open().await;
    let path = copy.folder.path().join(THREADS);
    browser.goto(url::Url::from_file_path(path).unwrap().as_str()).await;
    browser.wait_until(&format!("({TOLD}).includes('cargo course serve')")).await;
    let line = browser.text("document.querySelector('.machine-line').textContent").await;
    assert!(line.contains(&copy.usual.label), "{line}");
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}
