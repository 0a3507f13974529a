//! Nothing: `tests/compiler_messages.rs` is all there is.
