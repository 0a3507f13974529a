//! Chapter 16: listings with shuttle's tokio where they say `tokio`. A task is one of shuttle's threads there, and
//! changes places with the others where it polls a lock, a channel or a handle.
//!
//! What is about time or the network is not here: a sleep lasts no time there, and sockets are tokio's own. So
//! `guests`, `together`, `shutdown` and `chat` have their tests alone. `lost_update` and `canceled` are polled by
//! hand, which is every order of one thread. `task_tree` needs `tokio-util`, which has no twin.

pub mod orders {
    use shuttle_tokio as tokio;
    include!("../../../listings/tasks/orders.rs");
}

pub mod two_sources {
    use shuttle_tokio as tokio;
    include!("../../../listings/tasks/two_sources.rs");
}

pub mod futurelock {
    use crate::tracing;
    use shuttle_tokio as tokio;
    include!("../../../listings/tasks/futurelock.rs");
}

pub mod many_waiting {
    use shuttle_tokio as tokio;
    include!("../../../listings/tasks/many_waiting.rs");
}

pub mod cancel {
    use shuttle_tokio as tokio;
    include!("../../../listings/tasks/cancel.rs");

    /// What `forgetful` and what `patient` received.
    pub async fn both_ways() -> [Option<String>; 2] {
        received_both_ways().await
    }
}
