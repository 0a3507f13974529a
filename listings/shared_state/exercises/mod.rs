//! The exercises of chapter 6.

pub mod lose_the_money;
pub mod make_it_send;
pub mod oversold_tickets;
