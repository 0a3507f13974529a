//! # Choose for five programs
//!
//! 15 minutes
//!
//! Five programs stand in `CASES`, each described by what its pieces wait for,
//! how many are in progress at once, and what can become of a piece at worst.
//! Write `choose`: it gets a case and returns a paradigm, and the reason that
//! decided. The tests ask it about the five, and about more cases, each of which
//! differs from one of them in a single property.
//!
//! Hint: Ask in this order: can a piece take its process with it, or must it be
//! killed? A panic does neither: it ends one thread or one task, and whoever
//! joins it gets an `Err`. Does a piece wait, compute, or both? If it waits: how
//! many are there at once? The first answer that rules everything else out is
//! the reason.

/// What a piece of the work spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spends {
    Computing,
    Waiting,
    WaitingThenComputing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paradigm {
    /// One thing after the other.
    Loop,
    /// A thread for each core, and pieces that are split and stolen.
    Rayon,
    /// A thread for each piece.
    Threads,
    Tasks,
    /// Tasks wait, rayon computes.
    TasksAndRayon,
    Processes,
}

/// What ruled the other paradigms out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is nothing to do at the same time.
    NothingToOverlap,
    /// A piece that ends its process must not take others with it.
    MustSurvive,
    /// Only cores make it faster.
    NeedsCores,
    /// A few waits side by side, a hundred at most, and nothing more to set up.
    FewWaits,
    /// More waits than you want threads for.
    ManyWaits,
    /// Computing would hold up those who wait.
    WouldBlock,
}

/// What can become of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtWorst {
    Returns,
    /// Its thread or its task unwinds; the rest of the process goes on.
    Panics,
    /// It aborts, touches memory that is not its own, or needs so much of it
    /// that the system kills the process.
    EndsItsProcess,
    /// It never returns and does not ask whether it should: only killing helps.
    HasToBeKilled,
}

/// A program, as its author would describe it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub name: &'static str,
    pub spends: Spends,
    /// Pieces in progress at the same moment.
    pub at_once: usize,
    pub at_worst: AtWorst,
}

pub const CASES: [Case; 5] = [
    Case {
        name: "twelve hundred photographs made smaller",
        spends: Spends::Computing,
        at_once: 1_200,
        at_worst: AtWorst::Returns,
    },
    Case {
        name: "the exchange rates of six banks, for one page",
        spends: Spends::Waiting,
        at_once: 6,
        at_worst: AtWorst::Returns,
    },
    Case {
        name: "a chat with twenty thousand people in it, mostly silent",
        spends: Spends::Waiting,
        at_once: 20_000,
        at_worst: AtWorst::Returns,
    },
    Case {
        name: "a service that fetches a picture and finds the faces in it",
        spends: Spends::WaitingThenComputing,
        at_once: 500,
        at_worst: AtWorst::Returns,
    },
    Case {
        name: "documents of strangers, converted by a C library with bugs",
        spends: Spends::Computing,
        at_once: 8,
        at_worst: AtWorst::EndsItsProcess,
    },
];

pub mod starter {
    use super::*;

    /// The paradigm for a program, and the reason that decided.
    #[allow(unused_variables)]
    pub fn choose(case: &Case) -> (Paradigm, Reason) {
        todo!("look at what the case spends its time on, and decide")
    }
}

pub mod solution {
    use super::*;

    /// More waits than this are not given a thread each.
    const FEW: usize = 100;

    /// The paradigm for a program, and the reason that decided.
    pub fn choose(case: &Case) -> (Paradigm, Reason) {
        // What ends the process ends all of its threads and tasks. This leaves
        // nothing to decide.
        match case.at_worst {
            AtWorst::EndsItsProcess | AtWorst::HasToBeKilled => {
                return (Paradigm::Processes, Reason::MustSurvive);
            }
            // Seen where the thread or the task is joined.
            AtWorst::Returns | AtWorst::Panics => {}
        }
        // One piece at a time overlaps with nothing, whatever it does.
        if case.at_once < 2 {
            return (Paradigm::Loop, Reason::NothingToOverlap);
        }
        match case.spends {
            // However many pieces: the cores are what there is.
            Spends::Computing => (Paradigm::Rayon, Reason::NeedsCores),
            // Both would do. Threads need no runtime.
            Spends::Waiting if case.at_once <= FEW => {
                (Paradigm::Threads, Reason::FewWaits)
            }
            Spends::Waiting => (Paradigm::Tasks, Reason::ManyWaits),
            // Each half where it belongs.
            Spends::WaitingThenComputing => {
                (Paradigm::TasksAndRayon, Reason::WouldBlock)
            }
        }
    }
}

