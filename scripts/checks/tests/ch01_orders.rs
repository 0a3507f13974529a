//! Chapter 1: which orders the steps of two jobs can have, and that pieces can be averaged in any.

mod explore;

use checks::ideas::two_jobs::{self, Page};
use explore::{Endings, drawn, endings, every_schedule, stand_in};
use listings::ideas::average::{self, Part};
use proptest::prelude::*;
use shuttle::scheduler::Scheduler;

const POSSIBLE: [&str; 6] = ["1 2 A B", "1 A 2 B", "1 A B 2", "A 1 2 B", "A 1 B 2", "A B 1 2"];

fn orders_by(scheduler: impl Scheduler + 'static, form: fn(&Page)) -> Endings {
    endings(scheduler, move || {
        let page = Page::new(0);
        form(&page);
        page.order()
    })
}

#[test]
fn threads_have_six_orders_and_the_book_says_so() {
    let found = orders_by(every_schedule(), two_jobs::plain_spawn);
    assert!(found.1.keys().eq(POSSIBLE), "{:?}", found.1);
    stand_in("ideas/two_jobs.endings.json", "shuttle, every schedule (check_dfs)", &found);
}

#[test]
fn starting_together_adds_no_order() {
    // While one spins the other can always wait another turn: the schedules have no end, so these are drawn.
    let (_, orders) = orders_by(drawn(2_000), two_jobs::threads);
    assert!(orders.keys().eq(POSSIBLE), "{orders:?}");
}

/// Values, where to cut them into pieces, and an order of the pieces.
fn cut_and_shuffled() -> impl Strategy<Value = (Vec<u64>, Vec<Vec<u64>>)> {
    (prop::collection::vec(0_u64..1_000_000, 1..60), prop::collection::vec(any::<bool>(), 60))
        .prop_map(|(values, cuts)| {
            let mut pieces = vec![Vec::new()];
            for (value, cut) in values.iter().zip(cuts) {
                pieces.last_mut().expect("there is a piece").push(*value);
                if cut {
                    pieces.push(Vec::new());
                }
            }
            (values, pieces)
        })
        .prop_flat_map(|(values, pieces)| (Just(values), Just(pieces).prop_shuffle()))
}

/// Puts neighbors together until one is left: another grouping for each list of choices.
fn in_groups(mut parts: Vec<Part>, choices: &[prop::sample::Index]) -> Part {
    for choice in choices.iter().cycle() {
        if parts.len() == 1 {
            break;
        }
        let at = choice.index(parts.len() - 1);
        let second = parts.remove(at + 1);
        parts[at] = parts[at].and(second);
    }
    parts[0]
}

proptest! {
    #[test]
    fn pieces_in_any_order_and_grouping_have_the_average_of_the_whole(
        (values, pieces) in cut_and_shuffled(),
        choices in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
    ) {
        let whole = values.iter().sum::<u64>() as f64 / values.len() as f64;
        let parts: Vec<Part> =
            pieces.iter().map(|piece| Part::of(piece.iter().copied())).collect();
        let in_a_row = parts.iter().copied().fold(Part::default(), Part::and);
        prop_assert_eq!(in_a_row.average(), whole);
        prop_assert_eq!(in_groups(parts, &choices).average(), whole);
    }

    #[test]
    fn every_number_of_threads_finds_the_average_of_the_loop(
        first in 1_u64..100_000,
        count in 1_u64..300,
        threads in 1_u64..24,
    ) {
        let numbers = first..first + count;
        prop_assert_eq!(
            average::threads(numbers.clone(), threads),
            average::sequential(numbers)
        );
    }

    #[test]
    fn an_average_of_averages_is_right_for_equal_pieces(
        pairs in prop::collection::vec([0_u64..1_000, 0_u64..1_000], 1..16),
    ) {
        // Pieces of two, and a power of two of them: no division is rounded.
        let pairs = &pairs[..1 << pairs.len().ilog2()];
        let parts = pairs.iter().map(|pair| Part::of(pair.iter().copied()));
        let whole = parts.clone().fold(Part::default(), Part::and).average();
        let of_averages = parts.map(Part::average).sum::<f64>() / pairs.len() as f64;
        prop_assert_eq!(of_averages, whole);
    }
}

#[test]
fn an_average_of_averages_is_wrong_for_unequal_pieces() {
    let (two, four) = (Part::of([1, 3].into_iter()), Part::of([8, 8, 8, 8].into_iter()));
    assert_eq!(two.and(four).average(), 6.0);
    assert_eq!((two.average() + four.average()) / 2.0, 5.0);
}
