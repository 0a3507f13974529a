// Waiting for all of many futures: polling all of them at each wake, or the one
// that was woken.
//
// One thread: there is nothing for a model checker.
//
// Runs on the Playground.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// A future whose size is not known where it is stored.
type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

// ANCHOR: naive
/// Ready when all of them are. Polls all that are left.
pub async fn poll_all(mut futures: Vec<Boxed<'_>>) {
    std::future::poll_fn(|context| {
        futures.retain_mut(|future| future.as_mut().poll(context).is_pending());
        match futures.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}
// ANCHOR_END: naive

// ANCHOR: own
/// The wakers of the children put their numbers here.
#[derive(Default)]
struct Woken {
    children: Vec<usize>,
    parent: Option<Waker>,
}

struct Child {
    number: usize,
    woken: Arc<Mutex<Woken>>,
}

impl Wake for Child {
    fn wake(self: Arc<Self>) {
        let mut woken = self.woken.lock().expect(CALM);
        woken.children.push(self.number);
        if let Some(parent) = woken.parent.take() {
            parent.wake();
        }
    }
}

/// Ready when all of them are. Polls those that were woken.
pub async fn poll_woken(futures: Vec<Boxed<'_>>) {
    let woken = Arc::new(Mutex::new(Woken::default()));
    let waker = |number| {
        let woken = Arc::clone(&woken);
        Waker::from(Arc::new(Child { number, woken }))
    };
    let mut left = futures.len();
    let with_waker = |(number, future)| Some((future, waker(number)));
    let mut children: Vec<Option<(Boxed, Waker)>> =
        futures.into_iter().enumerate().map(with_waker).collect();
    woken.lock().expect(CALM).children = (0..left).collect();
    std::future::poll_fn(|context| {
        let mut look = woken.lock().expect(CALM);
        look.parent = Some(context.waker().clone());
        let due = std::mem::take(&mut look.children);
        drop(look); // a child can wake itself while it is polled
        for number in due {
            let Some((future, waker)) = &mut children[number] else { continue };
            let mut own = Context::from_waker(waker);
            if future.as_mut().poll(&mut own).is_ready() {
                children[number] = None;
                left -= 1;
            }
        }
        match left {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
}
// ANCHOR_END: own

const CALM: &str = "a waker does not panic";

/// Guests who wait until they are called, each by its number.
#[derive(Default)]
pub struct Room {
    guests: RefCell<Vec<Guest>>,
    polls: Cell<u64>,
}

#[derive(Default)]
struct Guest {
    called: bool,
    waker: Option<Waker>,
}

impl Room {
    async fn guest(&self, number: usize) {
        std::future::poll_fn(|context| {
            self.polls.set(self.polls.get() + 1);
            let guest = &mut self.guests.borrow_mut()[number];
            if guest.called {
                return Poll::Ready(());
            }
            guest.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn call(&self, number: usize) {
        let mut guests = self.guests.borrow_mut();
        guests[number].called = true;
        let waker = guests[number].waker.take();
        drop(guests);
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Set when the future that waits for all of them has been woken.
struct Flag(Mutex<bool>);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        *self.0.lock().expect(CALM) = true;
    }
}

/// How to wait for all of a room's guests.
pub type Way = for<'a> fn(Vec<Boxed<'a>>) -> Boxed<'a>;

pub fn naive(futures: Vec<Boxed<'_>>) -> Boxed<'_> {
    Box::pin(poll_all(futures))
}

pub fn own_wakers(futures: Vec<Boxed<'_>>) -> Boxed<'_> {
    Box::pin(poll_woken(futures))
}

/// Calls so many guests, one after the other, the last one first; after each
/// call the future is polled if it was woken. Returns the polls of guests.
pub fn call_all(way: Way, guests: usize) -> u64 {
    let room = Rc::new(Room::default());
    room.guests.borrow_mut().resize_with(guests, Guest::default);
    let wait = |number| Box::pin(room.guest(number)) as Boxed;
    let mut all = pin!(way((0..guests).map(wait).collect()));
    let woken = Arc::new(Flag(Mutex::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut not_called = guests;
    loop {
        let is_due = std::mem::take(&mut *woken.0.lock().expect(CALM));
        if is_due && all.as_mut().poll(&mut context).is_ready() {
            return room.polls.get();
        }
        not_called -= 1;
        room.call(not_called);
    }
}

// ANCHOR: main
pub fn main() {
    for guests in [10, 100, 1_000] {
        let (naive, own) =
            (call_all(naive, guests), call_all(own_wakers, guests));
        println!("{guests:>5} guests; polls: {naive:>6}, {own:>4}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wake_polls_all_that_are_left_or_one() {
        for guests in [1, 2, 10, 100] {
            let n = guests as u64;
            assert_eq!(call_all(naive, guests), n + n * (n + 1) / 2);
            assert_eq!(call_all(own_wakers, guests), 2 * n);
        }
    }

    #[test]
    fn none_at_all_are_ready_at_once() {
        let mut context = Context::from_waker(Waker::noop());
        for way in [naive as Way, own_wakers] {
            assert!(way(Vec::new()).as_mut().poll(&mut context).is_ready());
        }
    }

    #[test]
    fn a_child_that_wakes_itself_is_polled_again() {
        use super::super::executor::YieldNow;
        use super::super::parking::block_on;
        for way in [naive as Way, own_wakers] {
            let yields = || Box::pin(YieldNow::default()) as Boxed;
            assert_eq!(block_on(way(vec![yields(), yields()])).1, 2);
        }
    }
}
