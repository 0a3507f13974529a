//! # A pool of connections
//!
//! 40 minutes
//!
//! A server takes a few connections and no more, and opening one is expensive.
//! Write the pool that lends them to tasks:
//!
//! - `get` lends a connection that has come back, if there is one. Otherwise it
//!   opens one, as long as fewer than `most` are open. Otherwise it waits.
//! - A connection comes back when what `get` returned is dropped.
//! - One that is `broken` is not lent again. It is dropped, and a `get` that
//!   waits, or the next one, can open another in its place.
//! - A task that gives up while it waits, or while its connection is being
//!   opened, takes nothing with it.
//!
//! The starter opens a new connection each time, and the server counts them.
//! Change what `Pool` and `Lent` hold as you like; the tests call `Pool::new`,
//! `get`, and `connection`. They give up after five seconds.
//!
//! Hint: `tokio::sync::Semaphore` for the waiting, with `acquire_owned`, and a
//! `std::sync::Mutex` for those that have come back. Nothing is awaited while it
//! is locked: take one out in a statement of its own, because a guard in the head
//! of a `match` lives as long as the `match`, and is refused there. In `drop`, see
//! to it that the connection is back before the permit is: the fields of a value
//! are dropped after its `drop` has run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::task::yield_now;

/// A server that counts the connections to it.
#[derive(Default)]
pub struct Server {
    opened: AtomicUsize,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Server {
    /// How many were ever opened.
    pub fn opened(&self) -> usize {
        self.opened.load(SeqCst)
    }

    /// How many are open now.
    pub fn open(&self) -> usize {
        self.open.load(SeqCst)
    }

    /// The most that were ever open at a time.
    pub fn most(&self) -> usize {
        self.most.load(SeqCst)
    }
}

/// A connection, which is closed when it is dropped.
pub struct Connection {
    server: Arc<Server>,
    pub number: usize,
    pub broken: bool,
}

impl Connection {
    /// Opens one. It takes some time.
    pub async fn open(server: Arc<Server>) -> Connection {
        let number = server.opened.fetch_add(1, SeqCst) + 1;
        let open = server.open.fetch_add(1, SeqCst) + 1;
        server.most.fetch_max(open, SeqCst);
        // From here on it is closed again, even if nobody waits any more.
        let connection = Connection { server, number, broken: false };
        yield_now().await;
        connection
    }

    /// A question and its answer. Other tasks run meanwhile.
    pub async fn ask(&mut self) -> usize {
        for _ in 0..3 {
            yield_now().await;
        }
        self.number
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.server.open.fetch_sub(1, SeqCst);
    }
}

pub mod starter {
    use super::*;

    pub struct Pool {
        server: Arc<Server>,
    }

    /// A connection that belongs to the pool.
    pub struct Lent {
        connection: Connection,
    }

    impl Pool {
        /// At most `most` connections are open at a time.
        #[allow(unused_variables)]
        pub fn new(server: Arc<Server>, most: usize) -> Pool {
            Pool { server }
        }

        pub async fn get(&self) -> Lent {
            Lent { connection: Connection::open(self.server.clone()).await }
        }
    }

    impl Lent {
        pub fn connection(&mut self) -> &mut Connection {
            &mut self.connection
        }
    }
}

pub mod solution {
    use super::*;

    use std::sync::Mutex;
    use tokio::sync::{OwnedSemaphorePermit, Semaphore};

    pub struct Pool {
        server: Arc<Server>,
        permits: Arc<Semaphore>,
        /// Those that have come back. Its lock is held across no await.
        idle: Arc<Mutex<Vec<Connection>>>,
    }

    /// A connection that belongs to the pool.
    pub struct Lent {
        /// None only while it is dropped.
        connection: Option<Connection>,
        idle: Arc<Mutex<Vec<Connection>>>,
        /// Dropped after `drop` has run: the connection is back by then.
        _permit: OwnedSemaphorePermit,
    }

