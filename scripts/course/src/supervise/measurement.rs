//! `course measure-for-page`: measures one experiment for a page of `course serve`, in a process of its
//! own, so that what arms leave behind is its to end. The server has the turn meanwhile; when the
//! server is gone, or nobody wants the measurement any more, standard input ends here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use book::project::Project;
use lab::process::end_orphans;
use lab::record::Care;
use lab::rounds::Progress;
use serde_json::{Value, json};

use super::output::say;
use crate::examples::Examples;
use crate::measure::Session;
use crate::message::report;
use crate::stopped::Stopped;

/// Measures as `cargo course measure NAME --quick` does; as carefully as it was measured here before,
/// so that a press in a page never puts less in the place of more. Says what a page is told, a JSON
/// object a line; that it failed is no error.
pub(crate) fn measure_for_page(project: &Project, experiment: &str) {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    super::at_end_of_standard_input(move || asked.store(true, Ordering::Relaxed));
    let done = measure(project, experiment, &stop);
    // Also what was left when the measurement was stopped.
    end_orphans();
    say(&match done {
        Ok(machine) => {
            let ended = format!("measured on {machine}");
            json!({ "ended": ended, "how": "success", "machine": machine })
        }
        Err(failure) if failure.is::<Stopped>() => json!({ "ended": "stopped", "how": "stopped" }),
        Err(failure) => {
            report(&failure);
            json!({ "ended": format!("{failure:#}"), "how": "failure" })
        }
    });
}

fn measure(project: &Project, experiment: &str, stop: &Arc<AtomicBool>) -> Result<String> {
    // What is measured is the code as it is now, like its keys.
    let examples = Examples::compile(project)?;
    let telling = |progress: &Progress| say(&described(progress));
    let session = Session::new(project, &examples, None, stop.clone())?.telling(&telling).alone();
    let care = session.care_so_far(experiment).unwrap_or(Care::Quick);
    let flag = match care {
        Care::Quick => " --quick",
        Care::Default => "",
        Care::Thorough => " --thorough",
    };
    say(&json!({ "started": format!("cargo course measure {experiment}{flag}") }));
    session.measure(experiment, care, true)?;
    Ok(session.machine().name.clone())
}

fn described(progress: &Progress) -> Value {
    let mut line = json!({
        "round": progress.round, "of": progress.due, "point": progress.point.to_string(),
    });
    if let Some(left) = progress.left {
        line["seconds_left"] = (left.as_secs_f64().ceil() as u64).into();
    }
    line
}
