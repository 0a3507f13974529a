//! A program and all that it starts: run within limits, and nothing of it left behind.
//!
//! [`finish`] runs a command to its end and keeps what it printed, as arms and demos need it. [`Tree`] is what it
//! is made of, for whoever forwards the output as it comes, and holds a program to its memory as well.
//!
//! How far the end of a tree reaches is a [`Reach`]. The crate `process-wrap` has the smaller one of the two, a
//! group or a job object. It has no subreaper, counts nobody and knows no limits, which is most of what is here,
//! and it would bring `nix` and `windows` to everyone who compiles one example.

mod captured;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(all(unix, not(target_os = "linux")), path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;
#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind, Read};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

pub use captured::{Cut, Finished, finish, shown_end};
use system::Processes;
pub use system::{adopt_orphans, unenforced};

/// How often processes, memory and the wish to stop are looked at, while nothing is told: the system tells of
/// none of them. Even an end can only be waited for in a call that hears of nothing else meanwhile.
const TICK: Duration = Duration::from_millis(20);
/// The same once both pipes are at their ends: a program closes them with its last steps.
const LAST_STEPS: Duration = Duration::from_millis(1);
/// For what was written last to arrive, after everybody who could write is gone.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// What a program started and did not wait for may end by itself within this time.
pub const GRACE: Duration = Duration::from_millis(200);

/// Who is ended together with a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its process group; on Windows, its job. Whoever leaves the group is not reached. This process can run
    /// other programs at the same time.
    Group,
    /// Everyone descended from it, whoever left whom. This process runs one program and no other, now or later: it
    /// collects every child that it has. On Unix systems other than Linux, this is the group.
    Descendants,
}

/// What a tree consists of at one moment, or may consist of at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Census {
    /// How many processes have not ended.
    pub processes: usize,
    /// Resident memory of all of them, in bytes.
    pub memory: u64,
}

/// When a tree has to end.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From its start.
    pub time: Duration,
    /// Where [`unenforced`] names none of it.
    pub most: Option<Census>,
    /// After the program's own end, for both pipes to reach theirs: who holds one open has been left behind.
    pub linger: Duration,
    /// After that, for those whom it left behind to end by themselves. A group is ended at once.
    pub grace: Duration,
}

/// Why a tree is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The program ended by itself.
    Ended(ExitStatus),
    /// Stopped from outside.
    Stopped,
    /// It took longer than it may.
    TooLong,
    /// One of its pipes brought more than was wanted.
    Flooded,
    /// All of it together had more memory than it may.
    TooMuchMemory,
    /// It consisted of more processes than it may.
    TooManyProcesses,
}

/// How it was over.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Why.
    pub ending: Ending,
    /// How many processes the program left behind, which were ended; 0 where they are not counted.
    pub left: usize,
    /// One of them held a pipe open for longer than it may.
    pub held: bool,
    /// It still does: it left the group, and is out of reach.
    pub escaped: bool,
}

/// Takes what one pipe brings, on a thread of its own.
pub trait Sink: Send + 'static {
    /// The next bytes. Returns whether more is wanted; if not, the tree is ended.
    fn take(&mut self, bytes: &[u8]) -> bool;

    /// Nothing more comes.
    fn end(&mut self) {}
}

/// Stops a tree from another thread.
pub struct Stopper(Sender<Event>);

impl Stopper {
    /// Ends the tree, unless it is over.
    pub fn stop(self) {
        let _ = self.0.send(Event::Stop); // nobody listens when it is over
    }
}

/// What is told to the thread that watches.
enum Event {
    Stop,
    Flooded,
    PipeEnded(io::Result<()>),
}

/// The pipes of a program that was started.
struct Pipes {
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

fn pipes_of(child: &mut Child) -> io::Result<Pipes> {
    let missing = || io::Error::other("it has no pipes");
    Ok(Pipes {
        stdin: child.stdin.take(),
        stdout: child.stdout.take().ok_or_else(missing)?,
        stderr: child.stderr.take().ok_or_else(missing)?,
    })
}

/// A program that runs, and all that it started.
pub struct Tree {
    processes: Processes,
    limits: Limits,
    deadline: Instant,
    /// No census before this moment.
    next_census: Instant,
    tell: Sender<Event>,
    events: Receiver<Event>,
    /// How many of the two pipes are not at their ends.
    open: usize,
    stopped: bool,
    flooded: bool,
    /// Held open while it runs: an arm takes its end as the end of its supervisor.
    stdin: Option<ChildStdin>,
}

impl Tree {
    /// Starts the program. Its standard input is as the command has it; both outputs go to the sinks.
    ///
    /// # Errors
    /// Where the program cannot be started, or this system cannot do what the reach asks for.
    pub fn start(
        mut command: Command,
        reach: Reach,
        limits: Limits,
        stdout: impl Sink,
        stderr: impl Sink,
    ) -> io::Result<Tree> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (processes, pipes) = Processes::start(&mut command, reach, limits.most)?;
        let (tell, events) = channel();
        forward(pipes.stdout, stdout, tell.clone());
        forward(pipes.stderr, stderr, tell.clone());
        let now = Instant::now();
        Ok(Tree {
            processes,
            limits,
            deadline: now + limits.time,
            next_census: now,
            tell,
            events,
            open: 2,
            stopped: false,
            flooded: false,
            stdin: pipes.stdin,
        })
    }

