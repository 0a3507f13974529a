//! Chapter 9: its listings on loom's types, which know the orderings.
//!
//! Each step of a listing goes into the story with the line of the listing that took it and what it
//! read, so that a run that goes wrong can be shown.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::story;

/// Runs the trial in every way that loom knows, and says in how many.
pub fn every_execution(trial: impl Fn() + Send + Sync + 'static) -> usize {
    at_most(None, trial)
}

/// The same, in every order of the steps in which each sees the latest value. loom leaves out executions
/// that it takes for others' twins, and judges by the last step that touched a variable: where a thread
/// reads and then writes, it misses that another thread's earlier read could have come later. Here each
/// read counts as a write, and none is missed. Not for what waits in a loop.
pub fn every_plain_order(trial: impl Fn() + Send + Sync + 'static) -> usize {
    PLAIN.set(true);
    let executions = at_most(None, trial);
    PLAIN.set(false);
    executions
}

/// The same, with a bound to how many times a thread is interrupted; for what has too many ways.
pub fn with_interruptions(most: usize, trial: impl Fn() + Send + Sync + 'static) -> usize {
    at_most(Some(most), trial)
}

fn at_most(interruptions: Option<usize>, trial: impl Fn() + Send + Sync + 'static) -> usize {
    let executions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = interruptions;
    builder.check(move || {
        story::begin();
        names::forget();
        counted.fetch_add(1, Relaxed);
        trial();
    });
    executions.load(Relaxed)
}

thread_local! {
    // All threads of an execution take turns on one thread of the system.
    static PLAIN: Cell<bool> = const { Cell::new(false) };
}

/// The first execution that goes wrong: its story, and what was said to it.
pub fn caught(trial: impl Fn() + Send + Sync + 'static) -> (Vec<String>, String) {
    let run = panic::catch_unwind(AssertUnwindSafe(|| with_interruptions(3, trial)));
    PLAIN.set(false);
    let panic = run.expect_err("loom found nothing wrong");
    let message = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or_default().to_string(),
    };
    (story::so_far(), message.lines().next().unwrap_or_default().to_string())
}

/// The same, for what goes wrong although each step sees the latest value, whatever ordering it names: an
/// order of the steps that a reader can follow.
pub fn caught_in_plain_order(trial: impl Fn() + Send + Sync + 'static) -> (Vec<String>, String) {
    PLAIN.set(true);
    caught(trial)
}

/// `std`, with loom in place of everything that has to do with threads and memory that they share.
pub mod shim {
    pub use loom::hint;
    pub use std::{iter, mem, ptr};

    pub mod cell {
        pub use super::super::tracked::UnsafeCell;
    }

    pub mod sync {
        pub use loom::sync::{Arc, Mutex};

        pub mod atomic {
            pub use super::super::super::tracked::*;
            pub use std::sync::atomic::Ordering;
        }
    }

    pub mod thread {
        pub use super::super::scoped::scope;
        pub use loom::thread::{Thread, current, park, yield_now};
    }
}

pub mod tracked {
    use std::fmt::Debug;
    use std::fs;
    use std::mem;
    use std::ops::{Deref, DerefMut};
    use std::panic::Location;
    use std::path::Path;
    use std::ptr;
    use std::sync::atomic;

    use loom::cell;
    use loom::sync::atomic as weak;
    use std::sync::atomic::Ordering;

    use crate::story;

    /// Tells the listing's line that took a step, and what the step found.
    fn tell(at: &Location, found: Option<&dyn Debug>) {
        let file = Path::new(at.file()).file_name().expect("a file");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings/atomics").join(file);
        let Ok(text) = fs::read_to_string(path) else { return }; // a step of the test itself
        let line = text.lines().nth(at.line() as usize - 1).unwrap_or_default().trim();
        let line = line.split(" // ").next().unwrap_or(line);
        let line = line.trim_start_matches("|| ").trim_end_matches(" {").trim_end_matches(';');
        let thread = super::scoped::name();
        let found = found.map(|found| format!("  → {found:?}")).unwrap_or_default();
        story::tell(format!("{thread}: {line}{found}"));
    }

