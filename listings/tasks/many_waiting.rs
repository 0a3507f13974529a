// Very many that wait at the same time, as threads and as tasks: what it takes
// to start them, and what each of them needs meanwhile.
//
// Runs locally only: it starts more threads than a guest should. Checked on
// shuttle's tokio, which includes this file, with two tasks. The form with
// threads is a file of its own.

use std::io;
use std::sync::Arc;

use tokio::runtime;

use crate::tasks::many_threads::{Crowd, WAIT, threads};

/// The same with tasks, all of them on the thread that calls this.
pub fn tasks(wanted: usize) -> io::Result<Crowd> {
    let one_thread =
        runtime::Builder::new_current_thread().enable_time().build()?;
    one_thread.block_on(async {
        let door = Arc::new(tokio::sync::RwLock::new(()));
        let closed = door.write().await;
        let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
        // ANCHOR: start
        let start = |_| {
            let (door, arrived) = (Arc::clone(&door), arrived.clone());
            tokio::spawn(async move {
                let _ = arrived.send(());
                drop(door.read().await);
            })
        };
        let crowd: Vec<_> = (0..wanted).map(start).collect();
        for _ in &crowd {
            arrivals.recv().await;
        }
        // ANCHOR_END: start
        tokio::time::sleep(WAIT).await;
        drop(closed);
        let waited = crowd.len();
        for task in crowd {
            task.await.map_err(io::Error::other)?;
        }
        Ok(Crowd { waited, refused: 0 })
    })
}

pub fn main() -> io::Result<()> {
    println!("100 threads: {:?}", threads(100));
    println!("10 000 tasks: {:?}", tasks(10_000)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_that_is_wanted_waits() {
        for wanted in [0, 1, 40] {
            let all = Crowd { waited: wanted, refused: 0 };
            assert_eq!(tasks(wanted).unwrap(), all);
        }
    }
}