    impl Pool {
        /// At most `most` connections are open at a time.
        pub fn new(server: Arc<Server>, most: usize) -> Pool {
            let permits = Arc::new(Semaphore::new(most));
            Pool { server, permits, idle: Arc::default() }
        }

        pub async fn get(&self) -> Lent {
            // Dropped while it waits, it has taken no permit.
            let permit = self.permits.clone().acquire_owned().await;
            let _permit = permit.expect("nobody closes it");
            let back = self.idle.lock().unwrap().pop();
            let connection = match back {
                Some(connection) => connection,
                None => Connection::open(self.server.clone()).await,
            };
            let idle = self.idle.clone();
            Lent { connection: Some(connection), idle, _permit }
        }
    }

    impl Lent {
        pub fn connection(&mut self) -> &mut Connection {
            self.connection.as_mut().expect("it is there until the drop")
        }
    }

    impl Drop for Lent {
        fn drop(&mut self) {
            let whole = self.connection.take().filter(|it| !it.broken);
            // One that is broken has been closed by now.
            self.idle.lock().unwrap().extend(whole);
        }
    }
}

/// Lets a field of `Lent` bring the connection back, and declares it below the
/// permit. Fields are dropped from the first to the last, so the permit wakes a
/// waiting task while the connection is still on its way: that task finds none,
/// and opens one more than the server takes.
///
/// Caught by `a_connection_is_back_before_the_next_task_has_its_turn`.
pub mod wrong_permit_is_dropped_first {
    use super::*;

    use std::sync::Mutex;
    use tokio::sync::{OwnedSemaphorePermit, Semaphore};

    type Idle = Arc<Mutex<Vec<Connection>>>;

    pub struct Pool {
        server: Arc<Server>,
        permits: Arc<Semaphore>,
        idle: Idle,
    }

    pub struct Lent {
        _permit: OwnedSemaphorePermit,
        returned: Returned,
    }

    /// Brings the connection back when it is dropped.
    struct Returned {
        connection: Option<Connection>,
        idle: Idle,
    }

    impl Pool {
        pub fn new(server: Arc<Server>, most: usize) -> Pool {
            let permits = Arc::new(Semaphore::new(most));
            Pool { server, permits, idle: Arc::default() }
        }

        pub async fn get(&self) -> Lent {
            let permit = self.permits.clone().acquire_owned().await;
            let _permit = permit.expect("nobody closes it");
            let back = self.idle.lock().unwrap().pop();
            let connection = match back {
                Some(connection) => connection,
                None => Connection::open(self.server.clone()).await,
            };
            let idle = self.idle.clone();
            let returned = Returned { connection: Some(connection), idle };
            Lent { _permit, returned }
        }
    }

    impl Lent {
        pub fn connection(&mut self) -> &mut Connection {
            self.returned.connection.as_mut().expect("not dropped yet")
        }
    }

    impl Drop for Returned {
        fn drop(&mut self) {
            let whole = self.connection.take().filter(|it| !it.broken);
            self.idle.lock().unwrap().extend(whole);
        }
    }
}

/// Forgets the permit in `get`, and gives one back by hand when `Lent` is
/// dropped. A task that gives up while its connection is being opened has
/// forgotten its permit and has no `Lent` yet: the place is lost, and once this
/// has happened `most` times, every `get` waits forever.
///
/// Caught by `a_task_that_gives_up_takes_nothing_with_it`.
pub mod wrong_forgets_the_permit {
    use super::*;

    use std::sync::Mutex;
    use tokio::sync::Semaphore;

    pub struct Pool {
        server: Arc<Server>,
        permits: Arc<Semaphore>,
        idle: Arc<Mutex<Vec<Connection>>>,
    }

    pub struct Lent {
        connection: Option<Connection>,
        idle: Arc<Mutex<Vec<Connection>>>,
        permits: Arc<Semaphore>,
    }

    impl Pool {
        pub fn new(server: Arc<Server>, most: usize) -> Pool {
            let permits = Arc::new(Semaphore::new(most));
            Pool { server, permits, idle: Arc::default() }
        }

