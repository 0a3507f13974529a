// A stack without a lock: never freed, then freed too early.
//
// Checked by loom, which includes this file and runs every order of its steps
// that the orderings allow. (`below` is an atomic so that loom sees each look
// at a node. The nodes of other stacks have a plain pointer there.)

use std::ptr;
use std::sync::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;

// ANCHOR: stack
pub struct Stack {
    top: AtomicPtr<Node>,
}

struct Node {
    value: u64,
    below: AtomicPtr<Node>,
}
// ANCHOR_END: stack

impl Stack {
    // ANCHOR: push
    pub fn push(&self, value: u64) {
        let below = AtomicPtr::new(ptr::null_mut());
        let node = Box::into_raw(Box::new(Node { value, below }));
        let mut top = self.top.load(Relaxed);
        loop {
            // SAFETY: the node is in no stack yet, so it is ours alone.
            unsafe { (*node).below.store(top, Relaxed) };
            match self.top.compare_exchange(top, node, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }
    // ANCHOR_END: push

    // ANCHOR: leaky
    pub fn pop_and_leak(&self) -> Option<u64> {
        let mut top = self.top.load(Acquire);
        while !top.is_null() {
            // SAFETY: no node is ever freed.
            let node = unsafe { &*top };
            let below = node.below.load(Relaxed);
            match self.top.compare_exchange(top, below, Acquire, Acquire) {
                Ok(_) => return Some(node.value),
                Err(now) => top = now,
            }
        }
        None
    }
    // ANCHOR_END: leaky

    // ANCHOR: freeing
    pub fn pop_and_free(&self) -> Option<u64> {
        let mut top = self.top.load(Acquire);
        while !top.is_null() {
            // ANCHOR: freeing_part
            // SAFETY: none! Another thread can have freed it since the load.
            let below = unsafe { (*top).below.load(Relaxed) };
            match self.top.compare_exchange(top, below, Acquire, Acquire) {
                // SAFETY: it is from a Box, and we took it off.
                Ok(_) => return Some(unsafe { Box::from_raw(top) }.value),
                Err(now) => top = now,
                // ANCHOR_END: freeing_part
            }
        }
        None
    }
    // ANCHOR_END: freeing

    pub fn new() -> Stack {
        Stack { top: AtomicPtr::new(ptr::null_mut()) }
    }
}

impl Default for Stack {
    fn default() -> Stack {
        Stack::new()
    }
}

/// 1 and 2 are on the stack; two threads take one each.
pub fn two_pops(pop: fn(&Stack) -> Option<u64>) -> [Option<u64>; 2] {
    let stack = Stack::new();
    stack.push(1);
    stack.push(2);
    thread::scope(|scope| {
        let other = scope.spawn(|| pop(&stack));
        [pop(&stack), other.join().expect("no thread panics")]
    })
}

/// One thread pushes, another takes what it finds; then the rest is taken.
pub fn push_and_pop(pop: fn(&Stack) -> Option<u64>) -> Vec<u64> {
    let stack = Stack::new();
    let mut found: Vec<u64> = thread::scope(|scope| {
        scope.spawn(|| {
            stack.push(1);
            stack.push(2);
        });
        pop(&stack).into_iter().collect()
    });
    found.extend(std::iter::from_fn(|| pop(&stack)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_comes_off_first() {
        for pop in [Stack::pop_and_leak, Stack::pop_and_free] {
            let stack = Stack::new();
            (1..=3).for_each(|value| stack.push(value));
            assert_eq!([pop(&stack), pop(&stack)], [Some(3), Some(2)]);
            assert_eq!([pop(&stack), pop(&stack)], [Some(1), None]);
        }
    }

    #[test]
    fn two_threads_take_different_ones() {
        for _ in 0..200 {
            let mut both = two_pops(Stack::pop_and_leak);
            both.sort_unstable();
            assert_eq!(both, [Some(1), Some(2)]);
        }
    }
}
