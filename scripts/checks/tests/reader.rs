//! What a reader does with a page, by keyboard and by pointer, in both themes, wide and narrow.

mod browser;
mod built;
mod explorers;
mod machines;

use browser::{Browser, host};
use built::built_book;
use fantoccini::Locator;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::key::Key;
use machines::settled;
use serde_json::{Value, json};

const WAYS: [(&str, u32); 4] = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)];
const THREADS: &str = "ch05-threads.html";
const SHARING: &str = "ch06-sharing.html";
const LIMITS: &str = "ch04-limits.html";
const SPLIT: &str = "ch11-split.html";

async fn open(page: &str) -> (String, Browser) {
    let (url, browser) = (format!("{}{page}", host(built_book())), Browser::open().await);
    browser.goto(&url).await;
    settled(&browser).await;
    (url, browser)
}

/// A page anew, in one theme and one width, by a reader who has not been here.
async fn anew(browser: &Browser, url: &str, (scheme, width): (&str, u32)) {
    browser.value("(localStorage.clear(), sessionStorage.clear(), true)").await;
    browser.set_width(width).await;
    browser.prefer(scheme).await;
    again(browser, url).await;
}

async fn again(browser: &Browser, url: &str) {
    browser.goto("about:blank").await; // the same address with another fragment would not be loaded
    browser.goto(url).await;
    settled(browser).await;
}

/// Brings an element into view and presses it with the pointer.
async fn press(browser: &Browser, selector: &str) {
    let into_view = format!(
        "(document.querySelector({}).scrollIntoView({{ block: 'center' }}), true)",
        json!(selector)
    );
    browser.value(&into_view).await;
    let element = browser.client.find(Locator::Css(selector)).await;
    let element = element.unwrap_or_else(|why| panic!("{selector}: {why}"));
    element.click().await.unwrap_or_else(|why| panic!("pressing {selector}: {why}"));
}

/// Turns to what Tab can reach, and types.
async fn type_at(browser: &Browser, selector: &str, keys: &str) {
    let turn = format!(
        "((e) => {{ e.focus(); return document.activeElement === e && e.tabIndex >= 0; }})(document.querySelector({}))",
        json!(selector)
    );
    assert_eq!(browser.value(&turn).await, json!(true), "{selector} cannot be reached by keyboard");
    browser.types(keys).await;
}

fn key(key: Key) -> String {
    char::from(key).to_string()
}

/// Runs in every page before its own scripts.
async fn before_scripts(browser: &Browser, source: &str) {
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
}