        pub async fn get(&self) -> Lent {
            self.permits.acquire().await.expect("nobody closes it").forget();
            let back = self.idle.lock().unwrap().pop();
            let connection = match back {
                Some(connection) => connection,
                None => Connection::open(self.server.clone()).await,
            };
            Lent {
                connection: Some(connection),
                idle: self.idle.clone(),
                permits: self.permits.clone(),
            }
        }
    }

    impl Lent {
        pub fn connection(&mut self) -> &mut Connection {
            self.connection.as_mut().expect("not dropped yet")
        }
    }

    impl Drop for Lent {
        fn drop(&mut self) {
            let whole = self.connection.take().filter(|it| !it.broken);
            self.idle.lock().unwrap().extend(whole);
            self.permits.add_permits(1);
        }
    }
}

/// Looks under the lock whether fewer than `most` are open, and counts the new
/// connection when `Connection::open` has returned. All tasks that come during
/// that `.await` find the old number, so forty of them open forty connections
/// where four are allowed.
///
/// Caught by `as_many_are_open_as_are_needed_and_allowed`.
pub mod wrong_counts_after_the_await {
    use super::*;

    use std::sync::Mutex;
    use tokio::sync::Notify;

    pub struct Pool {
        server: Arc<Server>,
        most: usize,
        shared: Arc<Shared>,
    }

    #[derive(Default)]
    struct Shared {
        connections: Mutex<Connections>,
        back: Notify,
    }

    #[derive(Default)]
    struct Connections {
        idle: Vec<Connection>,
        open: usize,
    }

    pub struct Lent {
        connection: Option<Connection>,
        shared: Arc<Shared>,
    }

    impl Pool {
        pub fn new(server: Arc<Server>, most: usize) -> Pool {
            Pool { server, most, shared: Arc::default() }
        }

        pub async fn get(&self) -> Lent {
            let connection = loop {
                let (back, open) = {
                    let mut all = self.shared.connections.lock().unwrap();
                    (all.idle.pop(), all.open)
                };
                if let Some(connection) = back {
                    break connection;
                }
                if open < self.most {
                    let new = Connection::open(self.server.clone()).await;
                    self.shared.connections.lock().unwrap().open += 1;
                    break new;
                }
                self.shared.back.notified().await;
            };
            let shared = self.shared.clone();
            Lent { connection: Some(connection), shared }
        }
    }

    impl Lent {
        pub fn connection(&mut self) -> &mut Connection {
            self.connection.as_mut().expect("not dropped yet")
        }
    }

