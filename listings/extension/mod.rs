//! Chapter 20, *Rust as the extension*.

pub mod exercises;
#[allow(clippy::module_inception)] // a listing bears its experiment's name
pub mod extension;
pub mod extension_cost;
