//! Chapter 9: loom runs each stage of its listings in every way that the orderings allow.

mod explore;

use checks::atomics::{
    Made, caught, caught_in_plain_order, counter, every_execution, every_plain_order, lazy_init,
    one_shot, seqlock, shim, spin_lock, stack_leaky, stack_reused,
};
use checks::spin_lock::SpinLock;
use shuttle::sync::atomic::AtomicU64;
use shuttle::thread as shuttle_thread;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// On shuttle's types.
type Lock = SpinLock<()>;

/// What went wrong, step by step, and what was said to it.
#[track_caller]
fn wrong(file: &str, trial: impl Fn() + Send + Sync + 'static) {
    stands_in(file, caught(trial));
}

/// The same, in an order of the steps in which each sees the latest value.
#[track_caller]
fn wrong_in_plain_order(file: &str, trial: impl Fn() + Send + Sync + 'static) {
    stands_in(file, caught_in_plain_order(trial));
}

#[track_caller]
fn stands_in(file: &str, (story, message): (Vec<String>, String)) {
    let found = explore::Caught { message, story, schedule: String::new() };
    found.stands_in(file);
}

/// The trial goes right in every execution, and there was more than one.
#[track_caller]
fn right(trial: impl Fn() + Send + Sync + Copy + 'static) {
    let weak = every_execution(trial);
    several(weak + every_plain_order(trial));
}

/// The same for what waits in a loop.
#[track_caller]
fn right_waiting(trial: impl Fn() + Send + Sync + 'static) {
    several(every_execution(trial));
}

#[track_caller]
fn several(executions: usize) {
    println!("{executions} executions");
    assert!(executions > 1, "loom saw {executions} execution");
}

#[test]
fn a_count_in_two_steps_loses_an_addition() {
    wrong_in_plain_order("atomics/counter.found.txt", || {
        let count = counter::two_additions(counter::naive);
        assert_eq!(count, 2, "two additions, and the count is {count}");
    });
}

#[test]
fn a_count_in_one_step_loses_none() {
    right(|| assert_eq!(counter::two_additions(counter::right), 2));
    right(|| assert_eq!(counter::two_additions(counter::fast), 2));
}

#[test]
fn a_lock_that_looks_and_then_takes_lets_both_in() {
    wrong_in_plain_order("atomics/spin_lock_naive.found.txt", || {
        spin_lock::two_deposits(|lock| lock.naive(|balance| *balance += 1));
    });
}

#[test]
fn a_lock_without_acquire_shows_an_old_value() {
    wrong("atomics/spin_lock_relaxed.found.txt", || {
        spin_lock::two_deposits(|lock| lock.relaxed(|balance| *balance += 1));
    });
}

#[test]
fn a_lock_that_looks_and_takes_in_one_step_lets_one_in() {
    right_waiting(|| {
        let total = spin_lock::two_deposits(|lock| lock.right(|balance| *balance += 1));
        assert_eq!(total, 2);
    });
    right_waiting(|| {
        let total = spin_lock::two_deposits(|lock| lock.fast(|balance| *balance += 1));
        assert_eq!(total, 2);
    });
}

#[test]
fn a_message_without_release_and_acquire_is_not_there() {
    wrong("atomics/one_shot.found.txt", || {
        one_shot::one_letter(true);
    });
}

#[test]
fn a_message_is_there_once_it_is_said_to_be() {
    right_waiting(|| assert_eq!(one_shot::one_letter(false).as_deref(), Some("a letter")));
}

#[test]
fn a_slot_hands_a_message_on_once_and_drops_it_once() {
    right(|| {
        let message = Arc::new(());
        let slot = one_shot::Slot::new();
        shim::thread::scope(|scope| {
            scope.spawn(|| slot.send(Arc::clone(&message)));
            scope.spawn(|| slot.send(Arc::clone(&message)));
            drop(slot.take());
        });
        let left = usize::from(slot.take().is_some());
        assert_eq!((left, slot.take()), (left, None));
        drop(slot);
        assert_eq!(Arc::strong_count(&message), 1);
    });
    right(|| {
        let message = Arc::new(());
        let slot = one_shot::Slot::new();
        shim::thread::scope(|scope| {
            scope.spawn(|| slot.send(Arc::clone(&message)));
            scope.spawn(|| slot.take());
        });
        drop(slot);
        assert_eq!(Arc::strong_count(&message), 1);
    });
}

#[test]
fn a_value_that_is_put_without_a_look_is_two_values() {
    wrong_in_plain_order("atomics/lazy_init_naive.found.txt", || {
        let lazy = lazy_init::Lazy::new();
        let (first, second) = lazy_init::two_ask(&lazy, |lazy, mine| *lazy.naive(|| mine));
        assert_eq!(first, second, "one thread has {first}, the other {second}");
    });
}

#[test]
fn a_pointer_can_be_there_before_what_it_points_to() {
    wrong("atomics/lazy_init_relaxed.found.txt", || {
        let lazy = lazy_init::Lazy::new();
        lazy_init::two_ask(&lazy, |lazy, mine| lazy.relaxed(|| Made::new(mine)).value());
    });
}

