//! Holding a thread to one core, where the system can.

use std::io;

// ANCHOR: hold
/// Holds this thread to the core it is on, and with it all that it starts from
/// now on.
#[cfg(target_os = "linux")]
pub fn hold_to_one_core() -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_getcpu, sched_setaffinity};
    let mut one = CpuSet::new();
    one.set(sched_getcpu());
    Ok(sched_setaffinity(None, &one)?)
}
// ANCHOR_END: hold

#[cfg(not(target_os = "linux"))]
pub fn hold_to_one_core() -> io::Result<()> {
    Err(io::Error::other("this system does not hold a thread to one core"))
}

/// Whether it can be done here; if not, the reason.
pub fn possible() -> Result<(), String> {
    let tried = std::thread::spawn(hold_to_one_core).join();
    let tried =
        tried.map_err(|_| "trying to hold a thread to one core panicked")?;
    tried.map_err(|error| format!("holding a thread to one core: {error}"))
}
