//! What a call into a module costs, beside a built-in function and one of
//! Python's own; and what a number costs that is converted or lent.

use lab::{Experiment, Kind, Script, python};
use listings::extension::extension::built;
use listings::extension::extension_cost::{
    self as listing, BUFFERS, CALLS, LISTS, NUMBERS, SUMS,
};

const TITLE: &str = "Time of a call that does nothing, and of a number";
const SCRIPT: &str = "listings/extension/extension_cost.py";

fn main() -> lab::Exit {
    let experiment = Experiment::new("extension_cost", TITLE)
        .demo(listing::main)
        .different_work()
        .input(|_: &[String]| Ok::<_, String>(listing::numbers()))
        .base("sequential", |numbers| listing::sums(numbers))
        .label("a number, Rust alone")
        .per("number", (SUMS * NUMBERS) as f64);
    let experiment = [
        ("builtin", "built-in function"),
        ("python", "function in Python"),
        ("extension", "function in the module"),
        ("detached", "the same, detached"),
    ]
    .into_iter()
    .fold(experiment, |experiment, (name, label)| {
        experiment
            .foreign(name, script(), move |command, _| {
                command.arg(name).arg(CALLS.to_string());
            })
            .label(label)
            .kind(Kind::Python)
            .per("call", CALLS as f64)
    });
    [
        ("list", "a number of a list, converted", LISTS),
        ("buffer", "a number of a buffer, lent", BUFFERS),
    ]
    .into_iter()
    .fold(experiment, |experiment, (name, label, times)| {
        experiment
            .foreign(name, script(), move |command, _| {
                command.arg(name).arg(times.to_string());
                command.arg("--numbers").arg(NUMBERS.to_string());
            })
            .label(label)
            .kind(Kind::Python)
            .per("number", (times * NUMBERS) as f64)
    })
    .run()
}

fn script() -> Script {
    python(SCRIPT).imports_from(built)
}
