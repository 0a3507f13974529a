//! A program stopped between two turns, and what a turn makes of it; `theme/steps.js` is its twin.

use super::program::{Action, Channel, Kind, Program, Step, Term, Test};
use crate::diagnostic::Wrong;

/// A set of threads, a bit for each.
type Set = u8;

fn only(thread: usize) -> Set {
    1 << thread
}

/// What a browser's numbers hold exactly.
const LARGEST: i64 = 1 << 53;

/// More steps than this in one turn of a task are taken for a loop without end.
const LONGEST_TURN: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    values: Vec<Option<i64>>,
    /// Each thread's next step.
    at: Vec<usize>,
    /// Those that sleep at their `wait`, or gave the turn back at their `await`.
    paused: Set,
    /// Which thread has which lock.
    held: Vec<Option<usize>>,
    /// For each condition, its notifications that woke nobody yet, the oldest first: each can wake one of
    /// those who slept when it was given.
    signals: Vec<Vec<Set>>,
    /// Sleepers that were notified all at once.
    woken: Set,
    permits: Vec<i64>,
    queues: Vec<Vec<i64>>,
    /// For each channel, the threads that have a sender.
    senders: Vec<Set>,
    /// The threads whose next `park` does not wait.
    tokens: Set,
    /// Tasks that were dropped.
    cancelled: Set,
}

/// What a thread did in one turn.
pub(super) struct Turn {
    pub after: State,
    pub done: Vec<Done>,
}

/// A step that was done; a `wait` is done in two.
pub(super) struct Done {
    pub step: usize,
    pub woke: bool,
}

/// Where a thread goes on after a step.
enum Onward {
    Next,
    /// Past a block whose test does not hold, or out of a loop over messages.
    Otherwise,
    /// With the same step, whose second half comes in a later turn.
    Again,
    /// Nowhere yet: the step cannot be done now.
    Blocked,
}

fn next_if(done: bool) -> Onward {
    if done { Onward::Next } else { Onward::Blocked }
}

impl State {
    pub(super) fn value(&self, variable: usize) -> Option<i64> {
        self.values[variable]
    }

    fn is_paused(&self, thread: usize) -> bool {
        self.paused & only(thread) != 0
    }

    /// Takes the lock again where a notification was heard and the lock is free; returns whether it did.
    /// A notification wakes one sleeper at most: the oldest that this thread heard is used up.
    fn wake(&mut self, thread: usize, condition: usize, lock: usize) -> bool {
        let signals = &mut self.signals[condition];
        let first = signals.iter().position(|heard| heard & only(thread) != 0);
        let woken = self.woken & only(thread) != 0;
        if !woken && first.is_none() || self.held[lock].is_some() {
            return false;
        }
        if !woken && let Some(first) = first {
            signals.remove(first);
        }
        self.forgets(thread);
        self.held[lock] = Some(thread);
        true
    }

    /// Where there is no message and never will be one, a loop over them ends.
    fn receive(&mut self, channel: usize, target: usize, step: &Step) -> Onward {
        if !self.queues[channel].is_empty() {
            self.values[target] = Some(self.queues[channel].remove(0));
            return Onward::Next;
        }
        match step.otherwise {
            Some(_) if self.senders[channel] == 0 => Onward::Otherwise,
            _ => Onward::Blocked,
        }
    }

    /// No notification can wake this thread any more.
    fn forgets(&mut self, thread: usize) {
        for signals in &mut self.signals {
            signals.iter_mut().for_each(|heard| *heard &= !only(thread));
            signals.retain(|heard| *heard != 0);
        }
        self.woken &= !only(thread);
        self.paused &= !only(thread);
    }
}

impl Program {
    pub(super) fn start(&self) -> State {
        State {
            values: self.variables.iter().map(|variable| variable.first).collect(),
            at: vec![0; self.threads.len()],
            paused: 0,
            held: vec![None; self.locks.len()],
            signals: vec![Vec::new(); self.conditions.len()],
            woken: 0,
            permits: self.semaphores.iter().map(|semaphore| semaphore.permits).collect(),
            queues: vec![Vec::new(); self.channels.len()],
            senders: self
                .channels
                .iter()
                .map(|channel| channel.senders.iter().fold(0, |all, &thread| all | only(thread)))
                .collect(),
            tokens: 0,
            cancelled: 0,
        }
    }

    /// Whether every thread came to its end.
    pub(super) fn is_over(&self, state: &State) -> bool {
        self.threads.iter().zip(&state.at).all(|(thread, at)| *at == thread.steps.len())
    }

