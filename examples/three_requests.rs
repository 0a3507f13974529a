//! Three requests, each of which waits and computes.

fn main() -> lab::Exit {
    lab::Demo::new("three_requests", listings::service::three_requests::main)
        .run()
}
