//! Diagrams, the chooser, the notes for instructors, what is hidden of Python and what is on a page, as a reader
//! meets them in a real Chromium.

mod built;
// Each test file uses a part of it.
mod browser;

use std::fs;

use browser::{Browser, host};
use built::{built_book, files};
use serde_json::{Value, json};

const CHOOSING: &str = "ch22-choosing.html";
const INSTRUCTORS: &str = "instructors.html";
const WAYS: [(&str, u32); 4] = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)];

async fn open(page: &str) -> (String, Browser) {
    let (url, browser) = (format!("{}{page}", host(built_book())), Browser::open().await);
    browser.goto(&url).await;
    browser.wait_until("document.readyState === 'complete'").await;
    (url, browser)
}

async fn anew(browser: &Browser, url: &str, (scheme, width): (&str, u32)) {
    browser.value("(localStorage.clear(), true)").await;
    browser.set_width(width).await;
    browser.prefer(scheme).await;
    again(browser, url).await;
}

async fn again(browser: &Browser, url: &str) {
    browser.goto("about:blank").await; // the same address would not be loaded
    browser.goto(url).await;
    browser.wait_until("document.readyState === 'complete'").await;
}

/// Brings the first diagram into view and waits for its drawing.
async fn draw(browser: &Browser) {
    browser
        .value("(document.querySelector('.diagram').scrollIntoView({ block: 'center' }), true)")
        .await;
    browser.wait_until("document.querySelector('.drawing.drawn svg')").await;
}

const FILL: &str = "getComputedStyle(document.querySelector('.drawing svg .node').querySelector('rect, polygon, path, circle')).fill";

