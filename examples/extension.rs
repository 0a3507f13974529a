//! How many of these numbers are primes? In Rust, in Python, in NumPy, and by
//! a module in Rust that Python calls.

use lab::{Experiment, Kind, Script, python};
use listings::extension::extension::{self as listing, FIRST, NUMBERS};

const TITLE: &str = "Time to count the primes among 160 000 numbers";
const SCRIPT: &str = "listings/extension/extension.py";

fn main() -> lab::Exit {
    let experiment = Experiment::new("extension", TITLE)
        .demo(listing::main)
        .setting("numbers", "160 000, from 10 000 000 on")
        .input(|_: &[String]| Ok::<_, String>(listing::numbers()))
        .threads_axis()
        .per("number", NUMBERS as f64)
        .base("sequential", |numbers| listing::count(numbers))
        .label("Rust alone")
        .foreign("python", python(SCRIPT), |command, _| {
            command.arg("python").args(numbers());
        })
        .label("Python");
    [
        ("numpy", "NumPy", "numpy", Kind::Python),
        ("holding", "module, holding", "count", Kind::Python),
        ("detached", "module, detached", "count_detached", Kind::Threads),
        ("rayon", "module, rayon inside", "count_rayon", Kind::Rayon),
    ]
    .into_iter()
    .fold(experiment, |experiment, (name, label, by, kind)| {
        let arguments = move |command: &mut std::process::Command,
                              _: &Vec<i64>,
                              threads: usize| {
            command.arg(by).args(numbers());
            command.arg("--threads").arg(threads.to_string());
        };
        experiment
            .foreign_over(name, script(name), arguments)
            .label(label)
            .kind(kind)
    })
    .agree(usize::to_string)
    .run()
}

fn numbers() -> [String; 2] {
    [FIRST.to_string(), NUMBERS.to_string()]
}

fn script(arm: &str) -> Script {
    match arm {
        "numpy" => python(SCRIPT).needs("numpy"),
        _ => python(SCRIPT).imports_from(listing::built),
    }
}
