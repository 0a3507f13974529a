//! The code the chapters show.
