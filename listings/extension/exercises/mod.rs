//! The exercises of chapter 20.

pub mod let_it_go;
