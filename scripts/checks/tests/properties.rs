//! What holds for every document and every way to split the work.

use std::num::NonZeroU32;

use listings::corpus::Document;
use listings_http::threads::word_count::{StopWords, top_word};
use listings_rayon::data_parallelism::hash_books::{self, Books};
use proptest::prelude::*;

/// Counts as one would by hand: for each word in turn, how often it occurs in all.
fn top_by_hand(text: &str, stop_words: &StopWords) -> (Option<String>, usize) {
    let all: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let words: Vec<&String> = all.iter().filter(|word| !stop_words.contains(*word)).collect();
    let mut top = (None, 0);
    for word in &words {
        let count = words.iter().filter(|other| other == &word).count();
        if count > top.1 {
            top = (Some(word.to_string()), count); // only more wins: of equal counts the first
        }
    }
    top
}

proptest! {
    #[test]
    fn the_top_word_is_the_one_counted_by_hand(
        words in prop::collection::vec("[a-cA-CÄä]{1,2}", 0..40),
        gaps in prop::collection::vec("[ \t\n\u{2003}]{1,2}", 40),
        stop_words in prop::collection::hash_set("[a-cä]{1,2}", 0..6),
    ) {
        let text: String = words.iter().zip(&gaps).flat_map(|(word, gap)| [word.as_str(), gap]).collect();
        let answer = top_word("any", &text, &stop_words);
        prop_assert_eq!((answer.word, answer.count), top_by_hand(&text, &stop_words));
    }

    #[test]
    fn any_text_has_a_top_word_or_none(text in any::<String>()) {
        let answer = top_word("any", &text, &StopWords::new());
        prop_assert_eq!((answer.word, answer.count), top_by_hand(&text, &StopWords::new()));
    }

    #[test]
    fn every_split_on_every_number_of_threads_gives_the_same_hashes(
        texts in prop::collection::vec(any::<String>(), 1..20),
        threads in 1_usize..24,
    ) {
        let document = |text: String| Document { title: String::new(), text };
        let books = Books {
            documents: texts.into_iter().map(document).collect(),
            iterations: NonZeroU32::MIN,
            folder: None,
        };
        let expected = hash_books::sequential(&books);
        prop_assert_eq!(&hash_books::threads(&books, threads), &expected);
        prop_assert_eq!(&hash_books::rayon(&books, threads).unwrap(), &expected);
    }
}