    macro_rules! atomics {
        ($($name:ident: $value:ty = $none:expr),*) => {$(
            pub struct $name(weak::$name);

            impl $name {
                #[track_caller]
                pub fn new(value: $value) -> Self {
                    $name(weak::$name::new(value))
                }

                #[track_caller]
                pub fn load(&self, order: Ordering) -> $value {
                    let found = if super::PLAIN.get() {
                        // What reads and writes in one step reads the latest value.
                        let none = $none;
                        let latest =
                            self.0.compare_exchange(none, none, Ordering::AcqRel, Ordering::Acquire);
                        latest.unwrap_or_else(|found| found)
                    } else {
                        self.0.load(order)
                    };
                    tell(Location::caller(), Some(&found));
                    found
                }

                #[track_caller]
                pub fn store(&self, value: $value, order: Ordering) {
                    self.0.store(value, order);
                    tell(Location::caller(), None);
                }

                #[track_caller]
                pub fn swap(&self, value: $value, order: Ordering) -> $value {
                    let found = self.0.swap(value, order);
                    tell(Location::caller(), Some(&found));
                    found
                }

                #[track_caller]
                pub fn compare_exchange(
                    &self, from: $value, to: $value, order: Ordering, failed: Ordering,
                ) -> Result<$value, $value> {
                    let found = self.0.compare_exchange(from, to, order, failed);
                    tell(Location::caller(), Some(&found));
                    found
                }

                /// Loom's never fails without a reason.
                #[track_caller]
                pub fn compare_exchange_weak(
                    &self, from: $value, to: $value, order: Ordering, failed: Ordering,
                ) -> Result<$value, $value> {
                    self.compare_exchange(from, to, order, failed)
                }
            }
        )*};
    }

    /// The value of an atomic that no other thread has: to look at.
    pub struct Held<T>(T);

    impl<T> Deref for Held<T> {
        type Target = T;
        fn deref(&self) -> &T {
            &self.0
        }
    }

