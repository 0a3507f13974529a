//! On Windows: job objects. The system holds a job to its limits, and ends all of it when its last handle closes.

use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::process::{Child, Command, ExitStatus};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_JOB_MEMORY, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::{Census, Pipes, Reach, pipes_of};

/// The program; what it starts is in the job.
pub(super) struct Processes {
    program: Child,
    /// Of the program alone; `None` where this process entered the job, too, and ends it with itself.
    job: Option<Job>,
}

/// What of a tree's limits this system does not enforce, in words.
pub fn unenforced() -> Option<&'static str> {
    None
}

/// Nobody becomes an orphan here: a process has no parent that it could lose.
///
/// # Errors
/// None.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(())
}

/// Whoever was started in a job has been ended with it.
pub(super) fn end_orphans(_grace: Duration) -> usize {
    0
}

/// All that is in it ends when this is dropped.
struct Job(OwnedHandle);

impl Job {
    /// `most`: where the memory is used up, the processes of the job get no more.
    fn new(most: Option<Census>) -> io::Result<Job> {
        // SAFETY: a call without pointers; null means a job without a name and with the default security.
        let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is open, and nobody else has it.
        let job = Job(unsafe { OwnedHandle::from_raw_handle(job) });
        // SAFETY: plain data of the system's, for which all bits zero is a value.
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = unsafe { mem::zeroed() };
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        if let Some(most) = most {
            limits.BasicLimitInformation.LimitFlags |=
                JOB_OBJECT_LIMIT_ACTIVE_PROCESS | JOB_OBJECT_LIMIT_JOB_MEMORY;
            // And this process.
            limits.BasicLimitInformation.ActiveProcessLimit =
                u32::try_from(most.processes + 1).unwrap_or(u32::MAX);
            limits.JobMemoryLimit = usize::try_from(most.memory).unwrap_or(usize::MAX);
        }
        // SAFETY: the handle is open; the pointer is to `limits`, of the type and size that this class of
        // information has, and is only read during the call.
        let set = unsafe {
            SetInformationJobObject(
                job.handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                mem::size_of_val(&limits) as u32,
            )
        };
        if set == 0 { Err(io::Error::last_os_error()) } else { Ok(job) }
    }

    fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    fn add(&self, process: HANDLE) -> io::Result<()> {
        // SAFETY: both handles are open during the call.
        let added = unsafe { AssignProcessToJobObject(self.handle(), process) };
        if added == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Processes {
    pub(super) fn start(
        command: &mut Command,
        reach: Reach,
        most: Option<Census>,
    ) -> io::Result<(Processes, Pipes)> {
        let job = Job::new(most)?;
        if reach == Reach::Descendants {
            // SAFETY: a call without arguments; the handle that it returns need not be closed.
            job.add(unsafe { GetCurrentProcess() })?;
            mem::forget(job); // its handle closes with this process, which is what ends the job
            let mut program = command.spawn()?;
            let pipes = pipes_of(&mut program)?;
            return Ok((Processes { program, job: None }, pipes));
        }
        let mut program = command.spawn()?;
        // What the program starts before this line is not in the job: it would have to be faster than one call.
        // A program that has ended by now cannot enter, and need not.
        let entered = job.add(program.as_raw_handle()).is_ok();
        let pipes = pipes_of(&mut program)?;
        Ok((Processes { program, job: entered.then_some(job) }, pipes))
    }

    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.program.try_wait()
    }

    pub(super) fn census(&self) -> Option<Census> {
        None
    }

    /// Ends the program and its job. Where this process is in the job, what the program left behind ends with
    /// this process.
    pub(super) fn end(&mut self, _grace: Duration) -> usize {
        if let Some(job) = &self.job {
            // SAFETY: the handle is open during the call.
            unsafe { TerminateJobObject(job.handle(), 1) };
        }
        let _ = self.program.kill(); // it may have ended by itself
        let _ = self.program.wait();
        0
    }
}
