//! What the program prints.

use crate::table;
use crate::threads::word_count::TopWord;

/// Title, word and count, a tab between them; a document without words has an
/// empty word and 0. A tab or line break in a title is written as a space.
pub fn tsv(answers: &[TopWord]) -> String {
    table::tsv(answers.iter().map(|answer| {
        let word = answer.word.clone().unwrap_or_default();
        [answer.title.clone(), word, answer.count.to_string()]
    }))
}

/// The same for people to read: in columns.
pub fn columns(answers: &[TopWord]) -> String {
    table::columns(answers.iter().map(|answer| {
        let word = answer.word.clone().unwrap_or("(no word)".into());
        [answer.title.clone(), word, format!("{:>3}", answer.count)]
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_words_has_a_line_too() {
        let blank = [TopWord { title: "blank".into(), word: None, count: 0 }];
        assert_eq!(tsv(&blank), "blank\t\t0\n");
        assert_eq!(columns(&blank), "blank  (no word)    0\n");
    }
}
