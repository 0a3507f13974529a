//! What the program writes, on its way to the page: as it comes, and only so much of it.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab::process::Sink;
use serde_json::{Map, Value};

/// Bytes that both pipes together may still bring.
pub(super) struct Output {
    left: AtomicUsize,
}

impl Output {
    pub(super) fn new(most: usize) -> Output {
        Output { left: AtomicUsize::new(most) }
    }

    /// How many of these bytes may still be shown.
    fn grant(&self, wanted: usize) -> usize {
        let taken = |left: usize| Some(left - wanted.min(left));
        let before = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        wanted.min(before.unwrap_or(0))
    }
}

/// Says what comes out of one pipe, under a name.
pub(super) struct Forward {
    output: Arc<Output>,
    name: &'static str,
    text: Decoder,
}

/// What says the bytes of a pipe under this name, as long as both together bring no more than is granted.
pub(super) fn forward(output: &Arc<Output>, name: &'static str) -> Forward {
    Forward { output: output.clone(), name, text: Decoder::default() }
}

impl Sink for Forward {
    fn take(&mut self, bytes: &[u8]) -> bool {
        let granted = self.output.grant(bytes.len());
        say_text(self.name, &self.text.decode(&bytes[..granted]));
        granted == bytes.len()
    }

    fn end(&mut self) {
        say_text(self.name, &self.text.rest());
    }
}

fn say_text(name: &str, text: &str) {
    if !text.is_empty() {
        say(&Value::Object(Map::from_iter([(name.to_string(), text.into())])));
    }
}

/// One line on standard output. A server that is gone reads no more; standard input tells of that.
pub(crate) fn say(what: &Value) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{what}").and_then(|()| out.flush());
}

/// Bytes to text, replacing what is no UTF-8. A character whose end is still to come is kept back.
#[derive(Default)]
struct Decoder {
    begun: Vec<u8>,
}

impl Decoder {
    fn decode(&mut self, bytes: &[u8]) -> String {
        self.begun.extend_from_slice(bytes);
        let whole = self.begun.len() - unfinished(&self.begun);
        let text = String::from_utf8_lossy(&self.begun[..whole]).into_owned();
        self.begun.drain(..whole);
        text
    }

    fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned()
    }
}

/// How many bytes at the end begin a character that is not all there.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    (tail..bytes.len())
        .find(|&start| match std::str::from_utf8(&bytes[start..]) {
            Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
            Ok(_) => false,
        })
        .map_or(0, |start| bytes.len() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_comes_in_pieces_stays_whole() {
        let mut decoder = Decoder::default();
        let text: String = "grün, 漢字, 🦀".bytes().map(|byte| decoder.decode(&[byte])).collect();
        assert_eq!(text + &decoder.rest(), "grün, 漢字, 🦀");
    }

    #[test]
    fn what_is_no_text_is_replaced_and_nothing_is_kept_back() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(b"a\xff\xfe b"), "a\u{fffd}\u{fffd} b");
        assert_eq!(decoder.decode(b"half \xe6\xbc"), "half ");
        assert_eq!(decoder.rest(), "\u{fffd}");
    }

    #[test]
    fn both_pipes_together_bring_no_more_than_the_limit() {
        let output = Output::new(10);
        assert_eq!((output.grant(6), output.grant(6), output.grant(1)), (6, 4, 0));
    }
}
