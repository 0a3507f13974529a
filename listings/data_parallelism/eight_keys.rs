// Eight pieces that only compute, one after the other.
//
// Runs on the Playground.

// ANCHOR: all
/// Each step needs the result of the one before.
fn key(document: u64) -> u64 {
    (0..1_000_000_u64).fold(document, |key, step| {
        (key ^ step).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    })
}

pub fn main() {
    for document in 1..=8 {
        println!("document {document}: {:016x}", key(document));
    }
}
// ANCHOR_END: all
