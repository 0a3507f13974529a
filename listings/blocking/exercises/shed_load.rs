//! # Turn away what is too much
//!
//! 25 minutes
//!
//! A bakery has room for `baking` orders in the oven at a time, and a bench on
//! which `waiting` more can wait for it. Write `Bakery`, whose `order` bakes,
//! or refuses:
//!
//! - An order comes when its future is polled for the first time.
//! - Where the oven has room, an order is baked. Where it has none, the order
//!   waits on the bench, and is baked when one in the oven is done.
//! - Where the bench is full as well, `order` returns `Err(Full)` at once. A
//!   refused order never waits.
//! - `order` runs the future `bake` that it is given to its end, and returns
//!   what that gives. It does not poll it before there is room in the oven.
//! - A customer can leave: the future of `order` is dropped, while it waits or
//!   while it bakes. Its place is free again at once, for the next order, as is
//!   that of one that is done. When an order leaves the oven, the next one counts
//!   as being in the oven even before it is polled again: an order that comes
//!   then has room on the bench.
//!
//! `baking` is at least 1, and `waiting` can be 0.
//!
//! Hint: A permit of a `tokio::sync::Semaphore` is given back when it is
//! dropped, wherever that happens. `try_acquire` takes one or gives an error, and
//! never waits. What are the permits for, if one semaphore says who may come in,
//! and another who may bake?

use std::future::Future;

/// The oven and the bench are full.
#[derive(Debug, PartialEq)]
pub struct Full;

pub mod starter {
    use super::*;

    /// An oven, and a bench in front of it.
    pub struct Bakery {}

    impl Bakery {
        #[allow(unused_variables)]
        pub fn new(baking: usize, waiting: usize) -> Bakery {
            todo!("who may come in, and who may bake")
        }

        /// Bakes as soon as there is room in the oven, if there is room to wait.
        #[allow(unused_variables)]
        pub async fn order<B: Future>(
            &self,
            bake: B,
        ) -> Result<B::Output, Full> {
            todo!("come in or be refused, wait for the oven, bake")
        }
    }
}

pub mod solution {
    use super::*;

    use tokio::sync::Semaphore;

    /// An oven, and a bench in front of it.
    pub struct Bakery {
        /// A permit for each place, on the bench and in the oven.
        places: Semaphore,
        oven: Semaphore,
    }

    impl Bakery {
        pub fn new(baking: usize, waiting: usize) -> Bakery {
            Bakery {
                places: Semaphore::new(baking + waiting),
                oven: Semaphore::new(baking),
            }
        }

        /// Bakes as soon as there is room in the oven, if there is room to wait.
        pub async fn order<B: Future>(
            &self,
            bake: B,
        ) -> Result<B::Output, Full> {
            // Not `acquire`: who has to wait for a place is refused.
            let _place = self.places.try_acquire().map_err(|_| Full)?;
            // Both permits are given back where this future ends, and also
            // where it is dropped.
            let _oven = self.oven.acquire().await.map_err(|_| Full)?;
            Ok(bake.await)
        }
    }
}

/// Counts the customers in an atomic number: one more at the beginning, one
/// fewer when the bread is done. Where a customer leaves, the future is dropped
/// at its `.await`, and the line that counts one fewer never runs. Each customer
/// who leaves takes a place away, until everyone is refused.
///
/// Caught by `who_leaves_the_bench_makes_room_on_the_bench`.
pub mod wrong_counts_down_after_the_await {
    use super::*;

    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use tokio::sync::Semaphore;

    pub struct Bakery {
        here: AtomicUsize,
        places: usize,
        oven: Semaphore,
    }

    impl Bakery {
        pub fn new(baking: usize, waiting: usize) -> Bakery {
            Bakery {
                here: AtomicUsize::new(0),
                places: baking + waiting,
                oven: Semaphore::new(baking),
            }
        }

        pub async fn order<B: Future>(
            &self,
            bake: B,
        ) -> Result<B::Output, Full> {
            if self.here.fetch_add(1, SeqCst) >= self.places {
                self.here.fetch_sub(1, SeqCst);
                return Err(Full);
            }
            let _oven = self.oven.acquire().await.map_err(|_| Full)?;
            let baked = bake.await;
            self.here.fetch_sub(1, SeqCst);
            Ok(baked)
        }
    }
}

