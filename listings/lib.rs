//! The code the chapters show: a module for each chapter, a file for each
//! listing.
//!
//! This package holds the listings that need the standard library alone (and
//! `tracing`, which the lab brings along). Those that need more are compiled by
//! the packages in `packages/`, one for each kind of need, so that a student
//! who runs a program waits for nothing that the program does not use.

pub mod atomics;
pub mod choosing;
pub mod cluster;
pub mod command_line;
pub mod corpus;
pub mod data_parallelism;
pub mod extension;
pub mod futures;
pub mod gil;
pub mod ideas;
pub mod limits;
pub mod locks;
pub mod messages;
pub mod nothing_shared;
pub mod programs;
pub mod scheduling;
pub mod service;
pub mod shared_state;
pub mod stops_paying;
pub mod table;
pub mod threads;
pub mod waiting;
pub mod workloads;
