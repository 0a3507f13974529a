//! Runs a command and says whether it computed or waited.

use std::time::Duration;

use lab::usage;
use listings::workloads::is_it_waiting::{self as listing, Counters};

fn main() -> lab::Exit {
    lab::Experiment::<(), ()>::new("is_it_waiting", "Does it compute or wait?")
        .demo(|| listing::main(read))
        .role("piece", listing::piece)
        .option("COMMAND ARGS…", "the command to run (demo only)")
        .run()
}

fn read() -> Option<Counters> {
    // Where children are not counted, the other counters are this process's.
    usage::user_ns_with_children()?;
    let now = usage::now();
    Some(Counters {
        cpu: Duration::from_nanos(now.user_ns? + now.system_ns?),
        gave_up: now.voluntary_switches?,
        made_to: now.involuntary_switches?,
    })
}
