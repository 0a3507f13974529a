//! Chapter 2: a thread's own copy is its own in every order, and a shared count loses nothing.

mod explore;

use checks::scheduling::own_copy;
use explore::{always, every_schedule};

#[test]
fn a_thread_counts_for_itself_whatever_the_order() {
    always(every_schedule(), || format!("{:?}", own_copy::both([2, 1])), "([2, 1], 0, 3)");
}
