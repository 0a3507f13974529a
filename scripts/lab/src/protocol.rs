//! What the process of an arm and the one that runs it agree on: two environment variables, the sample on the
//! last line of standard output, and how a long answer is shortened.

use std::io::{self, Write};

use crate::record::Sample;

/// Set for an arm that a supervisor started: it ends when its standard input does.
pub(crate) const SUPERVISED: &str = "LAB_SUPERVISED";
/// Names the file in which the processes of an arm write a line each: their peak memory in bytes, when they
/// began and when they wrote, in nanoseconds since 1970.
pub(crate) const PEAKS: &str = "LAB_PEAKS";

/// Answers longer than this are compared by their hash.
const ANSWER_LIMIT: usize = 512;

/// Prints the sample as one line of JSON.
pub(crate) fn print_sample(sample: &Sample) -> Result<(), String> {
    let line = serde_json::to_string(sample).map_err(|error| error.to_string())?;
    writeln!(io::stdout(), "{line}").map_err(|error| format!("standard output: {error}"))
}

/// The sample on the last line of what an arm printed.
pub(crate) fn parse_sample(stdout: &[u8]) -> Result<Sample, String> {
    let text = String::from_utf8_lossy(stdout);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    let line = last.ok_or("it printed nothing where a sample was expected")?;
    serde_json::from_str(line).map_err(|error| {
        let start: String = line.chars().take(120).collect();
        format!("its last line is not a sample ({error}): {start}")
    })
}

/// The answer itself, or where it is long its beginning and its hash; `lab_sample.py` does the same.
pub(crate) fn shortened(answer: String) -> String {
    if answer.len() <= ANSWER_LIMIT {
        return answer;
    }
    let start: String = answer.chars().take(64).collect();
    format!("{start}… fnv:{:016x}", fnv(answer.as_bytes()))
}

/// FNV-1a, 64 bit. Source: the parameters of draft-eastlake-fnv.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_keeps_its_beginning_and_a_hash() {
        assert_eq!(shortened("short".into()), "short");
        let long = shortened("x".repeat(1_000));
        assert!(long.starts_with("xxxx") && long.contains("… fnv:") && long.len() < 120);
        assert_eq!(fnv(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn the_sample_is_the_last_line_that_is_not_empty() {
        let sample = parse_sample(b"counting\n{\"wall_ns\":7}\n\n").unwrap();
        assert_eq!(sample.wall_ns, 7);
        let why = parse_sample(b"{\"wall_ns\":7}\nall done\n").unwrap_err();
        assert!(
            why.starts_with("its last line is not a sample") && why.ends_with(": all done"),
            "{why}"
        );
        assert_eq!(
            parse_sample(b"\n").unwrap_err(),
            "it printed nothing where a sample was expected"
        );
    }
}
