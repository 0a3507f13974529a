//! The exercises of chapter 5.

pub mod first_error;
pub mod read_books;
pub mod results_in_order;
