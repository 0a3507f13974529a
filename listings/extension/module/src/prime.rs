//! What is computed: without a word of Python.

// ANCHOR: count
pub fn is_prime(n: i64) -> bool {
    n >= 2 && (2..).take_while(|d| d * d <= n).all(|d| n % d != 0)
}

pub fn count(numbers: &[i64]) -> usize {
    numbers.iter().filter(|n| is_prime(**n)).count()
}
// ANCHOR_END: count
