//! Chapter 8, *Waiting for each other*.
