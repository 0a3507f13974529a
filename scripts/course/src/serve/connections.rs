//! How many connections there are at a time, and which of them is closed for a new one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

/// Below the smallest limit on open files that a system starts with (macOS: 256).
const MOST_CONNECTIONS: usize = 128;

/// The connections there are. When all slots are taken, the connection that has been idle longest is evicted, so that
/// idle connections keep no new one out; those for which a job runs stay.
#[derive(Default)]
pub(super) struct Slots(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    next: u64,
    by_number: BTreeMap<u64, Connection>,
}

struct Connection {
    last_active: Instant,
    /// As long as a job runs for it; the queue bounds how many those are.
    busy: bool,
    /// Dropped with this, which the connection's task notices.
    _evict: oneshot::Sender<()>,
}

/// A connection's slot, free again when it is dropped.
pub(super) struct Slot {
    id: ConnectionId,
    evicted: Option<oneshot::Receiver<()>>,
}

/// The connection that a request came from.
#[derive(Clone)]
pub(super) struct ConnectionId {
    slots: Arc<Slots>,
    number: u64,
}

/// Until it is dropped, its connection is not evicted.
pub(super) struct BusyGuard(ConnectionId);

impl Slots {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slot for a new connection.
    pub(super) fn take(self: &Arc<Slots>) -> Slot {
        let (evict, evicted) = oneshot::channel();
        let mut taken = self.taken();
        if taken.by_number.len() >= MOST_CONNECTIONS {
            let idle = taken.by_number.iter().filter(|(_, connection)| !connection.busy);
            let idle_longest = idle.min_by_key(|(_, connection)| connection.last_active);
            if let Some(number) = idle_longest.map(|(number, _)| *number) {
                taken.by_number.remove(&number);
            }
        }
        let number = taken.next;
        taken.next += 1;
        let connection = Connection { last_active: Instant::now(), busy: false, _evict: evict };
        taken.by_number.insert(number, connection);
        let id = ConnectionId { slots: self.clone(), number };
        Slot { id, evicted: Some(evicted) }
    }
}

impl Slot {
    pub(super) fn id(&self) -> &ConnectionId {
        &self.id
    }

    /// Its connection has sent a request.
    pub(super) fn touch(&self) {
        self.id.change(|connection| connection.last_active = Instant::now());
    }

    /// Resolves when the connection has to be closed for another one. There is one receiver, so this is `Some` once.
    pub(super) fn take_evicted(&mut self) -> Option<oneshot::Receiver<()>> {
        self.evicted.take()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.id.slots.taken().by_number.remove(&self.id.number);
    }
}

impl ConnectionId {
    /// Keeps the connection from being evicted while a job runs for it.
    pub(super) fn mark_busy(self) -> BusyGuard {
        self.change(|connection| connection.busy = true);
        BusyGuard(self)
    }

    /// Does nothing where the connection has ended.
    fn change(&self, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = self.slots.taken().by_number.get_mut(&self.number) {
            change(connection);
        }
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.change(|connection| connection.busy = false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_that_was_idle_longest_makes_room() {
        let slots = Arc::new(Slots::default());
        let mut taken: Vec<Slot> = (0..MOST_CONNECTIONS).map(|_| slots.take()).collect();
        taken[0].touch();
        let _busy = taken[1].id.clone().mark_busy();
        let _late = slots.take();
        let mut is_evicted = |slot: usize| {
            let evicted = taken[slot].evicted.as_mut().unwrap();
            evicted.try_recv() == Err(oneshot::error::TryRecvError::Closed)
        };
        assert!(!is_evicted(0), "the one that was active last stays");
        assert!(!is_evicted(1), "a job runs for this one");
        assert!(is_evicted(2));
        assert!(!is_evicted(3));
        assert_eq!(slots.taken().by_number.len(), MOST_CONNECTIONS);
    }

    #[test]
    fn a_slot_is_free_again_when_the_connection_ends() {
        let slots = Arc::new(Slots::default());
        drop(slots.take());
        assert!(slots.taken().by_number.is_empty());
    }
}
