//! A pool that loses a worker, and six ways to hand over a megabyte, as a user meets them; and the
//! number that the pool's conversations share, in every order.

mod programs;

use programs::printed;
use shuttle::sync::Arc;
use shuttle::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use shuttle::thread;

#[test]
fn a_worker_that_crashes_takes_no_other_job_with_it() {
    let printed = printed("process_pool");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 5, "{printed}");
    for (line, count) in lines.iter().zip(["5133", "4459", "", "4256", "4136"]) {
        assert!(line.ends_with(count), "{printed}");
    }
    assert!(lines[2].contains("no result; the worker ended with"), "{printed}");
}

#[test]
fn every_way_of_handing_over_ends_in_the_same_sum() {
    let printed = printed("handover");
    let sums: Vec<&str> =
        printed.lines().skip(1).filter_map(|line| line.split_whitespace().last()).collect();
    assert_eq!(sums.len(), 6, "{printed}");
    assert!(sums.iter().all(|sum| *sum == sums[0]), "{printed}");
}

#[test]
fn a_mapped_file_has_the_lines_that_were_read() {
    assert_eq!(printed("mapped_file").matches(" 1000000 lines").count(), 2);
}

#[test]
fn no_job_is_taken_twice_or_left_in_any_order() {
    const JOBS: usize = 3;
    shuttle::check_dfs(
        || {
            let taken = Arc::new(AtomicUsize::new(0));
            let conversations = [(); 2].map(|()| {
                let taken = Arc::clone(&taken);
                thread::spawn(move || {
                    let mut done = Vec::new();
                    loop {
                        let number = taken.fetch_add(1, Relaxed);
                        if number >= JOBS {
                            return done;
                        }
                        done.push(number);
                    }
                })
            });
            let mut done: Vec<usize> =
                conversations.into_iter().flat_map(|one| one.join().unwrap()).collect();
            done.sort_unstable();
            assert_eq!(done, [0, 1, 2]);
        },
        None,
    );
}
