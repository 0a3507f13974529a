//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

/// The exit code of a program that Ctrl-C stopped, by the shell's convention.
pub(crate) const INTERRUPTED: u8 = 130;

/// Ctrl-C asks what runs to stop; pressed again, it ends the command at once.
pub(crate) fn stop_on_interrupt(stop: &Arc<AtomicBool>) -> Result<()> {
    on_interrupt(stop, || {})
}

/// The same, and calls this at every Ctrl-C.
pub(crate) fn on_interrupt(
    stop: &Arc<AtomicBool>,
    mut wake: impl FnMut() + Send + 'static,
) -> Result<()> {
    let stop = stop.clone();
    ctrlc::set_handler(move || {
        let again = stop.swap(true, Ordering::Relaxed);
        wake();
        if again {
            std::process::exit(i32::from(INTERRUPTED));
        }
    })?;
    Ok(())
}
