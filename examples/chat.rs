//! A chat: the server, guests in other terminals, and a demo with both.

use listings::tasks::chat as listing;

fn main() -> lab::Exit {
    lab::Demo::new("chat", listing::main)
        .role("serve", listing::server)
        .role("visit", listing::guest)
        .run()
}
