//! A text made from a seed, block by block: whoever knows the seed can make
//! any part of it.

/// A text of so many words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Text {
    pub seed: u64,
    pub words: usize,
}

/// Words in a block; the last one of a text can have fewer.
pub const BLOCK: usize = 250_000;

/// How many different words there can be.
const VOCABULARY: f64 = 10_000.0;

impl Text {
    pub fn blocks(&self) -> usize {
        self.words.div_ceil(BLOCK)
    }

    /// The block of this number, with spaces between its words. As in real
    /// texts, the second word by rank is half as frequent as the first, the
    /// third has a third of its frequency, and so on.
    pub fn block(&self, number: usize) -> String {
        let words = BLOCK.min(self.words - number * BLOCK);
        let mut state = self.seed ^ (number as u64).wrapping_mul(ODD);
        let mut text = String::with_capacity(6 * words);
        for _ in 0..words {
            let rank = VOCABULARY.powf(fraction(&mut state));
            push_word(&mut text, rank as usize - 1);
            text.push(' ');
        }
        text
    }

    /// The blocks of one of so many workers, dealt out like cards.
    pub fn blocks_of(&self, worker: usize, workers: usize) -> Vec<String> {
        let numbers = (worker..self.blocks()).step_by(workers);
        numbers.map(|number| self.block(number)).collect()
    }
}

/// Syllables: the number to the base of 70, each digit a consonant and a vowel.
fn push_word(text: &mut String, mut number: usize) {
    loop {
        text.push(char::from(b"bdfghklmnprstv"[number % 14]));
        text.push(char::from(b"aeiou"[number / 14 % 5]));
        number /= 70;
        if number == 0 {
            return;
        }
        number -= 1;
    }
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The next number from 0 to before 1 of a generator: SplitMix64.
fn fraction(state: &mut u64) -> f64 {
    *state = state.wrapping_add(ODD);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn different_numbers_are_different_words() {
        let word = |number| {
            let mut text = String::new();
            push_word(&mut text, number);
            text
        };
        let words: HashSet<String> = (0..10_000).map(word).collect();
        assert_eq!(words.len(), 10_000);
        assert_eq!((word(0), word(70)), ("ba".into(), "baba".into()));
    }

    #[test]
    fn a_block_is_the_same_wherever_it_is_made() {
        let text = Text { seed: 21, words: 2 * BLOCK + 3 };
        assert_eq!(text.blocks(), 3);
        assert_eq!(text.block(2).split_whitespace().count(), 3);
        let dealt = [text.blocks_of(0, 2), text.blocks_of(1, 2)];
        assert_eq!(dealt[0], [text.block(0), text.block(2)]);
        assert_eq!(dealt[1], [text.block(1)]);
        assert_ne!(text.block(0), text.block(1));
    }
}
