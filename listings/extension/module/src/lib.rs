//! Two modules for Python in one file: `primes`, and `arrays`.

mod arrays;
mod prime;

// ANCHOR: first
use pyo3::prelude::*;

fn is_prime(n: u64) -> bool {
    n >= 2 && (2..).take_while(|d| d * d <= n).all(|d| n % d != 0)
}

fn primes_between(from: u64, to: u64) -> usize {
    (from..to).filter(|n| is_prime(*n)).count()
}

#[pymodule]
mod primes {
    use super::*;

    #[pyfunction]
    fn count(from: u64, to: u64) -> usize {
        primes_between(from, to)
    }

    #[pyfunction]
    fn count_detached(py: Python<'_>, from: u64, to: u64) -> usize {
        py.detach(|| primes_between(from, to))
    }
}
// ANCHOR_END: first