    /// What is after this thread's next turn; `None` where it has none, or has to wait.
    pub(super) fn turn(&self, state: &State, thread: usize) -> Result<Option<Turn>, Wrong> {
        let Some((done, after)) = self.step(state, thread)? else { return Ok(None) };
        let mut turn = Turn { after, done: vec![done] };
        while self.kind == Kind::Tasks && !turn.after.is_paused(thread) {
            let Some((done, after)) = self.step(&turn.after, thread)? else { break };
            turn.after = after;
            turn.done.push(done);
            if turn.done.len() > LONGEST_TURN {
                let step = &self.threads[thread].steps[turn.after.at[thread]];
                let title = format!(
                    "task {} never gives its turn back in this loop",
                    self.threads[thread].name
                );
                return Err(Wrong::new(step.span.clone(), title, "`await` is missing in it"));
            }
        }
        Ok(Some(turn))
    }

    /// One step of this thread.
    fn step(&self, state: &State, thread: usize) -> Result<Option<(Done, State)>, Wrong> {
        let number = state.at[thread];
        let Some(step) = self.threads[thread].steps.get(number) else { return Ok(None) };
        let woke = state.is_paused(thread);
        let mut after = state.clone();
        let next = match self.act(&mut after, thread, step)? {
            Onward::Next => step.next,
            Onward::Otherwise => step.otherwise.unwrap_or(step.next),
            Onward::Again => number,
            Onward::Blocked => return Ok(None),
        };
        after.at[thread] = next;
        if next == self.threads[thread].steps.len() {
            self.end(&mut after, thread)?;
        }
        Ok(Some((Done { step: number, woke }, after)))
    }

    /// What a step's action makes of the state, and where the thread goes on.
    fn act(&self, state: &mut State, thread: usize, step: &Step) -> Result<Onward, Wrong> {
        match &step.action {
            Action::Set { target, terms } => {
                state.values[*target] = Some(self.sum(state, terms, step)?);
            }
            Action::Look { test } => {
                let holds = self.holds(state, test, step)?;
                return Ok(if holds { Onward::Next } else { Onward::Otherwise });
            }
            Action::Until { test } => return Ok(next_if(self.holds(state, test, step)?)),
            Action::Exchange { target, from, to } => {
                let from = self.sum(state, std::slice::from_ref(from), step)?;
                if state.values[*target] != Some(from) {
                    return Ok(Onward::Blocked);
                }
                state.values[*target] = Some(self.sum(state, std::slice::from_ref(to), step)?);
            }
            Action::Lock { lock } => return self.lock(state, thread, *lock, step),
            Action::Unlock { lock } => self.unlock(state, thread, *lock, step)?,
            Action::Wait { condition, lock } if state.is_paused(thread) => {
                return Ok(next_if(state.wake(thread, *condition, *lock)));
            }
            Action::Wait { lock, .. } => {
                self.unlock(state, thread, *lock, step)?;
                state.paused |= only(thread);
                return Ok(Onward::Again);
            }
            Action::Notify { condition, all } => self.signal(state, *condition, *all),
            Action::Acquire { semaphore } => {
                if state.permits[*semaphore] == 0 {
                    return Ok(Onward::Blocked);
                }
                state.permits[*semaphore] -= 1;
            }
            Action::Release { semaphore } => state.permits[*semaphore] += 1,
            Action::Send { channel, terms } => {
                return self.send(state, thread, *channel, terms, step);
            }
            Action::Receive { channel, target } => {
                return Ok(state.receive(*channel, *target, step));
            }
            Action::Close { channel } => state.senders[*channel] &= !only(thread),
            Action::Park if state.tokens & only(thread) == 0 => return Ok(Onward::Blocked),
            Action::Park => state.tokens &= !only(thread),
            Action::Unpark { thread: other } => state.tokens |= only(*other),
            Action::Await if state.is_paused(thread) => state.paused &= !only(thread),
            Action::Await => {
                state.paused |= only(thread);
                return Ok(Onward::Again);
            }
            Action::Cancel { thread: other } => self.cancel(state, *other),
        }
        Ok(Onward::Next)
    }

    fn lock(
        &self,
        state: &mut State,
        thread: usize,
        lock: usize,
        step: &Step,
    ) -> Result<Onward, Wrong> {
        match state.held[lock] {
            None => {
                state.held[lock] = Some(thread);
                Ok(Onward::Next)
            }
            Some(holder) if holder == thread => {
                let (name, lock) = (&self.threads[thread].name, &self.locks[lock]);
                let title = format!("{name} has `{lock}` already, and would wait for itself");
                Err(Wrong::new(step.span.clone(), title, "unlock it before"))
            }
            Some(_) => Ok(Onward::Blocked),
        }
    }

