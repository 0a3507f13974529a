//! Listings by what they need: what needs timely dataflow.

#[path = "../../cluster"]
pub mod cluster {
    //! Chapter 21, *A cluster*.

    pub mod by_key;
    pub mod cluster_words;
    pub mod hosts;
    pub mod text;
    pub mod words_process;
}
