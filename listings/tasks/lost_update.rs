//! 500 + 500 - 100 on one thread: an update lost across an `.await`.
//!
//! It needs no checker of threads: on one thread, tasks take turns at their
//! `.await`s and nowhere else, so polling them by hand in every order is all
//! that can happen.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};

use tokio::sync::Mutex;
use tokio::task::yield_now;

// ANCHOR: steps
/// Reads the balance, asks whether the change is allowed, writes the sum.
async fn change(balance: Rc<Cell<i64>>, amount: i64) {
    let read = balance.get();
    allowed(amount).await; // meanwhile other tasks run
    balance.set(read + amount);
}

/// An answer that is not there at once.
async fn allowed(_amount: i64) {
    yield_now().await;
}
// ANCHOR_END: steps

// ANCHOR: asked_first
/// Waits before it reads: no `.await` between reading and writing.
async fn change_at_once(balance: Rc<Cell<i64>>, amount: i64) {
    allowed(amount).await;
    balance.set(balance.get() + amount);
}
// ANCHOR_END: asked_first

// ANCHOR: locked
/// Keeps the others out while it waits: a lock that is made for that.
async fn change_alone(balance: Rc<Mutex<i64>>, amount: i64) {
    let mut balance = balance.lock().await;
    let read = *balance;
    allowed(amount).await;
    *balance = read + amount;
}
// ANCHOR_END: locked

/// A future that can be polled by hand, as a runtime polls its tasks.
type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Two tasks on a new account, and a look at its balance.
type Bank = fn() -> ([Task; 2], Box<dyn Fn() -> i64>);

// ANCHOR: poll
/// Set when a task has something to do. A *waker* is what a future calls then;
/// a runtime gives it one with every poll.
struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// Polls the tasks of a new bank in this order. Returns whose turn it could be
/// then, and when both are done the balance.
fn poll_in_order(bank: Bank, order: &[usize]) -> Result<i64, Vec<usize>> {
    let (tasks, balance) = bank();
    let mut tasks = tasks.map(Some);
    let ready = [true, true].map(|now| Arc::new(Ready(AtomicBool::new(now))));
    for &turn in order {
        let waker = Waker::from(ready[turn].clone());
        ready[turn].0.store(false, SeqCst);
        let Some(task) = &mut tasks[turn] else { continue };
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            tasks[turn] = None;
        }
    }
    let unfinished = |turn: &usize| tasks[*turn].is_some();
    if ![0, 1].iter().any(unfinished) {
        return Ok(balance());
    }
    let can_go_on = |turn: &usize| ready[*turn].0.load(SeqCst);
    Err([0, 1].into_iter().filter(unfinished).filter(can_go_on).collect())
}
// ANCHOR_END: poll

// ANCHOR: every_order
/// Every order to its end: whose turn it was, and the balance.
pub fn every_order(bank: Bank) -> BTreeSet<(Vec<usize>, i64)> {
    let mut found = BTreeSet::new();
    let mut begun = vec![Vec::new()];
    while let Some(order) = begun.pop() {
        match poll_in_order(bank, &order) {
            Ok(balance) => drop(found.insert((order, balance))),
            Err(next) => {
                assert!(!next.is_empty(), "stuck after {order:?}");
                let longer =
                    |turn| order.iter().copied().chain([turn]).collect();
                begun.extend(next.into_iter().map(longer));
            }
        }
    }
    found
}
// ANCHOR_END: every_order

pub fn naive() -> ([Task; 2], Box<dyn Fn() -> i64>) {
    let balance = Rc::new(Cell::new(500));
    let tasks: [Task; 2] = [
        Box::pin(change(balance.clone(), 500)),
        Box::pin(change(balance.clone(), -100)),
    ];
    (tasks, Box::new(move || balance.get()))
}

pub fn asking_first() -> ([Task; 2], Box<dyn Fn() -> i64>) {
    let balance = Rc::new(Cell::new(500));
    let tasks: [Task; 2] = [
        Box::pin(change_at_once(balance.clone(), 500)),
        Box::pin(change_at_once(balance.clone(), -100)),
    ];
    (tasks, Box::new(move || balance.get()))
}

pub fn locked() -> ([Task; 2], Box<dyn Fn() -> i64>) {
    let balance = Rc::new(Mutex::new(500));
    let tasks: [Task; 2] = [
        Box::pin(change_alone(balance.clone(), 500)),
        Box::pin(change_alone(balance.clone(), -100)),
    ];
    (tasks, Box::new(move || *balance.try_lock().expect("nobody is inside")))
}

pub fn main() {
    for (turns, balance) in every_order(naive) {
        let names = turns.iter().map(|turn| ["deposit", "withdraw"][*turn]);
        let names: Vec<&str> = names.collect();
        println!("{:36} {balance}", names.join(" "));
    }
    for (name, bank) in
        [("asking first", asking_first as Bank), ("locked", locked)]
    {
        let orders = every_order(bank);
        let endings: BTreeSet<i64> = orders.iter().map(|(_, b)| *b).collect();
        println!("{name}: {} orders, endings {endings:?}", orders.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endings(bank: Bank) -> Vec<i64> {
        let all = every_order(bank).into_iter().map(|(_, balance)| balance);
        all.collect::<BTreeSet<i64>>().into_iter().collect()
    }

    #[test]
    fn one_thread_is_enough_to_lose_money_across_an_await() {
        assert_eq!(endings(naive), [400, 900, 1000]);
        assert_eq!(every_order(naive).len(), 6, "two steps and two steps");
    }

    #[test]
    fn without_an_await_in_between_every_order_ends_in_900() {
        assert_eq!(endings(asking_first), [900]);
        assert!(every_order(asking_first).len() >= 6);
    }

    #[test]
    #[should_panic = "stuck after"]
    fn a_lock_that_is_taken_twice_is_caught() {
        fn twice() -> ([Task; 2], Box<dyn Fn() -> i64>) {
            let balance = Rc::new(Mutex::new(500));
            let task = |balance: Rc<Mutex<i64>>| -> Task {
                Box::pin(async move {
                    let _once = balance.lock().await;
                    let _again = balance.lock().await;
                })
            };
            let tasks = [task(balance.clone()), task(balance)];
            (tasks, Box::new(|| 0))
        }
        every_order(twice);
    }

    #[test]
    fn under_a_lock_every_order_ends_in_900_and_none_is_stuck() {
        assert_eq!(endings(locked), [900]);
        assert!(every_order(locked).len() > 1);
    }
}