    macro_rules! numbers {
        ($($name:ident: $value:ty),*) => {$(
            impl $name {
                #[track_caller]
                pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                    let found = self.0.fetch_add(value, order);
                    tell(Location::caller(), Some(&found));
                    found
                }

                #[track_caller]
                pub fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                    let found = self.0.fetch_sub(value, order);
                    tell(Location::caller(), Some(&found));
                    found
                }

                pub fn get_mut(&mut self) -> Held<$value> {
                    Held(self.0.with_mut(|value| *value))
                }

                pub fn into_inner(self) -> $value {
                    self.0.into_inner()
                }
            }
        )*};
    }

    atomics!(AtomicBool: bool = false, AtomicU8: u8 = u8::MAX, AtomicU32: u32 = u32::MAX, AtomicU64: u64 = u64::MAX, AtomicUsize: usize = usize::MAX);
    /// Whether what it lies in is still there; `Box` below keeps the memory of what it frees.
    struct Alive(atomic::AtomicBool);

    impl Alive {
        fn new() -> Alive {
            Alive(atomic::AtomicBool::new(true))
        }

        fn is_over(&self) -> bool {
            !self.0.load(Ordering::Relaxed)
        }
    }

    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.store(false, Ordering::Relaxed);
        }
    }

    /// A box that drops what is in it and never gives back its memory, so that a look at it can be seen.
    pub struct Box<T>(*mut T);

    impl<T> Box<T> {
        pub fn new(value: T) -> Box<T> {
            Box(std::boxed::Box::into_raw(std::boxed::Box::new(value)))
        }

        pub fn into_raw(this: Box<T>) -> *mut T {
            let pointer = this.0;
            mem::forget(this);
            pointer
        }

        /// # Safety
        /// As std's.
        pub unsafe fn from_raw(pointer: *mut T) -> Box<T> {
            Box(pointer)
        }
    }

    impl<T> Deref for Box<T> {
        type Target = T;
        fn deref(&self) -> &T {
            // SAFETY: it comes from a box of std's, whose memory is kept.
            unsafe { &*self.0 }
        }
    }

    impl<T> Drop for Box<T> {
        fn drop(&mut self) {
            story::tell(format!(
                "{}: frees {:?}",
                super::scoped::name(),
                super::names::name_of(self.0)
            ));
            // SAFETY: it is dropped once, and its memory is kept.
            unsafe { ptr::drop_in_place(self.0) };
        }
    }

    pub struct AtomicPtr<T>(weak::AtomicPtr<T>, Alive);

    impl<T> AtomicPtr<T> {
        #[track_caller]
        pub fn new(value: *mut T) -> Self {
            AtomicPtr(weak::AtomicPtr::new(value), Alive::new())
        }

        #[track_caller]
        pub fn load(&self, order: Ordering) -> *mut T {
            let found = if super::PLAIN.get() {
                let none = ptr::null_mut();
                let latest =
                    self.0.compare_exchange(none, none, Ordering::AcqRel, Ordering::Acquire);
                latest.unwrap_or_else(|found| found)
            } else {
                self.0.load(order)
            };
            if self.1.is_over() {
                tell(Location::caller(), None);
                panic!("use after free: what this step looks at has been freed");
            }
            tell(Location::caller(), Some(&super::names::name_of(found)));
            found
        }

        #[track_caller]
        pub fn store(&self, value: *mut T, order: Ordering) {
            self.0.store(value, order);
            tell(Location::caller(), None);
        }

        #[track_caller]
        pub fn compare_exchange(
            &self,
            from: *mut T,
            to: *mut T,
            order: Ordering,
            failed: Ordering,
        ) -> Result<*mut T, *mut T> {
            let found = self.0.compare_exchange(from, to, order, failed);
            tell(
                Location::caller(),
                Some(&found.map(super::names::name_of).map_err(super::names::name_of)),
            );
            found
        }

        pub fn get_mut(&mut self) -> Held<*mut T> {
            Held(self.0.with_mut(|value| *value))
        }
    }

    numbers!(AtomicU8: u8, AtomicU32: u32, AtomicU64: u64, AtomicUsize: usize);

    #[track_caller]
    pub fn fence(order: Ordering) {
        weak::fence(order);
        tell(Location::caller(), None);
    }

    /// A cell whose accesses loom watches. Std's `get` is a pointer; this one is dereferenced like it.
    pub struct UnsafeCell<T>(cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        #[track_caller]
        pub fn new(value: T) -> Self {
            UnsafeCell(cell::UnsafeCell::new(value))
        }

        #[track_caller]
        pub fn get(&self) -> Pointer<'_, T> {
            tell(Location::caller(), None);
            Pointer(&self.0)
        }

        pub fn into_inner(self) -> T {
            self.0.into_inner()
        }
    }

    impl<'c, T> Pointer<'c, T> {
        /// For a use that only reads.
        pub fn cast_const(self) -> &'c T {
            // SAFETY: what the listing does with it, loom judges as a read at this moment.
            self.0.with(|value| unsafe { &*value })
        }
    }

    /// Where std has `*mut T`: each use is an access, read or written.
    pub struct Pointer<'c, T>(&'c cell::UnsafeCell<T>);

    impl<T> Deref for Pointer<'_, T> {
        type Target = T;
        fn deref(&self) -> &T {
            // SAFETY: what the listing does with it, loom judges as a read at this moment.
            self.0.with(|value| unsafe { &*value })
        }
    }

    impl<T> DerefMut for Pointer<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            // SAFETY: what the listing does with it, loom judges as a write at this moment.
            self.0.with_mut(|value| unsafe { &mut *value })
        }
    }
}

/// Addresses differ from run to run; a story says A, B, C in the order in which they appear in it.
mod names {
    use std::cell::RefCell;
    use std::fmt;

    thread_local! {
        static KNOWN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }

    pub struct Name(Option<usize>);

    impl fmt::Debug for Name {
        fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
            match self.0 {
                None => f.write_str("null"),
                Some(which) => write!(f, "{}", char::from(b'A' + which as u8)),
            }
        }
    }

    pub fn forget() {
        KNOWN.take();
    }

    pub fn name_of<T>(pointer: *mut T) -> Name {
        if pointer.is_null() {
            return Name(None);
        }
        KNOWN.with_borrow_mut(|known| {
            let at = known.iter().position(|address| *address == pointer.addr());
            Name(Some(at.unwrap_or_else(|| {
                known.push(pointer.addr());
                known.len() - 1
            })))
        })
    }
}

/// Something that takes two steps to make, so that loom sees who finds it half made.
pub struct Made(tracked::UnsafeCell<u64>);

