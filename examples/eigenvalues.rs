//! The eigenvalues of many matrices: one matrix after the other, a run of them
//! for each thread, rayon; NumPy in threads, and with threads inside of it.

use std::process::Command;
use std::thread;

use lab::{Experiment, Kind, python};
use listings::data_parallelism::eigenvalues::{
    self as listing, Largest, Matrices,
};

const TITLE: &str = "Time for all eigenvalues of 36 matrices of 128 × 128";
const SCRIPT: &str = "listings/data_parallelism/eigenvalues.py";

fn main() -> lab::Exit {
    let numpy = || python(SCRIPT).needs("numpy");
    Experiment::new("eigenvalues", TITLE)
        .demo(listing::main)
        .option("--size N", "rows of each matrix, and columns, originally 1000")
        .option("--count N", "how many matrices")
        .parameter("size", [64, 128, 256])
        .setting("matrices", 36)
        .setting("rows and columns", 128)
        .input(Matrices::open)
        .threads_axis()
        .pieces(36)
        .base("sequential", listing::sequential)
        .arm_over("threads", listing::threads)
        .arm_over("rayon", listing::rayon)
        .foreign("numpy_sequential", numpy(), same_work)
        .kind(Kind::Python)
        .label("NumPy, sequential")
        .foreign_over("numpy_threads", numpy(), |command, work, n| {
            same_work(command, work);
            command.args(["--threads", &n.to_string()]);
        })
        .kind(Kind::Python)
        .label("NumPy in threads, a matrix a call")
        .foreign_over("numpy_stacks", numpy(), |command, work, n| {
            same_work(command, work);
            command.args(["--stacks", &n.to_string()]);
        })
        .kind(Kind::Python)
        .label("NumPy in threads, a stack a call")
        .foreign("numpy_inside", numpy(), |command, work| {
            let cores = thread::available_parallelism().map_or(1, |n| n.get());
            same_work(command, work);
            command.args(["--inside", &cores.to_string()]);
        })
        .kind(Kind::Python)
        .label("NumPy, all cores on a matrix")
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
