//! `cargo course`: see `course --help`.

fn main() -> std::process::ExitCode {
    course::run()
}