/// Counts each customer who comes, and has a guard that counts one fewer when it
/// is dropped, but makes the guard only for those who are let in. A refused
/// customer stays in the count, and after a busy minute the bakery refuses
/// orders while its oven is empty.
///
/// Caught by `a_refused_order_takes_no_place`.
pub mod wrong_refused_ones_stay_in_the_count {
    use super::*;

    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use tokio::sync::Semaphore;

    pub struct Bakery {
        here: AtomicUsize,
        places: usize,
        oven: Semaphore,
    }

    /// A place, which is free again when this is dropped.
    struct Place<'a>(&'a AtomicUsize);

    impl Drop for Place<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }

    impl Bakery {
        pub fn new(baking: usize, waiting: usize) -> Bakery {
            Bakery {
                here: AtomicUsize::new(0),
                places: baking + waiting,
                oven: Semaphore::new(baking),
            }
        }

        pub async fn order<B: Future>(
            &self,
            bake: B,
        ) -> Result<B::Output, Full> {
            if self.here.fetch_add(1, SeqCst) >= self.places {
                return Err(Full);
            }
            let _place = Place(&self.here);
            let _oven = self.oven.acquire().await.map_err(|_| Full)?;
            Ok(bake.await)
        }
    }
}

/// Has a semaphore for the oven and one for the bench, and leaves the bench when
/// `acquire` has returned. An order whose turn has come returns from `acquire`
/// only when it is polled again. Until then it has the oven and the place on the
/// bench, and the next customer is refused although there is room.
///
/// Caught by `who_leaves_the_oven_makes_room_on_the_bench_at_once`.
pub mod wrong_on_the_bench_until_it_is_polled {
    use super::*;

    use tokio::sync::Semaphore;

    pub struct Bakery {
        oven: Semaphore,
        bench: Semaphore,
    }

    impl Bakery {
        pub fn new(baking: usize, waiting: usize) -> Bakery {
            Bakery {
                oven: Semaphore::new(baking),
                bench: Semaphore::new(waiting),
            }
        }

        pub async fn order<B: Future>(
            &self,
            bake: B,
        ) -> Result<B::Output, Full> {
            let _oven = match self.oven.try_acquire() {
                Ok(oven) => oven,
                Err(_) => {
                    let _bench = self.bench.try_acquire().map_err(|_| Full)?;
                    self.oven.acquire().await.map_err(|_| Full)?
                }
            };
            Ok(bake.await)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::Poll;
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::timeout;

    type Order<'a> =
        Pin<Box<dyn Future<Output = Result<&'static str, Full>> + 'a>>;

    /// An order that is baked when the sender says so.
    fn order<'a>(
        bakery: &'a Bakery,
        begun: &'a Cell<usize>,
    ) -> (oneshot::Sender<()>, Order<'a>) {
        let (done, baked) = oneshot::channel();
        let bake = async move {
            begun.set(begun.get() + 1);
            let _ = baked.await;
            "bread"
        };
        (done, Box::pin(bakery.order(bake)))
    }

