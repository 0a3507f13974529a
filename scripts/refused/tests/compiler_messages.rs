//! What the compiler says: each program is refused, with the message that its chapter shows in `NAME.stderr` beside
//! it. After a change of compiler or program: `TRYBUILD=overwrite cargo test -p refused`.

use trybuild::TestCases;

/// One test, since each `TestCases` asks Cargo anew.
#[test]
fn what_the_compiler_refuses_it_refuses_as_the_chapters_show() {
    let programs = TestCases::new();
    // Chapter 5: a thread could outlive what it borrows, and what it was given is gone. A scope's thread is accepted.
    programs.compile_fail("../../listings/threads/whose_data/[12]_*.rs");
    programs.pass("../../listings/threads/whose_data/3_lent.rs");
    // Chapter 6.
    programs.compile_fail("../../listings/shared_state/naive_bank/*.rs");
    // Chapter 7: what a guard forbids.
    programs.compile_fail("../../listings/locks/refused/*.rs");
    // Chapter 10: what a channel refuses.
    programs.compile_fail("../../listings/messages/refused/*.rs");
    // Chapter 15: what borrows from itself, what cannot go to another thread, what has no one size.
    programs.compile_fail("../../listings/futures/refused/*.rs");
    // Chapter 16: an `Rc` across an `.await`. That it is accepted when it is let go before, `ch16_tokio` says.
    programs.compile_fail("../../listings/tasks/held_across/1_*.rs");
}
