//! Sorting by halves: `rayon::join` runs two calls, at once where a thread is
//! free for the second.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

// ANCHOR: merge_sort
/// Sorts; equal items keep their order. Runs of up to `cutoff` items are left to
/// the standard library.
pub fn merge_sort<T>(items: &mut [T], cutoff: usize)
where
    T: Ord + Copy + Send + Sync,
{
    let mut copy = items.to_vec();
    sort_into(items, &mut copy, cutoff.max(1));
}

/// `items` and `copy` hold the same. Afterwards `items` is sorted, and `copy` is
/// of no use to anybody.
fn sort_into<T>(items: &mut [T], copy: &mut [T], cutoff: usize)
where
    T: Ord + Copy + Send + Sync,
{
    if items.len() <= cutoff {
        return items.sort();
    }
    let middle = items.len() / 2;
    let (left, right) = copy.split_at_mut(middle);
    let (left_items, right_items) = items.split_at_mut(middle);
    rayon::join(
        || sort_into(left, left_items, cutoff),
        || sort_into(right, right_items, cutoff),
    );
    merge(left, right, items);
}
// ANCHOR_END: merge_sort

// ANCHOR: merge
/// Two sorted runs into one. Of equal items, the left one comes first.
fn merge<T: Ord + Copy>(left: &[T], right: &[T], merged: &mut [T]) {
    let (mut l, mut r) = (0, 0);
    let mut places = merged.iter_mut();
    while l < left.len() && r < right.len() {
        let from_right = right[r] < left[l];
        let item = if from_right { right[r] } else { left[l] };
        l += usize::from(!from_right);
        r += usize::from(from_right);
        *places.next().expect("as many places as items") = item;
    }
    let rest = left[l..].iter().chain(&right[r..]);
    for (place, item) in places.zip(rest) {
        *place = *item;
    }
}
// ANCHOR_END: merge

// ANCHOR: span
/// Steps of sorting this many items: all of them, and those that have to come
/// one after the other however many threads there are.
pub fn work_and_span(items: usize, cutoff: usize) -> (f64, f64) {
    let n = items as f64;
    if items <= cutoff {
        let steps = n * n.log2().max(1.0);
        return (steps, steps);
    }
    let (work, span) = work_and_span(items.div_ceil(2), cutoff);
    (2.0 * work + n, span + n) // two halves, one of them is waited for; a merge
}
// ANCHOR_END: span

// ANCHOR: numbers
/// The same numbers for the same seed.
pub fn numbers(count: usize, seed: u64) -> Vec<u64> {
    let mut random = SmallRng::seed_from_u64(seed);
    (0..count).map(|_| random.random()).collect()
}
// ANCHOR_END: numbers

// ANCHOR: main
pub fn main() {
    let mut ours = numbers(1_000_000, 11);
    let mut theirs = ours.clone();
    merge_sort(&mut ours, 10_000);
    theirs.sort();
    println!("a million numbers, sorted by halves");
    println!("as the standard library sorts them: {}", ours == theirs);
    let (work, span) = work_and_span(1_000_000, 10_000);
    println!("work {:.1} million steps", work / 1e6);
    println!("span {:.1} million steps", span / 1e6);
    println!("speedup at most {:.1}", work / span);
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    #[test]
    fn every_length_and_cutoff_gives_what_the_standard_library_gives() {
        for count in [0, 1, 2, 3, 10, 1_000, 4_097] {
            let mut expected = numbers(count, 5);
            let unsorted = expected.clone();
            expected.sort();
            for cutoff in [0, 1, 2, 7, 100, 10_000] {
                let mut sorted = unsorted.clone();
                merge_sort(&mut sorted, cutoff);
                assert_eq!(sorted, expected, "{count} items, cutoff {cutoff}");
            }
        }
    }

    /// A card that is compared by its rank alone.
    #[derive(Clone, Copy, Debug, Eq)]
    struct Card {
        rank: u64,
        place: usize,
    }

    impl PartialEq for Card {
        fn eq(&self, other: &Card) -> bool {
            self.rank == other.rank
        }
    }

    impl PartialOrd for Card {
        fn partial_cmp(&self, other: &Card) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Ord for Card {
        fn cmp(&self, other: &Card) -> Ordering {
            self.rank.cmp(&other.rank)
        }
    }

    #[test]
    fn equal_items_keep_their_order() {
        let ranks = numbers(3_000, 2).into_iter().map(|number| number % 13);
        let mut cards: Vec<Card> = ranks
            .enumerate()
            .map(|(place, rank)| Card { rank, place })
            .collect();
        merge_sort(&mut cards, 16);
        let order: Vec<_> = cards.iter().map(|c| (c.rank, c.place)).collect();
        assert!(order.is_sorted(), "equal cards changed places");
    }

    #[test]
    fn the_span_is_what_one_thread_cannot_give_away() {
        assert_eq!(work_and_span(8, 8), (24.0, 24.0)); // nothing is split
        assert_eq!(work_and_span(8, 4), (24.0, 16.0)); // 2 × 8 + 8; 8 + 8
        assert_eq!(work_and_span(2, 1), (4.0, 3.0));
    }
}
