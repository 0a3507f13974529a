"""Counts the primes among numbers in Python, in NumPy, and by the module in Rust, in so many threads."""

import argparse
import math
import os
from array import array
from threading import Thread

from lab_sample import measured

# OpenBLAS, below NumPy, has threads for products of matrices. Here they would only look for work.
os.environ["OPENBLAS_NUM_THREADS"] = "1"


# ANCHOR: python
def count_in_python(numbers):
    return sum(map(is_prime, numbers))


def is_prime(n):
    if n < 2:
        return False
    return all(n % d for d in range(2, math.isqrt(n) + 1))
# ANCHOR_END: python


# ANCHOR: numpy
def count_in_numpy(numbers):
    left = numpy.asarray(numbers)
    left = left[left >= 2]
    for d in range(2, math.isqrt(int(left.max(initial=0))) + 1):
        left = left[(left % d != 0) | (left == d)]
    return len(left)
# ANCHOR_END: numpy


# ANCHOR: threads
def in_threads(count, numbers, threads):
    counts = [0] * threads

    def work(i):
        begin = i * len(numbers) // threads
        end = (i + 1) * len(numbers) // threads
        counts[i] = count(numbers[begin:end])

    workers = [Thread(target=work, args=(i,)) for i in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts)
# ANCHOR_END: threads


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("by", choices=["python", "numpy", "count", "count_detached", "count_rayon"])
    parser.add_argument("first", type=int)
    parser.add_argument("numbers", type=int)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    all_of_them = range(arguments.first, arguments.first + arguments.numbers)
    # Read-only, and its slices are views: nothing is copied for a thread.
    numbers = memoryview(array("q", all_of_them)).toreadonly()
    if arguments.by == "python":
        measured(lambda: str(in_threads(count_in_python, numbers, arguments.threads)))
    elif arguments.by == "numpy":
        global numpy
        import numpy

        measured(lambda: str(in_threads(count_in_numpy, numbers, arguments.threads)))
    else:
        # rayon makes as many threads as this says, when it is first asked for something.
        os.environ["RAYON_NUM_THREADS"] = str(arguments.threads)
        import arrays

        count = getattr(arrays, arguments.by)
        if arguments.by == "count_rayon":
            measured(lambda: str(count(numbers)))
        else:
            measured(lambda: str(in_threads(count, numbers, arguments.threads)))


if __name__ == "__main__":
    main()
