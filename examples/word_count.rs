//! The most common word of each document, fetched over HTTP: one by one, with
//! threads, with tasks.

use lab::{Experiment, python};
use listings::threads::word_count::library::Library;
use listings::threads::word_count::report::tsv;
use listings::threads::word_count::server::serve;
use listings::threads::word_count::{self as listing, Answers};

const TITLE: &str =
    "Time to fetch eight documents and count their words, each 40 ms away";
const SCRIPT: &str = "listings/threads/word_count.py";

fn main() -> lab::Exit {
    Experiment::new("word_count", TITLE)
        .demo(listing::main)
        .role("serve-library", serve)
        .option(
            "--corpus DIR",
            "the *.txt files of a folder instead of the eight tales",
        )
        .option("--stop-words FILE", "words that do not count, one a line")
        .option(
            "--latency TIME",
            "how long each document takes to come, as in 40ms or 0.2s",
        )
        .option("--tsv", "title, word and count, tab-separated (demo only)")
        .parameter("latency", ["0ms", "40ms", "200ms"])
        .setting("latency", "40 ms")
        .input(Library::open)
        .base("sequential", listing::sequential)
        .arm("threads", listing::threads)
        .arm("pool", |library| listing::pool(library, 4))
        .kind(lab::Kind::Threads)
        .label("pool of 4")
        .arm("as_completed", |library| listing::as_completed(library, |_| {}))
        .kind(lab::Kind::Threads)
        .arm("tasks", listing::tasks)
        .label("tasks, one thread")
        .foreign("python_threads", python(SCRIPT), |command, library| {
            command.args(library.for_script());
        })
        .label("Python threads")
        .arm("count_only", |library| Ok(listing::count_only(library)))
        .label("counting only")
        .timeline("sequential", None)
        .timeline("threads", None)
        .timeline("pool", None)
        .timeline("tasks", None)
        .agree(answer)
        .run()
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answer(answers: &Answers) -> String {
    match answers {
        Ok(answers) => tsv(answers),
        Err(error) => panic!("{error}"),
    }
}
