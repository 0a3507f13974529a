//! The code the chapters show: a module for each chapter, a file for each
//! listing.

pub mod choosing;
pub mod corpus;
pub mod data_parallelism;
pub mod gil;
pub mod ideas;
pub mod locks;
pub mod messages;
pub mod nothing_shared;
pub mod programs;
pub mod service;
pub mod shared_state;
pub mod tasks;
pub mod threads;
pub mod workloads;
