//! A long page, read a piece at a time: on a thread, and in a task.
//!
//! Runs locally only: it opens sockets and starts a process.

use std::process::ExitCode;

use tokio::runtime;

use crate::blocking::pages::{
    Error, Pages, clients, count_lines, count_lines_blocking,
};

pub fn main() -> ExitCode {
    let printed = || -> Result<(), Error> {
        let pages = Pages::open(&[])?;
        let ((blocking, client), url) = (clients()?, pages.url("long"));
        let lines = count_lines_blocking(&blocking, &url)?;
        println!("on a thread: {lines} lines");
        let mut one_thread = runtime::Builder::new_current_thread();
        let one_thread = one_thread.enable_all().build()?;
        let lines = one_thread.block_on(count_lines(&client, &url))?;
        println!("in a task: {lines} lines");
        Ok(())
    };
    match printed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
