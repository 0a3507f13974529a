//! What an experiment is, and how one arm of it is run.

pub mod machine;
pub mod record;
pub mod statistics;
