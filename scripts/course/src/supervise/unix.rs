//! On systems without a subreaper: the program leads a process group, and the group is ended.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::{Census, Pipes, pipes_of};

/// Between two looks at who is still there while ending a run.
const PAUSE: Duration = Duration::from_millis(1);

/// The program and its process group.
#[derive(Default)]
pub struct Family {
    group: libc::pid_t,
    /// How the program ended, once it is collected.
    status: Option<ExitStatus>,
}

pub fn unenforced() -> Option<&'static str> {
    Some("memory, the number of processes, and the end of processes that leave their group")
}

/// This system hands orphans to its first process.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(())
}

impl Family {
    pub fn new(_memory: u64) -> io::Result<Family> {
        Ok(Family { group: 0, status: None })
    }

    pub fn start(&mut self, command: &mut Command) -> io::Result<Pipes> {
        let mut child = command.process_group(0).spawn()?;
        self.group = child.id().cast_signed();
        pipes_of(&mut child)
    }

    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            let mut status = 0;
            // SAFETY: the pointer is to a live integer of the type that the call writes.
            let collected = unsafe { libc::waitpid(self.group, &raw mut status, libc::WNOHANG) };
            if collected == self.group {
                self.status = Some(std::os::unix::process::ExitStatusExt::from_raw(status));
            }
        }
        Ok(self.status)
    }

    pub fn census(&self) -> Option<Census> {
        None
    }

    /// Ends what is left of the group after this time. How many those are is not known.
    pub fn end(&mut self, grace: Duration) -> usize {
        if self.group == 0 {
            return 0; // nothing was started
        }
        let until = Instant::now() + grace;
        loop {
            let signal = if Instant::now() < until { 0 } else { libc::SIGKILL };
            // SAFETY: a plain system call; the group is the program's own. While a member is there,
            // its number is nobody else's.
            let nobody = unsafe { libc::kill(-self.group, signal) } == -1;
            if self.ended().is_err() || (nobody && self.status.is_some()) {
                return 0;
            }
            thread::park_timeout(PAUSE);
        }
    }
}
