//! What one more costs: a call, a poll, a task, a thread, a process; and a
//! switch from one to another. Threads and processes in C beside them.

use std::{env, io};

use lab::{Experiment, Kind, Script, c};
use listings::scheduling::cost_ladder::{
    self as listing, CALLS, POLLS, PROCESSES, SWITCHES, TASK_SWITCHES, TASKS,
    THREADS,
};
use listings::scheduling::one_core::possible;

const TITLE: &str = "Time of one more, each when the one before has ended";
const IN_C: &str = "listings/scheduling/cost_ladder.c";
/// Megabytes in use by a program that forks, and how often it does.
const LARGE: &str = "64";
const OFTEN: usize = 100;

fn main() -> lab::Exit {
    Experiment::new("cost_ladder", TITLE)
        .demo(listing::main)
        .role("nothing", listing::nothing)
        .role("pong", listing::other_process)
        .input(listing::runtime)
        .different_work()
        .base("call", |_| done(listing::calls(CALLS)))
        .label("function call")
        .per("call", CALLS as f64)
        .arm("poll", |_| done(listing::polls(POLLS)))
        .kind(Kind::Tasks)
        .label("future polled")
        .per("poll", POLLS as f64)
        .arm("task", |runtime| done(listing::tasks(runtime, TASKS)))
        .kind(Kind::Tasks)
        .label("task spawned")
        .per("task", TASKS as f64)
        .arm("thread", |_| done(listing::threads(THREADS)))
        .kind(Kind::Threads)
        .label("thread spawned")
        .per("thread", THREADS as f64)
        .arm("process", |_| done(listing::processes(PROCESSES)))
        .kind(Kind::Processes)
        .label("process spawned")
        .per("process", PROCESSES as f64)
        .arm("switch_tasks", |runtime| {
            done(listing::switch_tasks(runtime, TASK_SWITCHES))
        })
        .kind(Kind::Tasks)
        .label("switch of tasks")
        .per("switch", TASK_SWITCHES as f64)
        .arm("switch_threads", |_| done(listing::switch_threads(SWITCHES)))
        .kind(Kind::Threads)
        .label("switch of threads")
        .per("switch", SWITCHES as f64)
        .only_if(possible)
        .arm("switch_processes", |_| done(listing::switch_processes(SWITCHES)))
        .kind(Kind::Processes)
        .label("switch of processes")
        .per("switch", SWITCHES as f64)
        .only_if(possible)
        .arm("pipe_alone", |_| done(listing::pipe_alone(SWITCHES)))
        .label("pipe, no switch")
        .per("byte", SWITCHES as f64)
        .only_if(possible)
        .foreign("c_thread", in_c(), |command, _| {
            command.args(["threads", &THREADS.to_string()]);
        })
        .kind(Kind::Threads)
        .label("C: thread")
        .per("thread", THREADS as f64)
        .foreign("c_guarded", in_c(), |command, _| {
            command.args(["guarded", &THREADS.to_string()]);
        })
        .kind(Kind::Threads)
        .label("C: thread, guarded")
        .per("thread", THREADS as f64)
        .foreign("c_fork", in_c(), |command, _| {
            command.args(["fork", &PROCESSES.to_string()]).arg(this_program());
        })
        .kind(Kind::Processes)
        .label("C: fork and exec")
        .per("process", PROCESSES as f64)
        .foreign("c_spawn", in_c(), |command, _| {
            command.args(["spawn", &PROCESSES.to_string()]).arg(this_program());
        })
        .kind(Kind::Processes)
        .label("C: posix_spawn")
        .per("process", PROCESSES as f64)
        .foreign("c_fork_large", in_c(), |command, _| {
            let (count, program) = (OFTEN.to_string(), this_program());
            command.args(["fork", &count]).arg(program).arg(LARGE);
        })
        .kind(Kind::Processes)
        .label("C: fork and exec, 64 MB")
        .per("process", OFTEN as f64)
        .foreign("c_spawn_large", in_c(), |command, _| {
            let (count, program) = (OFTEN.to_string(), this_program());
            command.args(["spawn", &count]).arg(program).arg(LARGE);
        })
        .kind(Kind::Processes)
        .label("C: posix_spawn, 64 MB")
        .per("process", OFTEN as f64)
        .agree(|answer: &&'static str| answer.to_string())
        .run()
}

fn in_c() -> Script {
    c(IN_C)
}

/// What the C program starts: the same that the listing does.
fn this_program() -> std::path::PathBuf {
    env::current_exe().expect("this program is running")
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn done(count: io::Result<usize>) -> &'static str {
    match count {
        Ok(_) => "all came and went",
        Err(error) => panic!("{error}"),
    }
}
