//! The ladder a naive bank climbs: each program is refused, with the message the chapter shows.

/// After a change of compiler or program: `TRYBUILD=overwrite cargo test -p checks --test compiler_messages`.
#[test]
fn every_naive_bank_is_refused_as_the_chapter_shows() {
    let programs = trybuild::TestCases::new();
    programs.compile_fail("../../listings/shared_state/naive_bank/*.rs");
}
