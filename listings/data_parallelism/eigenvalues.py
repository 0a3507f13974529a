"""The largest eigenvalues of random integer matrices by NumPy: one after the other or in threads.

The library below it, OpenBLAS, has threads of its own; --inside says how many of them work on one
matrix.
"""

import argparse
import concurrent.futures
import os
import sys

from lab_sample import measured


# ANCHOR: threads
def largest(matrix):
    return abs(numpy.linalg.eigvals(matrix)).max(axis=-1)


def threads(matrices, workers):
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(largest, matrices))


def stacks(matrices, workers):
    # One call for each thread: eigvals takes a stack of matrices, too.
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        return numpy.concatenate(list(pool.map(largest, numpy.array_split(matrices, workers))))
# ANCHOR_END: threads


def sequential(matrices):
    return [largest(matrix) for matrix in matrices]


def entries(places):
    """SplitMix64 of each place, as integers from -9 to 9: the matrices of the Rust listing."""
    z = (places + numpy.uint64(1)) * numpy.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    z = z ^ (z >> numpy.uint64(31))
    return (z % numpy.uint64(19)).astype(float) - 9.0


def main():
    global numpy
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--threads", type=int, help="a matrix a call, calls in this many threads")
    parser.add_argument("--stacks", type=int, help="a stack of matrices for each of so many threads")
    parser.add_argument("--inside", type=int, default=1, help="OpenBLAS's threads")
    arguments = parser.parse_args()
    # It is read when the library is loaded.
    os.environ["OPENBLAS_NUM_THREADS"] = str(arguments.inside)
    try:
        import numpy
    except ImportError:
        sys.exit("error: numpy is not installed: python3 -m pip install numpy")

    size, count = arguments.size, arguments.count
    places = numpy.arange(count * size * size, dtype=numpy.uint64)
    matrices = entries(places).reshape(count, size, size)
    if arguments.threads:
        work = lambda: threads(matrices, arguments.threads)
    elif arguments.stacks:
        work = lambda: stacks(matrices, arguments.stacks)
    else:
        work = lambda: sequential(matrices)
    measured(lambda: "".join(f"{size:.6f}\n" for size in work()))


if __name__ == "__main__":
    main()
