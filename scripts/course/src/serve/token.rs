//! What a reader has to know to run anything: a number that only the terminal shows.

use std::fmt;

use anyhow::{Context, Result};
use subtle::ConstantTimeEq;

use super::site::hex;

/// 128 bits from the system, as hexadecimal digits; another at every start.
pub(super) struct Token(String);

impl Token {
    pub(super) fn new() -> Result<Token> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).context("this system gives no random numbers")?;
        Ok(Token(hex(&bits)))
    }

    /// Compared in a time that says nothing about where the first difference is. Its length is no secret.
    pub(super) fn matches(&self, sent: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(sent).into()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_is_the_token() {
        let text = "0123456789abcdef0123456789abcdef";
        let token = Token(text.to_string());
        assert!(token.matches(text.as_bytes()));
        let last = "0123456789abcdef0123456789abcdee";
        let longer = format!("{text}0");
        let upper = text.to_uppercase();
        for wrong in [last, "", &text[1..], &longer, &upper, &"0".repeat(32)] {
            assert!(!token.matches(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn each_start_has_another_token_of_128_bits() {
        let [one, other] = [(); 2].map(|()| Token::new().unwrap().to_string());
        for token in [&one, &other] {
            let digits = token.bytes().filter(u8::is_ascii_hexdigit).count();
            assert_eq!((token.len(), digits), (32, 32), "{token}");
        }
        assert_ne!(one, other);
    }
}
