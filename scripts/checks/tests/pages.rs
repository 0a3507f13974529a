//! The built book as a reader meets it, in a real Chromium.

mod browser;
mod built;
mod machines;

use std::fs;

use browser::{Browser, host};
use built::{built_book, files, moved_to};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use machines::settled;
use serde_json::{Value, json};

const WIDE: u32 = 1280;
/// The narrowest window a page is made for.
const NARROW: u32 = 360;
/// What our own scripts and style cost a reader, compressed, in bytes.
const HEAVIEST_THEME: u64 = 30_000;

/// The book's host, and a browser.
async fn reader() -> (String, Browser) {
    (host(built_book()), Browser::open().await)
}

/// Every page, also the one for addresses that do not exist; not those that only lead on.
fn pages() -> Vec<String> {
    let moved = |name: &String| {
        fs::read_to_string(built_book().join(name)).is_ok_and(|text| moved_to(&text).is_some())
    };
    // mdBook's own list of contents is for its stock pages; none of ours leads there.
    files(&built_book())
        .into_iter()
        .filter(|name| name.ends_with(".html") && name != "toc.html" && !moved(name))
        .collect()
}

/// Two frames after everything is there: what moved without being asked to, and how far.
async fn layout_shifts(browser: &Browser) -> Vec<String> {
    let shifts = browser
        .awaited(
            "new Promise((done) => {
                const seen = [];
                const told = ({ node, previousRect, currentRect }) =>
                    `${node?.nodeName}.${node?.className} from ${previousRect.y} to ${currentRect.y}`;
                // Below this, a line has moved by a fraction of a pixel.
                const add = (entries) => entries.filter((entry) => entry.value > 0.001).forEach(
                    (entry) => seen.push(`${entry.value}: ${entry.sources.map(told).join(', ')}`));
                const observer = new PerformanceObserver((list) => add(list.getEntries()));
                observer.observe({ type: 'layout-shift', buffered: true });
                requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
                    add(observer.takeRecords());
                    done(seen);
                })));
            })",
        )
        .await;
    let Value::Array(shifts) = shifts else { panic!("layout shifts: {shifts}") };
    shifts.iter().map(Value::to_string).collect()
}