#[tokio::test]
async fn a_diagram_is_drawn_when_it_comes_near_in_the_colors_of_the_page() {
    let (url, browser) = open(CHOOSING).await;
    for way in WAYS {
        anew(&browser, &url, way).await;
        browser.requests().await;
        let height = "document.querySelector('.drawing').offsetHeight";
        let before = browser.value(height).await;
        draw(&browser).await;
        let asked = browser.requests().await;
        assert!(asked.iter().any(|url| url.ends_with("diagrams/mermaid.min.js")), "{asked:?}");
        assert_eq!(browser.value(height).await, before, "{way:?}: its room does not change");
        let panel = "(() => { const e = document.createElement('i'); e.style.color = 'var(--panel)'; \
                     document.body.append(e); const c = getComputedStyle(e).color; e.remove(); return c; })()";
        assert_eq!(browser.text(FILL).await, browser.text(panel).await, "{way:?}");
        let named = "document.querySelector('.drawing svg').getAttribute('aria-label') \
                     && document.querySelector('.drawing svg').getAttribute('role') === 'img'";
        browser.wait_until(named).await;
        let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(0), "{way:?}: it scrolls in its own box");
        let larger = "document.querySelector('.drawing').scrollWidth > document.querySelector('.drawing').clientWidth + 1";
        let reachable = "document.querySelector('.drawing').tabIndex === 0";
        if browser.value(larger).await == json!(true) {
            assert_eq!(browser.value(reachable).await, json!(true), "{way:?}: by keyboard, too");
        }
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn a_diagram_follows_the_theme_without_being_drawn_again() {
    let (url, browser) = open(CHOOSING).await;
    anew(&browser, &url, ("light", 1280)).await;
    draw(&browser).await;
    browser.value("(document.querySelector('.drawing svg').dataset.same = '', true)").await;
    let light = browser.text(FILL).await;
    let dark = "(() => { const s = document.getElementById('theme'); s.value = 'dark'; \
                s.dispatchEvent(new Event('change')); return true; })()";
    browser.value(dark).await;
    browser.wait_until(&format!("{FILL} !== {}", json!(light))).await;
    browser.wait_until("document.querySelector('.drawing svg').dataset.same === ''").await;
    // On paper it is dark on light again.
    let paper = json!({ "media": "print", "features": [] });
    browser.devtools("Emulation.setEmulatedMedia", paper).await;
    browser
        .wait_until("getComputedStyle(document.querySelector('.drawing')).overflow === 'visible'")
        .await;
    let fill = browser.text(FILL).await;
    assert_eq!(fill, "rgb(255, 255, 255)", "panels are white on paper");
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// A page of the built book that holds none of these words.
fn page_without(words: &[&str]) -> String {
    let book = built_book();
    let mut pages = files(&book).into_iter().filter(|name| name.ends_with(".html"));
    let holds_none = |name: &String| {
        let text = fs::read_to_string(book.join(name)).unwrap();
        text.contains("<main") && !words.iter().any(|word| text.contains(word))
    };
    pages.find(holds_none).unwrap_or_else(|| panic!("every page holds one of {words:?}"))
}

const SCRIPTS: &str = "[...document.scripts].map((s) => s.src).join(' ')";

#[tokio::test]
async fn a_page_without_a_diagram_or_a_chooser_does_not_load_what_draws_them() {
    let page = page_without(&["class=\"diagram\"", "class=\"chooser\""]);
    let (url, browser) = open(&page).await;
    let there = "document.querySelectorAll('.diagram, .chooser').length";
    assert_eq!(browser.value(there).await, json!(0), "{page}");
    let scripts = browser.text(SCRIPTS).await;
    for script in ["diagrams", "chooser", "mermaid"] {
        assert!(!scripts.contains(script), "{page}: {scripts}");
    }
    // Where there is something to draw, they are loaded: the words above are what to look for.
    again(&browser, &url.replace(&page, CHOOSING)).await;
    assert_ne!(browser.value(there).await, json!(0), "{CHOOSING}");
    let scripts = browser.text(SCRIPTS).await;
    assert!(scripts.contains("diagrams") && scripts.contains("chooser"), "{scripts}");
    browser.close().await;
}

const REACHED: &str = "document.querySelectorAll('.recommendation.is-reached').length";
const SHOWN: &str =
    "[...document.querySelectorAll('.recommendation')].filter((e) => e.checkVisibility()).length";

#[tokio::test]
async fn answers_lead_to_one_recommendation_and_are_remembered() {
    let (url, browser) = open(CHOOSING).await;
    for way in WAYS {
        anew(&browser, &url, way).await;
        browser.wait_until("document.querySelector('.reached').textContent").await;
        assert_eq!(browser.value(SHOWN).await, json!(0), "{way:?}: nothing is answered yet");
        // By keyboard: the first answer of each question.
        let questions =
            browser.value("document.querySelectorAll('.chooser fieldset').length").await;
        assert_eq!(questions, json!(4));
        for number in 0..4 {
            let focus = format!(
                "(document.querySelectorAll('.chooser fieldset')[{number}].querySelector('input').focus(), true)"
            );
            browser.value(&focus).await;
            browser.types(" ").await;
        }
        browser.wait_until(&format!("{REACHED} === 1")).await;
        assert_eq!(browser.value(SHOWN).await, json!(1), "{way:?}");
        let said = "document.querySelector('.reached').textContent";
        assert!(browser.text(said).await.starts_with("Recommended"), "{way:?}");
        let evidence = "document.querySelector('.is-reached').textContent";
        let first = browser.text(evidence).await;
        again(&browser, &url).await;
        browser.wait_until(&format!("{REACHED} === 1")).await;
        assert_eq!(browser.text(evidence).await, first, "{way:?}: remembered");

        browser.value("(document.querySelector('.chooser .all').click(), true)").await;
        let all = browser.value("document.querySelectorAll('.recommendation').length").await;
        assert_eq!(browser.value(SHOWN).await, all, "{way:?}: all of them");
        browser.value("(document.querySelector('.chooser [type=reset]').click(), true)").await;
        browser.wait_until(&format!("{SHOWN} === 0 && {REACHED} === 0")).await;
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn every_combination_of_answers_reaches_one_recommendation_in_the_page_as_well() {
    let (_, browser) = open(CHOOSING).await;
    browser.wait_until("document.querySelector('.reached').textContent").await;
    let wrong = browser
        .value(
            "(() => {
                const questions = [...document.querySelectorAll('.chooser fieldset')].map((f) => [...f.querySelectorAll('input')]);
                const wrong = [];
                const answer = (number, chosen) => {
                    if (number === questions.length) {
                        for (const input of chosen) input.checked = true;
                        chosen[0].dispatchEvent(new Event('change', { bubbles: true }));
                        const reached = document.querySelectorAll('.is-reached').length;
                        if (reached !== 1) wrong.push(chosen.map((i) => i.value).join(' '));
                        return;
                    }
                    for (const input of questions[number]) answer(number + 1, [...chosen, input]);
                };
                answer(0, []);
                return wrong;
            })()",
        )
        .await;
    assert_eq!(wrong, json!([]));
    browser.close().await;
}

async fn on_paper(browser: &Browser, paper: bool) {
    let media = if paper { "print" } else { "" };
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": media })).await;
}

#[tokio::test]
async fn a_switch_shows_the_notes_for_instructors_and_is_remembered() {
    let (url, browser) = open(INSTRUCTORS).await;
    let open_notes = "document.querySelectorAll('details.instructor[open]').length";
    let all = browser.value("document.querySelectorAll('details.instructor').length").await;
    assert!(all.as_u64() > Some(0));
    for way in WAYS {
        anew(&browser, &url, way).await;
        browser.wait_until("document.getElementById('instructor')").await;
        assert_eq!(browser.value(open_notes).await, json!(0), "{way:?}: folded");
        let printed = "document.querySelector('details.instructor').checkVisibility()";
        on_paper(&browser, true).await;
        assert_eq!(browser.value(printed).await, json!(false), "{way:?}: not on paper");
        on_paper(&browser, false).await;
        browser.value("(document.getElementById('instructor').focus(), true)").await;
        browser.types("\u{e007}").await;
        assert_eq!(browser.value(open_notes).await, all, "{way:?}");
        on_paper(&browser, true).await;
        assert_eq!(browser.value(printed).await, json!(true), "{way:?}: on paper, too");
        on_paper(&browser, false).await;
        let pressed = "document.getElementById('instructor').getAttribute('aria-pressed')";
        assert_eq!(browser.value(pressed).await, Value::String("true".into()), "{way:?}");
        again(&browser, &url).await;
        browser.wait_until(&format!("{open_notes} === {all}")).await;
        let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(0), "{way:?}: the header has room for it");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

const THREADS: &str = "ch05-threads.html";
const PYTHON: &str = "document.getElementById('python')";
/// What is said of Python that can be seen: boxes, rows of tables, and bars of a figure with other bars.
const OF_PYTHON: &str = "[...document.querySelectorAll('blockquote.py, .py-beside tr.py, .py-beside svg .k-python')]\
                         .filter((e) => e.checkVisibility()).length";

async fn unfold(browser: &Browser) {
    let all =
        "(document.querySelectorAll('main details').forEach((e) => { e.open = true; }), true)";
    browser.value(all).await;
}

#[tokio::test]
async fn a_switch_hides_what_is_said_of_python_and_is_remembered() {
    let (url, browser) = open(THREADS).await;
    // What is seen at the first paint, before any script at the page's end.
    let first = "addEventListener('DOMContentLoaded', () => { window.first = document.documentElement.dataset.python ?? ''; }, { once: true, capture: true });";
    let source = json!({ "source": first });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", source).await;
    let rows = "[...document.querySelectorAll('.py-beside tbody tr')].filter((e) => e.checkVisibility()).length";
    for way in WAYS {
        anew(&browser, &url, way).await;
        unfold(&browser).await;
        let pressed = format!("{PYTHON}.getAttribute('aria-pressed')");
        assert_eq!(browser.text(&pressed).await, "true", "{way:?}");
        assert_ne!(browser.value(OF_PYTHON).await, json!(0), "{way:?}");
        let before = browser.value(rows).await.as_u64();
        // By keyboard.
        browser.value(&format!("({PYTHON}.focus(), true)")).await;
        browser.types("\u{e007}").await;
        browser.wait_until(&format!("{OF_PYTHON} === 0")).await;
        assert_eq!(browser.text(&pressed).await, "false", "{way:?}");
        let said = "document.getElementById('said').textContent";
        assert!(browser.text(said).await.ends_with("hidden"), "{way:?}");
        let after = browser.value(rows).await.as_u64();
        assert!(after > Some(0) && after < before, "{way:?}: {after:?} rows of {before:?}");
        on_paper(&browser, true).await;
        assert_eq!(browser.value(OF_PYTHON).await, json!(0), "{way:?}: chosen, so on paper, too");
        on_paper(&browser, false).await;

        again(&browser, &url).await;
        assert_eq!(browser.text("window.first").await, "hidden", "{way:?}: before the first paint");
        unfold(&browser).await;
        assert_eq!(browser.value(OF_PYTHON).await, json!(0), "{way:?}: remembered");
        assert_eq!(browser.text(&pressed).await, "false", "{way:?}: remembered");
        browser.value(&format!("({PYTHON}.click(), true)")).await;
        browser.wait_until(&format!("{OF_PYTHON} > 0")).await;
        on_paper(&browser, true).await;
        assert_ne!(browser.value(OF_PYTHON).await, json!(0), "{way:?}: on paper");
        on_paper(&browser, false).await;
        let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(0), "{way:?}: the header has room for it");
        let apart = "[...document.querySelectorAll('.top button, .top select')].filter((e) => e.checkVisibility())\
                     .map((e) => e.getBoundingClientRect()).every((b, n, all) => !n || all[n - 1].right <= b.left)";
        assert_eq!(browser.value(apart).await, json!(true), "{way:?}: none covers another");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn the_switch_works_where_nothing_can_be_stored() {
    let (url, browser) = open(THREADS).await;
    let refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });";
    let source = json!({ "source": refuse });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", source).await;
    again(&browser, &url).await;
    assert_ne!(browser.value(OF_PYTHON).await, json!(0));
    browser.value(&format!("({PYTHON}.click(), true)")).await;
    browser.wait_until(&format!("{OF_PYTHON} === 0")).await;
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn a_chapter_about_python_hides_nothing_of_it() {
    let (_, browser) = open("ch19-gil.html").await;
    browser.value("(localStorage.setItem('measured:python', 'hidden'), true)").await;
    let url = browser.text("location.href").await;
    again(&browser, &url).await;
    browser.wait_until("document.documentElement.dataset.python === 'hidden'").await;
    let python = "[...document.querySelectorAll('blockquote, svg .k-python, tr.py')]";
    let hidden = format!("{python}.filter((e) => getComputedStyle(e).display === 'none').length");
    assert_ne!(browser.value(&format!("{python}.length")).await, json!(0));
    assert_eq!(browser.value(&hidden).await, json!(0));
    let button = format!("{PYTHON}.checkVisibility()");
    assert_eq!(browser.value(&button).await, json!(false), "a switch that would do nothing");
    browser.close().await;
}

#[tokio::test]
async fn what_is_on_a_page_stands_beside_it_or_is_folded_above_it() {
    let (url, browser) = open(THREADS).await;
    let link = "document.querySelector('.here li:nth-child(3) a')";
    let seen = format!(
        "{link}.checkVisibility({{ contentVisibilityAuto: true }}) && {link}.getBoundingClientRect().height > 0"
    );
    for way in WAYS {
        anew(&browser, &url, way).await;
        let is_wide = way.1 >= 1280;
        assert_eq!(browser.value(&seen).await, json!(is_wide), "{way:?}");
        if is_wide {
            let beside = "document.querySelector('.here').getBoundingClientRect().left >= document.querySelector('main').getBoundingClientRect().right";
            assert_eq!(browser.value(beside).await, json!(true), "{way:?}: it covers the text");
        } else {
            browser.value("(document.querySelector('.here summary').focus(), true)").await;
            browser.types("\u{e007}").await;
            browser.wait_until(&seen).await;
        }
        browser.value(&format!("({link}.focus(), true)")).await;
        browser.types("\u{e007}").await;
        browser.wait_until(&format!("{link}.hash === location.hash")).await;
        browser.wait_until(&format!("{link}.getAttribute('aria-current') === 'true'")).await;
        browser.wait_until("!document.querySelector('.here details').open").await;
        on_paper(&browser, true).await;
        let printed = "document.querySelector('.here').checkVisibility()";
        assert_eq!(browser.value(printed).await, json!(false), "{way:?}: not on paper");
        on_paper(&browser, false).await;
        let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(0), "{way:?}");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}
