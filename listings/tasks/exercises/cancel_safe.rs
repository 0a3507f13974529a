//! # Lose nothing when canceled
//!
//! 20 minutes
//!
//! Orders come over a wire, part by part: items, and then the end of the order.
//! `Orders::next` collects the parts of one order. A kitchen calls it in a
//! `select!`, beside a bell; whenever the bell rings first, the future that
//! `next` returned is dropped, and `next` is called again.
//!
//! Guests complain that items are missing. Repair `Orders` so that `next` can
//! be dropped at any `.await` without losing a part. Its signature stays. The
//! tests drop it at every place there is.
//!
//! Hint: What has been received must not live in the future. Where else?

use tokio::sync::mpsc;

/// What comes over the wire.
#[derive(Debug)]
pub enum Part {
    Item(String),
    EndOfOrder,
}

pub mod starter {
    use super::*;

    /// Puts orders together from their parts.
    pub struct Orders {
        parts: mpsc::Receiver<Part>,
    }

    impl Orders {
        pub fn new(parts: mpsc::Receiver<Part>) -> Orders {
            Orders { parts }
        }

        /// The items of the next order; `None` when no whole order comes any
        /// more.
        pub async fn next(&mut self) -> Option<Vec<String>> {
            let mut items = Vec::new();
            loop {
                match self.parts.recv().await? {
                    Part::Item(item) => items.push(item),
                    Part::EndOfOrder => return Some(items),
                }
            }
        }
    }
}

pub mod solution {
    use super::*;

    use std::mem;

    /// Puts orders together from their parts.
    pub struct Orders {
        parts: mpsc::Receiver<Part>,
        /// The items of the order that has begun. They are kept here, because
        /// what is here outlives the future of `next`.
        begun: Vec<String>,
    }

    impl Orders {
        pub fn new(parts: mpsc::Receiver<Part>) -> Orders {
            Orders { parts, begun: Vec::new() }
        }

        /// The items of the next order; `None` when no whole order comes any
        /// more.
        pub async fn next(&mut self) -> Option<Vec<String>> {
            loop {
                // The only place to be stopped at, and `recv` is cancellation
                // safe: dropped, it has taken nothing from the channel.
                match self.parts.recv().await? {
                    Part::Item(item) => self.begun.push(item),
                    // No `.await` between taking the items and returning them.
                    Part::EndOfOrder => {
                        return Some(mem::take(&mut self.begun));
                    }
                }
            }
        }
    }
}

/// Keeps the items in `Orders`, but takes them out before each wait and puts
/// them back after it. While `next` waits they are in its future again, and if
/// the bell rings then, they are dropped with it: the guest's soup is gone, as
/// it was before you had the field.
///
/// Caught by `wherever_it_is_dropped_nothing_is_missing`.
pub mod wrong_taken_out_for_the_wait {
    use super::*;

    use std::mem;

    /// Puts orders together from their parts.
    pub struct Orders {
        parts: mpsc::Receiver<Part>,
        begun: Vec<String>,
    }

    impl Orders {
        pub fn new(parts: mpsc::Receiver<Part>) -> Orders {
            Orders { parts, begun: Vec::new() }
        }

        /// The items of the next order; `None` when no whole order comes any
        /// more.
        pub async fn next(&mut self) -> Option<Vec<String>> {
            loop {
                let mut items = mem::take(&mut self.begun);
                match self.parts.recv().await? {
                    Part::Item(item) => {
                        items.push(item);
                        self.begun = items;
                    }
                    Part::EndOfOrder => return Some(items),
                }
            }
        }
    }
}

/// Returns a copy of the items and leaves them where they are. Nothing is lost
/// now, whenever the bell rings, but each order begins with all the orders
/// before it, and the second guest is served the first one's soup.
///
/// Caught by `undisturbed_every_order_arrives`.
pub mod wrong_not_emptied {
    use super::*;

    /// Puts orders together from their parts.
    pub struct Orders {
        parts: mpsc::Receiver<Part>,
        begun: Vec<String>,
    }

