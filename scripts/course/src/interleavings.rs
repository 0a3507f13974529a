//! Every interleaving of a few named steps: parsed from a small file, enumerated when the book is built.
//!
//! ```text
//! # 500 on the account; both tellers are at work.
//! balance = 500                     a variable that all threads see
//!
//! thread deposit
//!   read = balance                  a step: `read` belongs to this thread
//!   computed = read + 500
//!   balance = computed
//!
//! thread withdraw
//!   …
//!
//! ending balance                    what an order is judged by
//! right 900                         the ending the programmer meant
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use crate::expression::Wrong;

/// More orders than this are too many to walk, and to count while a page is built.
const MOST_ORDERS: u64 = 1_000_000;

/// A program of two or three threads, as it stands in its file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Program {
    /// Variables that all threads see, with their first values.
    pub shared: Vec<(String, i64)>,
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

/// `target = terms`, done at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub text: String,
    pub target: String,
    /// Added up: a sign, and a name or a number.
    pub terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    pub sign: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub number: i64,
}

/// What the orders of a program end in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endings {
    /// Ending: how many orders, and the first of them as thread numbers.
    pub by_value: BTreeMap<i64, (u64, Vec<usize>)>,
}

impl Endings {
    pub fn orders(&self) -> u64 {
        self.by_value.values().map(|(count, _)| count).sum()
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
    threads: Vec<Thread>,
    ending: Option<String>,
    right: Option<i64>,
}

impl Reader {
    fn line(&mut self, line: &str, place: Range<usize>) -> Result<(), Wrong> {
        let wrong = |title: String, label: &str| Err(Wrong::new(place.clone(), title, label));
        if let Some((target, value)) = line.split_once('=') {
            let target = target.trim();
            if !is_name(target) {
                return wrong(format!("`{target}` is no name"), "letters, digits and `_`");
            }
            let terms = terms(value.trim(), &place)?;
            let Some(thread) = self.threads.last_mut() else {
                return match terms.as_slice() {
                    [Term { sign, name: None, number }] => {
                        self.shared.push((target.into(), sign * number));
                        Ok(())
                    }
                    _ => wrong(
                        "a shared variable begins with a number".into(),
                        "like `balance = 500`",
                    ),
                };
            };
            thread.steps.push(Step { text: line.into(), target: target.into(), terms });
            return Ok(());
        }
        match line.split_once(' ').map(|(word, rest)| (word, rest.trim())) {
            Some(("thread", name)) if !name.is_empty() => {
                self.threads.push(Thread { name: name.into(), steps: Vec::new() });
            }
            Some(("ending", name)) if is_name(name) => self.ending = Some(name.into()),
            Some(("right", number)) => match number.parse() {
                Ok(number) => self.right = Some(number),
                Err(_) => return wrong(format!("`{number}` is no number"), "a whole number"),
            },
            _ => {
                let label = "expected `name = …`, `thread NAME`, `ending NAME` or `right NUMBER`";
                return wrong("this line has no meaning".into(), label);
            }
        }
        Ok(())
    }

    fn finish(self, whole: Range<usize>) -> Result<Program, Wrong> {
        let missing = |title: &str, label: &str| Wrong::new(whole.clone(), title, label);
        let (Some(ending), Some(right)) = (self.ending, self.right) else {
            return Err(missing(
                "how are the orders judged?",
                "`ending NAME` and `right NUMBER` are missing",
            ));
        };
        let program = Program { shared: self.shared, threads: self.threads, ending, right };
        if !(2..=3).contains(&program.threads.len()) {
            return Err(missing("two or three threads can be walked", "`thread NAME` begins one"));
        }
        program.check_names().map_err(|why| missing(&why, "in this file"))?;
        if program.count() > MOST_ORDERS {
            return Err(missing("there are more than a million orders", "leave some steps out"));
        }
        Ok(program)
    }
}

impl Program {
    /// Every name is set before it is read, whatever the order.
    fn check_names(&self) -> Result<(), String> {
        let is_shared = |name: &str| self.shared.iter().any(|(shared, _)| shared == name);
        if !is_shared(&self.ending) {
            return Err(format!("`{}` is no shared variable", self.ending));
        }
        for thread in &self.threads {
            let mut own: Vec<&str> = Vec::new();
            for step in &thread.steps {
                for name in step.terms.iter().filter_map(|term| term.name.as_deref()) {
                    if !is_shared(name) && !own.contains(&name) {
                        return Err(format!(
                            "thread {} reads `{name}` before it is set",
                            thread.name
                        ));
                    }
                }
                own.push(&step.target);
            }
        }
        Ok(())
    }

