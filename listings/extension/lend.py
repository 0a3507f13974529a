"""Lends an array to Rust, shows what is refused, and what becomes of a panic."""

# ANCHOR: lend
from array import array

import arrays

numbers = array("q", range(100))
try:
    arrays.count(numbers)
except BufferError as refused:
    print("refused:", refused)

read_only = memoryview(numbers).toreadonly()
print("primes:", arrays.count(read_only))
print("in the second half:", arrays.count(read_only[50:]))
try:
    arrays.count(read_only[::2])
except BufferError as refused:
    print("refused:", refused)
# ANCHOR_END: lend
