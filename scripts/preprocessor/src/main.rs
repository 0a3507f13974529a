//! `mdbook-course`: what `mdbook build` calls for `[preprocessor.course]`.

use std::env;
use std::io::{stdin, stdout};
use std::process::ExitCode;

// Leaves colors out where stderr is no terminal, or nobody wants them.
use anstream::eprintln;
use anyhow::Error;
use book::diagnostic::{Problems, counted};

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    // mdBook asks first whether its renderer is one that this knows.
    if words.next().as_deref() == Some("supports") {
        return if words.next().as_deref() == Some("html") {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    match preprocessor::preprocess(stdin().lock(), stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Problems in chapters as the compiler would show them, all else in a line.
fn report(failure: &Error) {
    let problems = failure.chain().find_map(|cause| cause.downcast_ref::<Problems>());
    let Some(Problems(problems)) = problems else { return eprintln!("error: {failure:#}") };
    for problem in problems {
        eprintln!("{}\n", problem.shown(true));
    }
    eprintln!("error: {} in the chapters", counted(problems.len(), "problem"));
}
