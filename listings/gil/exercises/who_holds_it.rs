//! # Who holds it?
//!
//! 25 minutes
//!
//! A small interpreter, with a lock of its own. A program is a list of steps:
//! instructions, which change the interpreter's state, and calls. Each program
//! gets a thread. `run_all` takes the lock and gives it back when its program is
//! done, so that all programs run one after the other, whatever they do.
//!
//! Say in `lets_go` which calls CPython makes without its lock. Then repair
//! `run_all`: a thread that makes such a call does not hold the lock meanwhile,
//! and a thread that executes an instruction or makes one of the other calls does.
//!
//! An instruction is written down when it is executed, so others can come
//! between those before a call that lets go and those after it.
//!
//! The tests let calls wait for each other. Calls that let go must meet. The
//! others must not.
//!
//! Hint: `drop` gives a guard back, and there is always a way to get another
//! one. What has to be read again after that?

use std::sync::Mutex;
use std::thread;

/// What a program asks of the world around the interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `time.sleep(1)`
    Sleep,
    /// `connection.recv(64)`
    Receive,
    /// `hashlib.pbkdf2_hmac(…)`
    Hash,
    /// `numpy.cbrt(numbers)`, on many numbers
    CubeRoots,
    /// `sum(numbers)`, on a list
    Sum,
    /// `json.dumps(books)`
    Dump,
}

/// One step of a program.
pub enum Step {
    /// An instruction of the interpreter: its name, which is written down.
    Instruction(&'static str),
    /// A call, and what it does.
    Call(Call, Box<dyn FnOnce() + Send>),
}

/// What the lock protects: the names of the instructions so far.
pub type Executed = Vec<&'static str>;

pub mod starter {
    use super::*;

    /// Whether CPython gives its lock back for the time of this call.
    #[allow(unused_variables)]
    pub fn lets_go(call: Call) -> bool {
        todo!("true for calls that need nothing of the interpreter")
    }

    /// Runs each program in a thread, and returns what was executed.
    pub fn run_all(programs: Vec<Vec<Step>>) -> Executed {
        let lock = Mutex::new(Executed::new());
        thread::scope(|scope| {
            for program in programs {
                scope.spawn(|| {
                    let mut executed = lock.lock().expect("no step panics");
                    for step in program {
                        match step {
                            Step::Instruction(name) => executed.push(name),
                            Step::Call(_, work) => work(),
                        }
                    }
                });
            }
        });
        lock.into_inner().expect("no step panics")
    }
}

pub mod solution {
    use super::*;

    /// Whether CPython gives its lock back for the time of this call.
    pub fn lets_go(call: Call) -> bool {
        match call {
            // Waiting needs no interpreter.
            Call::Sleep | Call::Receive => true,
            // Nor does C code that works on bytes and numbers of its own.
            Call::Hash | Call::CubeRoots => true,
            // These are in C too. But they look at Python's objects all the
            // time, and others must not change those meanwhile.
            Call::Sum | Call::Dump => false,
        }
    }

    /// Runs each program in a thread, and returns what was executed.
    pub fn run_all(programs: Vec<Vec<Step>>) -> Executed {
        let lock = Mutex::new(Executed::new());
        let take = || lock.lock().expect("no step panics");
        thread::scope(|scope| {
            for program in programs {
                scope.spawn(|| {
                    let mut executed = take();
                    for step in program {
                        match step {
                            Step::Instruction(name) => executed.push(name),
                            Step::Call(call, work) if lets_go(call) => {
                                drop(executed);
                                work();
                                // Others have been here: whatever was read
                                // before may be out of date by now.
                                executed = take();
                            }
                            Step::Call(_, work) => work(),
                        }
                    }
                });
            }
        });
        lock.into_inner().expect("no step panics")
    }
}

/// Lets the lock go where a thread waits, and keeps it where a thread computes,
/// as if the lock were the right to use a core. It is the right to touch Python's
/// objects: C code that hashes bytes or computes on plain numbers touches none,
/// and with the lock in its hand it keeps all other threads from their work.
///
/// Caught by `c_code_on_its_own_data_lets_go`.
pub mod wrong_only_waiting_lets_go {
    pub use super::solution::run_all;
    use super::*;

    pub fn lets_go(call: Call) -> bool {
        matches!(call, Call::Sleep | Call::Receive)
    }
}

/// Lets the lock go for every function that is written in C. `sum` and
/// `json.dumps` are in C, and they read Python's objects and count their owners
/// all the time: without the lock, another thread changes the list in the middle
/// of the sum.
///
/// Caught by `what_looks_at_python_objects_does_not`.
pub mod wrong_all_of_c_lets_go {
    pub use super::solution::run_all;
    use super::*;

    pub fn lets_go(call: Call) -> bool {
        match call {
            Call::Sleep | Call::Receive | Call::Hash => true,
            Call::CubeRoots | Call::Sum | Call::Dump => true,
        }
    }
}

/// Takes the lock again when the next instruction needs it. Between a call that
/// lets go and that instruction a call can stand that needs the lock, too, and
/// it is made without: two threads look at the same objects at once.
///
/// Caught by `the_lock_is_held_again_after_the_call`.
pub mod wrong_takes_it_again_for_an_instruction {
    pub use super::solution::lets_go;
    use super::*;

