//! Watches files: by what the system tells, or by looking again and again where it does not tell.

use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{Config, EventHandler, PollWatcher, Watcher};

use crate::message::warning;

/// How often to look where the system does not tell.
const POLLING: Duration = Duration::from_millis(500);

/// A watcher that calls `handler()`, and that `begin` has told what to watch. It watches until it is dropped.
pub(crate) fn watch<H: EventHandler>(
    handler: impl Fn() -> H,
    begin: impl Fn(&mut dyn Watcher) -> notify::Result<()>,
) -> notify::Result<Box<dyn Watcher>> {
    let told = notify::recommended_watcher(handler()).and_then(|mut watcher| {
        begin(&mut watcher)?;
        Ok(watcher)
    });
    match told {
        Ok(watcher) => Ok(Box::new(watcher)),
        Err(why) => {
            warning(format!(
                "this system does not tell when a file changes ({why}); looking every {} ms instead",
                POLLING.as_millis()
            ));
            let often = Config::default().with_poll_interval(POLLING);
            let mut watcher = PollWatcher::new(handler(), often)?;
            begin(&mut watcher)?;
            Ok(Box::new(watcher))
        }
    }
}

/// Reading is an event, too, and every build reads every file.
pub(crate) fn changes_content(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)))
}
