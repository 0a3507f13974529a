//! The exercises of chapter 7.

pub mod recover_from_poison;
pub mod shrink_the_lock;
pub mod transfer_without_deadlock;
