//! The exercises of chapter 17.

pub mod keep_the_beat;
pub mod pool_of_connections;
pub mod shed_load;
