//! Chapter 18, *One service, every way*: what needs the standard library alone.

pub mod three_requests;
