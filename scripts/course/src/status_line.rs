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
pub(crate) struct StatusLine(ProgressBar);

impl StatusLine {
    /// A line that says this, and for how long already.
    pub(crate) fn begin(text: impl Into<String>) -> StatusLine {
        let line = StatusLine::begin_on(ProgressDrawTarget::stderr(), text);
        *shown() = Some(line.0.clone());
        line
    }

    fn begin_on(target: ProgressDrawTarget, text: impl Into<String>) -> StatusLine {
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} · {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(text.into());
        bar.enable_steady_tick(TICK);
        StatusLine(bar)
    }

    pub(crate) fn set_text(&self, text: impl Into<String>) {
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
pub(crate) fn above<T>(print: impl FnOnce() -> T) -> T {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

fn shown() -> std::sync::MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::{InMemoryTerm, TermLike};

    const WIDTH: u16 = 30;

    /// A terminal with a status line on it.
    fn begun(text: &str) -> (InMemoryTerm, StatusLine) {
        let terminal = InMemoryTerm::new(10, WIDTH);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let line = StatusLine::begin_on(target, text);
        line.0.tick();
        (terminal, line)
    }

    #[test]
    fn a_warning_stands_whole_above_the_line_that_goes_on() {
        let (terminal, line) = begun("measuring");
        line.0.suspend(|| terminal.write_line("warning: a file changed").unwrap());
        line.0.tick();
        let shown = terminal.contents();
        let (warning, below) = shown.split_once('\n').unwrap();
        assert_eq!(warning, "warning: a file changed");
        assert!(below.contains("measuring · 0s"), "{below}");
        drop(line);
        assert_eq!(terminal.contents(), "warning: a file changed");
    }

    #[test]
    fn a_line_wider_than_the_terminal_leaves_nothing_behind() {
        let wide = "an experiment with a name ".repeat(3);
        let (terminal, line) = begun(&wide);
        assert!(terminal.contents().lines().count() > 1, "it is wider than the terminal");
        line.0.suspend(|| terminal.write_line("warning: it is wide").unwrap());
        line.set_text("short");
        line.0.tick();
        let shown = terminal.contents();
        assert_eq!(shown.matches("experiment").count(), 0, "{shown}");
        line.set_text(wide);
        line.0.tick();
        drop(line);
        assert_eq!(terminal.contents(), "warning: it is wide");
    }
}