    /// How many orders there are: a multinomial coefficient, or more than can be counted.
    fn count(&self) -> u64 {
        let mut orders: u64 = 1;
        let mut placed: u64 = 0;
        for thread in &self.threads {
            for step in 1..=thread.steps.len() as u64 {
                placed += 1;
                let Some(product) = orders.checked_mul(placed) else { return u64::MAX };
                orders = product / step;
            }
        }
        orders
    }

    /// Runs every order.
    pub fn endings(&self) -> Endings {
        let mut endings = Endings::default();
        let mut walk = Walk::new(self);
        walk.every(&mut endings);
        endings
    }
}

/// A program stopped between two steps.
struct Walk<'a> {
    program: &'a Program,
    /// Shared variables, then each thread's own under `thread.name`.
    values: BTreeMap<(usize, &'a str), i64>,
    done: Vec<usize>,
    order: Vec<usize>,
}

/// Stands for all threads in the keys of `values`.
const SHARED: usize = usize::MAX;

impl<'a> Walk<'a> {
    fn new(program: &'a Program) -> Walk<'a> {
        let shared = program.shared.iter();
        Walk {
            program,
            values: shared.map(|(name, value)| ((SHARED, name.as_str()), *value)).collect(),
            done: vec![0; program.threads.len()],
            order: Vec::new(),
        }
    }

    fn every(&mut self, endings: &mut Endings) {
        let program = self.program;
        let mut ended = true;
        for (number, thread) in program.threads.iter().enumerate() {
            let Some(step) = thread.steps.get(self.done[number]) else { continue };
            ended = false;
            let owner = self.owner(number, &step.target);
            let before = self.values.get(&owner).copied();
            let value = self.value(number, step);
            self.values.insert(owner, value);
            self.done[number] += 1;
            self.order.push(number);
            self.every(endings);
            self.order.pop();
            self.done[number] -= 1;
            match before {
                Some(value) => self.values.insert(owner, value),
                None => self.values.remove(&owner),
            };
        }
        if ended {
            let value = self.values[&(SHARED, program.ending.as_str())];
            let entry = endings.by_value.entry(value).or_insert_with(|| (0, self.order.clone()));
            entry.0 += 1;
        }
    }

    fn owner(&self, thread: usize, name: &'a str) -> (usize, &'a str) {
        match self.values.contains_key(&(SHARED, name)) {
            true => (SHARED, name),
            false => (thread, name),
        }
    }

    fn value(&self, thread: usize, step: &'a Step) -> i64 {
        let of = |term: &'a Term| match &term.name {
            Some(name) => self.values.get(&self.owner(thread, name)).copied().unwrap_or_default(),
            None => term.number,
        };
        step.terms.iter().map(|term| term.sign * of(term)).sum()
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

    #[test]
    fn the_bank_has_twenty_orders_and_three_endings() {
        let endings = parse(BANK).unwrap().endings();
        assert_eq!(endings.orders(), 20);
        let counts: Vec<(i64, u64)> =
            endings.by_value.iter().map(|(value, (count, _))| (*value, *count)).collect();
        assert_eq!(counts, [(400, 9), (900, 2), (1000, 9)]);
        assert_eq!(endings.by_value[&900].1, [0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn one_step_instead_of_three_leaves_one_ending() {
        let atomic = "balance = 500\nthread deposit\nbalance = balance + 500\nthread withdraw\n\
                      balance = balance - 100\nending balance\nright 900\n";
        let endings = parse(atomic).unwrap().endings();
        assert_eq!(endings.by_value.keys().copied().collect::<Vec<_>>(), [900]);
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

    #[test]
    fn too_many_orders_are_refused_before_they_are_walked() {
        let steps = "balance = balance + 1\n".repeat(14);
        let text = format!(
            "balance = 0\nthread a\n{steps}thread b\n{steps}thread c\n{steps}ending balance\nright 42\n"
        );
        assert_eq!(parse(&text).unwrap_err().title, "there are more than a million orders");
    }
}