#[test]
fn all_threads_find_the_value_that_was_first() {
    right(|| {
        let lazy = lazy_init::Lazy::new();
        let get = |lazy: &lazy_init::Lazy<Made>, mine| lazy.right(|| Made::new(mine)).value();
        let (first, second) = lazy_init::two_ask(&lazy, get);
        assert_eq!(first, second);
    });
    right_waiting(|| {
        let once = lazy_init::Once::new();
        let get = |once: &lazy_init::Once<Made>, mine| once.get(|| Made::new(mine)).value();
        let (first, second) = lazy_init::two_ask(&once, get);
        assert_eq!(first, second);
    });
}

fn whole(pair: Option<(u64, u64)>) {
    assert!(matches!(pair, None | Some((0, 0) | (1, 1))), "the reader has {pair:?}");
}

#[test]
fn two_words_are_read_in_halves() {
    use seqlock::Pair;
    wrong_in_plain_order("atomics/seqlock_naive.found.txt", || {
        whole(seqlock::read_while_written(Pair::write_naive, Pair::read_naive));
    });
    wrong("atomics/seqlock_unordered.found.txt", || {
        whole(seqlock::read_while_written(Pair::write_unordered, Pair::read_unordered));
    });
}

#[test]
fn two_words_behind_a_sequence_are_read_whole() {
    use seqlock::Pair;
    right(|| whole(seqlock::read_while_written(Pair::write_right, Pair::read_right)));
    right(|| whole(seqlock::read_while_written(Pair::write, Pair::try_read)));
    // Either half of the ordering alone is not enough.
    for (write, read) in [
        (Pair::write as fn(&Pair, u64, u64), Pair::read_unordered as fn(&Pair) -> _),
        (Pair::write_unordered, Pair::try_read),
    ] {
        caught(move || whole(seqlock::read_while_written(write, read)));
    }
    right_waiting(|| {
        let pair = seqlock::Pair::new();
        shim::thread::scope(|scope| {
            scope.spawn(|| pair.write(1, 1));
            whole(Some(pair.read()));
        });
        assert_eq!(pair.read(), (1, 1));
    });
}

#[test]
fn a_node_that_is_freed_at_once_is_read_afterwards() {
    let (mut story, message) = caught_in_plain_order(|| {
        stack_leaky::two_pops(stack_leaky::Stack::pop_and_free);
    });
    story.drain(..6); // the two that are pushed before
    stands_in("atomics/stack_freeing.found.txt", (story, message));
}

#[test]
fn a_stack_that_frees_nothing_loses_nothing() {
    use stack_leaky::Stack;
    right(|| {
        let mut both = stack_leaky::two_pops(Stack::pop_and_leak);
        both.sort_unstable();
        assert_eq!(both, [Some(1), Some(2)]);
    });
    right(|| {
        let mut found = stack_leaky::push_and_pop(Stack::pop_and_leak);
        found.sort_unstable();
        assert_eq!(found, [1, 2]);
    });
}

fn each_once(mut buffers: Vec<u32>) {
    buffers.sort_unstable();
    assert!(buffers == [0, 1, 2], "taken from three buffers: {buffers:?}");
}

#[test]
fn a_buffer_that_comes_back_is_handed_out_twice() {
    use stack_reused::Pool;
    let (mut story, message) = caught_in_plain_order(|| {
        each_once(stack_reused::two_users(&Pool::new(), Pool::take, Pool::give_back));
    });
    story.truncate(story.len() - 4); // the rest is taken as well
    stands_in("atomics/stack_reused.found.txt", (story, message));
}

#[test]
fn a_version_tells_a_buffer_that_came_back_from_one_that_stayed() {
    use stack_reused::Versioned;
    right(|| {
        let pool = Versioned::new();
        each_once(stack_reused::two_users(&pool, Versioned::take, Versioned::give_back));
    });
}

/// Two threads add 1 to a balance, each in two steps, under a lock that they take in this way.
fn deposits(lock: fn(&Lock, &dyn Fn())) -> u64 {
    let (taken, balance) = (Lock::new(()), AtomicU64::new(0));
    let deposit = || {
        lock(&taken, &|| {
            let read = balance.load(Relaxed);
            balance.store(read + 1, Relaxed);
        });
    };
    shuttle_thread::scope(|scope| {
        scope.spawn(deposit);
        scope.spawn(deposit);
    });
    balance.load(Relaxed)
}

#[test]
fn the_explorer_of_the_lock_ends_as_the_listing_does() {
    let naive = |lock: &Lock, deposit: &dyn Fn()| lock.naive(|()| deposit());
    let found = explore::endings(explore::drawn(2_000), move || deposits(naive));
    explore::stand_in(
        "atomics/spin_lock.endings.json",
        "shuttle, 2 000 schedules drawn by lot",
        &found,
    );
    assert_eq!(found.1.keys().collect::<Vec<_>>(), ["1", "2"]);
    let right = |lock: &Lock, deposit: &dyn Fn()| lock.right(|()| deposit());
    let (_, found) = explore::endings(explore::drawn(2_000), move || deposits(right));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["2"]);
}
