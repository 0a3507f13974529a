//! Chapter 18, *One service, every way*.

pub mod exercises;
pub mod service_request;
