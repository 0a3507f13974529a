//! On Linux: this process can be the *subreaper*, so that everything descended from the program stays its
//! descendant, whoever detached from whom.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::{Census, Pipes, Reach, pipes_of};

/// Between two looks at who is still there while a tree is ended.
const PAUSE: Duration = Duration::from_millis(1);

/// The program and those that are ended with it.
pub(super) struct Processes {
    /// The program itself, which leads its own process group.
    program: libc::pid_t,
    /// How the program ended, once it is collected.
    status: Option<ExitStatus>,
    reach: Reach,
}

/// What of a tree's limits this system does not enforce, in words. All hold where the kernel lists a process's
/// children.
pub fn unenforced() -> Option<&'static str> {
    let listed = fs::read_dir("/proc/self/task").is_ok_and(|threads| {
        threads.flatten().any(|thread| thread.path().join("children").exists())
    });
    (!listed).then_some(
        "memory, the number of processes, and the end of processes that leave their group \
         (this kernel does not list a process's children)",
    )
}

/// From now on, who loses its parent below this process is a child of this process.
///
/// # Errors
/// Where the system refuses.
pub fn adopt_orphans() -> io::Result<()> {
    // SAFETY: a plain system call that changes a setting of this process and takes no pointers.
    match unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Ends whoever is left below this process after this time, and collects all. Returns how many were killed.
pub(super) fn end_orphans(grace: Duration) -> usize {
    Processes { program: 0, status: None, reach: Reach::Descendants }.end(grace)
}

impl Processes {
    pub(super) fn start(
        command: &mut Command,
        reach: Reach,
        _most: Option<Census>,
    ) -> io::Result<(Processes, Pipes)> {
        if reach == Reach::Descendants {
            adopt_orphans()?;
        }
        let mut child = command.process_group(0).spawn()?;
        let program = child.id().cast_signed();
        Ok((Processes { program, status: None, reach }, pipes_of(&mut child)?))
    }

    /// How the program ended, if it did. Orphans that ended are collected on the way.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.collect(libc::WNOHANG)?;
        Ok(self.status)
    }

    /// Collects who ended; returns whether anybody is left. Every descendant is a child of ours or has a living
    /// ancestor that is, so that "no children" means "nobody". Of a group, the program alone is our child.
    fn collect(&mut self, options: libc::c_int) -> io::Result<bool> {
        let whom = match self.reach {
            Reach::Group if self.status.is_some() => return Ok(false),
            Reach::Group => self.program,
            Reach::Descendants => -1,
        };
        loop {
            let mut status = 0;
            // SAFETY: the pointer is to a live integer of the type that the call writes.
            let collected = unsafe { libc::waitpid(whom, &raw mut status, options) };
            match collected {
                0 => return Ok(true),
                -1 => {
                    let error = io::Error::last_os_error();
                    match error.raw_os_error() {
                        Some(libc::ECHILD) => return Ok(false),
                        Some(libc::EINTR) => {}
                        _ => return Err(error),
                    }
                }
                process if process == self.program => {
                    self.status = Some(ExitStatus::from_raw(status));
                }
                _ => {}
            }
        }
    }

    pub(super) fn census(&self) -> Option<Census> {
        let all = match self.reach {
            Reach::Group => descendants(vec![self.program]),
            Reach::Descendants => descendants(children(std::process::id().cast_signed())),
        };
        let memory = all.iter().filter_map(|process| resident(*process)).sum();
        Some(Census { processes: all.len(), memory })
    }

    /// Ends whoever is left after this time, a group at once, and collects who can be. Returns how many were
    /// killed; of a group that is not counted.
    pub(super) fn end(&mut self, grace: Duration) -> usize {
        match self.reach {
            Reach::Group => {
                self.kill_group();
                let _ = self.collect(0); // it is killed: this is a short wait, and nobody asks how it ended
                0
            }
            Reach::Descendants => self.end_descendants(grace),
        }
    }

    fn end_descendants(&mut self, grace: Duration) -> usize {
        let until = Instant::now() + grace;
        let mut killed = BTreeSet::new();
        // Whoever forks while we look is found in the next round.
        while self.collect(libc::WNOHANG).unwrap_or(false) {
            if Instant::now() >= until {
                if self.program != 0 && self.status.is_none() {
                    self.kill_group(); // in one step
                }
                for process in descendants(children(std::process::id().cast_signed())) {
                    kill(process);
                    killed.insert(process);
                }
            }
            // For the end of several processes that are no children yet there is nothing to wait for.
            thread::park_timeout(PAUSE);
        }
        killed.len()
    }

    /// The group is the program's own. Until the program is collected, or while anybody of the group is there, its
    /// number is nobody else's; after that the number is free, and the kernel hands numbers out in a circle.
    fn kill_group(&self) {
        kill(-self.program);
    }
}

fn kill(process: libc::pid_t) {
    // SAFETY: a plain system call. The number was seen in our tree a moment ago, or is that of its group; where
    // its process ended since, the number is free and the kernel hands numbers out in a circle.
    unsafe { libc::kill(process, libc::SIGKILL) };
}

/// These, and everybody below them, who has not ended.
fn descendants(mut all: Vec<libc::pid_t>) -> Vec<libc::pid_t> {
    let mut next = 0;
    while let Some(process) = all.get(next) {
        all.extend(children(*process));
        next += 1;
    }
    all.retain(|process| !has_ended(*process));
    all
}

/// The kernel lists children by the thread that started them.
fn children(process: libc::pid_t) -> Vec<libc::pid_t> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_ascii_whitespace().filter_map(|n| n.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

/// A zombie: it only waits to be collected.
fn has_ended(process: libc::pid_t) -> bool {
    let Ok(text) = fs::read_to_string(format!("/proc/{process}/stat")) else { return true };
    // After the name, which is in parentheses and can contain some itself (proc_pid_stat(5)).
    text.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

/// Bytes of memory that are in use now (proc_pid_statm(5)).
fn resident(process: libc::pid_t) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    // SAFETY: a plain call that reads a constant of the system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages * u64::try_from(page).ok()?)
}
