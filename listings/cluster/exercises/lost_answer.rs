//! # A lost answer
//!
//! 20 minutes
//!
//! A client asks a server to count something. The network does one of three
//! things to each attempt: it loses the request, it loses the answer, or it
//! delivers both. The client cannot tell the first two apart. Write what becomes
//! of one call under three promises. `at_most_once` makes one attempt.
//! `at_least_once` tries again until it has an answer, and the server counts
//! every request that reaches it. `once_in_effect` tries again too, and the
//! server knows the request by its id and counts it the first time only. It
//! answers a request that comes again, too. `fates` says what happens to the
//! first attempt, the second, and so on; after the last of them the client gives
//! up. With no fates at all, no attempt is made. An `Ending` says how often the
//! server has counted, and whether the client has an answer.
//!
//! Hint: First write down, for each fate, whether the server has counted, and
//! whether the client knows.

/// What the network does to an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    RequestLost,
    AnswerLost,
    Delivered,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending {
    pub counted: usize,
    pub answered: bool,
}

pub mod starter {
    use super::*;

    #[allow(unused_variables)]
    pub fn at_most_once(fates: &[Fate]) -> Ending {
        todo!("one attempt, whatever becomes of it")
    }

    #[allow(unused_variables)]
    pub fn at_least_once(fates: &[Fate]) -> Ending {
        todo!("attempts until there is an answer; each that arrives counts")
    }

    #[allow(unused_variables)]
    pub fn once_in_effect(fates: &[Fate]) -> Ending {
        todo!(
            "attempts until there is an answer; the first that arrives counts"
        )
    }
}

pub mod solution {
    use super::*;

    pub fn at_most_once(fates: &[Fate]) -> Ending {
        at_least_once(&fates[..fates.len().min(1)])
    }

    pub fn at_least_once(fates: &[Fate]) -> Ending {
        let mut ending = Ending { counted: 0, answered: false };
        for fate in fates {
            if *fate != Fate::RequestLost {
                ending.counted += 1;
            }
            if *fate == Fate::Delivered {
                ending.answered = true;
                break; // the attempts that would follow are not made
            }
        }
        ending
    }

    pub fn once_in_effect(fates: &[Fate]) -> Ending {
        let Ending { counted, answered } = at_least_once(fates);
        Ending { counted: counted.min(1), answered }
    }
}

/// Lets `at_most_once` try again when the request was lost, since then nothing
/// has been counted. The client cannot know that: a lost request and a lost answer
/// look the same from its side, so if it tries again after one of them, it does so
/// after the other as well, and is counted twice.
///
/// Caught by `at_most_once_makes_one_attempt`.
pub mod wrong_tells_the_two_losses_apart {
    pub use super::solution::{at_least_once, once_in_effect};
    use super::*;

    pub fn at_most_once(fates: &[Fate]) -> Ending {
        let arrives = |fate: &&Fate| **fate != Fate::RequestLost;
        match fates.iter().find(arrives) {
            Some(fate) => {
                Ending { counted: 1, answered: *fate == Fate::Delivered }
            }
            None => Ending { counted: 0, answered: false },
        }
    }
}

/// Counts an attempt when its answer arrives. The server counts when the request
/// arrives, and cannot take that back when the answer is lost afterward: a
/// client that has asked four times and has one answer can have been counted four
/// times.
///
/// Caught by `at_least_once_counts_each_request_that_arrives`.
pub mod wrong_counts_what_is_answered {
    pub use super::solution::at_most_once;
    use super::*;

    pub fn at_least_once(fates: &[Fate]) -> Ending {
        let answered = fates.contains(&Fate::Delivered);
        Ending { counted: answered.into(), answered }
    }

    pub fn once_in_effect(fates: &[Fate]) -> Ending {
        at_least_once(fates)
    }
}

/// Lets the server drop a request whose id it knows. Nothing is counted twice,
/// but the client tries again because it has no answer, and this server never
/// gives it one: after a single lost answer, every further attempt is in vain.
///
/// Caught by `once_in_effect_counts_the_first_request_that_arrives`.
pub mod wrong_drops_a_request_that_it_knows {
    pub use super::solution::{at_least_once, at_most_once};
    use super::*;

    pub fn once_in_effect(fates: &[Fate]) -> Ending {
        let mut ending = Ending { counted: 0, answered: false };
        for fate in fates {
            if *fate != Fate::RequestLost && ending.counted == 0 {
                ending.counted = 1;
                ending.answered = *fate == Fate::Delivered;
            }
        }
        ending
    }
}

#[cfg(test)]
mod tests {
    use super::Fate::{AnswerLost, Delivered, RequestLost};
    use super::solution::*;
    use super::*;

    fn ending(counted: usize, answered: bool) -> Ending {
        Ending { counted, answered }
    }

    #[test]
    fn when_all_is_delivered_the_promises_are_the_same() {
        for call in [at_most_once, at_least_once, once_in_effect] {
            assert_eq!(call(&[Delivered]), ending(1, true));
            assert_eq!(
                call(&[Delivered, Delivered, AnswerLost]),
                ending(1, true),
                "no attempt follows an answer"
            );
        }
    }

    #[test]
    fn at_most_once_makes_one_attempt() {
        assert_eq!(
            at_most_once(&[RequestLost, Delivered]),
            ending(0, false),
            "there is one attempt: the client cannot know that the server did \
             not get the request"
        );
        assert_eq!(
            at_most_once(&[AnswerLost, Delivered]),
            ending(1, false),
            "it was counted, and the client does not know"
        );
    }

    #[test]
    fn at_least_once_counts_each_request_that_arrives() {
        let fates = [AnswerLost, RequestLost, AnswerLost, Delivered];
        assert_eq!(
            at_least_once(&fates),
            ending(3, true),
            "the server counts before it answers, and a lost answer does not \
             undo that"
        );
        assert_eq!(at_least_once(&[RequestLost; 3]), ending(0, false));
        assert_eq!(at_least_once(&[AnswerLost; 3]), ending(3, false));
    }

    #[test]
    fn once_in_effect_counts_the_first_request_that_arrives() {
        let fates = [RequestLost, AnswerLost, AnswerLost, Delivered];
        assert_eq!(
            once_in_effect(&fates),
            ending(1, true),
            "a request that comes again is not counted, and is answered"
        );
        assert_eq!(once_in_effect(&[AnswerLost; 3]), ending(1, false));
        assert_eq!(once_in_effect(&[RequestLost; 3]), ending(0, false));
    }

    #[test]
    fn without_an_attempt_nothing_happens() {
        for call in [at_most_once, at_least_once, once_in_effect] {
            assert_eq!(call(&[]), ending(0, false));
        }
    }

    #[test]
    fn the_client_gives_up_after_the_last_fate_and_not_before() {
        let mut fates = [AnswerLost; 100];
        fates[99] = Delivered;
        assert_eq!(at_least_once(&fates), ending(100, true));
        assert_eq!(once_in_effect(&fates), ending(1, true));
    }
}