    pub fn run_all(programs: Vec<Vec<Step>>) -> Executed {
        let lock = Mutex::new(Executed::new());
        let take = || lock.lock().expect("no step panics");
        thread::scope(|scope| {
            for program in programs {
                scope.spawn(|| {
                    let mut held = Some(take());
                    for step in program {
                        match step {
                            Step::Instruction(name) => {
                                held.get_or_insert_with(take).push(name);
                            }
                            Step::Call(call, work) => {
                                if lets_go(call) {
                                    held = None;
                                }
                                work();
                            }
                        }
                    }
                });
            }
        });
        lock.into_inner().expect("no step panics")
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
    use std::sync::{Arc, mpsc};
    use std::time::{Duration, Instant};

    #[test]
    fn waiting_lets_go() {
        assert!(lets_go(Call::Sleep), "a sleeping thread needs nothing");
        assert!(lets_go(Call::Receive), "the bytes come from elsewhere");
    }

    #[test]
    fn c_code_on_its_own_data_lets_go() {
        assert!(lets_go(Call::Hash), "pbkdf2_hmac works on plain bytes");
        assert!(lets_go(Call::CubeRoots), "an array is plain numbers");
    }

    #[test]
    fn what_looks_at_python_objects_does_not() {
        assert!(!lets_go(Call::Sum), "a list holds objects, each counted");
        assert!(!lets_go(Call::Dump), "books are objects, all the way down");
    }

    #[test]
    fn every_instruction_is_executed_in_the_order_of_its_program() {
        let programs =
            [["load a", "add a", "store a"], ["load b", "add b", "store b"]];
        let steps = |names: [&'static str; 3]| {
            names.into_iter().map(Step::Instruction).collect()
        };
        let executed = run_all(programs.map(steps).into());
        for names in programs {
            let own: Vec<&str> = executed
                .iter()
                .copied()
                .filter(|n| names.contains(n))
                .collect();
            assert_eq!(own, names, "of {executed:?}");
        }
    }

    #[test]
    fn calls_that_let_go_run_side_by_side() {
        for call in [Call::Sleep, Call::Hash] {
            assert!(
                met(call, Duration::from_secs(5)),
                "two threads made a {call:?} call each, and one kept the lock \
                 from the other meanwhile"
            );
        }
    }

    #[test]
    fn calls_that_hold_it_do_not() {
        assert!(
            !met(Call::Sum, Duration::from_millis(300)),
            "two sums ran side by side: who held the lock?"
        );
    }

    #[test]
    fn the_lock_is_held_again_after_the_call() {
        let first = || vec![Step::Call(Call::Receive, Box::new(|| {}))];
        assert!(
            !met_after(first, Call::Sum, Duration::from_millis(300)),
            "after a call that lets go, two sums ran side by side"
        );
    }

    #[test]
    fn others_execute_during_a_call_that_lets_go() {
        let (ask, asked) = mpsc::channel();
        let (answer, answered) = mpsc::channel();
        let long = Duration::from_secs(5);
        let receives = move || {
            ask.send(()).expect("the other one is there");
            let _ = answered.recv_timeout(long); // the order tells
        };
        let waits = move || {
            let _ = asked.recv_timeout(long);
        };
        let tells = move || {
            let _ = answer.send(());
        };
        let executed = run_all(vec![
            vec![
                Step::Instruction("before"),
                Step::Call(Call::Receive, Box::new(receives)),
                Step::Instruction("after"),
            ],
            vec![
                Step::Call(Call::Receive, Box::new(waits)),
                Step::Instruction("meanwhile"),
                Step::Call(Call::Sleep, Box::new(tells)),
            ],
        ]);
        assert_eq!(executed, ["before", "meanwhile", "after"]);
    }

    /// Whether two threads were in such a call at the same time. Each waits
    /// for the other, for that long at most.
    fn met(call: Call, limit: Duration) -> bool {
        met_after(Vec::new, call, limit)
    }

    /// The same after other steps.
    fn met_after(
        before: impl Fn() -> Vec<Step>,
        call: Call,
        limit: Duration,
    ) -> bool {
        let inside = Arc::new(AtomicUsize::new(0));
        let together = Arc::new(AtomicBool::new(false));
        let in_vain = Arc::new(AtomicBool::new(false));
        let program = || {
            let (inside, together) = (inside.clone(), together.clone());
            let in_vain = in_vain.clone();
            let work = move || {
                inside.fetch_add(1, SeqCst);
                let until = Instant::now() + limit;
                while !together.load(SeqCst) && !in_vain.load(SeqCst) {
                    if inside.load(SeqCst) == 2 {
                        together.store(true, SeqCst);
                    } else if Instant::now() > until {
                        in_vain.store(true, SeqCst);
                    }
                    thread::yield_now();
                }
                inside.fetch_sub(1, SeqCst);
            };
            let mut steps = before();
            steps.push(Step::Call(call, Box::new(work)));
            steps.push(Step::Instruction("done"));
            steps
        };
        run_all(vec![program(), program()]);
        together.load(SeqCst)
    }
}
