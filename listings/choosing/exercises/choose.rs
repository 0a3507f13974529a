//! # Choose for five programs
//!
//! 15 minutes
//!
//! Five programs stand in `CASES`, each described by what its pieces wait for,
//! how many are in progress at once, and whether a piece may crash.
//! Write `choose`: it gets a case and returns a paradigm, and the reason that
//! decided. The tests ask it about the five; and about one case more, that
//! differs from one of them in a single property and needs another answer.
//!
//! Hint: Ask in this order: must it survive a crash? Does it wait, compute, or
//! both? If it waits: for how many at once? The first answer that rules
//! everything else out is the reason.

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
    /// A piece that dies must not take others with it.
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

/// A program, as its author would describe it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub name: &'static str,
    pub spends: Spends,
    /// Pieces in progress at the same moment.
    pub at_once: usize,
    pub may_crash: bool,
}

pub const CASES: [Case; 5] = [
    Case {
        name: "twelve hundred photographs made smaller",
        spends: Spends::Computing,
        at_once: 1_200,
        may_crash: false,
    },
    Case {
        name: "the exchange rates of six banks, for one page",
        spends: Spends::Waiting,
        at_once: 6,
        may_crash: false,
    },
    Case {
        name: "a chat with twenty thousand people in it, mostly silent",
        spends: Spends::Waiting,
        at_once: 20_000,
        may_crash: false,
    },
    Case {
        name: "a service that fetches a picture and finds the faces in it",
        spends: Spends::WaitingThenComputing,
        at_once: 500,
        may_crash: false,
    },
    Case {
        name: "documents of strangers, converted by a C library with bugs",
        spends: Spends::Computing,
        at_once: 8,
        may_crash: true,
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
        // Threads and tasks die together. This leaves nothing to decide.
        if case.may_crash {
            return (Paradigm::Processes, Reason::MustSurvive);
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
    fn what_can_crash_is_a_process_of_its_own() {
        assert_chosen(CASES[4], Paradigm::Processes, Reason::MustSurvive);
    }

    #[test]
    fn a_single_wait_has_nothing_to_overlap_with() {
        let alone = Case { name: "one bank", at_once: 1, ..CASES[1] };
        assert_chosen(alone, Paradigm::Loop, Reason::NothingToOverlap);
    }
}