    /// What stops it from another thread, at once.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.tell.clone())
    }

    /// Watches until the program ends or has to, also because `stop` is set, and ends whoever is left.
    ///
    /// # Errors
    /// Where the system refuses to tell what the program does; whoever can be reached is ended all the same.
    pub fn watch(mut self, stop: &AtomicBool) -> io::Result<Outcome> {
        let ending = self.until_it_ends(stop);
        let by_itself = matches!(ending, Ok(Ending::Ended(_)));
        let held = by_itself && self.open > 0 && !self.limits.linger.is_zero();
        let left = self.processes.end(if by_itself { self.limits.grace } else { Duration::ZERO });
        drop(self.stdin.take());
        // What was written last: the pipes end with the last process that holds them.
        self.hear_pipes(LAST_WORDS, None)?;
        let ending = if self.flooded { Ending::Flooded } else { ending? };
        Ok(Outcome { ending, left, held, escaped: self.open > 0 })
    }

    fn until_it_ends(&mut self, stop: &AtomicBool) -> io::Result<Ending> {
        loop {
            self.hear(self.deadline)?;
            if let Some(status) = self.processes.ended()? {
                self.hear_pipes(self.limits.linger, Some(stop))?;
                let given_up = self.open > 0 && self.asked_to_stop(stop);
                return Ok(if given_up { Ending::Stopped } else { Ending::Ended(status) });
            }
            if self.flooded {
                return Ok(Ending::Flooded);
            }
            if self.asked_to_stop(stop) {
                return Ok(Ending::Stopped);
            }
            if Instant::now() >= self.deadline {
                return Ok(Ending::TooLong);
            }
            if let Some(ending) = self.beyond_the_most() {
                return Ok(ending);
            }
        }
    }

    fn asked_to_stop(&self, stop: &AtomicBool) -> bool {
        self.stopped || stop.load(Ordering::Relaxed)
    }

    /// Waits for an event, until this moment or the next look.
    fn hear(&mut self, until: Instant) -> io::Result<()> {
        let look = if self.open == 0 { LAST_STEPS } else { TICK };
        let wait = until.saturating_duration_since(Instant::now()).min(look);
        match self.events.recv_timeout(wait) {
            Ok(Event::Stop) => self.stopped = true,
            Ok(Event::Flooded) => self.flooded = true,
            Ok(Event::PipeEnded(read)) => {
                self.open -= 1;
                read?;
            }
            Err(_) => {} // time passed: this tree can tell as well, so that the channel is never closed
        }
        Ok(())
    }

    /// Waits so long for both pipes to be read to their ends, unless it is stopped.
    fn hear_pipes(&mut self, long: Duration, stop: Option<&AtomicBool>) -> io::Result<()> {
        let until = Instant::now() + long;
        while self.open > 0 && Instant::now() < until {
            if stop.is_some_and(|stop| self.asked_to_stop(stop)) {
                return Ok(());
            }
            self.hear(until)?;
        }
        Ok(())
    }

    /// Looks at memory and processes, where there is a limit and the last look is a while ago.
    fn beyond_the_most(&mut self) -> Option<Ending> {
        let most = self.limits.most?;
        let now = Instant::now();
        if now < self.next_census {
            return None;
        }
        self.next_census = now + TICK;
        let census = self.processes.census()?;
        if census.processes > most.processes {
            return Some(Ending::TooManyProcesses);
        }
        (census.memory > most.memory).then_some(Ending::TooMuchMemory)
    }
}

/// Ends whoever is still there below this process, after [`GRACE`] to end by itself, and collects all.
/// Returns how many were ended; 0 where they are not counted. For a process that waits for none of its
/// children itself and has [adopted the orphans](adopt_orphans).
pub fn end_orphans() -> usize {
    system::end_orphans(GRACE)
}

/// Reads to the end of the pipe on a thread of its own, which ends with the pipe.
fn forward(mut pipe: impl Read + Send + 'static, mut sink: impl Sink, tell: Sender<Event>) {
    thread::spawn(move || {
        let mut buffer = [0; 64 << 10];
        let read = loop {
            match pipe.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(came) if sink.take(&buffer[..came]) => {}
                Ok(_) => {
                    let _ = tell.send(Event::Flooded); // nobody listens when the tree is over
                    break Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        sink.end();
        let _ = tell.send(Event::PipeEnded(read));
    });
}
