//! On Windows: a job object that this process enters before it starts the program. The system holds
//! the job to its limits, and ends all of it when its last handle closes: with this process.

use std::io;
use std::mem;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_JOB_MEMORY, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::{Census, MOST_PROCESSES, Pipes, pipes_of};

/// The program; what it starts is in the job.
#[derive(Default)]
pub struct Family {
    program: Option<Child>,
}

pub fn unenforced() -> Option<&'static str> {
    None
}

/// Nobody becomes an orphan here: a process has no parent that it could lose.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(())
}

impl Family {
    /// Where the memory, in bytes, is used up, the program gets no more.
    pub fn new(memory: u64) -> io::Result<Family> {
        let flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
            | JOB_OBJECT_LIMIT_ACTIVE_PROCESS
            | JOB_OBJECT_LIMIT_JOB_MEMORY;
        // SAFETY: plain data of the system's, for which all bits zero is a value.
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = unsafe { mem::zeroed() };
        limits.BasicLimitInformation.LimitFlags = flags;
        // And this process.
        limits.BasicLimitInformation.ActiveProcessLimit = MOST_PROCESSES as u32 + 1;
        limits.JobMemoryLimit = usize::try_from(memory).unwrap_or(usize::MAX);
        let size = mem::size_of_val(&limits) as u32;
        // SAFETY: the handle is checked before it is used; the pointer is to `limits`, of the type
        // and size that this class of information has, and is only read during the call. The handle
        // stays open until this process ends, which is what ends the job.
        let entered = unsafe {
            let job = CreateJobObjectW(std::ptr::null(), std::ptr::null());
            !job.is_null()
                && SetInformationJobObject(
                    job,
                    JobObjectExtendedLimitInformation,
                    (&raw const limits).cast(),
                    size,
                ) != 0
                && AssignProcessToJobObject(job, GetCurrentProcess()) != 0
        };
        if entered { Ok(Family::default()) } else { Err(io::Error::last_os_error()) }
    }

    pub fn start(&mut self, command: &mut Command) -> io::Result<Pipes> {
        let mut child = command.spawn()?;
        let pipes = pipes_of(&mut child);
        self.program = Some(child);
        pipes
    }

    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.program.as_mut().map_or(Ok(None), Child::try_wait)
    }

    pub fn census(&self) -> Option<Census> {
        None
    }

    /// Ends the program; what it left behind ends with this process.
    pub fn end(&mut self, _grace: Duration) -> usize {
        if let Some(program) = &mut self.program {
            let _ = program.kill(); // it may have ended by itself
            let _ = program.wait();
        }
        0
    }
}
