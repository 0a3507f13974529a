//! What the compiler says: each program is refused, with the message that its chapter shows.

/// After a change of compiler or program: `TRYBUILD=overwrite cargo test -p checks --test compiler_messages`.
#[test]
fn every_naive_bank_is_refused_as_the_chapter_shows() {
    let programs = trybuild::TestCases::new();
    programs.compile_fail("../../listings/shared_state/naive_bank/*.rs");
}

/// Chapter 5: a thread could outlive what it borrows, and what it was given is gone. A scope's thread is accepted.
#[test]
fn what_a_thread_borrows_has_to_outlive_it_as_the_chapter_shows() {
    let programs = trybuild::TestCases::new();
    programs.compile_fail("../../listings/threads/whose_data/[12]_*.rs");
    programs.pass("../../listings/threads/whose_data/3_lent.rs");
}

/// Chapter 16: an `Rc` across an `.await`. That it is accepted when it is let go before, `ch16_tokio` says.
#[test]
fn what_a_task_holds_across_an_await_has_to_be_send() {
    let programs = trybuild::TestCases::new();
    programs.compile_fail("../../listings/tasks/held_across/1_*.rs");
}

/// Chapter 15: what borrows from itself, what cannot go to another thread, what has no one size.
#[test]
fn every_future_that_must_not_move_or_be_shared_is_refused_as_the_chapter_shows() {
    let programs = trybuild::TestCases::new();
    programs.compile_fail("../../listings/futures/refused/*.rs");
}
