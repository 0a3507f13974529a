//! Chapter 9, *Atomics*.
