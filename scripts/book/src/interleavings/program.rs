//! A program of two or three threads or tasks, each of them steps that know what comes after them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::{Serialize, Serializer};

/// A program as the page gets it: every name is the place of what it names in its list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Program {
    /// Threads or tasks: how turns change.
    pub kind: Kind,
    /// Those that all threads see, then each thread's own.
    pub variables: Vec<Variable>,
    /// Each is free at first.
    pub locks: Vec<String>,
    /// Condition variables, by name.
    pub conditions: Vec<String>,
    /// With the permits that each has at first.
    pub semaphores: Vec<Semaphore>,
    /// Empty at first.
    pub channels: Vec<Channel>,
    /// Those that take turns.
    pub threads: Vec<Thread>,
    /// The shared variable that an order is judged by.
    pub ending: usize,
    /// The value of that variable after a right order.
    pub right: i64,
    /// What the reader is asked to reach, in the order of the file.
    pub goals: Vec<Goal>,
    #[serde(skip)]
    pub(super) endings: Endings,
}

/// How turns change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// After every step.
    Threads,
    /// On one thread: at `await`, and where a task has to wait.
    Tasks,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variable {
    pub name: String,
    /// The thread whose own it is; it has no value before it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Semaphore {
    pub name: String,
    pub permits: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Channel {
    pub name: String,
    /// For how many messages; without it, the channel is never full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<usize>,
    /// The threads that have a sender at first.
    pub senders: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Thread {
    pub name: String,
    pub steps: Vec<Step>,
    #[serde(skip)]
    pub span: Range<usize>,
}

/// What a thread does at once, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub text: String,
    /// In how many blocks it stands.
    pub depth: usize,
    #[serde(flatten)]
    pub action: Action,
    /// The step after it; the number of steps stands for the thread's end.
    pub next: usize,
    /// The step after it where a condition does not hold, or no message can come any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<usize>,
    #[serde(skip)]
    pub span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum Action {
    /// `target = terms`
    Set {
        target: usize,
        terms: Vec<Term>,
    },
    /// Takes the lock; waits while another thread has it.
    Lock {
        lock: usize,
    },
    Unlock {
        lock: usize,
    },
    /// Lets the lock go and sleeps; once notified, takes it again.
    Wait {
        condition: usize,
        lock: usize,
    },
    Notify {
        condition: usize,
        all: bool,
    },
    /// Takes a permit; waits while there is none.
    Acquire {
        semaphore: usize,
    },
    Release {
        semaphore: usize,
    },
    /// Waits while the channel is full.
    Send {
        channel: usize,
        terms: Vec<Term>,
    },
    /// Waits while the channel is empty. With an `otherwise`, goes on there once no sender is left.
    Receive {
        channel: usize,
        target: usize,
    },
    /// Gives up this thread's sender.
    Close {
        channel: usize,
    },
    /// Waits for this thread's token, and takes it.
    Park,
    Unpark {
        thread: usize,
    },
    /// Waits until the test holds.
    Until {
        test: Test,
    },
    /// Where the variable is `from`, makes it `to`; waits until then.
    Exchange {
        target: usize,
        from: Term,
        to: Term,
    },
    /// `if` and `while`: one look.
    Look {
        test: Test,
    },
    /// Gives the turn back.
    Await,
    /// Drops the task where it waits.
    Cancel {
        thread: usize,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    pub sign: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<usize>,
    pub number: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Test {
    pub left: Vec<Term>,
    pub compare: Compare,
    pub right: Vec<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Compare {
    #[serde(rename = "==")]
    Equal,
    #[serde(rename = "!=")]
    Different,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = "<")]
    Less,
    #[serde(rename = ">")]
    More,
}

impl Compare {
    /// Those of two letters first, so that `<=` is not read as `<`.
    pub const ALL: [(&str, Compare); 6] = [
        ("==", Compare::Equal),
        ("!=", Compare::Different),
        ("<=", Compare::AtMost),
        (">=", Compare::AtLeast),
        ("<", Compare::Less),
        (">", Compare::More),
    ];

    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Compare::Equal => left == right,
            Compare::Different => left != right,
            Compare::AtMost => left <= right,
            Compare::AtLeast => left >= right,
            Compare::Less => left < right,
            Compare::More => left > right,
        }
    }
}

/// How an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// All are done, and the variable that is judged has this value.
    Value(i64),
    /// Some thread is not done, and none can go on.
    Stuck,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Value(value) => write!(f, "{value}"),
            Ending::Stuck => f.write_str("stuck"),
        }
    }
}

impl Serialize for Ending {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Ending::Value(value) => serializer.serialize_i64(*value),
            Ending::Stuck => serializer.serialize_str("stuck"),
        }
    }
}

/// A task for the reader.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// Not to be reached, but shown to be out of reach.
    pub never: bool,
    /// What it asks for.
    pub ending: Ending,
    /// What the page says of it.
    pub text: String,
    /// The fewest switches that reach it.
    pub switches: usize,
    /// An order with that many, as thread numbers; empty where it cannot be reached.
    pub order: Vec<usize>,
    /// Its bytes in the file of steps.
    #[serde(skip)]
    pub span: Range<usize>,
}

impl Program {
    /// How every order ends.
    pub fn endings(&self) -> Endings {
        self.endings.clone()
    }

    /// `thread` or `task`.
    pub fn one(&self) -> &'static str {
        match self.kind {
            Kind::Threads => "thread",
            Kind::Tasks => "task",
        }
    }
}

/// What the orders of a program end in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endings {
    /// Ending: how many orders (as many as a `u128` holds, or more), and one with the fewest switches, as
    /// thread numbers.
    pub by_value: BTreeMap<Ending, (u128, Vec<usize>)>,
    /// How many states the orders meet in.
    pub states: usize,
}

/// A small program whose every order of steps can be walked.
#[derive(Clone, Debug)]
pub struct Interleavings {
    /// Relative to the project.
    pub file: String,
    /// What stands above it.
    pub caption: String,
    /// What is walked.
    pub program: Program,
    /// A sentence on the checker that explored the listing of these steps.
    pub held_against: Option<String>,
}