    impl Drop for Lent {
        fn drop(&mut self) {
            let mut all = self.shared.connections.lock().unwrap();
            match self.connection.take().filter(|it| !it.broken) {
                Some(whole) => all.idle.push(whole),
                None => all.open -= 1,
            }
            drop(all);
            self.shared.back.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use std::pin::{Pin, pin};
    use std::sync::{Mutex, mpsc};
    use std::task::{Context, Poll, Wake, Waker};
    use std::thread;
    use std::time::Duration;
    use tokio::task::JoinSet;
    use tokio::time::timeout;

    const LONG: Duration = Duration::from_secs(5);

    fn pool(most: usize) -> (Arc<Server>, Arc<Pool>) {
        let server = Arc::new(Server::default());
        (server.clone(), Arc::new(Pool::new(server, most)))
    }

    async fn get(pool: &Pool) -> Lent {
        let lent = timeout(LONG, pool.get()).await;
        lent.expect("there is room, and `get` still waits after five seconds")
    }

    #[tokio::test]
    async fn a_connection_that_has_come_back_is_lent_again() {
        let (server, pool) = pool(3);
        for _ in 0..10 {
            let mut lent = get(&pool).await;
            assert_eq!(lent.connection().ask().await, 1);
        }
        assert_eq!((server.opened(), server.open()), (1, 1));
    }

    #[tokio::test]
    async fn as_many_are_open_as_are_needed_and_allowed() {
        for (tasks, most) in [(1, 4), (3, 4), (40, 4), (5, 1)] {
            let (server, pool) = pool(most);
            let mut asked = JoinSet::new();
            for _ in 0..tasks {
                let pool = pool.clone();
                asked.spawn(async move {
                    let mut lent = get(&pool).await;
                    lent.connection().ask().await
                });
            }
            asked.join_all().await;
            let expected = tasks.min(most);
            let opened = (server.opened(), server.most());
            assert_eq!(
                opened,
                (expected, expected),
                "connections opened, and open at a time, with {tasks} tasks \
                 and {most} allowed"
            );
        }
    }

    #[tokio::test]
    async fn who_finds_none_waits_until_one_comes_back() {
        let (_, pool) = pool(1);
        let first = get(&pool).await;
        let second = timeout(Duration::from_millis(20), pool.get()).await;
        assert!(second.is_err(), "two were lent, and one is allowed");
        drop(first);
        get(&pool).await;
    }

    /// A task that another thread polls as soon as it is woken. Whoever wakes it
    /// goes on when that has been done.
    struct Hasty(Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>);

    impl Hasty {
        fn poll(&self, waker: &Waker) -> Poll<()> {
            let mut task = self.0.lock().unwrap();
            task.as_mut().poll(&mut Context::from_waker(waker))
        }
    }

    impl Wake for Hasty {
        fn wake(self: Arc<Self>) {
            let (done, polled) = mpsc::channel();
            thread::spawn(move || {
                // It is polled once. What becomes of it then does not matter.
                let _ = self.poll(Waker::noop());
                done.send(())
            });
            // Not for ever: who wakes it may hold a lock that it needs.
            let _ = polled.recv_timeout(Duration::from_secs(1));
        }
    }

    #[tokio::test]
    async fn a_connection_is_back_before_the_next_task_has_its_turn() {
        let (server, pool) = pool(1);
        let first = get(&pool).await;
        let waiting = pool.clone();
        let task = Box::pin(async move { drop(waiting.get().await) });
        let task = Arc::new(Hasty(Mutex::new(task)));
        let waits = task.poll(&Waker::from(task.clone())).is_pending();
        assert!(waits, "two were lent, and one is allowed");
        drop(first);
        assert_eq!(
            (server.opened(), server.most()),
            (1, 1),
            "connections opened, and open at a time: the task that waited was \
             woken before the connection was back"
        );
    }

    #[tokio::test]
    async fn a_task_that_gives_up_takes_nothing_with_it() {
        let (_, pool) = pool(1);
        for _ in 0..3 {
            let lent = get(&pool).await;
            let waiting = timeout(Duration::from_millis(5), pool.get()).await;
            assert!(waiting.is_err());
            drop(lent);
        }
        // One gives up while its connection is being opened.
        let (_, fresh) = self::pool(1);
        tokio::select! {
            biased;
            _ = fresh.get() => {}
            () = async {} => {}
        }
        get(&fresh).await;
    }

    #[tokio::test]
    async fn one_that_is_broken_is_not_lent_again_and_makes_room() {
        let (server, pool) = pool(1);
        let mut lent = get(&pool).await;
        lent.connection().broken = true;
        drop(lent);
        assert_eq!(server.open(), 0, "it is closed");
        let mut lent = get(&pool).await;
        assert!(!lent.connection().broken);
        assert_eq!((server.opened(), server.most()), (2, 1));
    }

    #[tokio::test]
    async fn a_task_that_waits_gets_its_turn_when_one_is_broken() {
        let (server, pool) = pool(1);
        let mut lent = get(&pool).await;
        lent.connection().broken = true;
        let mut waiting = pin!(get(&pool));
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("two were lent, and one is allowed"),
            () = async {} => {}
        }
        drop(lent);
        assert!(!waiting.await.connection().broken);
        assert_eq!((server.opened(), server.most()), (2, 1));
    }
}