// SAFETY: it is written before it is shared; whether that was seen, loom judges.
unsafe impl Sync for Made {}

impl Made {
    pub fn new(value: u64) -> Made {
        let made = Made(tracked::UnsafeCell::new(0));
        story::tell(format!("{}: makes {value}", scoped::name()));
        *made.0.get() = value;
        made
    }

    pub fn value(&self) -> u64 {
        story::tell(format!("{}: looks at the value", scoped::name()));
        *self.0.get().cast_const()
    }
}

/// Threads that can borrow, on loom's, which cannot.
mod scoped {
    use std::cell::RefCell;
    use std::marker::PhantomData;
    use std::sync::{Arc, Mutex};

    use loom::thread;

    /// Which thread of the trial this is.
    pub fn name() -> String {
        let id = format!("{:?}", thread::current().id());
        match id.trim_matches(|c: char| !c.is_ascii_digit()) {
            "0" => "main".to_string(),
            number => format!("thread {number}"),
        }
    }

    type Handles = RefCell<Vec<Option<thread::JoinHandle<()>>>>;

    pub struct Scope<'scope, 'env: 'scope> {
        handles: Handles,
        scope: PhantomData<&'scope mut &'scope ()>,
        env: PhantomData<&'env mut &'env ()>,
    }

    pub struct Handle<'scope, T> {
        handles: &'scope Handles,
        which: usize,
        result: Arc<Mutex<Option<T>>>,
    }

    /// A panic ends the whole execution in loom, so no thread outlives what it borrows.
    pub fn scope<'env, R>(start: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> R {
        let scope = Scope { handles: RefCell::default(), scope: PhantomData, env: PhantomData };
        let borrowed: *const Scope = &scope;
        // SAFETY: the scope is borrowed until this function ends, which is after every thread.
        let result = start(unsafe { &*borrowed });
        let all: Vec<_> = scope.handles.borrow_mut().iter_mut().map(Option::take).collect();
        for handle in all.into_iter().flatten() {
            handle.join().expect("a panic has ended the execution");
        }
        result
    }

    impl<'scope, 'env> Scope<'scope, 'env> {
        pub fn spawn<T: Send + 'scope>(
            &'scope self,
            work: impl FnOnce() -> T + Send + 'scope,
        ) -> Handle<'scope, T> {
            let result = Arc::new(Mutex::new(None));
            let kept = Arc::clone(&result);
            let work: Box<dyn FnOnce() + 'scope> =
                Box::new(move || *kept.lock().unwrap() = Some(work()));
            // SAFETY: the thread is joined before the scope ends.
            let work: Box<dyn FnOnce() + 'static> = unsafe { std::mem::transmute(work) };
            let mut handles = self.handles.borrow_mut();
            handles.push(Some(thread::spawn(work)));
            Handle { handles: &self.handles, which: handles.len() - 1, result }
        }
    }

    impl<T> Handle<'_, T> {
        pub fn join(self) -> std::thread::Result<T> {
            let handle = self.handles.borrow_mut()[self.which].take().expect("joined once");
            handle.join()?;
            Ok(self.result.lock().unwrap().take().expect("the thread has ended"))
        }
    }
}

pub mod counter {
    use super::shim as std;
    include!("../../../listings/atomics/counter.rs");
}

#[allow(unused_unsafe)] // a cell is no raw pointer here
pub mod spin_lock {
    use super::shim as std;
    include!("../../../listings/atomics/spin_lock.rs");
}

#[allow(unused_unsafe)] // a cell is no raw pointer here
pub mod one_shot {
    use super::shim as std;
    include!("../../../listings/atomics/one_shot.rs");
}

#[allow(unused_unsafe)] // a cell is no raw pointer here
pub mod lazy_init {
    use super::shim as std;
    include!("../../../listings/atomics/lazy_init.rs");
}

pub mod seqlock {
    use super::shim as std;
    include!("../../../listings/atomics/seqlock.rs");
}

pub mod stack_leaky {
    use super::shim as std;
    use super::tracked::Box;
    include!("../../../listings/atomics/stack_leaky.rs");
}

pub mod stack_reused {
    use super::shim as std;
    include!("../../../listings/atomics/stack_reused.rs");
}
