//! Functions of arrays, and what a call costs.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::prime::{count as primes, is_prime};

// ANCHOR: lent
/// The numbers where they lie: nothing is copied.
fn lent(numbers: &PyBuffer<i64>) -> PyResult<&[i64]> {
    if !numbers.readonly() {
        let why = "these numbers can change: lend a read-only view";
        return Err(PyBufferError::new_err(why));
    }
    if numbers.item_count() == 0 {
        return Ok(&[]);
    }
    let Some(lent) = numbers.as_slice_ptr() else {
        let why = "these numbers do not lie side by side";
        return Err(PyBufferError::new_err(why));
    };
    // SAFETY: the memory stays where it is as long as the buffer is held,
    // which outlives the slice. With a read-only view, the caller has
    // promised that no thread writes to the array before the call is over.
    Ok(unsafe { lent.as_ref() })
}
// ANCHOR_END: lent

#[pymodule(gil_used = false)]
mod arrays {
    use super::*;

    // ANCHOR: three
    #[pyfunction]
    fn count(numbers: PyBuffer<i64>) -> PyResult<usize> {
        Ok(primes(lent(&numbers)?))
    }

    #[pyfunction]
    fn count_detached(
        py: Python<'_>,
        numbers: PyBuffer<i64>,
    ) -> PyResult<usize> {
        let numbers = lent(&numbers)?;
        Ok(py.detach(|| primes(numbers)))
    }

    #[pyfunction]
    fn count_rayon(py: Python<'_>, numbers: PyBuffer<i64>) -> PyResult<usize> {
        let numbers = lent(&numbers)?;
        let parts = || numbers.par_iter().filter(|n| is_prime(**n));
        Ok(py.detach(|| parts().count()))
    }
    // ANCHOR_END: three

    // ANCHOR: sums
    #[pyfunction]
    fn sum_of_list(numbers: Vec<i64>) -> i64 {
        numbers.iter().sum()
    }

    #[pyfunction]
    fn sum(numbers: PyBuffer<i64>) -> PyResult<i64> {
        Ok(lent(&numbers)?.iter().sum())
    }
    // ANCHOR_END: sums

    #[pyfunction]
    fn nothing() {}

    #[pyfunction]
    fn nothing_detached(py: Python<'_>) {
        py.detach(|| ());
    }

    // ANCHOR: nth
    #[pyfunction]
    fn nth(numbers: Vec<i64>, index: usize) -> i64 {
        numbers[index]
    }
    // ANCHOR_END: nth
}