/// Takes tasks for everything of which there are more than a hundred. A large
/// number is a reason for tasks where pieces wait, because a task that waits needs
/// no thread. Pieces that compute need cores, and as tasks they keep the runtime's
/// threads from every task that waits.
///
/// Caught by `pieces_that_compute_get_the_cores`.
pub mod wrong_many_are_always_tasks {
    use super::*;

    pub fn choose(case: &Case) -> (Paradigm, Reason) {
        match (case.at_worst, case.spends) {
            (AtWorst::EndsItsProcess | AtWorst::HasToBeKilled, _) => {
                (Paradigm::Processes, Reason::MustSurvive)
            }
            _ if case.at_once < 2 => (Paradigm::Loop, Reason::NothingToOverlap),
            (_, Spends::WaitingThenComputing) => {
                (Paradigm::TasksAndRayon, Reason::WouldBlock)
            }
            _ if case.at_once > 100 => (Paradigm::Tasks, Reason::ManyWaits),
            (_, Spends::Computing) => (Paradigm::Rayon, Reason::NeedsCores),
            (_, Spends::Waiting) => (Paradigm::Threads, Reason::FewWaits),
        }
    }
}

/// Takes a process for whatever can go wrong, panics included. A panic ends one
/// task, and the one who awaits it gets an `Err`: twenty thousand processes would
/// buy the chat nothing that it does not have.
///
/// Caught by `a_panic_is_no_reason_for_a_process`.
pub mod wrong_a_process_for_each_panic {
    use super::*;

    pub fn choose(case: &Case) -> (Paradigm, Reason) {
        if case.at_worst == AtWorst::Returns {
            super::solution::choose(case)
        } else {
            (Paradigm::Processes, Reason::MustSurvive)
        }
    }
}

/// Takes tasks for a piece that hangs, because a task can be given a time limit.
/// The limit can drop a task only where it awaits, and a library that never
/// returns has no `.await`: the call goes on forever and keeps its thread. The
/// system can end a process wherever it is.
///
/// Caught by `so_is_what_has_to_be_killed`.
pub mod wrong_a_time_limit_for_what_hangs {
    use super::*;

    pub fn choose(case: &Case) -> (Paradigm, Reason) {
        match case.at_worst {
            AtWorst::HasToBeKilled if case.spends == Spends::Waiting => {
                (Paradigm::Tasks, Reason::MustSurvive)
            }
            _ => super::solution::choose(case),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    #[track_caller]
    fn assert_chosen(case: Case, paradigm: Paradigm, reason: Reason) {
        assert_eq!(choose(&case), (paradigm, reason), "for {}", case.name);
    }

    #[test]
    fn pieces_that_compute_get_the_cores() {
        assert_chosen(CASES[0], Paradigm::Rayon, Reason::NeedsCores);
    }

    #[test]
    fn a_few_waits_get_a_thread_each() {
        assert_chosen(CASES[1], Paradigm::Threads, Reason::FewWaits);
    }

    #[test]
    fn thousands_of_waits_are_tasks() {
        assert_chosen(CASES[2], Paradigm::Tasks, Reason::ManyWaits);
    }

    #[test]
    fn who_waits_is_not_held_up_by_who_computes() {
        assert_chosen(CASES[3], Paradigm::TasksAndRayon, Reason::WouldBlock);
    }

    #[test]
    fn what_can_end_its_process_is_a_process_of_its_own() {
        assert_chosen(CASES[4], Paradigm::Processes, Reason::MustSurvive);
    }

    #[test]
    fn so_is_what_has_to_be_killed() {
        let endless = Case {
            name: "exchange rates, by a library that hangs now and then",
            at_worst: AtWorst::HasToBeKilled,
            ..CASES[1]
        };
        assert_chosen(endless, Paradigm::Processes, Reason::MustSurvive);
    }

    #[test]
    fn a_panic_is_no_reason_for_a_process() {
        let panics = Case {
            name: "a chat whose messages are parsed by code that panics",
            at_worst: AtWorst::Panics,
            ..CASES[2]
        };
        assert_chosen(panics, Paradigm::Tasks, Reason::ManyWaits);
    }

    #[test]
    fn a_single_wait_has_nothing_to_overlap_with() {
        let alone = Case { name: "one bank", at_once: 1, ..CASES[1] };
        assert_chosen(alone, Paradigm::Loop, Reason::NothingToOverlap);
    }
}
