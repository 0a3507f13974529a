//! Other programs, run to their end.

use listings::programs::run_and_capture as listing;

fn main() -> lab::Exit {
    lab::Demo::new("run_and_capture", listing::main)
        .role("count-words", listing::count_words)
        .role("panic", listing::panic)
        .run()
}
