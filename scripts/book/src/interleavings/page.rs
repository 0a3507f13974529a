//! An explorer on its page: what stands there for everyone; `theme/interleavings.js` walks the steps.

use std::fmt;

use maud::{Markup, html};

use super::program::{Action, Ending, Interleavings, Kind, Program};
use crate::figures::units;
use crate::html::{inline_code, joined, one_line, table};

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
pub fn explorer(explored: &Interleavings) -> Markup {
    let program = &explored.program;
    let endings = program.endings();
    let file = &explored.file;
    let total = orders(endings.orders());
    let heads = [
        format!("{} in the end", program.variables[program.ending].name),
        format!("of {total} orders"),
        "one of them".into(),
    ];
    let rows = html! {
        @for (value, (count, order)) in &endings.by_value {
            (ending(program, value, *count, order))
        }
    };
    let explorer = html! {
        figure.interleavings data-program=(data(program)) {
            figcaption { (inline_code(&explored.caption)) }
            .card {
                .bar { span.file { (file) } (kind(program.kind)) }
                (goals(program))
                .explore hidden {}
                (table(format_args!("Every ending of {file}, in {total} orders"), heads, rows))
                (notes(explored))
            }
        }
    };
    one_line(explorer)
}

fn kind(kind: Kind) -> Markup {
    match kind {
        Kind::Threads => html! {},
        Kind::Tasks => html! { span.kind { "tasks on one thread" } },
    }
}

fn goals(program: &Program) -> Markup {
    html! {
        @if !program.goals.is_empty() {
            ul.goals {
                @for goal in &program.goals {
                    li { span { (inline_code(&goal.text)) } }
                }
            }
        }
    }
}

fn ending(program: &Program, value: &Ending, count: u128, order: &[usize]) -> Markup {
    let (class, words) = if *value == Ending::Value(program.right) {
        ("holds", "✓ right")
    } else {
        ("fails", "✗ wrong")
    };
    html! {
        tr {
            th scope="row" { (value) " " span class={ "verdict " (class) } { (words) } }
            td.n { (orders(count)) }
            td { (inline_code(&in_words(program, order).to_string())) }
        }
    }
}

fn notes(explored: &Interleavings) -> Markup {
    let spurious = (!explored.program.conditions.is_empty()).then_some(SPURIOUS);
    let notes = explored.held_against.as_deref().into_iter().chain(spurious);
    let notes: Vec<Markup> = notes.map(inline_code).collect();
    html! {
        @if !notes.is_empty() { p.notes { (joined(notes, " ")) } }
    }
}

/// As many as a `u128` holds, or more.
fn orders(count: u128) -> String {
    match count {
        u128::MAX => "more than 3 × 10³⁸".into(),
        count => units::grouped(&count.to_string()),
    }
}

/// An order, told thread by thread.
pub(super) struct Words(Vec<Stretch>);

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
pub(super) fn in_words(program: &Program, order: &[usize]) -> Words {
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

/// With the code of its steps between backquotes.
impl fmt::Display for Words {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        for (number, stretch) in self.0.iter().enumerate() {
            let before = if number == 0 { "" } else { "; " };
            write!(out, "{before}{}: ", stretch.thread)?;
            match stretch.steps.as_slice() {
                [first, between @ .., last] if between.len() + 2 > TOLD => {
                    write!(out, "{first} … {last} ({} steps)", between.len() + 2)?;
                }
                [] => {}
                [first, others @ ..] => {
                    write!(out, "{first}")?;
                    others.iter().try_for_each(|step| write!(out, ", {step}"))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Told::Step(text) => write!(out, "`{text}`"),
            Told::Woke => out.write_str("wakes up"),
        }
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
