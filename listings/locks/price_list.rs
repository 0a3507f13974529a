// Many look, few change: a price list behind a mutex, and behind a lock that
// readers share.
//
// Checked by shuttle, which includes this file and runs every order of a few
// questions.
//
// Runs on the Playground.

use std::hint::black_box;
use std::sync::{Mutex, RwLock};
use std::thread;

// ANCHOR: prices
/// Prices in cents.
pub struct PriceList {
    prices: Vec<u32>,
}

impl PriceList {
    /// Looks at all of them.
    fn cheapest(&self) -> Option<u32> {
        self.prices.iter().copied().min()
    }

    fn raise(&mut self, article: usize) {
        let place = article % self.prices.len();
        self.prices[place] += 1;
    }

    fn total(&self) -> u64 {
        self.prices.iter().map(|price| u64::from(*price)).sum()
    }
}
// ANCHOR_END: prices

// ANCHOR: mutex
/// One customer at a time, whatever the customer wants.
pub fn mutex(market: Market, threads: usize) -> u64 {
    let list = Mutex::new(market.open());
    on_threads(market, threads, |question| match market.is_change(question) {
        true => list.lock().expect(CALM).raise(question),
        false => {
            black_box(list.lock().expect(CALM).cheapest());
        }
    });
    list.into_inner().expect(CALM).total()
}
// ANCHOR_END: mutex

// ANCHOR: rwlock
/// Any number of customers who look, or one who changes a price.
pub fn rwlock(market: Market, threads: usize) -> u64 {
    let list = RwLock::new(market.open());
    on_threads(market, threads, |question| match market.is_change(question) {
        true => list.write().expect(CALM).raise(question),
        false => {
            black_box(list.read().expect(CALM).cheapest());
        }
    });
    list.into_inner().expect(CALM).total()
}
// ANCHOR_END: rwlock

/// One customer, and no lock.
pub fn sequential(market: Market) -> u64 {
    let mut list = market.open();
    for question in 0..market.questions {
        match market.is_change(question) {
            true => list.raise(question),
            false => {
                black_box(list.cheapest());
            }
        }
    }
    list.total()
}

// ANCHOR: market
/// How much is asked of how long a list. One question in so many changes a
/// price.
#[derive(Clone, Copy)]
pub struct Market {
    pub articles: usize,
    pub questions: usize,
    pub per_change: usize,
}

impl Market {
    pub const MEASURED: Market =
        Market { articles: 100_000, questions: 10_000, per_change: 1_000 };

    fn open(self) -> PriceList {
        let prices = (0..self.articles).map(|n| 1_000 + (n as u32 * 7) % 500);
        PriceList { prices: prices.collect() }
    }

    fn is_change(self, question: usize) -> bool {
        question.is_multiple_of(self.per_change)
    }
}
// ANCHOR_END: market

const CALM: &str = "nobody panics over a price";

fn on_threads(market: Market, threads: usize, ask: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for thread in 0..threads {
            let ask = &ask;
            let own = (thread..market.questions).step_by(threads);
            scope.spawn(move || own.for_each(ask));
        }
    });
}

// ANCHOR: main
pub fn main() {
    let market = Market { questions: 1_000, ..Market::MEASURED };
    println!("no lock: {}", sequential(market));
    println!("  mutex: {}", mutex(market, 4));
    println!(" rwlock: {}", rwlock(market, 4));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_ends_with_the_same_prices() {
        let market = Market { articles: 10, questions: 2_000, per_change: 3 };
        let expected = sequential(market);
        for threads in [1, 2, 5] {
            assert_eq!(mutex(market, threads), expected);
            assert_eq!(rwlock(market, threads), expected);
        }
    }
}
