//! The code the chapters show: a module for each chapter, a file for each
//! listing.

pub mod corpus;
pub mod data_parallelism;
pub mod shared_state;
pub mod threads;
