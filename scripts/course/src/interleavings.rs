//! Every interleaving of a few named steps: parsed from a small file, enumerated when the book is built.
//!
//! ```text
//! # 500 on the account; both tellers are at work.
//! balance = 500                     a variable that all threads see
//! mutex purse                       a lock that all threads see
//!
//! thread deposit
//!   lock purse                      waits while another thread has it
//!   read = balance                  a step: `read` belongs to this thread
//!   computed = read + 500
//!   balance = computed
//!   unlock purse
//!
//! thread withdraw
//!   …
//!
//! ending balance                    what an order is judged by
//! right 900                         the ending the programmer meant
//! ```
//!
//! An order ends where no thread can go on: in the value, or *stuck* where a thread still waits.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use serde::Serialize;

use crate::expression::Wrong;

/// More states than this are too many to hold while a page is built, and in a browser.
const MOST_STATES: usize = 20_000;

/// A program of two or three threads, as it stands in its file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Program {
    /// Variables that all threads see, with their first values.
    pub shared: Vec<(String, i64)>,
    /// Locks that all threads see; each is free at first.
    pub locks: Vec<String>,
    pub threads: Vec<Thread>,
    /// The shared variable an order is judged by.
    pub ending: String,
    pub right: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Thread {
    pub name: String,
    pub steps: Vec<Step>,
}

/// What a thread does at once, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub text: String,
    #[serde(flatten)]
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `target = terms`
    Set {
        target: String,
        terms: Vec<Term>,
    },
    /// Takes the lock, and waits while another thread has it.
    Lock(String),
    Unlock(String),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    pub sign: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub number: i64,
}

/// How an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    Value(i64),
    /// Every thread that is not done waits for a lock that another one has.
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

/// What the orders of a program end in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endings {
    /// Ending: how many orders, and the first of them as thread numbers.
    pub by_value: BTreeMap<Ending, (u64, Vec<usize>)>,
}

impl Endings {
    pub fn orders(&self) -> u64 {
        self.by_value.values().fold(0, |sum, (count, _)| sum.saturating_add(*count))
    }
}

/// Parses a steps file. Spans in errors count from its start.
pub fn parse(text: &str) -> Result<Program, Wrong> {
    let mut reader = Reader::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let place = at..at + line.trim_end().len();
        at += line.len();
        let content = line.split('#').next().unwrap_or("").trim();
        if !content.is_empty() {
            reader.line(content, place)?;
        }
    }
    reader.finish(0..text.trim_end().len())
}

#[derive(Default)]
struct Reader {
    shared: Vec<(String, i64)>,
    locks: Vec<String>,
    threads: Vec<Thread>,
    ending: Option<String>,
    right: Option<i64>,
    /// What the thread being read holds, and where it took it.
    held: Vec<(String, Range<usize>)>,
}

impl Reader {
    fn line(&mut self, line: &str, place: Range<usize>) -> Result<(), Wrong> {
        let wrong = |title: String, label: &str| Err(Wrong::new(place.clone(), title, label));
        if let Some((target, value)) = line.split_once('=') {
            return self.assignment(line, target.trim(), value.trim(), place);
        }
        match line.split_once(' ').map(|(word, rest)| (word, rest.trim())) {
            Some(("thread", name)) if !name.is_empty() => {
                self.end_of_thread()?;
                self.threads.push(Thread { name: name.into(), steps: Vec::new() });
            }
            Some(("mutex", name)) if is_name(name) && self.threads.is_empty() => {
                self.locks.push(name.into());
            }
            Some(("lock", name)) if !self.threads.is_empty() => {
                return self.lock(line, name, place);
            }
            Some(("unlock", name)) if !self.threads.is_empty() => {
                return self.unlock(line, name, &place);
            }
            Some(("ending", name)) if is_name(name) => self.ending = Some(name.into()),
            Some(("right", number)) => match number.parse() {
                Ok(number) => self.right = Some(number),
                Err(_) => return wrong(format!("`{number}` is no number"), "a whole number"),
            },
            _ => {
                let label = "expected `name = …`, `mutex NAME` before the threads, `thread NAME`, `lock NAME`, \
                             `unlock NAME`, `ending NAME` or `right NUMBER`";
                return wrong("this line has no meaning".into(), label);
            }
        }
        Ok(())
    }

    fn assignment(
        &mut self,
        line: &str,
        target: &str,
        value: &str,
        place: Range<usize>,
    ) -> Result<(), Wrong> {
        if !is_name(target) {
            let title = format!("`{target}` is no name");
            return Err(Wrong::new(place, title, "letters, digits and `_`"));
        }
        let terms = terms(value, &place)?;
        if let Some(thread) = self.threads.last_mut() {
            let action = Action::Set { target: target.into(), terms };
            thread.steps.push(Step { text: line.into(), action });
            return Ok(());
        }
        match terms.as_slice() {
            [Term { sign, name: None, number }] => {
                self.shared.push((target.into(), sign * number));
                Ok(())
            }
            _ => Err(Wrong::new(
                place,
                "a shared variable begins with a number",
                "like `balance = 500`",
            )),
        }
    }

