//! The eigenvalues of many matrices: one matrix after the other, a run of them
//! for each thread, rayon; NumPy's threads outside of a matrix and inside.

use std::process::Command;

use lab::{Experiment, python};
use listings::data_parallelism::eigenvalues::{self as listing, Largest, Matrices};

const TITLE: &str = "Time for all eigenvalues of 48 matrices of 128 × 128";
const SCRIPT: &str = "listings/data_parallelism/eigenvalues.py";

fn main() -> lab::Exit {
    Experiment::new("eigenvalues", TITLE)
        .demo(listing::main)
        .option(
            "--size N",
            "rows of each matrix, and columns, originally 1000",
        )
        .option("--count N", "how many matrices")
        .parameter("size", [64, 128, 256])
        .setting("matrices", 48)
        .setting("rows and columns", 128)
        .input(Matrices::open)
        .threads_axis()
        .pieces(48)
        .base("sequential", listing::sequential)
        .arm_over("threads", listing::threads)
        .arm_over("rayon", listing::rayon)
        .foreign("python_sequential", python(SCRIPT), same_work)
        .label("NumPy, sequential")
        .foreign_over(
            "python_threads",
            python(SCRIPT),
            |command, work, threads| {
                same_work(command, work);
                command.args(["--threads", &threads.to_string()]);
            },
        )
        .label("NumPy in threads")
        .foreign_over(
            "python_inside",
            python(SCRIPT),
            |command, work, threads| {
                same_work(command, work);
                command.args(["--inside", &threads.to_string()]);
            },
        )
        .label("NumPy, threads inside")
        .agree(answer)
        .run()
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answer(largest: &Largest) -> String {
    match largest {
        Ok(largest) => listing::lines(largest),
        Err(error) => panic!("computing a spectrum: {error:?}"),
    }
}

fn same_work(command: &mut Command, work: &Matrices) {
    command.args(["--size", &work.size.to_string()]);
    command.args(["--count", &work.matrices.len().to_string()]);
}