#[tokio::test]
async fn every_page_is_calm_in_both_themes_and_both_widths() {
    let (book, browser) = reader().await;
    let mut wrong = Vec::new();
    for (scheme, width) in [("light", WIDE), ("dark", WIDE), ("light", NARROW), ("dark", NARROW)] {
        browser.set_width(width).await;
        browser.prefer(scheme).await;
        for page in pages() {
            let here = format!("{page}, {scheme}, {width} px");
            browser.goto(&format!("{book}{page}")).await;
            settled(&browser).await;
            wrong.extend(browser.complaints().await.iter().map(|said| format!("{here}: {said}")));
            let away = browser.requests().await.into_iter();
            let away = away.filter(|url| !url.starts_with(&book) && !url.starts_with("data:"));
            wrong.extend(away.map(|url| format!("{here}: asked for {url}")));
            let too_wide = browser
                .value(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
                )
                .await;
            if too_wide.as_i64() > Some(0) {
                wrong.push(format!("{here}: scrolls sideways by {too_wide} px"));
            }
            let shifts = layout_shifts(&browser).await;
            wrong.extend(shifts.iter().map(|shift| format!("{here}: moves by itself, {shift}")));
            let dark = browser.value("matchMedia('(prefers-color-scheme: dark)').matches").await;
            assert_eq!(dark, json!(scheme == "dark"), "{here}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    browser.close().await;
}

/// A page whose numbers depend on the machine.
const CHAPTER: &str = "ch05-threads.html";

#[tokio::test]
async fn numbers_follow_the_machine_that_was_chosen_and_come_back() {
    let (book, browser) = reader().await;
    browser.set_width(WIDE).await;
    browser.goto(&format!("{book}{CHAPTER}")).await;
    settled(&browser).await;
    let test = "numbers_follow_the_machine_that_was_chosen_and_come_back";
    let Some(other) = machines::another(&browser, "data.measured", test).await else {
        return browser.close().await;
    };
    let usual = machines::shown(&browser).await.expect("one of several");
    let (value, text) = ("data.measured, figure.plot .sub", "e.textContent");
    let before = machines::of_the_page(&browser, value, text).await;
    let others = machines::of_its_file(&browser, &other, value, text).await;
    let written = others.as_array().is_some_and(|all| !all.is_empty());
    assert!(written && !others.to_string().contains("undefined"), "{others}");

    machines::choose(&browser, &other).await;
    assert_eq!(machines::of_the_page(&browser, value, text).await, others);

    // Remembered: on this page and on another.
    browser.goto(&format!("{book}ch06-sharing.html")).await;
    settled(&browser).await;
    assert_eq!(machines::shown(&browser).await.as_ref(), Some(&other));
    browser.goto(&format!("{book}{CHAPTER}")).await;
    settled(&browser).await;
    assert_eq!(machines::of_the_page(&browser, value, text).await, others);

    machines::choose(&browser, &usual).await;
    assert_eq!(machines::of_the_page(&browser, value, text).await, before);
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// Chooses an option by its index, an expression over the select `s`.
async fn choose(browser: &Browser, select: &str, index: &str) {
    let script = format!(
        "(() => {{ const s = document.getElementById('{select}'); s.selectedIndex = {index}; \
         s.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
    );
    browser.value(&script).await;
}

#[tokio::test]
async fn the_choice_of_colors_is_obeyed_and_remembered() {
    let (book, browser) = reader().await;
    browser.set_width(WIDE).await;
    browser.prefer("light").await;
    browser.goto(&format!("{book}{CHAPTER}")).await;
    let background = "getComputedStyle(document.body).backgroundColor";
    let light = browser.text(background).await;
    choose(&browser, "theme", "[...s.options].findIndex((o) => o.value === 'dark')").await;
    browser.wait_until(&format!("{background} !== '{light}'")).await;
    let dark = browser.text(background).await;
    browser.goto(&format!("{book}measuring.html")).await;
    assert_eq!(browser.text(background).await, dark, "remembered on the next page");
    assert_eq!(browser.text("document.getElementById('theme').value").await, "dark");
    choose(&browser, "theme", "[...s.options].findIndex((o) => o.value === 'auto')").await;
    browser.wait_until(&format!("{background} === '{light}'")).await;
    browser.close().await;
}

#[tokio::test]
async fn the_search_finds_a_word_by_keyboard_alone() {
    let (book, browser) = reader().await;
    browser.set_width(WIDE).await;
    browser.goto(&format!("{book}index.html")).await;
    settled(&browser).await;
    let before = browser.requests().await;
    assert!(
        !before.iter().any(|url| url.contains("searchindex")),
        "the index is fetched before it is asked for"
    );

    let open = KeyActions::new("keyboard".into())
        .then(KeyAction::Down { value: Key::Control.into() })
        .then(KeyAction::Down { value: 'k' })
        .then(KeyAction::Up { value: 'k' })
        .then(KeyAction::Up { value: Key::Control.into() });
    browser.client.perform_actions(open).await.expect("Ctrl+K");
    browser.wait_until("document.getElementById('search').open").await;
    browser.types("mutex").await;
    browser.wait_until("document.querySelector('#search ol a mark')").await;
    let found =
        browser.text("document.querySelector('#search ol').textContent.toLowerCase()").await;
    assert!(found.contains("mutex"), "{found}");
    assert_ne!(
        browser.text("document.querySelector('#search [role=status]').textContent").await,
        ""
    );

    browser.types(&char::from(Key::Down).to_string()).await;
    browser.wait_until("document.activeElement === document.querySelector('#search ol a')").await;
    let target = browser.text("document.activeElement.href").await;
    browser.types(&char::from(Key::Enter).to_string()).await;
    browser.wait_until(&format!("location.href === {}", json!(target))).await;
    browser
        .wait_until("document.querySelector('main').textContent.toLowerCase().includes('mutex')")
        .await;
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn listings_can_be_copied() {
    let (book, browser) = reader().await;
    browser.goto(&format!("{book}{CHAPTER}")).await;
    settled(&browser).await;
    let permission = json!({ "permission": { "name": "clipboard-write" }, "setting": "granted" });
    browser.devtools("Browser.setPermission", permission).await;
    let permission = json!({ "permission": { "name": "clipboard-read" }, "setting": "granted" });
    browser.devtools("Browser.setPermission", permission).await;
    browser
        .wait_until("[...document.querySelectorAll('button.copy')].every((b) => !b.hidden)")
        .await;
    let listing =
        browser.text("document.querySelector('.card:has(button.copy) pre').textContent").await;
    browser.value("(document.querySelector('button.copy').focus(), true)").await;
    browser.types(&char::from(Key::Enter).to_string()).await;
    browser.wait_until("document.querySelector('button.copy').textContent === 'Copied'").await;
    assert_eq!(browser.awaited("navigator.clipboard.readText()").await, Value::String(listing));
    browser.close().await;
}

#[tokio::test]
async fn without_scripts_the_book_is_complete() {
    let (book, browser) = reader().await;
    browser.set_width(WIDE).await;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    browser.goto(&format!("{book}{CHAPTER}")).await;
    let scripted = browser.value("document.documentElement.classList.contains('scripted')").await;
    assert_eq!(scripted, json!(false), "scripts ran all the same");
    let visible = "(e) => e.checkVisibility() && e.getBoundingClientRect().height > 0";
    for (what, selector, least) in [
        ("figures", "main figure.plot svg", 2),
        ("measured values", "main data.measured", 3),
        ("claims", "main .claim .verdict", 1),
        ("listings", "main figure.listing pre", 2),
        ("contents", "#contents a", 8),
        ("the way on", ".onward a", 2),
        ("whose numbers these are", ".machine-line", 1),
    ] {
        let seen = format!("[...document.querySelectorAll('{selector}')].filter({visible}).length");
        let seen = browser.value(&seen).await.as_u64().unwrap_or(0);
        assert!(seen >= least, "{what}: {seen} can be seen");
    }
    let useless = format!(
        "[...document.querySelectorAll('.with-script, button.copy, select')].filter({visible}).length"
    );
    assert_eq!(browser.value(&useless).await, json!(0), "controls that do nothing without scripts");
    browser.close().await;
}

/// As `figures/units.rs` writes them.
#[tokio::test]
async fn a_script_writes_a_number_as_the_page_does() {
    let (book, browser) = reader().await;
    browser.goto(&format!("{book}{CHAPTER}")).await;
    let written = browser.value(
        "[0, 0.42, 7, 7.7511, 9.999, 44.123456, 100, 999.4, 999.6, 1234].map(course.number)",
    );
    let expected = [
        "0",
        "0.420",
        "7.00",
        "7.75",
        "10.0",
        "44.1",
        "100",
        "999",
        "1\u{202f}000",
        "1\u{202f}234",
    ];
    assert_eq!(written.await, json!(expected));
    browser.close().await;
}

#[tokio::test]
async fn our_scripts_and_style_are_light() {
    let (book, browser) = reader().await;
    browser.goto(&format!("{book}{CHAPTER}")).await;
    settled(&browser).await;
    let loaded = browser.requests().await;
    let ours: Vec<&String> =
        loaded.iter().filter(|url| url.starts_with(&format!("{book}theme/"))).collect();
    assert!(ours.len() >= 4, "{loaded:?}");
    let mut sum = 0;
    for url in ours {
        let packed = format!(
            "fetch('{url}').then((a) => new Response(a.body.pipeThrough(new CompressionStream('gzip'))).arrayBuffer())\
             .then((b) => b.byteLength)"
        );
        let packed = browser.awaited(&packed).await;
        sum += packed.as_u64().unwrap_or_else(|| panic!("{url}: {packed}"));
    }
    assert!(sum <= HEAVIEST_THEME, "{sum} bytes, compressed");
    println!("theme: {sum} bytes compressed");
    browser.close().await;
}
