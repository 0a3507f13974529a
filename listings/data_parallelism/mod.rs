//! Chapter 11, *Split, run, put together*: what needs the standard library alone.

pub mod eight_keys;
