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
//! processes: this program again. They look at the order, at which worker did
//! what while another was slow, and at whether a worker is left at the end.
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

/// Deals the jobs before the first has begun: with two workers, one has the
/// even jobs and the other one the odd ones. The worker that has a slow job
/// keeps all its later ones, too, so you wait for it while the other processes
/// have nothing to do.
///
/// Caught by `while_one_worker_is_slow_the_other_does_the_rest`.
pub mod wrong_dealt_beforehand {
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
        let count = workers.len();
        let conversations: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = workers
                .into_iter()
                .enumerate()
                .map(|(first, worker)| {
                    let dealt = jobs.iter().enumerate().skip(first);
                    scope.spawn(move || converse(worker, dealt.step_by(count)))
                })
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

    fn converse<'a>(
        mut worker: Worker,
        dealt: impl Iterator<Item = (usize, &'a String)>,
    ) -> io::Result<Vec<(usize, String)>> {
        let mut answers = Vec::new();
        let mut done = Ok(());
        for (number, job) in dealt {
            match ask(&mut worker, job) {
                Ok(answer) => answers.push((number, answer)),
                Err(error) => {
                    let message = format!("job `{job}`: {error}");
                    done = Err(io::Error::other(message));
                    break;
                }
            }
        }
        drop(worker.to);
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

/// Waits for each worker while its input is still open. The worker reads on
/// until its input ends, and you hold the end that you would have to drop, so
/// all the answers are there and your program never goes on.
///
/// Caught by `answers_stand_in_the_order_of_the_jobs`.
pub mod wrong_waits_with_the_input_open {
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

/// Collects the answers from a channel, and returns with `?` at the first
/// error. The threads and workers that are left go on behind your back: if your
/// program ends now, what they are working on is lost, and if it tries again
/// with new workers, twice as many are running.
///
/// Caught by `after_an_error_the_other_workers_are_waited_for_too`.
pub mod wrong_returns_at_the_first_error {
    use super::*;
    use std::sync::{Arc, mpsc};

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
        let jobs = Arc::new(jobs.to_vec());
        let taken = Arc::new(AtomicUsize::new(0));
        let (tell, told) = mpsc::channel();
        for mut worker in workers {
            let (jobs, taken) = (jobs.clone(), taken.clone());
            let tell = tell.clone();
            thread::spawn(move || {
                loop {
                    let number = taken.fetch_add(1, Relaxed);
                    let Some(job) = jobs.get(number) else { break };
                    let answer = ask(&mut worker, job);
                    let failed = answer.is_err();
                    let _ = tell.send((number, answer));
                    if failed {
                        break;
                    }
                }
                drop(worker.to);
                let _ = worker.process.wait();
            });
        }
        drop(tell);
        let mut answers = vec![String::new(); jobs.len()];
        // Ends when the last thread has ended, and with it its worker.
        for (number, answer) in told {
            answers[number] = answer?;
        }
        Ok(answers)
    }

    fn ask(worker: &mut Worker, job: &str) -> io::Result<String> {
        let failed =
            |why: &str| io::Error::other(format!("job `{job}`: {why}"));
        writeln!(worker.to, "{job}").map_err(|e| failed(&e.to_string()))?;
        let mut answer = String::new();
        match worker.from.read_line(&mut answer)? {
            0 => Err(failed("the worker ended without an answer")),
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
        let (_, here) = module_path!().split_once("::").unwrap();
        let mut process = Command::new(env::current_exe().unwrap())
            .arg(format!("{here}::the_worker_of_the_tests_answers"))
            .args(["--exact", "--ignored", "--nocapture"])
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
    #[ignore = "it is a worker, unless no test asked for it"]
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

    const PATIENCE: Duration = Duration::from_secs(5);

    const NO_RETURN: &str = "`pool` did not return: does each worker hear the \
                             end of its input before it is waited for?";

    fn numbers(from: usize, to: usize) -> impl Iterator<Item = String> {
        (from..to).map(|number| number.to_string())
    }

    #[test]
    fn answers_stand_in_the_order_of_the_jobs() {
        let workers = vec![worker("ada", 0), worker("bob", 0)];
        let answers = pool_in_time(workers, numbers(0, 50).collect())
            .recv_timeout(PATIENCE)
            .expect(NO_RETURN)
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
        let answers = told.recv_timeout(PATIENCE).expect(NO_RETURN).unwrap();
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
        let waits = told.recv_timeout(Duration::from_millis(500)).is_err();
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
        // The worker that gets the job vanishes, and the other one is left.
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
            .expect(NO_RETURN);
        assert_eq!(answers.unwrap(), Vec::<String>::new());
    }
}
