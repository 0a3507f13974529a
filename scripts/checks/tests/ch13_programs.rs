//! Pipes as a checker can see them, and programs as a user meets them.
//!
//! shuttle knows no pipes. What matters about a pipe is that it has little room and that its end is
//! the end of its writer; a bounded channel is the same.

mod programs;

use std::panic;

use programs::printed;
use shuttle::sync::mpsc::{Receiver, SyncSender, sync_channel};
use shuttle::thread;

/// Bytes that each pipe holds.
const ROOM: usize = 1;

/// What `shout` does: each byte that comes goes out, until there are no more.
fn filter(input: Receiver<u8>, output: SyncSender<u8>) {
    while let Ok(byte) = input.recv() {
        if output.send(byte.to_ascii_uppercase()).is_err() {
            return;
        }
    }
}

/// `write_then_read` of filter.rs, on these pipes.
fn write_then_read(text: &[u8], to: SyncSender<u8>, from: Receiver<u8>) -> Vec<u8> {
    for byte in text {
        to.send(*byte).expect("the filter reads to the end");
    }
    drop(to);
    from.into_iter().collect()
}

/// `both_ways` of filter.rs, on these pipes.
fn both_ways(text: &'static [u8], to: SyncSender<u8>, from: Receiver<u8>) -> Vec<u8> {
    let writer = thread::spawn(move || {
        for byte in text {
            to.send(*byte).expect("the filter reads to the end");
        }
    });
    let answer = from.into_iter().collect();
    writer.join().expect("the writer does not panic");
    answer
}

fn conversation(
    form: impl Fn(&'static [u8], SyncSender<u8>, Receiver<u8>) -> Vec<u8>,
    text: &'static [u8],
) {
    let (to, input) = sync_channel(ROOM);
    let (output, from) = sync_channel(ROOM);
    let filter = thread::spawn(move || filter(input, output));
    assert_eq!(form(text, to, from), text.to_ascii_uppercase());
    filter.join().expect("the filter does not panic");
}

#[test]
fn writing_first_gets_stuck_in_every_order_once_both_pipes_are_full() {
    // Four: one in each pipe, one in the filter's hands, and one for which there is no room.
    let drawn = 200;
    let mut stuck = 0;
    for seed in 0..drawn {
        let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(seed, 1);
        let mut config = shuttle::Config::default();
        config.failure_persistence = shuttle::FailurePersistence::None;
        let ended = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            shuttle::Runner::new(scheduler, config).run(|| conversation(write_then_read, b"rope"));
        }));
        stuck += u64::from(ended.is_err());
    }
    assert_eq!(stuck, drawn, "of so many orders this many got stuck");
}

#[test]
fn a_text_that_the_pipes_hold_can_be_written_first_in_every_order() {
    shuttle::check_dfs(|| conversation(write_then_read, b"rop"), None);
}

#[test]
fn writing_in_a_thread_gets_stuck_in_no_order() {
    shuttle::check_dfs(|| conversation(both_ways, b"rope"), None);
}

#[test]
fn of_one_loop_run_five_ways_three_can_be_stopped() {
    let printed = printed("stop_it");
    let ended: Vec<bool> = printed.lines().map(|line| line.contains("ended: ")).collect();
    assert_eq!(ended, [false, false, true, true, true], "{printed}");
}

#[test]
fn a_long_text_gets_stuck_only_if_it_is_written_first() {
    let printed = printed("filter");
    let lines: Vec<&str> = printed.lines().collect();
    let stuck = lines.iter().filter(|line| line.contains("stuck after")).count();
    assert_eq!(stuck, 1, "{printed}");
    assert_eq!(lines.last(), Some(&"write and read: 1000000 bytes came back"));
}

#[test]
fn each_way_to_end_is_told_apart() {
    let printed = printed("run_and_capture");
    for expected in
        ["726 words", "code 3: there is no tale", "code 101", "starting no-such-program"]
    {
        assert!(printed.contains(expected), "`{expected}` is not in:\n{printed}");
    }
}