    fn unlock(
        &self,
        state: &mut State,
        thread: usize,
        lock: usize,
        step: &Step,
    ) -> Result<(), Wrong> {
        if state.held[lock] == Some(thread) {
            state.held[lock] = None;
            return Ok(());
        }
        let title =
            format!("{} does not have `{}` here", self.threads[thread].name, self.locks[lock]);
        Err(Wrong::new(step.span.clone(), title, "lock it before"))
    }

    fn signal(&self, state: &mut State, condition: usize, all: bool) {
        let asleep = self.asleep(state, condition);
        if all {
            state.signals[condition].clear();
            state.woken |= asleep;
        } else if asleep & !state.woken != 0 {
            state.signals[condition].push(asleep & !state.woken);
        }
    }

    fn send(
        &self,
        state: &mut State,
        thread: usize,
        channel: usize,
        terms: &[Term],
        step: &Step,
    ) -> Result<Onward, Wrong> {
        let Channel { name, room, .. } = &self.channels[channel];
        if state.senders[channel] & only(thread) == 0 {
            let title = format!("{} has no sender of `{name}` here", self.threads[thread].name);
            return Err(Wrong::new(step.span.clone(), title, "it gave it up before"));
        }
        let message = self.sum(state, terms, step)?;
        if room.is_some_and(|room| state.queues[channel].len() >= room) {
            return Ok(Onward::Blocked);
        }
        state.queues[channel].push(message);
        Ok(Onward::Next)
    }

    /// A thread's senders go with it. A lock would be kept from the others for ever.
    fn end(&self, state: &mut State, thread: usize) -> Result<(), Wrong> {
        state.senders.iter_mut().for_each(|senders| *senders &= !only(thread));
        let Some(lock) = state.held.iter().position(|holder| *holder == Some(thread)) else {
            return Ok(());
        };
        let Some(taken) = self.threads[thread]
            .steps
            .iter()
            .rfind(|step| matches!(step.action, Action::Lock { lock: taken } if taken == lock))
        else {
            return Ok(());
        };
        let title = format!(
            "{} {} ends and still has `{}`",
            self.one(),
            self.threads[thread].name,
            self.locks[lock]
        );
        Err(Wrong::new(taken.span.clone(), title, "`unlock` is missing after this"))
    }

    /// A task that is done already stays as it is.
    fn cancel(&self, state: &mut State, task: usize) {
        let end = self.threads[task].steps.len();
        if state.at[task] == end {
            return;
        }
        state.at[task] = end;
        state.cancelled |= only(task);
        state.forgets(task);
        state.senders.iter_mut().for_each(|senders| *senders &= !only(task));
        for holder in &mut state.held {
            if *holder == Some(task) {
                *holder = None;
            }
        }
    }

    /// Those who sleep at a `wait` for this condition, notified or not.
    fn asleep(&self, state: &State, condition: usize) -> Set {
        let sleeps = |thread: usize| {
            let step = self.threads[thread].steps.get(state.at[thread]);
            let at_wait = step.is_some_and(
                |step| matches!(step.action, Action::Wait { condition: awaited, .. } if awaited == condition),
            );
            at_wait && state.is_paused(thread)
        };
        (0..self.threads.len()).filter(|&thread| sleeps(thread)).fold(0, |all, t| all | only(t))
    }

    fn holds(&self, state: &State, test: &Test, step: &Step) -> Result<bool, Wrong> {
        let (left, right) =
            (self.sum(state, &test.left, step)?, self.sum(state, &test.right, step)?);
        Ok(test.compare.holds(left, right))
    }

    fn sum(&self, state: &State, terms: &[Term], step: &Step) -> Result<i64, Wrong> {
        let mut sum = 0;
        for term in terms {
            let value = match term.variable {
                None => term.number,
                Some(variable) => state.values[variable].ok_or_else(|| {
                    let name = &self.variables[variable].name;
                    let title = format!("in some order `{name}` was not set before this");
                    Wrong::new(step.span.clone(), title, "set it first, outside of the block")
                })?,
            };
            sum += term.sign * value;
            if sum.abs() > LARGEST {
                let title = "a value grows too large here";
                return Err(Wrong::new(step.span.clone(), title, "at most 2 to the power of 53"));
            }
        }
        Ok(sum)
    }
}
