//! An explorer on its page: what stands there for everyone; `theme/interleavings.js` walks the steps.

use crate::figures::units;

use super::program::{Action, Ending, Interleavings, Kind, Program};
use crate::highlight::escape;
use crate::html::{inline_code, one_line};

/// Beside a program with a condition.
const SPURIOUS: &str = "Here a sleeper wakes only when it is notified; a real condition variable can also wake \
                        it without a reason.";

/// The program for the page's script. In an attribute each `"` weighs six bytes: it changes places with the
/// backquote, which weighs one.
pub fn data(program: &Program) -> String {
    let swapped = |letter| match letter {
        '"' => '`',
        '`' => '"',
        other => other,
    };
    serde_json::to_string(program).unwrap_or_default().chars().map(swapped).collect()
}

/// The explorer of every order: a table of the endings for everyone, steps to walk with a script.
pub fn explorer(explored: &Interleavings) -> String {
    let program = &explored.program;
    let endings = program.endings();
    let data = data(program);
    let mut rows = String::new();
    for (value, (count, order)) in &endings.by_value {
        let (class, words) = match *value == Ending::Value(program.right) {
            true => ("holds", "✓ right"),
            false => ("fails", "✗ wrong"),
        };
        rows.push_str(&format!(
            "<tr><th scope=\"row\">{value} <span class=\"verdict {class}\">{words}</span></th>\
             <td class=\"n\">{}</td><td>{}</td></tr>",
            orders(*count),
            in_words(program, order).html()
        ));
    }
    let goals: String = program
        .goals
        .iter()
        .map(|goal| format!("<li><span>{}</span></li>", inline_code(&goal.text)))
        .collect();
    let goals = match goals.is_empty() {
        true => goals,
        false => format!("<ul class=\"goals\">{goals}</ul>"),
    };
    let mut notes: Vec<String> =
        explored.held_against.iter().map(|note| inline_code(note)).collect();
    if !program.conditions.is_empty() {
        notes.push(SPURIOUS.into());
    }
    let notes = match notes.is_empty() {
        true => String::new(),
        false => format!("<p class=\"notes\">{}</p>", notes.join(" ")),
    };
    let kind = match program.kind {
        Kind::Threads => "",
        Kind::Tasks => "<span class=\"kind\">tasks on one thread</span>",
    };
    let total = orders(endings.orders());
    one_line(&format!(
        "<figure class=\"interleavings\" data-program=\"{}\"><figcaption>{}</figcaption>\
         <div class=\"card\"><div class=\"bar\"><span class=\"file\">{}</span>{kind}</div>{goals}\
         <div class=\"explore\" hidden></div>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Every ending of {}, in {total} orders\">\
         <table><thead><tr><th scope=\"col\">{} in the end</th><th scope=\"col\">of {total} orders</th>\
         <th scope=\"col\">one of them</th></tr></thead><tbody>{rows}</tbody></table></div>{notes}</div></figure>",
        escape(&data),
        inline_code(&explored.caption),
        escape(&explored.file),
        escape(&explored.file),
        escape(&program.variables[program.ending].name),
    ))
}

/// As many as a `u128` holds, or more.
fn orders(count: u128) -> String {
    match count {
        u128::MAX => "more than 3 × 10³⁸".into(),
        count => units::grouped(&count.to_string()),
    }
}

/// An order, told thread by thread.
pub struct Words(Vec<Stretch>);

/// What one thread does until another one goes on.
struct Stretch {
    thread: String,
    steps: Vec<Told>,
}

enum Told {
    Step(String),
    /// A sleeper was notified and has its lock again.
    Woke,
}

/// Longer stretches are told by their first and last step.
const TOLD: usize = 4;

/// "deposit: read = balance, computed = read + 500; withdraw: …", a thread's name where it changes.
pub fn in_words(program: &Program, order: &[usize]) -> Words {
    let mut state = program.start();
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut running = None;
    for &number in order {
        let thread = &program.threads[number];
        let Ok(Some(turn)) = program.turn(&state, number) else { break };
        state = turn.after;
        if running.replace(number) != Some(number) {
            stretches.push(Stretch { thread: thread.name.clone(), steps: Vec::new() });
        }
        let told = turn.done.iter().filter_map(|done| {
            let step = &thread.steps[done.step];
            match (done.woke, &step.action) {
                (true, Action::Await) => None,
                (true, _) => Some(Told::Woke),
                (false, _) => Some(Told::Step(step.text.clone())),
            }
        });
        stretches.last_mut().expect("one was begun").steps.extend(told);
    }
    Words(stretches)
}

impl Words {
    pub fn html(&self) -> String {
        self.told(|step| format!("<code>{}</code>", escape(step)), escape)
    }

    pub fn plain(&self) -> String {
        self.told(|step| format!("`{step}`"), str::to_string)
    }

    fn told(&self, code: impl Fn(&str) -> String, name: impl Fn(&str) -> String) -> String {
        let code = |told: &Told| match told {
            Told::Step(text) => code(text),
            Told::Woke => "wakes up".into(),
        };
        let stretch = |stretch: &Stretch| {
            let steps = match stretch.steps.as_slice() {
                [first, between @ .., last] if between.len() + 2 > TOLD => {
                    format!("{} … {} ({} steps)", code(first), code(last), between.len() + 2)
                }
                steps => steps.iter().map(code).collect::<Vec<_>>().join(", "),
            };
            format!("{}: {steps}", name(&stretch.thread))
        };
        self.0.iter().map(stretch).collect::<Vec<_>>().join("; ")
    }
}

/// What the steps were held against, as the file of endings beside them says.
pub fn held_against(endings: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Found {
        checker: String,
        #[serde(default)]
        why: String,
    }
    let Found { checker, why } = serde_json::from_str(endings).ok()?;
    Some(match checker.as_str() {
        "none" => format!("No checker can be held beside these steps. {why}"),
        _ => format!("Held against the listing, explored by {checker}: the same endings."),
    })
}
