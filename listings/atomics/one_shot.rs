// A channel for one message: a cell for the message, and an atomic that says
// whether it is there.
//
// Checked by loom, which includes this file and runs every order of its steps
// that the orderings allow.

use std::cell::UnsafeCell;
use std::hint;
use std::mem::MaybeUninit;
use std::sync::atomic::{
    AtomicBool, AtomicU8,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;

// ANCHOR: channel
pub struct OneShot<T> {
    message: UnsafeCell<Option<T>>,
    ready: AtomicBool,
}

// SAFETY: the message goes from the thread that sends to the one that receives,
// and no two threads are at it at the same time.
unsafe impl<T: Send> Sync for OneShot<T> {}
// ANCHOR_END: channel

impl<T> OneShot<T> {
    pub fn new() -> OneShot<T> {
        OneShot {
            message: UnsafeCell::new(None),
            ready: AtomicBool::new(false),
        }
    }

    // ANCHOR: naive
    /// # Safety
    /// One thread sends, and only once.
    pub unsafe fn send_relaxed(&self, message: T) {
        // SAFETY: the receiver looks only once `ready` is set.
        unsafe { *self.message.get() = Some(message) };
        self.ready.store(true, Relaxed);
    }

    /// # Safety
    /// One thread receives.
    pub unsafe fn receive_relaxed(&self) -> Option<T> {
        while !self.ready.load(Relaxed) {
            hint::spin_loop();
        }
        // SAFETY: not enough! That `ready` is seen says nothing about the
        // message.
        unsafe { (*self.message.get()).take() }
    }
    // ANCHOR_END: naive

    // ANCHOR: right
    /// # Safety
    /// One thread sends, and only once.
    pub unsafe fn send(&self, message: T) {
        // SAFETY: the receiver looks only once `ready` is set.
        unsafe { *self.message.get() = Some(message) };
        // ANCHOR: release
        self.ready.store(true, Release); // changed
        // ANCHOR_END: release
    }

    /// # Safety
    /// One thread receives.
    pub unsafe fn receive(&self) -> Option<T> {
        // ANCHOR: acquire
        // changed:
        while !self.ready.load(Acquire) {
            hint::spin_loop();
        }
        // SAFETY: this load read what the Release store wrote, so the message
        // was written before; and the sender is done with it.
        unsafe { (*self.message.get()).take() }
        // ANCHOR_END: acquire
    }
    // ANCHOR_END: right
}

impl<T> Default for OneShot<T> {
    fn default() -> OneShot<T> {
        OneShot::new()
    }
}

const EMPTY: u8 = 0;
const WRITING: u8 = 1;
const READY: u8 = 2;

// ANCHOR: slot
/// Room for one message, with no `Option` around it: the state says whether
/// there is one.
pub struct Slot<T> {
    message: UnsafeCell<MaybeUninit<T>>,
    state: AtomicU8,
}

// SAFETY: the state lets one thread at a time to the message.
unsafe impl<T: Send> Sync for Slot<T> {}
// ANCHOR_END: slot

impl<T> Slot<T> {
    /// Gives the message back where there was one before.
    pub fn send(&self, message: T) -> Result<(), T> {
        let claim =
            || self.state.compare_exchange(EMPTY, WRITING, Relaxed, Relaxed);
        if claim().is_err() {
            return Err(message);
        }
        // SAFETY: one exchange alone finds the slot EMPTY, ever, and the
        // receiver waits for READY.
        unsafe { (*self.message.get()).write(message) };
        self.state.store(READY, Release);
        Ok(())
    }

    // ANCHOR: take
    /// The message, if it is there. Does not wait.
    pub fn take(&self) -> Option<T> {
        let claim =
            || self.state.compare_exchange(READY, WRITING, Acquire, Relaxed);
        claim().ok()?;
        // SAFETY: the exchange found READY, so the message is written, and
        // the state is never READY again: it is read out once.
        Some(unsafe { (*self.message.get()).assume_init_read() })
    }
    // ANCHOR_END: take
}

// ANCHOR: drop
impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if *self.state.get_mut() == READY {
            // SAFETY: READY means written and not taken, and `&mut` means
            // that no other thread is here.
            unsafe { (*self.message.get()).assume_init_drop() };
        }
    }
}
// ANCHOR_END: drop

impl<T> Slot<T> {
    pub fn new() -> Slot<T> {
        Slot {
            message: UnsafeCell::new(MaybeUninit::uninit()),
            state: AtomicU8::new(EMPTY),
        }
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Slot<T> {
        Slot::new()
    }
}

/// One thread sends a letter, this one waits for it.
pub fn one_letter(relaxed: bool) -> Option<String> {
    let channel = OneShot::new();
    thread::scope(|scope| {
        // SAFETY: one thread sends, and once.
        scope.spawn(|| unsafe {
            match relaxed {
                true => channel.send_relaxed("a letter".to_string()),
                false => channel.send("a letter".to_string()),
            }
        });
        // SAFETY: only this thread receives.
        unsafe {
            match relaxed {
                true => channel.receive_relaxed(),
                false => channel.receive(),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::std::sync::Arc;

    #[test]
    fn a_letter_arrives() {
        assert_eq!(one_letter(false).as_deref(), Some("a letter"));
    }

    #[test]
    fn a_message_is_taken_once_and_sent_once() {
        let slot = Slot::new();
        assert_eq!(slot.take(), None);
        assert_eq!(slot.send(1), Ok(()));
        assert_eq!(slot.send(2), Err(2));
        assert_eq!(slot.take(), Some(1));
        assert_eq!(slot.take(), None);
        assert_eq!(slot.send(3), Err(3));
    }

    #[test]
    fn a_message_is_dropped_once_taken_or_not() {
        let message = Arc::new(());
        let slot = Slot::new();
        slot.send(Arc::clone(&message)).unwrap();
        drop(slot);
        assert_eq!(Arc::strong_count(&message), 1, "sent, and never taken");
        let slot = Slot::new();
        slot.send(Arc::clone(&message)).unwrap();
        drop(slot.take());
        drop(slot);
        assert_eq!(Arc::strong_count(&message), 1, "sent, and taken");
        drop(Slot::<Arc<()>>::new());
    }
}
