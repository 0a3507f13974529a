//! The machines whose numbers a page can show: as many as were recorded, whatever they are called.

// Each test file uses a part of it.
#![allow(dead_code)]

use serde_json::{Value, json};

use crate::browser::Browser;

/// The scripts have done what they do when a page opens; where there is a choice of machines, the one that
/// was chosen last is shown.
pub async fn settled(browser: &Browser) {
    browser.wait_until("document.readyState === 'complete'").await;
    // Asked again and again, not awaited: the page may be replaced meanwhile.
    let note = "window.course?.settled?.then(() => { window.isSettled = true; })";
    browser.wait_until(&format!("({note}, !window.course?.settled || window.isSettled)")).await;
}

/// The machine whose numbers are shown; none where the page offers no choice.
pub async fn shown(browser: &Browser) -> Option<String> {
    let name = browser.value("document.getElementById('machine')?.value ?? null").await;
    name.as_str().map(str::to_string)
}

/// A machine that is not shown and has, for this page, what this selector finds. Where no such machine is
/// recorded, the test cannot look at what follows one, and says so.
pub async fn another(browser: &Browser, needed: &str, test: &str) -> Option<String> {
    let first = ANOTHER.replace("PARTS", PARTS);
    let name = browser.awaited(&format!("({first})({})", json!(needed))).await;
    match name {
        Value::String(name) if !name.starts_with("failed: ") => Some(name),
        Value::Null => {
            let why = format!("no other recorded machine has {needed} for this page");
            lab::skipped(test, &why);
            None
        }
        other => panic!("another machine for {needed}: {other}"),
    }
}

/// What this selector finds among the numbers of a machine that the page is not written with, as its file
/// has them: an expression over the element `e` for each.
pub async fn of_its_file(browser: &Browser, machine: &str, selector: &str, each: &str) -> Value {
    let all = format!(
        "({PARTS})({}).then((parts) => parts.flatMap((part) => [...part.querySelectorAll({})])\
         .map((e) => {each}))",
        json!(machine),
        json!(selector)
    );
    let all = browser.awaited(&all).await;
    assert!(all.is_array(), "{machine}: {selector}: {all}");
    all
}

/// The same of what the page shows.
pub async fn of_the_page(browser: &Browser, selector: &str, each: &str) -> Value {
    let inside = selector.split(", ").map(|one| format!("[data-m] {one}")).collect::<Vec<_>>();
    let all =
        format!("[...document.querySelectorAll({})].map((e) => {each})", json!(inside.join(", ")));
    browser.value(&all).await
}

pub async fn choose(browser: &Browser, machine: &str) {
    // By event: a select opens a window of the system, which no driver can press.
    let choose = format!(
        "(() => {{ const select = document.getElementById('machine'); \
         document.addEventListener('machine', () => {{ document.body.dataset.chosen = ''; }}, {{ once: true }}); \
         select.value = {}; \
         select.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()",
        json!(machine)
    );
    browser.value(&choose).await;
    browser.wait_until("'chosen' in document.body.dataset").await;
    browser.value("delete document.body.dataset.chosen").await;
    assert_eq!(shown(browser).await.as_deref(), Some(machine));
}

/// The places of this page that follow the machine, as the file of a machine fills them.
const PARTS: &str = "async (machine) => {
    const { page } = document.querySelector('.machine-line').dataset;
    const answer = await fetch(`machines/${encodeURIComponent(machine)}/${page}.json`);
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
    const html = await answer.json();
    const places = [...document.querySelectorAll('[data-m]')].filter((e) => !e.parentElement.closest('[data-m]'));
    return places.map((place) => {
        const part = document.createElement('template');
        part.innerHTML = html[place.dataset.m] ?? '';
        return part.content;
    });
}";

/// The first of the other machines that the page is not written with, and that has what is needed.
const ANOTHER: &str = "async (needed) => {
    const select = document.getElementById('machine');
    const usual = (await (await fetch('machines/index.json')).json()).default;
    for (const { value, selected } of select?.options ?? []) {
        if (selected || value === usual) continue;
        const parts = await (PARTS)(value);
        if (parts.some((part) => part.querySelector(needed))) return value;
    }
    return null;
}";
