//! A panic, an abort, an exit and a kill, told apart.

use listings::choosing::endings as listing;

fn main() -> lab::Exit {
    lab::Demo::new("endings", listing::main)
        .role(listing::ROLE, listing::one)
        .run()
}
