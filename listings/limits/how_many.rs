// How many threads: from the command line, or from the machine.
//
// Runs on the Playground.

// ANCHOR: all
use std::env;
use std::thread;

/// What `--threads` says, or as many as the process can use cores.
fn threads(arguments: &[String]) -> Result<usize, String> {
    match arguments {
        [] => thread::available_parallelism()
            .map(usize::from)
            .map_err(|error| format!("asking for the cores: {error}")),
        [name, number] if name == "--threads" => match number.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!("`{number}` is no number of threads")),
        },
        _ => Err("usage: how_many [--threads N]".into()),
    }
}

pub fn main() -> Result<(), String> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    println!("threads: {}", threads(&arguments)?);
    Ok(())
}
// ANCHOR_END: all
