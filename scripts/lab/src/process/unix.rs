//! On systems without a subreaper: the program leads a process group, and the group is ended, whatever the reach.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::{Census, Pipes, Reach, pipes_of};

/// Between two looks at who is still there while a tree is ended.
const PAUSE: Duration = Duration::from_millis(1);

/// The program and its process group.
pub(super) struct Processes {
    group: libc::pid_t,
    /// How the program ended, once it is collected.
    status: Option<ExitStatus>,
    reach: Reach,
}

/// What of a tree's limits this system does not enforce, in words.
pub fn unenforced() -> Option<&'static str> {
    Some("memory, the number of processes, and the end of processes that leave their group")
}

/// This system hands orphans to its first process: nothing is done.
///
/// # Errors
/// None.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(())
}

/// Whoever left the group of what this process started is out of reach here.
pub(super) fn end_orphans(_grace: Duration) -> usize {
    0
}

impl Processes {
    pub(super) fn start(
        command: &mut Command,
        reach: Reach,
        _most: Option<Census>,
    ) -> io::Result<(Processes, Pipes)> {
        let mut child = command.process_group(0).spawn()?;
        let group = child.id().cast_signed();
        Ok((Processes { group, status: None, reach }, pipes_of(&mut child)?))
    }

    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.collect(libc::WNOHANG);
        Ok(self.status)
    }

    fn collect(&mut self, options: libc::c_int) {
        if self.status.is_none() {
            let mut status = 0;
            // SAFETY: the pointer is to a live integer of the type that the call writes.
            let collected = unsafe { libc::waitpid(self.group, &raw mut status, options) };
            if collected == self.group {
                self.status = Some(ExitStatus::from_raw(status));
            }
        }
    }

    pub(super) fn census(&self) -> Option<Census> {
        None
    }

    /// Ends what is left of the group after this time, or at once where the reach is the group. How many those are
    /// is not known.
    pub(super) fn end(&mut self, grace: Duration) -> usize {
        match self.reach {
            Reach::Group => {
                self.signal(libc::SIGKILL);
                self.collect(0); // it is killed: this is a short wait
            }
            Reach::Descendants => self.end_after(grace),
        }
        0
    }

    fn end_after(&mut self, grace: Duration) {
        let until = Instant::now() + grace;
        loop {
            let nobody = !self.signal(if Instant::now() < until { 0 } else { libc::SIGKILL });
            self.collect(libc::WNOHANG);
            if nobody && self.status.is_some() {
                return;
            }
            // Of a group, one whose members are no children of ours, the system tells no end.
            thread::park_timeout(PAUSE);
        }
    }

    /// Returns whether there is anybody to hear it; 0 only asks that.
    fn signal(&self, signal: libc::c_int) -> bool {
        // SAFETY: a plain system call; the group is the program's own. Until the program is collected, or while a
        // member is there, its number is nobody else's; after that it is free, and numbers are handed out in a
        // circle.
        unsafe { libc::kill(-self.group, signal) == 0 }
    }
}
