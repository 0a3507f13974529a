//! Chapter 3: a program that is kept waiting by its work ends, and answers its keys, in every order.

use checks::ideas::responsiveness::{Work, in_slices, own_thread, same_thread};
use shuttle::scheduler::RandomScheduler;
use shuttle::{Config, Runner};

const LITTLE: Work = Work { slices: 3, multiplications_in_a_slice: 1 };

#[test]
fn the_keys_are_answered_in_every_order_that_is_drawn() {
    for form in [same_thread, own_thread, in_slices] {
        // The keyboard can always press another key before the work goes on: the schedules have no
        // end, so these are drawn.
        let mut config = Config::default();
        config.silence_warnings = true; // that atomics are sequentially consistent is said in the text
        Runner::new(RandomScheduler::new_from_seed(17, 1_000), config)
            .run(move || assert!(!form(LITTLE).is_empty()));
    }
}
