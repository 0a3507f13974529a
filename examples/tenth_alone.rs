//! A tenth of the pieces is made alone: how many follow each other.

fn main() -> lab::Exit {
    lab::Demo::new("tenth_alone", listings::limits::tenth_alone::main).run()
}
