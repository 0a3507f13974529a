//! The explorers of interleavings: walked by keyboard and by pointer, held against what the build counted, and
//! timed.

use std::fs;
use std::path::{Path, PathBuf};

use book::interleavings::{self, Program};
use fantoccini::key::Key;
use serde_json::{Value, json};
use walkdir::{DirEntry, WalkDir};

use crate::browser::Browser;
use crate::{SHARING, WAYS, anew, key, open, press, type_at};

const LOCKS: &str = "ch07-locks.html";
const STATE: &str = "document.querySelector('.interleavings .state').textContent";
const SAID: &str = "document.getElementById('said').textContent";
const IS_BAD: &str = "document.querySelector('.interleavings .state.bad')";
const IS_GOOD: &str = "document.querySelector('.interleavings .state.good')";

/// The button of a thread's next step.
fn step(thread: usize) -> String {
    format!(".interleavings .next[data-thread='{thread}']")
}

/// Presses the button of the first explorer that says this.
async fn choose(browser: &Browser, text: &str) {
    let find = format!(
        "([...document.querySelectorAll('.interleavings button')].find((b) => b.textContent === {}).click(), true)",
        json!(text)
    );
    browser.value(&find).await;
}

#[tokio::test]
async fn every_order_of_the_steps_can_be_walked() {
    let (url, browser) = open(SHARING).await;
    for way in WAYS {
        for keyboard in [true, false] {
            anew(&browser, &url, way).await;
            let act = async |selector: String| match keyboard {
                true => type_at(&browser, &selector, &key(Key::Enter)).await,
                false => press(&browser, &selector).await,
            };
            // Both read 500, and the withdrawal writes last.
            let mut decided = Vec::new();
            for thread in [0, 1, 0, 0, 1, 1] {
                act(step(thread)).await;
                decided.push(browser.text(STATE).await.contains("It is decided"));
            }
            browser.wait_until(IS_BAD).await;
            let end = browser.text(STATE).await;
            assert!(end.contains("400") && end.contains("wrong"), "{way:?}: {end}");
            assert!(!decided[0] && decided[3], "{way:?}: {decided:?}");

            act(".interleavings .tools button:nth-child(1)".into()).await; // Undo
            browser.wait_until(&format!("!{IS_BAD}")).await;
            act(".interleavings .tools button:nth-child(2)".into()).await; // Start again
            assert!(browser.text(STATE).await.starts_with("20 orders left"), "{way:?}");
            choose(&browser, "End in 400").await;
            browser.wait_until(IS_BAD).await;
            assert!(browser.text(STATE).await.contains("400"), "{way:?}");
        }
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn two_threads_can_be_led_into_a_deadlock_and_back() {
    let (url, browser) = open(LOCKS).await;
    let many = |what: &str| {
        format!("document.querySelector('.interleavings').querySelectorAll('{what}').length")
    };
    let next = many(".next:not([aria-disabled=true])");
    for way in WAYS {
        anew(&browser, &url, way).await;
        for thread in [0, 1] {
            type_at(&browser, &step(thread), &key(Key::Enter)).await;
        }
        browser.wait_until(IS_BAD).await;
        let said = browser.text(STATE).await;
        let why = "Stuck: one waits: two has second_lock; two waits: one has first_lock.";
        assert!(said.starts_with(why), "{way:?}: {said}");
        assert_eq!(browser.value(&next).await, json!(0), "{way:?}: none can go on");
        assert_eq!(browser.value(&many(".why.waits")).await, json!(2), "{way:?}");
        let locks = "[...document.querySelector('.interleavings').querySelectorAll('dd')].map((e) => e.textContent).join()";
        assert_eq!(browser.text(locks).await, "500,500,one has it,two has it", "{way:?}");
        choose(&browser, "Undo").await;
        browser.wait_until(&format!("!{IS_BAD} && {next} === 2")).await;
        choose(&browser, "Get stuck").await;
        browser.wait_until(IS_BAD).await;
        choose(&browser, "End in 500").await;
        browser.wait_until(IS_GOOD).await;
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn a_goal_is_reached_by_keyboard_alone() {
    let (url, browser) = open(SHARING).await;
    let label =
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";
    anew(&browser, &url, WAYS[0]).await;
    // From the figure on, by Tab alone.
    let before = "((e) => { e.tabIndex = -1; e.focus(); return document.activeElement === e; })\
                  (document.querySelector('figure.interleavings figcaption'))";
    assert_eq!(browser.value(before).await, json!(true));
    let mut met = Vec::new();
    for _ in 0..9 {
        browser.press_key(Key::Tab).await;
        met.push(browser.text(label).await);
    }
    let all = [
        "Show a shortest solution",
        "Walk every order",
        "Undo",
        "Start again",
        "End in 400",
        "End in 900",
        "End in 1000",
        "deposit: read = balance",
        "withdraw: read = balance",
    ];
    assert_eq!(met, all);

    // The focus stays where it is, at the second thread; what happened is said.
    for said in ["withdraw: read = balance: 500.", "withdraw: computed = read - 100: 400."] {
        browser.press_key(Key::Enter).await;
        assert!(browser.text(SAID).await.starts_with(said), "{}", browser.text(SAID).await);
        assert!(browser.text(label).await.starts_with("withdraw: "));
    }
    browser.types(&(key(Key::Shift) + &key(Key::Tab))).await;
    for _ in 0..3 {
        assert!(browser.text(label).await.starts_with("deposit: "));
        browser.press_key(Key::Enter).await;
    }
    assert_eq!(browser.text(label).await, "deposit: done", "the focus stays where nothing is left");
    browser.press_key(Key::Enter).await;
    assert_eq!(browser.text(SAID).await, "deposit is done.");
    browser.press_key(Key::Tab).await;
    assert_eq!(browser.text(&goal(1)).await, "1 switch so far.");
    browser.press_key(Key::Enter).await;
    assert_eq!(browser.text(&goal(1)).await, "Reached with 2 switches, and it takes no fewer.");
    assert!(browser.text(SAID).await.ends_with("and it takes no fewer."));
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// What is said of a goal.
fn goal(number: u32) -> String {
    format!("document.querySelector('.goals > li:nth-child({number}) .status').textContent")
}

#[tokio::test]
async fn a_goal_is_shown_and_refuted_by_keyboard_alone() {
    let (url, browser) = open(SHARING).await;
    anew(&browser, &url, WAYS[0]).await;
    // A longer way is told what the fewest are.
    for thread in [0, 1, 0, 0, 1, 1] {
        type_at(&browser, &step(thread), " ").await;
    }
    assert_eq!(browser.text(&goal(1)).await, "Reached with 3 switches; the fewest is 2.");

    // The solution, turn by turn, and a turn back; then as a whole.
    let solve = ".goals > li:nth-child(1) .solve button";
    type_at(&browser, solve, &key(Key::Enter)).await;
    assert_eq!(browser.text(&goal(1)).await, "0 switches so far.");
    let ahead = "document.querySelectorAll('.interleavings .track .ahead').length";
    for left in (0..6).rev() {
        type_at(&browser, solve, &key(Key::Enter)).await;
        assert_eq!(browser.value(ahead).await, json!(left));
    }
    assert!(browser.text(&goal(1)).await.starts_with("Reached with 2 switches"));
    type_at(&browser, ".interleavings .tools button", &key(Key::Enter)).await;
    assert_eq!(browser.value(ahead).await, json!(1));
    type_at(&browser, ".solve .rest", &key(Key::Enter)).await;
    assert!(browser.text(&goal(1)).await.starts_with("Reached with 2 switches"));

    type_at(&browser, ".goals > li:nth-child(2) .solve button", &key(Key::Enter)).await;
    let told = browser.text(&goal(2)).await;
    assert!(
        told.starts_with(
            "All 20 orders were walked: 9 end in 400, 2 in 900 and 9 in 1000; none ends in 500."
        ),
        "{told}"
    );
    assert_eq!(browser.text(SAID).await, told);
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn nothing_moves_while_steps_are_walked_and_a_phone_is_wide_enough() {
    let (url, browser) = open(LOCKS).await;
    let height = "document.querySelector('figure.interleavings').getBoundingClientRect().height";
    let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    for page in [LOCKS, SHARING] {
        let url = url.replace(LOCKS, page);
        for way in WAYS {
            anew(&browser, &url, way).await;
            let before = browser.value(height).await;
            assert_eq!(browser.value(wide).await, json!(0), "{page} {way:?}: scrolls sideways");
            for thread in [0, 1, 0, 0, 1, 1, 1, 0] {
                press(&browser, &step(thread)).await;
                assert_eq!(browser.value(height).await, before, "{page} {way:?}: it moved");
            }
        }
    }
    browser.close().await;
}

/// As Chromium tells them to a screen reader.
#[tokio::test]
async fn what_can_be_used_has_a_role_and_a_name() {
    let (_, browser) = open(LOCKS).await;
    for thread in [0, 1] {
        press(&browser, &step(thread)).await;
    }
    let tree = browser.devtools("Accessibility.getFullAXTree", json!({})).await;
    let nodes: Vec<(String, String, bool)> = tree["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| node["ignored"] != json!(true))
        .map(|node| {
            let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_string();
            let disabled = node["properties"].as_array().into_iter().flatten().any(|property| {
                property["name"] == "disabled" && property["value"]["value"] == json!(true)
            });
            (text(&node["role"]), text(&node["name"]), disabled)
        })
        .collect();
    let unnamed = nodes.iter().find(|(role, name, _)| role == "button" && name.is_empty());
    assert_eq!(unnamed, None);
    for (role, name, disabled) in [
        ("button", "one: lock second_lock", true),
        ("button", "two: lock first_lock", true),
        ("button", "Undo", false),
        ("button", "Get stuck", true),
        ("group", "one", false),
        ("group", "two", false),
        ("group", "The order", false),
        ("button", "Show a shortest solution", false),
    ] {
        let there = (role.to_string(), name.to_string(), disabled);
        assert!(nodes.contains(&there), "{there:?} is not in the tree");
    }
    browser.close().await;
}

/// Programs that use everything between them, each with what it is about.
const EVERYTHING: [(&str, &str); 9] = [
    (
        "a lost wake-up, a loop and a notification to all",
        "x = 0\nready = 0\nmutex m\ncondvar c\n\
         thread a\n  if ready == 0\n    lock m\n    wait c m\n    unlock m\n  x = x + 1\n\
         thread b\n  n = 2\n  lock m\n  while n > 0\n    n = n - 1\n    if n != 1\n      ready = 1\n  notify all c\n  unlock m\n\
         ending x\nright 1\ngoal stuck \"a\"\ngoal never 2 \"b\"\n",
    ),
    (
        "two sleepers and one notification too few",
        "x = 0\nmutex m\ncondvar c\n\
         thread a\n  lock m\n  wait c m\n  x = x + 1\n  unlock m\n\
         thread b\n  lock m\n  wait c m\n  x = x + x + 1\n  notify c\n  unlock m\n\
         thread w\n  notify c\n  notify c\nending x\nright 2\n",
    ),
    (
        "a sleeper that is notified twice, and one that sleeps later",
        "x = 0\nmutex m\ncondvar c\n\
         thread a\n  lock m\n  wait c m\n  wait c m\n  x = 1\n  unlock m\n\
         thread b\n  notify c\n  notify c\n  lock m\n  wait c m\n  unlock m\n\
         thread w\n  notify c\nending x\nright 1\n",
    ),
    (
        "permits",
        "x = 0\nmost = 0\nsemaphore s = 1\n\
         thread a\n  acquire s\n  x = x + 1\n  if x > most\n    most = x\n  x = x - 1\n  release s\n\
         thread b\n  release s\n  acquire s\n  x = x + 1\n  if x >= most\n    most = x\n  x = x - 1\n\
         ending most\nright 1\n",
    ),
    (
        "a channel with room for one, and one that is never full",
        "x = 0\nchannel jobs = 1 from main\nchannel results from worker main\n\
         thread main\n  send jobs 1\n  send jobs 1 + 1\n  close jobs\n  close results\n  while r = receive results\n    x = x + r\n\
         thread worker\n  while j = receive jobs\n    send results j\nending x\nright 3\ngoal never stuck \"c\"\n",
    ),
    (
        "a channel whose last sender stays",
        "x = 0\nchannel jobs from main worker\nthread main\n  send jobs 5\n  close jobs\n\
         thread worker\n  j = receive jobs\n  x = j\n  while k = receive jobs\n    x = k\nending x\nright 5\n",
    ),
    (
        "tokens, spinning and exchanging",
        "x = 0\nlocked = 0\nready = 0\n\
         thread a\n  exchange locked 0 1\n  y = x\n  x = y + 1\n  locked = 0\n  ready = 1\n  unpark c\n\
         thread b\n  exchange locked 0 1\n  x = x + 1\n  locked = 0\n  until ready <= 1\n\
         thread c\n  while ready < 1\n    park\n  park\nending x\nright 2\n",
    ),
    (
        "tasks, of which one is canceled with a lock and a sender",
        "x = 0\nmutex m\nchannel c from a\n\
         task a\n  lock m\n  x = x + 1\n  await\n  x = x + 1\n  unlock m\n  await\n\
         task b\n  cancel a\n  lock m\n  x = x + 10\n  unlock m\n  while y = receive c\n    x = 100\n\
         task d\n  until x != 0\n  lock m\n  x = x + x\n  unlock m\nending x\nright 12\n",
    ),
    (
        "more orders than a number of the browser holds exactly",
        "x = 0\n\
         thread a\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n\
         thread b\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n\
         thread c\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n  x = x + 1\n\
         ending x\nright 39\n",
    ),
];

fn parsed(name: &str, text: &str) -> Program {
    interleavings::parse(text).unwrap_or_else(|wrong| {
        panic!("{name}: {} at `{}`: {}", wrong.title, &text[wrong.span.clone()], wrong.label)
    })
}

/// Every steps file of the book.
fn steps_files() -> Vec<PathBuf> {
    let listings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings");
    let entries = WalkDir::new(listings).sort_by_file_name().into_iter().map(Result::unwrap);
    let paths = entries.map(DirEntry::into_path);
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "steps")).collect()
}

/// `400:9 900:2 stuck:1`
fn counted(program: &Program) -> String {
    let endings = program.endings();
    let each = endings.by_value.iter().map(|(ending, (orders, _))| format!("{ending}:{orders}"));
    each.collect::<Vec<_>>().join(" ")
}

/// Puts the program into the page, and starts the page's own script on it.
async fn explored(browser: &Browser, program: &Program) {
    let data = interleavings::data(program);
    let goals = "<li><span>To do</span></li>".repeat(program.goals.len());
    let make = format!(
        "(() => {{
            document.querySelectorAll('figure.interleavings').forEach((e) => e.remove());
            performance.clearMeasures();
            const figure = document.createElement('figure');
            figure.className = 'interleavings';
            figure.dataset.program = {};
            figure.innerHTML = '<div class=\"card\"><ul class=\"goals\">{goals}</ul><div class=\"explore\" hidden></div></div>';
            document.querySelector('main').append(figure);
            const script = document.createElement('script');
            script.src = document.querySelector('script[src*=interleavings]').src;
            document.head.append(script);
            return true;
        }})()",
        json!(data)
    );
    browser.value(&make).await;
    browser
        .wait_until("document.querySelector('.interleavings .explore[data-endings]:not([hidden])')")
        .await;
}

#[tokio::test]
async fn the_page_walks_as_the_build_does() {
    let (_, browser) = open(SHARING).await;
    let mut programs: Vec<(String, String)> =
        EVERYTHING.map(|(name, text)| (name.into(), text.into())).into();
    for path in steps_files() {
        programs.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
    }
    for (name, text) in programs {
        let program = parsed(&name, &text);
        explored(&browser, &program).await;
        let endings = "document.querySelector('.interleavings .explore').dataset.endings";
        assert_eq!(browser.text(endings).await, counted(&program), "{name}");
        // Each goal's solution leads there, with as many switches.
        for (n, goal) in program.goals.iter().enumerate() {
            let item = format!("document.querySelector('.goals > li:nth-child({})')", n + 1);
            let press =
                format!("([...{item}.querySelectorAll('button')].forEach((b) => b.click()), true)");
            browser.value(&press).await;
            let status =
                browser.text(&format!("{item}.querySelector('.status').textContent")).await;
            match goal.never {
                true => assert!(status.starts_with("All "), "{name}: {status}"),
                false => assert!(status.ends_with("and it takes no fewer."), "{name}: {status}"),
            }
        }
        // What a thread that cannot go on waits for is said in every ending.
        for button in 3..=program.endings().by_value.len() + 2 {
            press(&browser, &format!(".interleavings .tools button:nth-child({button})")).await;
            let why = "[...document.querySelectorAll('.interleavings .why')].map((e) => e.textContent).join('; ')";
            let why = browser.text(why).await;
            assert!(!why.contains("can go on") && !why.contains("undefined"), "{name}: {why}");
        }
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

#[tokio::test]
async fn a_step_is_answered_within_a_frame_and_all_orders_are_counted_at_once() {
    let (_, browser) = open(SHARING).await;
    let files = steps_files()
        .into_iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap()));
    let all = EVERYTHING
        .map(|(name, text)| (name.to_string(), text.to_string()))
        .into_iter()
        .chain(files);
    let (name, largest) = all
        .map(|(name, text)| (parsed(&name, &text), name))
        .map(|(program, name)| (name, program))
        .max_by_key(|(_, program)| program.endings().states)
        .expect("there are some");
    let measured = |what: &str| {
        format!(
            "performance.getEntriesByName('interleavings.{what}').map((e) => e.duration).sort((a, b) => a - b)"
        )
    };
    let median = |times: Value| {
        let times: Vec<f64> = times.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
        times[times.len() / 2]
    };
    explored(&browser, &largest).await;
    let count = median(browser.value(&measured("count")).await);
    // Each thread in turn, until none can go on.
    let walk = "(() => {
        const buttons = [...document.querySelectorAll('.interleavings .next')];
        for (let t = 0, left = 400; left > 0 && buttons.some((b) => b.getAttribute('aria-disabled') !== 'true'); left -= 1) {
            buttons[t = (t + 1) % buttons.length].click();
        }
        return true;
    })()";
    browser.value(walk).await;
    let step = median(browser.value(&measured("step")).await);
    let states = largest.endings().states;
    println!(
        "{name}, {states} states: all orders in {count:.1} ms, a step in {step:.2} ms (median)"
    );
    assert!(count < 200.0, "counting {name} takes {count} ms");
    assert!(step < 16.0, "a step of {name} takes {step} ms");
    browser.close().await;
}
