//! The line at the bottom of a terminal that says what goes on, how far it is and how long it will still
//! take. It moves while nothing else does, so that nobody wonders whether the command is alive.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the line moves, whether or not there is news.
const TICK: Duration = Duration::from_millis(250);

/// The line that stands there now: what is printed meanwhile goes above it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// There is one at a time; where standard error is no terminal, none is drawn. Dropped, it is gone.
pub struct StatusLine(ProgressBar);

impl StatusLine {
    /// A line that says this, and for how long already.
    pub fn begin(text: impl Into<String>) -> StatusLine {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} · {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(text.into());
        bar.enable_steady_tick(TICK);
        *shown() = Some(bar.clone());
        StatusLine(bar)
    }

    pub fn set_text(&self, text: impl Into<String>) {
        self.0.set_message(text.into());
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        self.0.finish_and_clear();
        *shown() = None;
    }
}

/// Prints while the line, if there is one, makes room.
pub fn above<T>(print: impl FnOnce() -> T) -> T {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

fn shown() -> std::sync::MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