    /// What a future says when it is asked once; `None`: it waits.
    async fn asked<T>(
        future: &mut (impl Future<Output = T> + Unpin),
    ) -> Option<T> {
        let mut future = pin!(future);
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    async fn ended<T>(future: impl Future<Output = T>) -> T {
        timeout(Duration::from_secs(10), future)
            .await
            .expect("an order still waits after 10 s, and the oven has room")
    }

    #[tokio::test]
    async fn an_order_that_finds_room_is_baked_and_gives_what_was_baked() {
        let bakery = Bakery::new(1, 0);
        for loaf in 0..3 {
            assert_eq!(ended(bakery.order(async { loaf })).await, Ok(loaf));
        }
    }

    #[tokio::test]
    async fn as_many_bake_as_the_oven_holds_others_wait_and_the_rest_is_refused()
     {
        for (baking, waiting) in [(1, 0), (1, 1), (2, 0), (2, 3)] {
            let here = format!("{baking} in the oven, {waiting} on the bench");
            let (bakery, begun) = (Bakery::new(baking, waiting), Cell::new(0));
            let mut orders: Vec<_> =
                (0..baking + waiting).map(|_| order(&bakery, &begun)).collect();
            for (_, waits) in &mut orders {
                assert_eq!(asked(waits).await, None, "{here}: refused early");
            }
            assert_eq!(begun.get(), baking, "{here}: begun to bake");
            for _ in 0..2 {
                let (_done, mut late) = order(&bakery, &begun);
                let answer = asked(&mut late).await;
                assert_eq!(answer, Some(Err(Full)), "{here}: one too many");
            }
            assert_eq!(begun.get(), baking, "{here}: the refused do not bake");
            for (done, baked) in orders {
                done.send(()).expect("it waits to be baked");
                assert_eq!(ended(baked).await, Ok("bread"), "{here}");
            }
            assert_eq!(begun.get(), baking + waiting, "{here}: all are baked");
        }
    }

    #[tokio::test]
    async fn who_leaves_the_bench_makes_room_on_the_bench() {
        let (bakery, begun) = (Bakery::new(1, 1), Cell::new(0));
        let (done, mut first) = order(&bakery, &begun);
        assert_eq!(asked(&mut first).await, None);
        for _ in 0..3 {
            let (_done, mut leaves) = order(&bakery, &begun);
            assert_eq!(asked(&mut leaves).await, None, "the bench has room");
        }
        let (_done, mut stays) = order(&bakery, &begun);
        assert_eq!(asked(&mut stays).await, None, "three have left the bench");
        assert_eq!(begun.get(), 1, "the oven is full all the time");
        done.send(()).expect("it bakes");
        assert_eq!(ended(first).await, Ok("bread"));
        assert_eq!(asked(&mut stays).await, None, "it bakes now");
        assert_eq!(begun.get(), 2, "who waited gets the oven");
    }

    #[tokio::test]
    async fn who_leaves_while_baking_makes_room_in_the_oven() {
        let (bakery, begun) = (Bakery::new(1, 1), Cell::new(0));
        let (_done, mut leaves) = order(&bakery, &begun);
        let (done, mut waits) = order(&bakery, &begun);
        assert_eq!(asked(&mut leaves).await, None);
        assert_eq!(asked(&mut waits).await, None);
        drop(leaves);
        done.send(()).expect("it will be baked");
        assert_eq!(ended(waits).await, Ok("bread"));
    }

    #[tokio::test]
    async fn who_leaves_the_oven_makes_room_on_the_bench_at_once() {
        for is_done in [false, true] {
            let (bakery, begun) = (Bakery::new(1, 1), Cell::new(0));
            let (done, mut leaves) = order(&bakery, &begun);
            let (second_done, mut second) = order(&bakery, &begun);
            assert_eq!(asked(&mut leaves).await, None);
            assert_eq!(asked(&mut second).await, None);
            if is_done {
                done.send(()).expect("it bakes");
                assert_eq!(ended(leaves).await, Ok("bread"));
            } else {
                drop(leaves);
            }
            // Nobody has polled the second since: it does not know yet.
            let (third_done, mut third) = order(&bakery, &begun);
            let answer = asked(&mut third).await;
            assert_eq!(
                answer, None,
                "two are there, and there is room for two"
            );
            let (_done, mut fourth) = order(&bakery, &begun);
            assert_eq!(asked(&mut fourth).await, Some(Err(Full)));
            second_done.send(()).expect("it will be baked");
            third_done.send(()).expect("it will be baked");
            let baked = ended(async { tokio::join!(second, third) }).await;
            assert_eq!(baked, (Ok("bread"), Ok("bread")));
        }
    }

    #[tokio::test]
    async fn a_refused_order_takes_no_place() {
        let (bakery, begun) = (Bakery::new(1, 0), Cell::new(0));
        let (done, mut first) = order(&bakery, &begun);
        assert_eq!(asked(&mut first).await, None);
        for _ in 0..3 {
            let (_done, mut refused) = order(&bakery, &begun);
            assert_eq!(asked(&mut refused).await, Some(Err(Full)));
        }
        done.send(()).expect("it bakes");
        assert_eq!(ended(first).await, Ok("bread"));
        assert_eq!(
            ended(bakery.order(async { 7 })).await,
            Ok(7),
            "the oven is empty, and three that were refused have gone"
        );
    }
}
