pub mod cups;
