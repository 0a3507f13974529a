//! Every order of a program: its states, what they end in, how many orders lead there, and how few switches.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use super::machine::State;
use super::program::{Action, Ending, Endings, Program};
use crate::diagnostic::Wrong;

/// More states than this are too many to hold while a page is built, and in a browser.
pub const MOST_STATES: usize = 20_000;

impl Endings {
    /// How many orders there are, or the largest `u128` where there are more.
    pub fn orders(&self) -> u128 {
        self.by_value.values().fold(0, |sum, (count, _)| sum.saturating_add(*count))
    }

    /// How often an order's turns pass from one thread to another.
    pub fn switches(order: &[usize]) -> usize {
        order.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }
}

/// Orders that meet in one state are walked together from there.
struct Walk<'a> {
    program: &'a Program,
    states: Vec<State>,
    /// For each state: which thread leads where.
    turns: Vec<Vec<(usize, usize)>>,
}

/// # Errors
/// Where a thread does what it may not, where there are too many states, and where an order never ends.
pub(super) fn endings(program: &Program) -> Result<Endings, Wrong> {
    let walk = Walk::new(program)?;
    let backward = walk.last_first()?;
    let counts = walk.counts(&backward);
    let by_value = walk
        .shortest()
        .into_iter()
        .map(|(ending, order)| (ending, (counts.get(&ending).copied().unwrap_or_default(), order)))
        .collect();
    Ok(Endings { by_value, states: walk.states.len() })
}

impl<'a> Walk<'a> {
    fn new(program: &'a Program) -> Result<Walk<'a>, Wrong> {
        let start = program.start();
        let mut known = HashMap::from([(start.clone(), 0)]);
        let mut walk = Walk { program, states: vec![start], turns: Vec::new() };
        while walk.turns.len() < walk.states.len() {
            let state = walk.states[walk.turns.len()].clone();
            let mut turns = Vec::new();
            for thread in 0..program.threads.len() {
                let Some(turn) = program.turn(&state, thread)? else { continue };
                let next = *known.entry(turn.after).or_insert_with_key(|after| {
                    walk.states.push(after.clone());
                    walk.states.len() - 1
                });
                turns.push((thread, next));
            }
            walk.turns.push(turns);
            if walk.states.len() > MOST_STATES {
                let title = format!("there are more than {MOST_STATES} states");
                let span = program.threads[0].span.clone();
                return Err(Wrong::new(span, title, "leave some steps out"));
            }
        }
        Ok(walk)
    }

    /// The states, each after all that it leads to.
    fn last_first(&self) -> Result<Vec<usize>, Wrong> {
        #[derive(Clone, Copy, PartialEq)]
        enum Met {
            Never,
            OnTheWay,
            Done,
        }
        let mut met = vec![Met::Never; self.states.len()];
        let mut done = Vec::new();
        // Each state on the way, and how many of its turns were taken.
        let mut way = vec![(0, 0)];
        met[0] = Met::OnTheWay;
        while let Some((state, taken)) = way.last_mut() {
            let Some(&(_, next)) = self.turns[*state].get(*taken) else {
                met[*state] = Met::Done;
                done.push(*state);
                way.pop();
                continue;
            };
            *taken += 1;
            match met[next] {
                Met::Done => {}
                Met::Never => {
                    met[next] = Met::OnTheWay;
                    way.push((next, 0));
                }
                Met::OnTheWay => {
                    let from = way.iter().position(|(state, _)| *state == next).unwrap_or(0);
                    let circle = way[from..]
                        .iter()
                        .map(|&(state, taken)| (state, self.turns[state][taken - 1].0));
                    return Err(self.endless(&circle.collect::<Vec<_>>()));
                }
            }
        }
        Ok(done)
    }

    /// An order goes round these turns for ever.
    fn endless(&self, circle: &[(usize, usize)]) -> Wrong {
        let mut steps = circle.iter().flat_map(|&(state, thread)| {
            let turn = self.program.turn(&self.states[state], thread).ok().flatten();
            let done = turn.map(|turn| turn.done).unwrap_or_default();
            done.into_iter().map(move |done| (thread, done.step))
        });
        let looks = |&(thread, step): &(usize, usize)| {
            matches!(self.program.threads[thread].steps[step].action, Action::Look { .. })
        };
        let (thread, step) = steps.find(looks).unwrap_or_default();
        let thread = &self.program.threads[thread];
        let title = format!("{} can go round this loop for ever", thread.name);
        let label = "`until` asks again and again without a step for each look";
        Wrong::new(thread.steps[step].span.clone(), title, label)
    }

    /// How a state in which no thread can go on ends.
    fn ending(&self, state: usize) -> Ending {
        let state = &self.states[state];
        if self.program.is_over(state) {
            Ending::Value(state.value(self.program.ending).unwrap_or_default())
        } else {
            Ending::Stuck
        }
    }

    /// How many orders there are from the start to each ending.
    fn counts(&self, backward: &[usize]) -> BTreeMap<Ending, u128> {
        let mut from: Vec<BTreeMap<Ending, u128>> = vec![BTreeMap::new(); self.states.len()];
        for &state in backward {
            let mut counts = BTreeMap::new();
            for &(_, next) in &self.turns[state] {
                for (&ending, &count) in &from[next] {
                    let sum: &mut u128 = counts.entry(ending).or_default();
                    *sum = sum.saturating_add(count);
                }
            }
            if self.turns[state].is_empty() {
                counts.insert(self.ending(state), 1);
            }
            from[state] = counts;
        }
        from.swap_remove(0)
    }

    /// For each ending an order with the fewest switches, and of those one with the fewest turns.
    fn shortest(&self) -> BTreeMap<Ending, Vec<usize>> {
        // A place is a state and the thread that went there; places are taken from the nearest on.
        let nobody = self.program.threads.len();
        let place = |state: usize, last: usize| state * (nobody + 1) + last;
        let mut came: Vec<Option<(usize, usize)>> = vec![None; self.states.len() * (nobody + 1)];
        let mut near = vec![(usize::MAX, usize::MAX); came.len()];
        near[place(0, nobody)] = (0, 0);
        let mut ahead = BinaryHeap::from([Reverse(((0, 0), 0, (0, nobody)))]);
        let mut came_in = 0;
        let mut found = BTreeMap::new();
        while let Some(Reverse((way, _, (state, last)))) = ahead.pop() {
            if way > near[place(state, last)] {
                continue;
            }
            if self.turns[state].is_empty() {
                found.entry(self.ending(state)).or_insert_with(|| {
                    let mut order = Vec::new();
                    let mut at = (state, last);
                    while let Some(before) = came[place(at.0, at.1)] {
                        order.push(at.1);
                        at = before;
                    }
                    order.reverse();
                    order
                });
            }
            for &(thread, next) in &self.turns[state] {
                let switches = way.0 + usize::from(last != thread && last != nobody);
                let there = (switches, way.1 + 1);
                if there < near[place(next, thread)] {
                    near[place(next, thread)] = there;
                    came[place(next, thread)] = Some((state, last));
                    came_in += 1; // of equal ways, the first that was found
                    ahead.push(Reverse((there, came_in, (next, thread))));
                }
            }
        }
        found
    }
}
