//! # Send or share
//!
//! 25 minutes
//!
//! Jobs are to be run in another process. In this one, several jobs share a
//! large table through an `Arc`, and what is done with it is a function.
//! Neither can be sent: the other process has no such function pointer, and an
//! `Arc` that is serialized becomes a copy each time. Write `pack` and
//! `unpack`. A parcel holds each table once, however many jobs share it, and
//! names what is done. After unpacking, jobs that shared a table share one
//! again. Two tables that are equal and not shared stay two. `unpack` refuses
//! what it does not know with a sentence that has the name of the operation or
//! the number of the table in it. The tests send parcels as JSON, count their
//! bytes, and compare the results on both sides.
//!
//! Hint: `Arc::ptr_eq` says whether two jobs share a table. In the parcel a job
//! can say which table it means by its number.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What is done with a table.
pub type Operation = fn(&[u32]) -> u64;

/// All operations, by the names under which both processes know them.
pub const OPERATIONS: [(&str, Operation); 2] =
    [("sum", sum), ("largest", largest)];

fn sum(table: &[u32]) -> u64 {
    table.iter().map(|&entry| u64::from(entry)).sum()
}

fn largest(table: &[u32]) -> u64 {
    table.iter().copied().max().unwrap_or(0).into()
}

/// A job as it is run.
#[derive(Clone)]
pub struct Job {
    pub table: Arc<Vec<u32>>,
    pub operation: Operation,
}

impl Job {
    /// A job with the operation of this name; `None` if there is none.
    pub fn named(name: &str, table: &Arc<Vec<u32>>) -> Option<Job> {
        let (_, operation) =
            OPERATIONS.iter().find(|(known, _)| *known == name)?;
        Some(Job { table: Arc::clone(table), operation: *operation })
    }

    pub fn run(&self) -> u64 {
        (self.operation)(&self.table)
    }
}

/// What goes over.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Parcel {
    pub tables: Vec<Vec<u32>>,
    /// For each job, the name of its operation and the number of its table.
    pub jobs: Vec<(String, usize)>,
}

pub mod starter {
    use super::*;

    /// The jobs in a form that can be sent: each operation by its name, and
    /// each table once.
    #[allow(unused_variables)]
    pub fn pack(jobs: &[(&str, Arc<Vec<u32>>)]) -> Parcel {
        todo!(
            "put each table into the parcel once, and let the jobs refer to it \
             by number"
        )
    }

    /// The jobs as they can be run here.
    ///
    /// # Errors
    /// If no operation has the name, or no table the number: a sentence with
    /// that name or number.
    #[allow(unused_variables)]
    pub fn unpack(parcel: Parcel) -> Result<Vec<Job>, String> {
        todo!(
            "make an Arc of each table, and clone it for each job that refers \
             to it"
        )
    }
}

pub mod solution {
    use super::*;

    /// The jobs in a form that can be sent: each operation by its name, and
    /// each table once.
    pub fn pack(jobs: &[(&str, Arc<Vec<u32>>)]) -> Parcel {
        let mut parcel = Parcel::default();
        // The tables in the parcel, as they are known here.
        let mut known: Vec<&Arc<Vec<u32>>> = Vec::new();
        for (name, table) in jobs {
            // Whether two are one is a question of place, not of content:
            // comparing the content would read all of it.
            let same = |other: &&Arc<Vec<u32>>| Arc::ptr_eq(other, table);
            let number = known.iter().position(same).unwrap_or_else(|| {
                known.push(table);
                parcel.tables.push(table.to_vec());
                known.len() - 1
            });
            parcel.jobs.push((name.to_string(), number));
        }
        parcel
    }

    /// The jobs as they can be run here.
    ///
    /// # Errors
    /// If no operation has the name, or no table the number: a sentence with
    /// that name or number.
    pub fn unpack(parcel: Parcel) -> Result<Vec<Job>, String> {
        // What arrives is checked: it was written by another program, of
        // another version perhaps.
        let tables: Vec<_> = parcel.tables.into_iter().map(Arc::new).collect();
        let unpack_job = |(name, number): (String, usize)| {
            let table = tables
                .get(number)
                .ok_or_else(|| format!("there is no table {number}"))?;
            Job::named(&name, table)
                .ok_or_else(|| format!("there is no operation `{name}`"))
        };
        parcel.jobs.into_iter().map(unpack_job).collect()
    }
}

/// Compares what is in the tables. Two tables that are equal by chance arrive
/// as one, so jobs share over there what they did not share here. And for each
/// job that does share a table, the comparison reads that table from end to end,
/// where `Arc::ptr_eq` compares two addresses.
///
/// Caught by `jobs_that_shared_a_table_share_one_again`.
pub mod wrong_compared_by_content {
    pub use super::solution::unpack;
    use super::*;

