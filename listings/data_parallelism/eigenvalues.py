"""The largest eigenvalues of random integer matrices by NumPy: one after the other or in threads.

Needs numpy. The library below it, OpenBLAS, has threads of its own; --inside says how many of them
work on one matrix.
"""

import argparse
import concurrent.futures
import os

from lab_sample import measured


# ANCHOR: threads
def largest(matrix):
    return abs(numpy.linalg.eigvals(matrix)).max()


def sequential(matrices):
    return [largest(matrix) for matrix in matrices]


def threads(matrices, workers):
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(largest, matrices))
# ANCHOR_END: threads


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
    parser.add_argument("--threads", type=int, help="without it: one matrix after the other")
    parser.add_argument("--inside", type=int, default=1, help="OpenBLAS's threads")
    arguments = parser.parse_args()
    # It is read when the library is loaded.
    os.environ["OPENBLAS_NUM_THREADS"] = str(arguments.inside)
    import numpy

    size, count = arguments.size, arguments.count
    places = numpy.arange(count * size * size, dtype=numpy.uint64)
    matrices = list(entries(places).reshape(count, size, size))
    if arguments.threads:
        work = lambda: threads(matrices, arguments.threads)
    else:
        work = lambda: sequential(matrices)
    measured(lambda: "".join(f"{size:.6f}\n" for size in work()))


if __name__ == "__main__":
    main()
