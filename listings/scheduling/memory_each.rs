//! What a process needs while it does nothing but wait.
//!
//! Nothing is shared but pipes: there is nothing for a model checker.
//!
//! Runs locally only: it starts processes.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitCode};

/// How many waited at the same time, how many the system refused, and what the
/// waiting ones needed.
#[derive(Debug, Default, PartialEq)]
pub struct Crowd {
    pub waited: usize,
    pub refused: usize,
    /// None: this system does not tell.
    pub kibibytes: Option<u64>,
}

// ANCHOR: processes
/// Processes in front of a door: a pipe with nothing in it. Starts as many as
/// the system allows, and opens when all of them are there.
pub fn processes(wanted: usize) -> io::Result<Crowd> {
    let (door, opener) = io::pipe()?;
    let (mut arrivals, arrived) = io::pipe()?;
    let start = |_| {
        Command::new(env::current_exe().ok()?)
            .arg("wait")
            .stdin(door.try_clone().ok()?)
            .stdout(arrived.try_clone().ok()?)
            .spawn()
            .ok() // none: the system said no
    };
    let mut crowd: Vec<Child> = (0..wanted).map_while(start).collect();
    arrivals.read_exact(&mut vec![0; crowd.len()])?;
    let kibibytes = crowd.iter().map(memory_of).sum();
    drop(opener);
    for process in &mut crowd {
        process.wait()?;
    }
    let waited = crowd.len();
    Ok(Crowd { waited, refused: wanted - waited, kibibytes })
}
// ANCHOR_END: processes

// ANCHOR: memory_of
/// What this process has for itself: its share of memory, and the tables that
/// say where that is.
fn memory_of(process: &Child) -> Option<u64> {
    let proc = format!("/proc/{}", process.id());
    let memory = fs::read_to_string(format!("{proc}/smaps_rollup")).ok()?;
    let status = fs::read_to_string(format!("{proc}/status")).ok()?;
    Some(field(&memory, "Pss:")? + field(&status, "VmPTE:")?)
}
// ANCHOR_END: memory_of

/// "Pss:    128 kB"
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// What such a process does: says that it is there, and waits for the end of
/// its input.
pub fn wait() -> ExitCode {
    let mut out = io::stdout().lock();
    let here = out.write_all(b".").and_then(|()| out.flush());
    match here.and_then(|()| io::stdin().read(&mut [0])) {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

pub fn main() -> io::Result<()> {
    println!("100 processes: {:?}", processes(100)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_by_its_name() {
        let text = "Rss:   1732 kB\nPss:    215 kB\nPss_Dirty: 150 kB\n";
        assert_eq!(field(text, "Pss:"), Some(215));
        assert_eq!(field(text, "Swap:"), None);
    }
}