#[tokio::test]
async fn a_prediction_is_answered_marked_and_remembered() {
    let (url, browser) = open(THREADS).await;
    let marked = "document.querySelector('form.predict .is-right input')?.value";
    let right = "document.querySelector('form.predict .right').dataset.choice";
    let chosen = "document.querySelector('form.predict input:checked')?.value";
    let unfolded = "document.querySelector('form.predict .answer').open";
    for way in WAYS {
        anew(&browser, &url, way).await;
        assert_eq!(browser.value(unfolded).await, json!(false), "{way:?}");
        assert_eq!(browser.value(marked).await, Value::Null, "{way:?}");

        type_at(&browser, "form.predict input", " ").await;
        browser.wait_until(unfolded).await;
        let first = browser.text(chosen).await;
        assert_eq!(browser.text(marked).await, browser.text(right).await, "{way:?}");
        let said = "document.getElementById('said').textContent";
        assert!(browser.text(said).await.contains("on this machine"), "{way:?}");
        again(&browser, &url).await;
        assert_eq!(browser.text(chosen).await, first, "{way:?}: remembered");
        browser.wait_until(unfolded).await;

        press(&browser, "form.predict label:last-of-type").await;
        browser.wait_until(&format!("{chosen} !== {}", json!(first))).await;
        let last = browser.text(chosen).await;
        let test = "a_prediction_is_answered_marked_and_remembered";
        let Some(there) = machines::another(&browser, "form.predict .right", test).await else {
            continue;
        };
        machines::choose(&browser, &there).await;
        assert_eq!(browser.text(chosen).await, last, "{way:?}: the choice stays");
        assert_eq!(browser.text(marked).await, browser.text(right).await, "{way:?}: there, too");
        browser.wait_until(unfolded).await;
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// A reader who does not want to predict.
async fn uncover(browser: &Browser) {
    browser
        .value("(document.querySelectorAll('.cover button').forEach((b) => b.click()), true)")
        .await;
}

#[tokio::test]
async fn the_figure_that_answers_is_covered_until_there_is_a_prediction() {
    let (url, browser) = open(THREADS).await;
    let covered = "document.querySelector('figure.covered')";
    let seen = "[...document.querySelectorAll('main figure.plot:not([data-runs]) figcaption')]\
                .every((e) => e.checkVisibility({ visibilityProperty: true }))";
    let height = "document.documentElement.scrollHeight";
    for way in WAYS {
        anew(&browser, &url, way).await;
        browser.wait_until(covered).await;
        assert_eq!(browser.value(seen).await, json!(false), "{way:?}");
        let before = browser.value(height).await;
        type_at(&browser, ".cover button", &key(Key::Enter)).await;
        browser.wait_until(&format!("!{covered} && {seen}")).await;
        assert_eq!(browser.value(height).await, before, "{way:?}: nothing moves");
        browser.wait_until("document.activeElement.matches('figcaption')").await;
        again(&browser, &url).await;
        browser.wait_until(&format!("!{covered}")).await; // remembered

        anew(&browser, &url, way).await;
        browser.wait_until(covered).await;
        type_at(&browser, "form.predict input", " ").await;
        browser.wait_until(&format!("!{covered} && {seen}")).await;
        again(&browser, &url).await;
        browser.wait_until(&format!("!{covered}")).await; // answered
    }
    // Paper shows it.
    anew(&browser, &url, WAYS[0]).await;
    browser.wait_until(covered).await;
    browser.emulate("print", "prefers-color-scheme", "light").await;
    assert_eq!(browser.value(seen).await, json!(true));
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn a_law_moves_by_keyboard_and_keeps_what_was_chosen() {
    let (url, browser) = open(LIMITS).await;
    let words = "document.querySelector('.predicted').textContent";
    let at = |name: &str| format!(".law-controls input[name={name}]");
    for way in WAYS {
        anew(&browser, &url, way).await;
        browser.wait_until("document.querySelector('figure.amdahl[data-live]')").await;
        let written = browser.text(words).await;
        assert!(written.contains("16 cores: 6.40 times"), "{way:?}: {written}");
        let stage = if way.1 > 700 { ".wide" } else { ".narrow" };
        let curve = format!("document.querySelector('.amdahl {stage} .law').getAttribute('d')");
        let drawn = browser.text(&curve).await;
        // The script says and draws what the page was written with.
        let nothing = "(document.querySelector('.law-controls input')\
                       .dispatchEvent(new Event('input', { bubbles: true })), true)";
        browser.value(nothing).await;
        assert_eq!(browser.text(words).await, written, "{way:?}");
        let numbers = |d: &str| -> Vec<f64> {
            d.split(['M', 'L', ' ']).filter_map(|n| n.parse().ok()).take(2).collect()
        };
        let redrawn = browser.text(&curve).await;
        for (a, b) in numbers(&drawn).iter().zip(numbers(&redrawn)) {
            assert!((a - b).abs() < 0.3, "{way:?}: begins at {redrawn}, not at {drawn}");
        }

        type_at(&browser, &at("serial"), &key(Key::Home)).await;
        browser.wait_until(&format!("{words}.includes('16 cores: 16.0 times')")).await;
        assert!(browser.text(words).await.contains("Nothing is serial"), "{way:?}");
        type_at(&browser, &at("cores"), &key(Key::End)).await;
        browser.wait_until(&format!("{words}.includes('64 cores: 64.0 times')")).await;
        type_at(&browser, &at("coordination"), &key(Key::Right).repeat(10)).await;
        browser.wait_until(&format!("{words}.includes('Fastest with 32 cores')")).await;
        let label = "document.querySelector('.amdahl svg').getAttribute('aria-label')";
        assert_eq!(browser.text(label).await, browser.text(words).await, "{way:?}");

        let test = "a_law_moves_by_keyboard_and_keeps_what_was_chosen";
        let Some(there) = machines::another(&browser, "figure.amdahl", test).await else {
            continue;
        };
        let cores = "JSON.parse(e.dataset.law).cores";
        let cores = machines::of_its_file(&browser, &there, "figure.amdahl", cores).await;
        machines::choose(&browser, &there).await;
        browser.wait_until("document.querySelector('figure.amdahl[data-live]')").await;
        let said = browser.text(words).await;
        assert!(said.contains("64 cores") && said.contains("Fastest with 32"), "{way:?}: {said}");
        let with = match cores[0].as_u64().expect("a number of cores") {
            1 => "with 1 core:".to_string(),
            cores => format!("with {cores} cores:"),
        };
        assert!(said.contains(&with), "{way:?}: `{with}` is not in: {said}");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn the_claims_follow_the_machine_and_where_machines_disagree_names_all() {
    let (_, browser) = open("claims.html").await;
    let verdicts =
        "[...document.querySelectorAll('[data-m] .ledger .line')].map((e) => e.textContent).join()";
    let disagreements = "document.querySelector('.ledger:not([data-m] *)').textContent";
    let (here, named) = (browser.text(verdicts).await, browser.text(disagreements).await);
    let test = "the_claims_follow_the_machine_and_where_machines_disagree_names_all";
    if let Some(there) = machines::another(&browser, ".ledger .line.holds", test).await {
        machines::choose(&browser, &there).await;
        browser.wait_until(&format!("{verdicts} !== {}", json!(here))).await;
        assert_eq!(browser.text(disagreements).await, named, "that of all machines stays");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// What has the focus, whether it can be seen, and whether that it has.
const FOCUSED: &str = "(() => {
    const e = document.activeElement;
    const kinds = { skip: '.skip', main: 'main', machine: '#machine', run: 'button.run', predict: 'form.predict input',
        stage: '.stage', serial: '[name=serial]', cores: '[name=cores]', onward: '.onward a[rel=next]', body: 'body' };
    const kind = Object.keys(kinds).find((kind) => e.matches(kinds[kind])) ?? e.tagName;
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    const bar = document.querySelector('.top').getBoundingClientRect().bottom;
    const inText = !!e.closest('main') && e.localName !== 'main';
    return { kind, html: e.outerHTML.slice(0, 90),
        seen: box.width > 0 && box.top < innerHeight && box.bottom > (inText ? bar : 0),
        ring: e.matches('main, body') || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) };
})()";

/// Does by keyboard what the element that has the focus is for.
async fn use_with_keys(browser: &Browser, kind: &str, first: bool) {
    match kind {
        "skip" => {
            browser.press_key(Key::Enter).await;
            browser.wait_until("document.activeElement.id === 'content'").await;
        }
        "predict" if first => {
            browser.types(" ").await;
            browser.wait_until("document.querySelector('form.predict .answer').open").await;
        }
        "serial" => {
            browser.press_key(Key::Right).await;
            browser
                .wait_until("document.querySelector('.predicted').textContent.includes('6.21')")
                .await;
        }
        "cores" => {
            browser.press_key(Key::End).await;
            browser
                .wait_until("document.querySelector('.predicted').textContent.includes('64 cores')")
                .await;
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_whole_page_is_walked_by_tab_and_used_on_the_way() {
    let (url, browser) = open(LIMITS).await;
    anew(&browser, &url, WAYS[0]).await;
    // What moves into view is there at once.
    browser.emulate("", "prefers-reduced-motion", "reduce").await;
    let mut met: Vec<String> = Vec::new();
    for _ in 0..400 {
        browser.press_key(Key::Tab).await;
        let at = browser.value(FOCUSED).await;
        assert_eq!((&at["seen"], &at["ring"]), (&json!(true), &json!(true)), "{at}");
        let kind = at["kind"].as_str().unwrap().to_string();
        let first = !met.contains(&kind);
        met.push(kind.clone());
        match kind.as_str() {
            "onward" => break,
            kind => use_with_keys(&browser, kind, first).await,
        }
    }
    let mut order = vec!["skip", "machine", "run", "stage", "predict", "serial", "cores", "onward"];
    // Of a single machine there is no choice.
    let choice = machines::shown(&browser).await.is_some();
    order.retain(|kind| *kind != "machine" || choice);
    let places: Vec<Option<usize>> =
        order.iter().map(|kind| met.iter().position(|met| met == kind)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{order:?} at {places:?}");
    browser.press_key(Key::Enter).await;
    browser.wait_until(&format!("location.href !== {}", json!(url))).await;
    browser.close().await;
}

#[tokio::test]
async fn paper_unfolds_what_is_folded_and_shows_no_controls() {
    let (url, browser) = open(THREADS).await;
    for page in [THREADS, SPLIT] {
        let url = url.replace(THREADS, page);
        anew(&browser, &url, WAYS[1]).await;
        let folded = "document.querySelectorAll('main details:not([open])').length";
        assert_ne!(browser.value(folded).await, json!(0), "{page}: nothing is folded");
        // After our own listener, while the pages are laid out for paper.
        browser
            .value(&format!(
                "(addEventListener('beforeprint', () => {{ window.folded = {folded}; }}), true)"
            ))
            .await;
        let paper = json!({ "paperWidth": 8.27, "paperHeight": 11.69 });
        let pdf = browser.devtools("Page.printToPDF", paper).await;
        let pdf = pdf["data"].as_str().unwrap_or_default();
        assert!(pdf.starts_with("JVBERi0") && pdf.len() > 50_000, "{page}: no PDF");
        assert_eq!(browser.value("window.folded").await, json!(0), "{page}");
        assert_ne!(browser.value(folded).await, json!(0), "{page}: folded again");

        // On A4 with Chromium's margins of 1 cm, in CSS pixels.
        let (width, height) = (718, 1047);
        browser.set_width(width).await;
        browser.emulate("print", "prefers-color-scheme", "dark").await;
        let controls = "[...document.querySelectorAll('button, select.parameter, input[type=range], progress, .skip, .top, #contents, dialog')]\
                        .filter((e) => e.checkVisibility()).map((e) => e.outerHTML)";
        assert_eq!(browser.value(controls).await, json!([]), "{page}");
        let split = format!(
            "[...document.querySelectorAll('figure.plot svg')].filter((e) => e.checkVisibility())\
             .filter((e) => e.getBoundingClientRect().height > {height} || getComputedStyle(e).breakInside !== 'avoid'
                 || getComputedStyle(e.closest('figure')).breakInside !== 'avoid').length"
        );
        assert_eq!(browser.value(&split).await, json!(0), "{page}: figures that paper splits");
        // One for each machine where a figure has several, else one.
        let drawings = "[...document.querySelectorAll('figure.plot')].filter((figure) =>
            [...figure.querySelectorAll('svg')].filter((e) => e.checkVisibility()).length
                !== Math.max(1, figure.querySelectorAll('.wide').length)).length";
        assert_eq!(
            browser.value(drawings).await,
            json!(0),
            "{page}: wide drawings, and no narrow ones"
        );
        let ink = "getComputedStyle(document.body).backgroundColor";
        assert_eq!(
            browser.text(ink).await,
            "rgb(255, 255, 255)",
            "{page}: white, also from a dark page"
        );
        browser.emulate("", "prefers-color-scheme", "light").await;
    }
    browser.close().await;
}

#[tokio::test]
async fn nothing_moves_for_who_wants_no_motion() {
    let (_, browser) = open(THREADS).await;
    let moving = "[...document.querySelectorAll('*')].filter((e) => {
        const style = getComputedStyle(e);
        const moves = style.transitionDuration.split(', ').some((time) => parseFloat(time) > 0);
        return moves || style.animationName !== 'none' || style.scrollBehavior === 'smooth';
    }).map((e) => e.outerHTML.slice(0, 60))";
    browser.emulate("", "prefers-reduced-motion", "reduce").await;
    assert_eq!(browser.value(moving).await, json!([]));
    browser.emulate("", "prefers-reduced-motion", "no-preference").await;
    assert_ne!(browser.value(moving).await, json!([]), "there is nothing that could move");
    browser.close().await;
}

#[tokio::test]
async fn a_timeline_zooms_and_names_its_spans() {
    let (url, browser) = open(THREADS).await;
    let loaded = browser.requests().await;
    let early = loaded.iter().any(|url| url.ends_with(".trace.json"));
    assert!(!early, "the spans are fetched before they are asked for");
    for way in WAYS {
        anew(&browser, &url, way).await;
        let stage =
            if way.1 > 700 { "figure[data-runs] .wide" } else { "figure[data-runs] .narrow" };
        let axis = format!("document.querySelector('{stage} .time').textContent");
        let whole = zoom_by_keyboard(&browser, stage, &axis).await;
        zoom_by_pointer(&browser, stage, &axis, &whole).await;
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// What a timeline says of the span under the pointer, or of the one chosen by keyboard.
const READOUT: &str = "document.querySelector('.readout').textContent";
const ZOOMED: &str = "document.querySelector('figure.zoomed')";

/// Returns what the axis says of the whole.
async fn zoom_by_keyboard(browser: &Browser, stage: &str, axis: &str) -> String {
    // The first span, the next, the lane below; in, along, and back to the whole.
    type_at(browser, stage, &key(Key::Right)).await;
    browser.wait_until("document.querySelector('.readout.on')").await;
    let first = browser.text(READOUT).await;
    assert!(first.contains("sequential") && first.contains("waiting for"), "{stage}: {first}");
    browser.types(&key(Key::Right)).await;
    browser.wait_until(&format!("{READOUT}.includes('running')")).await;
    browser.types(&key(Key::Down)).await;
    browser.wait_until(&format!("{READOUT}.startsWith('threads')")).await;
    assert_eq!(
        browser.text(READOUT).await,
        browser.text("document.getElementById('said').textContent").await
    );
    let whole = browser.text(axis).await;
    browser.types("++").await;
    browser.wait_until(&format!("{ZOOMED} && {axis} !== {}", json!(whole))).await;
    browser.types("0").await;
    browser.wait_until(&format!("!{ZOOMED} && {axis} === {}", json!(whole))).await;
    whole
}

async fn zoom_by_pointer(browser: &Browser, stage: &str, axis: &str, whole: &str) {
    // The buttons, what is under it, dragging, and the wheel with Ctrl.
    for number in [1, 1, 4] {
        let before = browser.text(axis).await;
        press(browser, &format!("figure[data-runs] .zoom button:nth-child({number})")).await;
        browser.wait_until(&format!("{axis} !== {}", json!(before))).await;
    }
    let before = browser.text(axis).await;
    drag(browser, &format!("{stage} svg"), 120).await;
    browser.wait_until(&format!("{axis} !== {}", json!(before))).await;
    press(browser, "figure[data-runs] .zoom button:nth-child(5)").await;
    browser.wait_until(&format!("{axis} === {}", json!(whole))).await;
    drag(browser, &format!("{stage} svg .spans .wait"), 0).await;
    browser.wait_until(&format!("{READOUT}.startsWith('sequential')")).await;
    let wheel = format!(
        "(() => {{ const s = document.querySelector('{stage}'); const b = s.getBoundingClientRect(); \
         const turn = (ctrlKey) => s.dispatchEvent(new WheelEvent('wheel', {{ deltaY: -200, ctrlKey, cancelable: true, \
         clientX: b.left + b.width / 2, clientY: b.top + 60 }})); return [turn(false), turn(true)]; }})()"
    );
    assert_eq!(
        browser.value(&wheel).await,
        json!([true, false]),
        "{stage}: without Ctrl the page scrolls"
    );
    browser.wait_until(ZOOMED).await;
}

/// Holds the pointer in the middle of an element and moves it to the left.
async fn drag(browser: &Browser, selector: &str, far: i64) {
    let middle = format!(
        "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{ block: 'center' }}); \
         const b = e.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2].map(Math.round); }})()",
        json!(selector)
    );
    let middle = browser.value(&middle).await;
    let (x, y) = (middle[0].as_i64().expect("a place"), middle[1].as_i64().expect("a place"));
    let to = |x: i64| PointerAction::MoveTo { duration: None, x: x as f64, y: y as f64 };
    let mut actions = MouseActions::new("mouse".into()).then(to(x - 2)).then(to(x));
    if far > 0 {
        let left = fantoccini::actions::MOUSE_BUTTON_LEFT;
        actions = actions
            .then(PointerAction::Down { button: left })
            .then(to(x - far / 2))
            .then(to(x - far))
            .then(PointerAction::Up { button: left });
    }
    browser.client.perform_actions(actions).await.expect("the pointer moves");
}

#[tokio::test]
async fn a_timeline_can_be_exported_and_opens_elsewhere() {
    let (_, browser) = open(THREADS).await;
    let trace = browser
        .awaited("fetch(document.querySelector('.trace a').href).then((a) => a.json())")
        .await;
    let events = trace["traceEvents"].as_array().expect("a list of events");
    assert!(events.iter().any(|event| event["ph"] == "X" && event["dur"].as_f64() > Some(1000.0)));
    assert!(events.iter().any(|event| event["ph"] == "M" && event["name"] == "thread_name"));
    browser.close().await;
}

#[tokio::test]
async fn the_hosted_book_says_how_to_run_a_listing() {
    let (url, browser) = open(THREADS).await;
    let shown = "document.querySelector('#how')?.matches(':popover-open')";
    for way in WAYS {
        anew(&browser, &url, way).await;
        assert_eq!(browser.value("document.querySelectorAll('.measure').length").await, json!(0));
        for keyboard in [true, false] {
            match keyboard {
                true => {
                    type_at(
                        &browser,
                        "figure[data-example=word_count] button.run",
                        &key(Key::Enter),
                    )
                    .await
                }
                false => press(&browser, "figure[data-example=word_count] button.run").await,
            }
            browser.wait_until(shown).await;
            let text = browser.text("document.getElementById('how').textContent").await;
            assert!(text.contains("cargo course serve"), "{way:?}: {text}");
            assert!(text.contains("cargo run --release --example word_count"), "{way:?}: {text}");
            let inside = "(() => { const b = document.getElementById('how').getBoundingClientRect(); \
                          return b.left >= 0 && b.right <= innerWidth; })()";
            assert_eq!(browser.value(inside).await, json!(true), "{way:?}: it fits");
            browser.types(&key(Key::Escape)).await;
            browser.wait_until(&format!("!{shown}")).await;
            browser
                .wait_until("document.activeElement === document.querySelector('figure[data-example=word_count] button.run')")
                .await;
        }
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// Answers in the Playground's place, and keeps what it was asked.
const STAND_IN: &str = "
    window.asked = [];
    const real = window.fetch;
    window.fetch = async (url, options) => {
        if (!String(url).startsWith('https://play.rust-lang.org')) return real(url, options);
        window.asked.push([String(url), options]);
        if (window.name === 'offline') throw new TypeError('Failed to fetch');
        if (String(url).endsWith('/meta/gist')) return new Response(JSON.stringify({ id: '0a1b2c' }));
        return new Response(JSON.stringify({ success: true, exitDetail: 'Exited with status 0', stdout: 'the balance is 900\\n', stderr: '' }));
    };";

#[tokio::test]
async fn the_playground_gets_the_whole_listing() {
    let (url, browser) = open(SHARING).await;
    before_scripts(&browser, STAND_IN).await;
    let live = "document.querySelector('.live')?.textContent ?? ''";
    for way in WAYS {
        browser.value("(window.name = '', true)").await;
        anew(&browser, &url, way).await;
        assert_eq!(browser.value("window.asked.length").await, json!(0), "asked before the press");
        press(&browser, "button.play").await;
        browser.wait_until(&format!("({live}).includes('the balance is 900')")).await;
        let asked = browser.value("window.asked[0]").await;
        assert_eq!(asked[0], "https://play.rust-lang.org/execute");
        assert_eq!(asked[1]["method"], "POST");
        assert_eq!(asked[1]["headers"], json!({ "Content-Type": "application/json" }));
        let mut body: Value = serde_json::from_str(asked[1]["body"].as_str().unwrap()).unwrap();
        let code = body["code"].take();
        let expected = json!({
            "channel": "stable", "mode": "release", "edition": "2024", "crateType": "bin",
            "tests": false, "code": null, "backtrace": false,
        });
        assert_eq!(body, expected, "{way:?}");
        let whole = browser
            .awaited("fetch(document.querySelector('[data-playground]').dataset.playground).then((a) => a.text())")
            .await;
        assert_eq!(code, whole, "the whole file");
        assert!(whole.as_str().unwrap().contains("fn main()"));

        // Not reachable: it says so, and offers a link.
        browser.value("(window.name = 'offline', true)").await;
        type_at(&browser, "button.play", &key(Key::Enter)).await;
        browser.wait_until("document.querySelector('.live.failure a')").await;
        let link = browser.text("document.querySelector('.live a').href").await;
        assert!(link.starts_with("https://play.rust-lang.org/?edition=2024&code="), "{link}");
        type_at(&browser, ".live button", &key(Key::Enter)).await;
        browser.wait_until("!document.querySelector('.live')").await;
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn an_exercise_is_opened_on_the_playground_with_its_tests() {
    let (url, browser) = open(SHARING).await;
    before_scripts(&browser, STAND_IN).await;
    let card = "document.querySelector('.command-line[data-playground]')";
    let there = format!("{card}.querySelector('.there a')");
    for way in WAYS {
        browser.value("(window.name = '', true)").await;
        anew(&browser, &url, way).await;
        type_at(&browser, ".command-line button.play", &key(Key::Enter)).await;
        browser.wait_until(&format!("document.activeElement === {there}")).await;
        let asked = browser.value("window.asked[0]").await;
        assert_eq!(asked[0], "https://play.rust-lang.org/meta/gist");
        assert_eq!(asked[1]["method"], "POST");
        assert_eq!(asked[1]["headers"], json!({ "Content-Type": "application/json" }));
        let body: Value = serde_json::from_str(asked[1]["body"].as_str().unwrap()).unwrap();
        let file = format!("fetch({card}.dataset.playground).then((a) => a.text())");
        let file = browser.awaited(&file).await;
        assert_eq!(body, json!({ "code": file }), "{way:?}: the whole file, and nothing else");
        let file = file.as_str().unwrap();
        assert!(file.contains("#[test]") && file.contains("// Your part begins here."), "{file}");
        let expected =
            "https://play.rust-lang.org/?version=stable&mode=debug&edition=2024&gist=0a1b2c";
        assert_eq!(browser.text(&format!("{there}.href")).await, expected);
        let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(0), "{way:?}");

        // Not reachable: the file goes into the address.
        browser.value("(window.name = 'offline', true)").await;
        type_at(&browser, ".command-line button.play", &key(Key::Enter)).await;
        browser.wait_until(&format!("{there}?.href.includes('&code=')")).await;
        let code = format!("new URL({there}.href).searchParams.get('code')");
        assert_eq!(browser.text(&code).await, file, "{way:?}");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// A page as `course serve` delivers it, and its answers: a run that prints until it is stopped, and a
/// measurement of two rounds.
const SERVED: &str = "
    if (origin !== 'null') sessionStorage.setItem('measured:token', '0123456789abcdef');
    new MutationObserver((_, watching) => {
        if (!document.head) return;
        watching.disconnect();
        document.documentElement.classList.add('served');
    }).observe(document, { childList: true, subtree: true });
    window.asked = [];
    const real = window.fetch;
    window.fetch = async (url, options) => {
        url = String(url);
        if (url === '/__course/build') return new Response(document.body.dataset.built ?? 'one');
        if (!url.startsWith('/__course/')) return real(url, options);
        window.asked.push([url, options.method, options.headers, JSON.parse(options.body)]);
        const text = new TextEncoder();
        const body = new ReadableStream({ start: (to) => {
            window.say = (message) => to.enqueue(text.encode(message));
            window.hangUp = () => to.close();
            options.signal.addEventListener('abort', () => { window.left = true; to.error(options.signal.reason); });
        } });
        return new Response(body);
    };";

#[tokio::test]
async fn a_listing_runs_here_and_its_output_streams_into_the_page() {
    let (url, browser) = open(THREADS).await;
    before_scripts(&browser, SERVED).await;
    let live = "(document.querySelector('.live')?.textContent ?? '')";
    let button = "document.querySelector('figure[data-example=word_count] button.run').textContent";
    for way in WAYS {
        anew(&browser, &url, way).await;
        // A parameter, and a press.
        browser.value("(document.querySelector('select.parameter').value = '0ms', true)").await;
        type_at(&browser, "figure[data-example=word_count] button.run", &key(Key::Enter)).await;
        browser.wait_until("window.say").await;
        let asked = browser.value("window.asked[0]").await;
        let expected = json!({ "example": "word_count", "parameters": { "latency": "0ms" } });
        assert_eq!(asked[3], expected, "{way:?}");
        assert_eq!((&asked[0], &asked[1]), (&json!("/__course/run"), &json!("POST")));
        assert_eq!(asked[2]["X-Course-Token"], "0123456789abcdef");

        let say =
            async |message: &str| browser.value(&format!("(say({}), true)", json!(message))).await;
        say("{\"waiting\":1}\n").await;
        browser.wait_until(&format!("{live}.includes('1 before')")).await;
        // A message comes in pieces, two in one; what is printed stays text.
        say("{\"started\":\"cargo run\"}\n{\"out\":\"<b>fir").await;
        browser.wait_until(&format!("{live}.includes('cargo run')")).await;
        say("st</b>\\n\"}\n{\"err\":\"oh\\n\"}\n").await;
        browser.wait_until(&format!("{live}.includes('<b>first</b>')")).await;
        assert_eq!(browser.text("document.querySelector('.live .err').textContent").await, "oh\n");
        assert_eq!(browser.text(button).await, "Stop");
        say("{\"ended\":\"exit status 0\",\"how\":\"success\"}\n").await;
        browser.value("(hangUp(), true)").await;
        browser.wait_until("document.querySelector('.live.success')").await;
        browser.wait_until(&format!("{button} === 'Run here'")).await;
        let said = browser.text("document.getElementById('said').textContent").await;
        assert_eq!(said, "Ended: exit status 0. 2 lines of output.");

        // Again, by pointer, and stopped.
        browser.value("(window.say = null, true)").await;
        press(&browser, "figure[data-example=word_count] button.run").await;
        browser.wait_until("window.say").await;
        say("{\"out\":\"endless\"}\n").await;
        browser.wait_until(&format!("{live}.includes('endless')")).await;
        press(&browser, "figure[data-example=word_count] button.run").await;
        browser.wait_until("window.left && document.querySelector('.live.stopped')").await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_key_in_the_address_is_kept_and_taken_out_of_it() {
    let (url, browser) = open(THREADS).await;
    before_scripts(&browser, &SERVED.replace("sessionStorage.setItem", "void ")).await;
    again(&browser, &format!("{url}#token=00ff")).await;
    assert_eq!(browser.text("sessionStorage.getItem('measured:token')").await, "00ff");
    assert_eq!(browser.text("location.href").await, url);

    browser.value("(sessionStorage.clear(), true)").await;
    again(&browser, &url).await;
    press(&browser, "button.run").await;
    browser.wait_until("document.querySelector('#how')?.matches(':popover-open')").await;
    let text = browser.text("document.getElementById('how').textContent").await;
    assert!(text.contains("the terminal printed"), "{text}");
    assert_eq!(
        browser.value("window.asked.length").await,
        json!(0),
        "nothing is asked without a key"
    );
    browser.close().await;
}

/// As the server that is asked for a measurement says it, a line at a time.
async fn say(browser: &Browser, message: Value) {
    browser.value(&format!("(say({} + '\\n'), true)", json!(message.to_string()))).await;
}

#[tokio::test]
async fn a_measurement_counts_its_rounds_and_then_the_page_is_this_machines() {
    let (url, browser) = open(THREADS).await;
    before_scripts(&browser, SERVED).await;
    let figure = "[data-m] > figure.plot[data-experiment]";
    let words = format!("document.querySelector('{figure} .words').textContent");
    for way in WAYS {
        anew(&browser, &url, way).await;
        let test = "a_measurement_counts_its_rounds_and_then_the_page_is_this_machines";
        let measured = "figure.plot[data-experiment=word_count]";
        let Some(other) = machines::another(&browser, measured, test).await else { break };
        let usual = machines::shown(&browser).await.expect("one of several");
        let (value, text) = ("data.measured", "e.textContent");
        let others = machines::of_its_file(&browser, &other, value, text).await;

        uncover(&browser).await;
        press(&browser, &format!("{figure} .measure")).await;
        browser.wait_until("window.say").await;
        let asked = browser.value("window.asked[0]").await;
        assert_eq!(
            (&asked[0], &asked[3]),
            (&json!("/__course/measure"), &json!({ "experiment": "word_count" }))
        );
        say(&browser, json!({ "started": "measuring word_count" })).await;
        say(&browser, json!({ "round": 3, "of": 6, "point": "threads@2", "seconds_left": 41 }))
            .await;
        browser
            .wait_until(&format!("{words}.includes('Round 3 of 6: threads@2, 41 s left')"))
            .await;
        assert_eq!(
            browser.value("document.querySelector('.tools progress').value").await,
            json!(2)
        );
        say(&browser, json!({ "ended": "Measured.", "how": "success", "machine": other })).await;
        browser.value("(hangUp(), document.body.dataset.built = 'two', true)").await;

        // Values, figure and selector are this machine's; the book's figure stands below.
        browser.wait_until("document.querySelector('figure.before svg')").await;
        assert_eq!(machines::shown(&browser).await.as_ref(), Some(&other), "{way:?}");
        assert_eq!(machines::of_the_page(&browser, value, text).await, others, "{way:?}");
        let compared =
            browser.text("document.querySelector('figure.before figcaption').textContent").await;
        assert!(compared.starts_with("For comparison: "), "{compared}");
        browser.wait_until(&format!("{words}.includes('this machine')")).await;
        // Measured once more, where the book's own numbers are from this machine: written anew.
        machines::choose(&browser, &usual).await;
        browser.value("(window.say = null, document.body.dataset.built = 'one', true)").await;
        press(&browser, &format!("{figure} .measure")).await;
        browser.wait_until("window.say").await;
        browser.value("(window.old = true)").await;
        say(&browser, json!({ "ended": "Measured.", "how": "success", "machine": usual })).await;
        browser.value("(hangUp(), document.body.dataset.built = 'two', true)").await;
        browser.wait_until("!window.old && document.querySelector('figure.before svg')").await;
        browser.wait_until(&format!("{words}.includes('this machine')")).await;
        let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(0), "{way:?}");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn arrows_turn_pages_only_where_nothing_else_wants_them() {
    let (url, browser) = open(THREADS).await;
    type_at(&browser, "figure.listing pre", &key(Key::Right)).await;
    type_at(&browser, "form.predict input", &key(Key::Right)).await;
    assert_eq!(browser.text("location.href").await, url);
    browser.value("(document.activeElement.blur(), true)").await;
    let next = browser.text("document.querySelector('.onward a[rel=next]').href").await;
    let body = browser.client.find(Locator::Css("body")).await.expect("a body");
    body.send_keys(&key(Key::Right)).await.expect("an arrow");
    browser.wait_until(&format!("location.href === {}", json!(next))).await;

    // The skip link is the first thing that Tab reaches, and leads to the text.
    again(&browser, &url).await;
    let body = browser.client.find(Locator::Css("body")).await.expect("a body");
    body.send_keys(&key(Key::Tab)).await.expect("a tab");
    browser.wait_until("document.activeElement.classList.contains('skip')").await;
    browser.types(&key(Key::Enter)).await;
    browser.wait_until("document.activeElement.id === 'content'").await;
    browser.close().await;
}
