//! Eight documents hashed: one after the other, and split over threads, rayon's
//! pool and processes.

use std::fmt::Display;
use std::process::Command;

use lab::{Experiment, Kind, python};
use listings::data_parallelism::hash_books::{
    self as listing, Books, Hash, report,
};

const TITLE: &str = "Time to hash eight documents, 80 000 iterations each";
const SCRIPT: &str = "listings/data_parallelism/hash_books.py";

fn main() -> lab::Exit {
    Experiment::new("hash_books", TITLE)
        .demo(listing::main)
        .role("hash-worker", listing::worker)
        .option(
            "--corpus DIR",
            "the *.txt files of a folder instead of the eight tales",
        )
        .option(
            "--iterations N",
            "how often each document is hashed, originally 1000000",
        )
        .option("--tsv", "title and hash, tab-separated (demo only)")
        .setting("iterations", "80 000")
        .input(Books::open)
        .threads_axis()
        .pieces(8)
        .base("sequential", |books| {
            report::tsv(books, &listing::sequential(books))
        })
        .arm_over("threads", |books, n| {
            report::tsv(books, &listing::threads(books, n))
        })
        .arm_over("rayon", |books, n| answer(books, listing::rayon(books, n)))
        .arm_over("processes", |books, n| {
            answer(books, listing::processes(books, n))
        })
        .arm("five_threads", |books| {
            report::tsv(books, &listing::threads(books, 5))
        })
        .kind(Kind::Threads)
        .label("five threads")
        .foreign("python_sequential", python(SCRIPT), same_work)
        .label("Python, sequential")
        .foreign_over(
            "python_threads",
            python(SCRIPT),
            |command, books, threads| {
                same_work(command, books);
                command.args(["--threads", &threads.to_string()]);
            },
        )
        .label("Python threads")
        .timeline("sequential", None)
        .timeline("threads", Some(2))
        .timeline("rayon", Some(2))
        .agree(String::clone)
        .run()
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answer<E: Display>(books: &Books, hashes: Result<Vec<Hash>, E>) -> String {
    match hashes {
        Ok(hashes) => report::tsv(books, &hashes),
        Err(error) => panic!("{error}"),
    }
}

fn same_work(command: &mut Command, books: &Books) {
    command.args(["--iterations", &books.iterations.to_string()]);
    if let Some(folder) = &books.folder {
        command.arg("--corpus").arg(folder);
    }
}