    /// The jobs in a form that can be sent: each operation by its name, and
    /// each table once.
    pub fn pack(jobs: &[(&str, Arc<Vec<u32>>)]) -> Parcel {
        let mut parcel = Parcel::default();
        for (name, table) in jobs {
            let same = |other: &Vec<u32>| other == &**table;
            let number = parcel.tables.iter().position(same);
            let number = number.unwrap_or_else(|| {
                parcel.tables.push(table.to_vec());
                parcel.tables.len() - 1
            });
            parcel.jobs.push((name.to_string(), number));
        }
        parcel
    }
}

/// Makes an `Arc` for each job instead of one for each table. The parcel has
/// the table once and all results are right, but over there every job has a
/// copy of its own, and a table of a gigabyte that ten jobs share takes ten of
/// them.
///
/// Caught by `jobs_that_shared_a_table_share_one_again`.
pub mod wrong_a_copy_for_each_job {
    pub use super::solution::pack;
    use super::*;

    /// The jobs as they can be run here.
    ///
    /// # Errors
    /// If no operation has the name, or no table the number: a sentence with
    /// that name or number.
    pub fn unpack(parcel: Parcel) -> Result<Vec<Job>, String> {
        let mut jobs = Vec::new();
        for (name, number) in parcel.jobs {
            let table = parcel
                .tables
                .get(number)
                .ok_or_else(|| format!("there is no table {number}"))?;
            let table = Arc::new(table.clone());
            let job = Job::named(&name, &table)
                .ok_or_else(|| format!("there is no operation `{name}`"))?;
            jobs.push(job);
        }
        Ok(jobs)
    }
}

/// Takes the table by its index, since `pack` never writes a number that is too
/// large. Another program can have written the parcel, or another version of
/// yours, and then your process panics and loses all its work over one wrong
/// number, where it could have said no.
///
/// Caught by `what_is_not_known_is_refused`.
pub mod wrong_trusts_the_number {
    pub use super::solution::pack;
    use super::*;

    /// The jobs as they can be run here.
    ///
    /// # Errors
    /// If no operation has the name, or no table the number: a sentence with
    /// that name or number.
    pub fn unpack(parcel: Parcel) -> Result<Vec<Job>, String> {
        let tables: Vec<_> = parcel.tables.into_iter().map(Arc::new).collect();
        let unpack_job = |(name, number): (String, usize)| {
            Job::named(&name, &tables[number])
                .ok_or_else(|| format!("there is no operation `{name}`"))
        };
        parcel.jobs.into_iter().map(unpack_job).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::panic;

    /// To the other process and into its memory.
    fn sent(parcel: &Parcel) -> Parcel {
        let bytes = serde_json::to_vec(parcel).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn bytes(parcel: &Parcel) -> usize {
        serde_json::to_vec(parcel).unwrap().len()
    }

    #[test]
    fn the_results_are_the_same_on_both_sides() {
        let (few, many) =
            (Arc::new(vec![3, 9, 1]), Arc::new((0..1_000).collect()));
        let jobs = [("sum", few.clone()), ("largest", few), ("sum", many)];
        let there = unpack(sent(&pack(&jobs))).unwrap();
        let results: Vec<u64> = there.iter().map(Job::run).collect();
        assert_eq!(results, [13, 9, 499_500]);
    }

    #[test]
    fn a_table_that_jobs_share_goes_over_once() {
        let table: Arc<Vec<u32>> = Arc::new((0..10_000).collect());
        let one = pack(&[("sum", table.clone())]);
        let three = pack(&[
            ("sum", table.clone()),
            ("largest", table.clone()),
            ("sum", table),
        ]);
        assert!(bytes(&three) < bytes(&one) + 100, "the table went over again");
    }

    #[test]
    fn jobs_that_shared_a_table_share_one_again() {
        let table = Arc::new(vec![1, 2]);
        let twin = Arc::new(vec![1, 2]); // equal, and another one
        let jobs = [
            ("sum", table.clone()),
            ("sum", twin.clone()),
            ("largest", table),
            ("largest", twin),
        ];
        let there = unpack(sent(&pack(&jobs))).unwrap();
        let same =
            |a: usize, b: usize| Arc::ptr_eq(&there[a].table, &there[b].table);
        assert!(same(0, 2) && same(1, 3), "a shared table arrived twice");
        assert!(!same(0, 1), "two tables, equal by chance, became one");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let parcel = |name: &str, number| Parcel {
            tables: vec![vec![1]],
            jobs: vec![(name.into(), number)],
        };
        let refused = |parcel| {
            let answer = panic::catch_unwind(|| unpack(parcel));
            let jobs = answer.expect("`unpack` panicked where it can refuse");
            jobs.err().expect("`unpack` took what it does not know")
        };
        let why = refused(parcel("median", 0));
        assert!(why.contains("median"), "no `median` in: {why}");
        let why = refused(parcel("sum", 7));
        assert!(why.contains('7'), "there is no table 7; not in: {why}");
        assert!(unpack(parcel("sum", 0)).is_ok());
    }
}
