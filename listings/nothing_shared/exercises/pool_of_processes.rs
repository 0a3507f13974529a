//! # A pool of processes
//!
//! 50 minutes
//!
//! A few worker processes are running. Each reads a line, works, and answers
//! with a line. Write `pool`: it hands out all the jobs, each worker getting
//! the next as soon as it has answered its last, and returns the answers in the
//! order of the jobs. When all are answered the workers are told to end, and
//! waited for: a worker hears that by the end of its input, and can take a
//! while to pack up. A worker that ends without an answer makes `pool` return an
//! error whose message has the text of the job in it, once all workers have
//! ended; the others may do what is left until then. The tests start real
//! processes: this program again. They look at the order, at who worked while
//! one of them was slow, and at whether anybody is left.
//!
//! Hint: A conversation for each worker, in a thread of its own. What the
//! threads share is the number of the next job.

use std::io::{self, BufRead, BufReader, Write};
use std::panic;
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// A process that answers each line with a line, until its input ends.
pub struct Worker {
    pub process: Child,
    pub to: ChildStdin,
    pub from: BufReader<ChildStdout>,
}

pub mod starter {
    use super::*;

    /// Has the workers answer all jobs. The answers stand in the order of the
    /// jobs, without their line breaks. The workers have ended when this
    /// returns.
    ///
    /// # Errors
    /// If a worker ends without an answer: the message has the job's text in it.
    #[allow(unused_variables)]
    pub fn pool(
        workers: Vec<Worker>,
        jobs: &[String],
    ) -> io::Result<Vec<String>> {
        todo!(
            "a thread for each worker, which takes the next job while there \
             is one"
        )
    }
}

pub mod solution {
    use super::*;