    fn lock(&mut self, line: &str, name: &str, place: Range<usize>) -> Result<(), Wrong> {
        self.known(name, &place)?;
        if self.held.iter().any(|(held, _)| held == name) {
            let title = format!("this thread has `{name}` already, and would wait for itself");
            return Err(Wrong::new(place, title, "unlock it before"));
        }
        self.held.push((name.into(), place));
        self.step(line, Action::Lock(name.into()));
        Ok(())
    }

    fn unlock(&mut self, line: &str, name: &str, place: &Range<usize>) -> Result<(), Wrong> {
        self.known(name, place)?;
        let Some(at) = self.held.iter().position(|(held, _)| held == name) else {
            let title = format!("this thread does not have `{name}` here");
            return Err(Wrong::new(place.clone(), title, "lock it before"));
        };
        self.held.remove(at);
        self.step(line, Action::Unlock(name.into()));
        Ok(())
    }

    fn known(&self, name: &str, place: &Range<usize>) -> Result<(), Wrong> {
        match self.locks.iter().any(|lock| lock == name) {
            true => Ok(()),
            false => Err(Wrong::new(
                place.clone(),
                format!("there is no lock `{name}`"),
                "`mutex NAME` before the threads makes one",
            )),
        }
    }

    fn step(&mut self, line: &str, action: Action) {
        let thread = self.threads.last_mut().expect("steps are read after a thread began");
        thread.steps.push(Step { text: line.into(), action });
    }

    /// A thread that ends with a lock would keep the others from it for ever.
    fn end_of_thread(&mut self) -> Result<(), Wrong> {
        match (self.held.pop(), self.threads.last()) {
            (Some((lock, place)), Some(thread)) => Err(Wrong::new(
                place,
                format!("thread {} ends and still has `{lock}`", thread.name),
                "`unlock` is missing after this",
            )),
            _ => Ok(()),
        }
    }

    fn finish(mut self, whole: Range<usize>) -> Result<Program, Wrong> {
        self.end_of_thread()?;
        let missing = |title: &str, label: &str| Wrong::new(whole.clone(), title, label);
        let (Some(ending), Some(right)) = (self.ending, self.right) else {
            return Err(missing(
                "how are the orders judged?",
                "`ending NAME` and `right NUMBER` are missing",
            ));
        };
        let Reader { shared, locks, threads, .. } = self;
        let program = Program { shared, locks, threads, ending, right };
        if !(2..=3).contains(&program.threads.len()) {
            return Err(missing("two or three threads can be walked", "`thread NAME` begins one"));
        }
        program.check_names().map_err(|why| missing(&why, "in this file"))?;
        if Walk::new(&program).every().is_none() {
            let title = format!("there are more than {MOST_STATES} states");
            return Err(missing(&title, "leave some steps out"));
        }
        Ok(program)
    }
}

impl Program {
    /// Every name is set before it is read, whatever the order.
    fn check_names(&self) -> Result<(), String> {
        if !self.is_shared(&self.ending) {
            return Err(format!("`{}` is no shared variable", self.ending));
        }
        for thread in &self.threads {
            let mut own: Vec<&str> = Vec::new();
            for step in &thread.steps {
                let Action::Set { target, terms } = &step.action else { continue };
                for name in terms.iter().filter_map(|term| term.name.as_deref()) {
                    if !self.is_shared(name) && !own.contains(&name) {
                        return Err(format!(
                            "thread {} reads `{name}` before it is set",
                            thread.name
                        ));
                    }
                }
                own.push(target);
            }
        }
        Ok(())
    }

    fn is_shared(&self, name: &str) -> bool {
        self.shared.iter().any(|(shared, _)| shared == name)
    }

    /// How every order ends. Orders that meet in one state are counted together from there.
    pub fn endings(&self) -> Endings {
        let mut walk = Walk::new(self);
        let by_value = walk.every().map(|found| (*found).clone()).unwrap_or_default();
        Endings { by_value }
    }
}

/// A program stopped between two steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State<'a> {
    /// Shared variables, then each thread's own under its number.
    values: BTreeMap<(usize, &'a str), i64>,
    /// Which thread has which lock.
    held: BTreeMap<&'a str, usize>,
    /// How many steps each thread has done.
    done: Vec<usize>,
}

