// Made once, when it is first needed, whoever comes first.
//
// Checked by its tests alone: shuttle has `Once`, and neither `OnceLock` nor
// `LazyLock`.
//
// Runs on the Playground.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{LazyLock, Once, OnceLock};
use std::thread;

/// How often the words were read.
static READ: AtomicUsize = AtomicUsize::new(0);

fn read_words() -> BTreeSet<&'static str> {
    READ.fetch_add(1, Relaxed);
    ["and", "of", "the"].into()
}

// ANCHOR: once
/// Knows how it is made, and makes it at the first look.
static STOP_WORDS: LazyLock<BTreeSet<&str>> = LazyLock::new(read_words);

/// Is given its value by the first who comes with one.
static LANGUAGE: OnceLock<String> = OnceLock::new();

/// Keeps no value: it remembers that something was done.
static GREETING: Once = Once::new();

pub fn is_stop_word(word: &str) -> bool {
    GREETING.call_once(|| println!("the first look"));
    STOP_WORDS.contains(word)
}

pub fn language(asked_for: &str) -> &'static str {
    LANGUAGE.get_or_init(|| asked_for.to_string())
}
// ANCHOR_END: once

// ANCHOR: main
pub fn main() {
    thread::scope(|scope| {
        for word in ["the", "choir", "of", "hill"] {
            scope.spawn(move || is_stop_word(word));
        }
    });
    println!("looks: 4, reads: {}", READ.load(Relaxed));
    println!("language: {}, still {}", language("en"), language("fr"));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_who_come_at_once_read_once() {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert!(is_stop_word("the")));
            }
        });
        assert!(!is_stop_word("choir"));
        assert_eq!(READ.load(Relaxed), 1);
    }

    #[test]
    fn the_first_value_stays() {
        let first = language("en").to_string();
        assert_eq!(language("fr"), first);
    }
}
