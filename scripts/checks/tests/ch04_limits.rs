//! Chapter 4: what threads share comes out the same in every order.

mod explore;

use checks::limits::serial_fraction::{self, Job};
use checks::limits::work_and_span::{Number, chain, numbers, tree};
use explore::{always, every_schedule};

#[test]
fn the_pieces_add_up_to_the_same_in_every_order_whatever_runs_alone() {
    const SMALL: Job = Job { pieces: 4, steps: 1 };
    fn program<const ALONE: u64>() -> String {
        serial_fraction::program(SMALL, ALONE, 2).to_string()
    }
    let expected = serial_fraction::sequential(SMALL).to_string();
    for trial in [program::<0>, program::<25>, program::<50>] {
        always(every_schedule(), trial, &expected);
    }
}

fn said(sum: Number) -> String {
    format!("{} after {}", sum.value, sum.span)
}

#[test]
fn a_chain_is_as_long_in_every_order_however_many_threads_pass_it_on() {
    fn sum<const THREADS: usize>() -> String {
        said(chain(&numbers(4), 1, THREADS))
    }
    for trial in [sum::<1>, sum::<2>] {
        always(every_schedule(), trial, "10 after 3");
    }
}

#[test]
fn a_tree_adds_up_to_the_same_in_every_order_and_keeps_its_span() {
    fn sum<const THREADS: usize>() -> String {
        said(tree(&numbers(4), 1, THREADS))
    }
    for trial in [sum::<2>, sum::<4>] {
        always(every_schedule(), trial, "10 after 2");
    }
}