/// Stands for all threads in the keys of `values`.
const SHARED: usize = usize::MAX;

type Found = Rc<BTreeMap<Ending, (u64, Vec<usize>)>>;

struct Walk<'a> {
    program: &'a Program,
    /// How the orders from a state end.
    known: HashMap<State<'a>, Found>,
}

impl<'a> Walk<'a> {
    fn new(program: &'a Program) -> Walk<'a> {
        Walk { program, known: HashMap::new() }
    }

    /// How all orders end, or `None` where there are too many states.
    fn every(&mut self) -> Option<Found> {
        let shared = self.program.shared.iter();
        self.from(State {
            values: shared.map(|(name, value)| ((SHARED, name.as_str()), *value)).collect(),
            held: BTreeMap::new(),
            done: vec![0; self.program.threads.len()],
        })
    }

    fn from(&mut self, state: State<'a>) -> Option<Found> {
        if let Some(found) = self.known.get(&state) {
            return Some(Rc::clone(found));
        }
        if self.known.len() >= MOST_STATES {
            return None;
        }
        let mut endings: BTreeMap<Ending, (u64, Vec<usize>)> = BTreeMap::new();
        for thread in 0..self.program.threads.len() {
            let Some(next) = self.after(&state, thread) else { continue };
            for (ending, (count, order)) in self.from(next)?.iter() {
                let whole = || [&[thread], order.as_slice()].concat();
                let entry = endings.entry(*ending).or_insert_with(|| (0, whole()));
                entry.0 = entry.0.saturating_add(*count);
            }
        }
        if endings.is_empty() {
            endings.insert(self.ending(&state), (1, Vec::new()));
        }
        let found = Rc::new(endings);
        self.known.insert(state, Rc::clone(&found));
        Some(found)
    }

    /// The state after this thread's next step; `None` where it has none, or waits for a lock.
    fn after(&self, state: &State<'a>, thread: usize) -> Option<State<'a>> {
        let program = self.program;
        let step = program.threads[thread].steps.get(state.done[thread])?;
        let mut next = state.clone();
        match &step.action {
            Action::Lock(lock) if state.held.contains_key(lock.as_str()) => return None,
            Action::Lock(lock) => {
                next.held.insert(lock, thread);
            }
            Action::Unlock(lock) => {
                next.held.remove(lock.as_str());
            }
            Action::Set { target, terms } => {
                let owner =
                    |name: &'a str| (if program.is_shared(name) { SHARED } else { thread }, name);
                let of = |term: &'a Term| match &term.name {
                    Some(name) => state.values.get(&owner(name)).copied().unwrap_or_default(),
                    None => term.number,
                };
                let value = terms.iter().map(|term| term.sign * of(term)).sum();
                next.values.insert(owner(target), value);
            }
        }
        next.done[thread] += 1;
        Some(next)
    }

    /// Of a state in which no thread can go on.
    fn ending(&self, state: &State) -> Ending {
        let threads = self.program.threads.iter().zip(&state.done);
        match threads.into_iter().all(|(thread, done)| *done == thread.steps.len()) {
            true => Ending::Value(state.values[&(SHARED, self.program.ending.as_str())]),
            false => Ending::Stuck,
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// `read + 500 - fee`
fn terms(text: &str, place: &Range<usize>) -> Result<Vec<Term>, Wrong> {
    let spaced = text.replace('+', " + ").replace(['-', '−'], " - ");
    let mut terms = Vec::new();
    let mut sign = Some(1);
    for word in spaced.split_whitespace() {
        let term = match (word, sign) {
            ("+", None) => {
                sign = Some(1);
                continue;
            }
            ("-", None) | ("-", Some(1)) if sign.is_none() || terms.is_empty() => {
                sign = Some(-1);
                continue;
            }
            (word, Some(sign)) if is_name(word) => {
                Term { sign, name: Some(word.into()), number: 0 }
            }
            (word, Some(sign)) => match word.parse() {
                Ok(number) => Term { sign, name: None, number },
                Err(_) => {
                    let title = format!("`{word}` is neither a name nor a number");
                    return Err(Wrong::new(place.clone(), title, "like `read + 500`"));
                }
            },
            (word, None) => {
                let title = format!("`+` or `-` is missing before `{word}`");
                return Err(Wrong::new(place.clone(), title, "like `read + 500`"));
            }
        };
        terms.push(term);
        sign = None;
    }
    if terms.is_empty() || sign.is_some() {
        return Err(Wrong::new(place.clone(), "this step is not finished", "a value is missing"));
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: &str = "# A bank.\nbalance = 500\n\nthread deposit\n  read = balance\n  computed = read + 500\n  \
                        balance = computed\n\nthread withdraw\n  read = balance\n  computed = read - 100\n  \
                        balance = computed\n\nending balance\nright 900\n";

    fn counts(endings: &Endings) -> Vec<(String, u64)> {
        let by_value = endings.by_value.iter();
        by_value.map(|(ending, (count, _))| (ending.to_string(), *count)).collect()
    }

    #[test]
    fn the_bank_has_twenty_orders_and_three_endings() {
        let endings = parse(BANK).unwrap().endings();
        assert_eq!(endings.orders(), 20);
        assert_eq!(counts(&endings), [("400".into(), 9), ("900".into(), 2), ("1000".into(), 9)]);
        assert_eq!(endings.by_value[&Ending::Value(900)].1, [0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn one_step_instead_of_three_leaves_one_ending() {
        let atomic = "balance = 500\nthread deposit\nbalance = balance + 500\nthread withdraw\n\
                      balance = balance - 100\nending balance\nright 900\n";
        let endings = parse(atomic).unwrap().endings();
        assert_eq!(counts(&endings), [("900".into(), 2)]);
        assert_eq!(endings.orders(), 2);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_line() {
        for (from, to, title) in [
            ("read + 500", "read 500", "`+` or `-` is missing before `500`"),
            ("read - 100", "reed - 100", "thread withdraw reads `reed` before it is set"),
            ("ending balance", "ending money", "`money` is no shared variable"),
            ("thread withdraw", "threat withdraw", "this line has no meaning"),
            ("right 900", "", "how are the orders judged?"),
        ] {
            let wrong = parse(&BANK.replacen(from, to, 1)).unwrap_err();
            assert_eq!(wrong.title, title);
        }
    }

    /// Two locks, taken in two orders.
    const EMBRACE: &str = "a = 500\nmutex first\nmutex second\n\nthread pays\n  lock first\n  lock second\n  \
                           a = a - 100\n  unlock second\n  unlock first\n\nthread pays back\n  lock second\n  lock first\n  \
                           a = a + 100\n  unlock first\n  unlock second\n\nending a\nright 500\n";

    #[test]
    fn two_locks_in_two_orders_get_stuck_and_in_one_order_do_not() {
        let endings = parse(EMBRACE).unwrap().endings();
        assert_eq!(counts(&endings), [("500".into(), 4), ("stuck".into(), 2)]);
        assert_eq!(endings.by_value[&Ending::Stuck].1, [0, 1]);
        let one_order = EMBRACE.replace("lock second\n  lock first", "lock first\n  lock second");
        assert_eq!(counts(&parse(&one_order).unwrap().endings()), [("500".into(), 3)]);
    }

    #[test]
    fn a_lock_around_the_steps_leaves_the_right_ending() {
        let locked = BANK
            .replace("balance = 500\n", "balance = 500\nmutex purse\n")
            .replace("read = balance", "lock purse\n  read = balance")
            .replace("balance = computed", "balance = computed\n  unlock purse");
        assert_eq!(counts(&parse(&locked).unwrap().endings()), [("900".into(), 2)]);
    }

    #[test]
    fn what_is_wrong_with_a_lock_is_said_at_its_line() {
        for (from, to, title, at) in [
            (
                "unlock second\n  unlock first\n\nthread",
                "unlock second\n\nthread",
                "thread pays ends and still has `first`",
                "lock first",
            ),
            (
                "lock first\n  lock second\n  a = a -",
                "lock first\n  lock first\n  a = a -",
                "this thread has `first` already, and would wait for itself",
                "lock first",
            ),
            (
                "lock first\n  lock second\n  a = a -",
                "lock first\n  a = a -",
                "this thread does not have `second` here",
                "unlock second",
            ),
            (
                "lock second\n  a = a -",
                "lock third\n  a = a -",
                "there is no lock `third`",
                "lock third",
            ),
        ] {
            let text = EMBRACE.replacen(from, to, 1);
            let wrong = parse(&text).unwrap_err();
            assert_eq!((wrong.title.as_str(), text[wrong.span].trim()), (title, at));
        }
    }

    #[test]
    fn orders_are_counted_by_their_states_and_too_many_of_those_are_refused() {
        // 28 choose 14 orders, in 225 states.
        let steps = "balance = balance + 1\n".repeat(14);
        let text =
            format!("balance = 0\nthread a\n{steps}thread b\n{steps}ending balance\nright 28\n");
        assert_eq!(counts(&parse(&text).unwrap().endings()), [("28".into(), 40_116_600)]);
        let steps = "balance = balance + 1\n".repeat(40);
        let text = format!(
            "balance = 0\nthread a\n{steps}thread b\n{steps}thread c\n{steps}ending balance\nright 120\n"
        );
        assert_eq!(parse(&text).unwrap_err().title, "there are more than 20000 states");
    }
}
