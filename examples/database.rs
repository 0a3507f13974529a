//! Eighty queries of 5 ms: in a loop, by threads, by tasks.

use std::process::Command;

use lab::{Experiment, Kind, Script, python};
use listings::blocking::cluster;
use listings::blocking::database::{
    self as listing, Answers, CONNECTIONS, Database, QUERIES,
};

const TITLE: &str =
    "Time to get eighty answers from a database, 5 ms of waiting each";
const SCRIPT: &str = "listings/blocking/database.py";

fn main() -> lab::Exit {
    Experiment::new("database", TITLE)
        .demo(listing::main)
        .role("keep-database", cluster::keep)
        .option("--queries N", "how many queries, 80 by default")
        .setting("queries", QUERIES)
        .setting("connections", CONNECTIONS)
        .input(Database::open)
        .base("waits", listing::waits_alone)
        .label("the waits alone, one by one")
        .arm("sequential", listing::in_a_loop)
        .label("a loop")
        .only_if(cluster::available)
        .arm("threads", listing::threads)
        .label("8 threads")
        .only_if(cluster::available)
        .arm("tasks", listing::tasks)
        .label("80 tasks, a pool of 8")
        .only_if(cluster::available)
        .foreign("python_threads", psycopg(), form("threads"))
        .label("Python, 8 threads")
        .only_if(cluster::available)
        .foreign("python_tasks", psycopg(), form("tasks"))
        .label("Python, 80 tasks")
        .only_if(cluster::available)
        .foreign("pgbench", python(SCRIPT), |command, database| {
            form("pgbench")(command, database);
            command.arg(listing::pgbench());
        })
        .kind(Kind::Sequential)
        .label("pgbench, 8 connections")
        .only_if(listing::has_pgbench)
        .agree(answered)
        .run()
}

fn psycopg() -> Script {
    python(SCRIPT).needs_from("psycopg", "'psycopg[binary]'")
}

fn form(name: &'static str) -> impl Fn(&mut Command, &Database) {
    move |command, database| {
        command.arg(name).args(database.for_script());
    }
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answered(answers: &Answers) -> String {
    match answers {
        Ok(answers) => format!("{} answers", answers.len()),
        Err(error) => panic!("{error}"),
    }
}
