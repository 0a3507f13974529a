//! Chapter 15: wakers on shuttle's types, and on loom's.

/// `std`, with shuttle's threads and locks; a waker is std's own.
mod shim {
    pub use crate::shim::{sync, thread, time};
    pub use std::{pin, task};
}

pub mod parking {
    use super::shim as std;
    include!("../../../listings/futures/parking.rs");
}

pub mod lost_wake {
    use super::shim as std;
    use crate::tracing;
    include!("../../../listings/futures/lost_wake.rs");
}

pub mod executor {
    use super::shim as std;
    include!("../../../listings/futures/executor.rs");
}

pub mod await_cost {
    use super::shim as std;
    include!("../../../listings/futures/await_cost.rs");
}

/// The same on loom's types.
pub mod weak {
    use crate::tracing;

    mod shim {
        pub use std::{pin, task, time};

        pub mod sync {
            pub use loom::sync::{Mutex, atomic};
            // A waker is made of it.
            pub use std::sync::Arc;
        }

        pub mod thread {
            pub use loom::thread::{Thread, current, park, spawn};

            /// There is no time here: every order of what comes before and after is run.
            pub fn sleep(_: std::time::Duration) {}
        }
    }

    pub mod parking {
        use super::shim as std;
        include!("../../../listings/futures/parking.rs");
    }

    pub mod lost_wake {
        use super::shim as std;
        use super::tracing;
        include!("../../../listings/futures/lost_wake.rs");
    }
}
