// Async functions in traits: as they stand, with a bound, and behind `dyn`.
//
// One thread: there is nothing for a model checker.
//
// Runs locally only: it uses other listings of this chapter.

use std::pin::Pin;

use super::parking::block_on;

// ANCHOR: plain
trait Station {
    async fn ask(&self) -> u32;
}

pub struct Harbor;

impl Station for Harbor {
    async fn ask(&self) -> u32 {
        17
    }
}

/// Compiled for each kind of station.
async fn twice(station: &impl Station) -> u32 {
    station.ask().await + station.ask().await
}
// ANCHOR_END: plain

// ANCHOR: send
/// Its answers can be awaited in a task that moves to another thread.
pub trait RemoteStation {
    fn ask(&self) -> impl Future<Output = u32> + Send;
}

impl RemoteStation for Harbor {
    async fn ask(&self) -> u32 {
        17
    }
}
// ANCHOR_END: send

// ANCHOR: boxed
/// Stations of several kinds in one list.
pub trait AnyStation {
    fn ask(&self) -> Pin<Box<dyn Future<Output = u32> + Send + '_>>;
}

impl<S: RemoteStation + Sync> AnyStation for S {
    fn ask(&self) -> Pin<Box<dyn Future<Output = u32> + Send + '_>> {
        Box::pin(RemoteStation::ask(self))
    }
}

pub async fn all(stations: &[Box<dyn AnyStation>]) -> u32 {
    let mut sum = 0;
    for station in stations {
        sum += station.ask().await;
    }
    sum
}
// ANCHOR_END: boxed

pub struct Hill(pub u32);

impl RemoteStation for Hill {
    async fn ask(&self) -> u32 {
        self.0
    }
}

// ANCHOR: main
pub fn main() {
    println!("twice: {}", block_on(twice(&Harbor)).0);
    let stations: [Box<dyn AnyStation>; 2] =
        [Box::new(Harbor), Box::new(Hill(4))];
    println!("all: {}", block_on(all(&stations)).0);
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_answers_in_each_form() {
        assert_eq!(block_on(twice(&Harbor)).0, 34);
        let stations: [Box<dyn AnyStation>; 2] =
            [Box::new(Harbor), Box::new(Hill(4))];
        assert_eq!(block_on(all(&stations)).0, 21);
    }
}
