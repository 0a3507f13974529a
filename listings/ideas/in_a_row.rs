// Two jobs, one after the other: the whole of it in one thread.
//
// Runs on the Playground.

// ANCHOR: all
/// Two steps, in this order.
fn do_first(step: impl Fn(char)) {
    step('1');
    step('2');
}

/// Two steps, in this order. They need nothing from the first job.
fn do_second(step: impl Fn(char)) {
    step('A');
    step('B');
}

pub fn main() {
    let step = |name: char| println!("{name}");
    do_first(step);
    do_second(step);
}
// ANCHOR_END: all
