//! Listings by what they need: what speaks to PostgreSQL.

#[path = "../../blocking"]
pub mod blocking {
    //! Chapter 17, *Do not block the loop*.

    pub mod cluster;
    pub mod database;
    pub mod inside_a_task;
}