    impl Orders {
        pub fn new(parts: mpsc::Receiver<Part>) -> Orders {
            Orders { parts, begun: Vec::new() }
        }

        /// The items of the next order; `None` when no whole order comes any
        /// more.
        pub async fn next(&mut self) -> Option<Vec<String>> {
            loop {
                match self.parts.recv().await? {
                    Part::Item(item) => self.begun.push(item),
                    Part::EndOfOrder => return Some(self.begun.clone()),
                }
            }
        }
    }
}

/// Hands out what has come when the wire ends, so that it is not lost either.
/// The guest had not ended the order: the kitchen cooks half of it, and cannot
/// tell it from a whole one.
///
/// Caught by `an_order_without_an_end_is_no_order`.
pub mod wrong_half_an_order_at_the_end {
    use super::*;

    use std::mem;

    /// Puts orders together from their parts.
    pub struct Orders {
        parts: mpsc::Receiver<Part>,
        begun: Vec<String>,
    }

    impl Orders {
        pub fn new(parts: mpsc::Receiver<Part>) -> Orders {
            Orders { parts, begun: Vec::new() }
        }

        /// The items of the next order; `None` when no whole order comes any
        /// more.
        pub async fn next(&mut self) -> Option<Vec<String>> {
            while let Some(part) = self.parts.recv().await {
                match part {
                    Part::Item(item) => self.begun.push(item),
                    Part::EndOfOrder => {
                        return Some(mem::take(&mut self.begun));
                    }
                }
            }
            let rest = mem::take(&mut self.begun);
            (!rest.is_empty()).then_some(rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// Runs `next` to its first wait, and drops it there. Returns an order that
    /// was finished without waiting.
    async fn dropped_at_its_first_wait(
        orders: &mut Orders,
    ) -> Option<Vec<String>> {
        let mut next = pin!(orders.next());
        poll_fn(|context| match next.as_mut().poll(context) {
            Poll::Ready(order) => Poll::Ready(order),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// The orders that arrive if `next` is dropped after the parts where `cut`
    /// has a bit.
    async fn received(cut: u32) -> Vec<Vec<String>> {
        let (wire, parts) = mpsc::channel(16);
        let mut orders = Orders::new(parts);
        let mut received = Vec::new();
        let sent = [Some("soup"), Some("bread"), None, Some("tea"), None];
        for (at, item) in sent.into_iter().enumerate() {
            let part = match item {
                Some(item) => Part::Item(item.into()),
                None => Part::EndOfOrder,
            };
            wire.send(part).await.unwrap();
            if cut & (1 << at) != 0 {
                received.extend(dropped_at_its_first_wait(&mut orders).await);
            }
        }
        drop(wire);
        while let Some(order) = orders.next().await {
            received.push(order);
        }
        received
    }

    #[tokio::test]
    async fn undisturbed_every_order_arrives() {
        assert_eq!(
            received(0).await,
            [vec!["soup", "bread"], vec!["tea"]],
            "the orders, of which none was disturbed"
        );
    }

    #[tokio::test]
    async fn wherever_it_is_dropped_nothing_is_missing() {
        for cut in 1..32 {
            let parts = ["soup", "bread", "the end", "tea", "the end"];
            let after = (0..5).filter(|at| cut & (1 << at) != 0);
            let after: Vec<&str> = after.map(|at| parts[at]).collect();
            assert_eq!(
                received(cut).await,
                [vec!["soup", "bread"], vec!["tea"]],
                "`next` was dropped after {}",
                after.join(", after ")
            );
        }
    }

    #[tokio::test]
    async fn an_order_without_an_end_is_no_order() {
        let (wire, parts) = mpsc::channel(16);
        let mut orders = Orders::new(parts);
        wire.send(Part::Item("soup".into())).await.unwrap();
        drop(wire);
        assert_eq!(
            orders.next().await,
            None,
            "the wire ended before the order did"
        );
    }
}