    /// Has the workers answer all jobs. The answers stand in the order of the
    /// jobs, without their line breaks. The workers have ended when this
    /// returns.
    ///
    /// # Errors
    /// If a worker ends without an answer: the message has the job's text in it.
    pub fn pool(
        workers: Vec<Worker>,
        jobs: &[String],
    ) -> io::Result<Vec<String>> {
        let taken = AtomicUsize::new(0);
        let conversations: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = workers
                .into_iter()
                .map(|worker| scope.spawn(|| converse(worker, jobs, &taken)))
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread.join().unwrap_or_else(|p| panic::resume_unwind(p))
                })
                .collect()
        });
        let mut answers = Vec::new();
        for conversation in conversations {
            answers.extend(conversation?);
        }
        answers.sort_by_key(|&(number, _)| number);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// Hands one worker job after job, and ends it, whatever happened.
    fn converse(
        mut worker: Worker,
        jobs: &[String],
        taken: &AtomicUsize,
    ) -> io::Result<Vec<(usize, String)>> {
        let mut answers = Vec::new();
        let done = loop {
            let number = taken.fetch_add(1, Relaxed);
            let Some(job) = jobs.get(number) else { break Ok(()) };
            match ask(&mut worker, job) {
                Ok(answer) => answers.push((number, answer)),
                Err(error) => {
                    break Err(io::Error::other(format!(
                        "job `{job}`: {error}"
                    )));
                }
            }
        };
        drop(worker.to); // the end of its input
        worker.process.wait()?;
        done.map(|()| answers)
    }

    fn ask(worker: &mut Worker, job: &str) -> io::Result<String> {
        writeln!(worker.to, "{job}")?;
        let mut answer = String::new();
        match worker.from.read_line(&mut answer)? {
            0 => Err(io::Error::other("the worker ended without an answer")),
            _ => Ok(answer.trim_end().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::env;
    use std::net::{TcpListener, TcpStream};
    use std::process::{Command, Stdio};
    use std::sync::mpsc;
    use std::time::Duration;

    /// Starts this test program again, as a worker; see the first test below.
    fn worker(name: &str, port: u16) -> Worker {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["the_worker_of", "--ignored", "--nocapture"])
            .env("POOL_WORKER_NAME", name)
            .env("POOL_WORKER_PORT", port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = process.stdin.take().unwrap();
        let mut from = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim_end() != "ready" {
            line.clear();
            let read = from.read_line(&mut line).unwrap();
            assert!(read > 0, "the worker ended before it was ready");
        }
        Worker { process, to, from }
    }

    /// Run by the tests, in processes of its own. Answers a job with its name
    /// and the job; at `ask` it first asks the test for permission, at `vanish`
    /// it is gone. The worker called `tidy` asks before it ends, too.
    #[test]
    #[ignore = "it is a worker, unless nobody asked for it"]
    fn the_worker_of_the_tests_answers() {
        let Ok(name) = env::var("POOL_WORKER_NAME") else { return };
        let port = env::var("POOL_WORKER_PORT").unwrap();
        println!("\nready");
        let ask = || {
            let address = format!("127.0.0.1:{port}");
            let mut test = TcpStream::connect(address).unwrap();
            // Answered by the test's closing the connection.
            let _ = io::copy(&mut test, &mut io::sink());
        };
        for job in io::stdin().lock().lines() {
            let job = job.unwrap();
            if job == "vanish" {
                std::process::exit(1);
            }
            if job == "ask" {
                ask();
            }
            println!("{name} did {job}");
        }
        if name == "tidy" {
            ask();
        }
        std::process::exit(0); // before the test program says how the test went
    }

    /// Runs the pool, and says so if it hangs.
    fn pool_in_time(
        workers: Vec<Worker>,
        jobs: Vec<String>,
    ) -> mpsc::Receiver<io::Result<Vec<String>>> {
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let _ = tell.send(pool(workers, &jobs));
        });
        told
    }

    const PATIENCE: Duration = Duration::from_secs(10);

    fn numbers(from: usize, to: usize) -> impl Iterator<Item = String> {
        (from..to).map(|number| number.to_string())
    }

    #[test]
    fn answers_stand_in_the_order_of_the_jobs() {
        let workers = vec![worker("ada", 0), worker("bob", 0)];
        let answers = pool_in_time(workers, numbers(0, 50).collect())
            .recv_timeout(PATIENCE)
            .expect("`pool` did not return: does it end the workers?")
            .unwrap();
        assert_eq!(answers.len(), 50);
        for (number, answer) in answers.iter().enumerate() {
            assert!(answer.ends_with(&format!(" did {number}")), "{answer}");
        }
    }

    #[test]
    fn while_one_worker_is_slow_the_other_does_the_rest() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let workers = vec![worker("ada", port), worker("bob", port)];
        let mut jobs = vec!["ask".to_string()];
        jobs.extend(numbers(1, 20));
        jobs.push("ask".into());
        let told = pool_in_time(workers, jobs);
        // One asks at its first job. The other comes to the last one only if it
        // has done all between, and then asks too.
        let (both, two) = mpsc::channel();
        thread::spawn(move || {
            let asking = [listener.accept(), listener.accept()];
            let _ = both.send(asking);
        });
        let asking = two
            .recv_timeout(PATIENCE)
            .expect("a slow worker keeps jobs that the other could do");
        drop(asking); // go on, both
        let answers = told.recv_timeout(PATIENCE).expect("no end").unwrap();
        assert_eq!(answers.len(), 21);
        let name = |answer: &String| answer.split(' ').next().map(String::from);
        assert_ne!(name(&answers[0]), name(&answers[20]));
        for answer in &answers[1..20] {
            assert_eq!(name(answer), name(&answers[20]), "{answers:?}");
        }
    }

    #[test]
    fn a_worker_that_ends_is_an_error_that_names_the_job() {
        let workers = vec![worker("ada", 0)];
        let error = pool_in_time(
            workers,
            vec!["1".into(), "vanish".into(), "2".into()],
        )
        .recv_timeout(PATIENCE)
        .expect("`pool` waits for a worker that is gone")
        .unwrap_err()
        .to_string();
        assert!(
            error.contains("vanish"),
            "the job without an answer was `vanish`, and the error says: {error}"
        );
    }

    /// Has `pool` run while a worker called `tidy` packs up, and looks whether
    /// it returns before that worker has ended.
    fn waits_for_the_tidy(others: &[&str], jobs: &[&str]) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let names = others.iter().chain(&["tidy"]);
        let workers = names.map(|name| worker(name, port)).collect();
        let jobs = jobs.iter().map(|job| job.to_string()).collect();
        let told = pool_in_time(workers, jobs);
        let (packs, packing) = mpsc::channel();
        thread::spawn(move || packs.send(listener.accept()));
        let asking = packing
            .recv_timeout(PATIENCE)
            .expect("a worker was not told to end, or was killed");
        // A `pool` that waits cannot return now, however long we look.
        let waits = told.recv_timeout(Duration::from_millis(300)).is_err();
        drop(asking); // go on, and end
        if waits {
            let ended = told.recv_timeout(PATIENCE);
            let _ = ended.expect("the worker has ended, and `pool` has not");
        }
        waits
    }

    #[test]
    fn a_worker_that_packs_up_is_waited_for() {
        assert!(
            waits_for_the_tidy(&[], &["1", "2"]),
            "`pool` returned while a worker was still there"
        );
    }

    #[test]
    fn after_an_error_the_other_workers_are_waited_for_too() {
        // Whoever gets the job vanishes; at least one of these two is left.
        assert!(
            waits_for_the_tidy(&["tidy"], &["vanish"]),
            "`pool` returned an error while a worker was still there"
        );
    }

    #[test]
    fn without_jobs_the_workers_are_told_to_end() {
        let workers = vec![worker("ada", 0), worker("bob", 0)];
        let answers = pool_in_time(workers, vec![])
            .recv_timeout(PATIENCE)
            .expect("`pool` did not return: does it end the workers?");
        assert_eq!(answers.unwrap(), Vec::<String>::new());
    }
}
