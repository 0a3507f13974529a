"""Four kinds of work, each done twice: one after the other, in two threads, or in two processes."""

import argparse
import hashlib
import multiprocessing
import os
import sys
import threading
import time

from lab_sample import measured, used_by


# ANCHOR: work
def countdown(n):
    while n > 0:
        n -= 1


def hash_it(n):
    hashlib.pbkdf2_hmac("sha512", b"a tale", b"salt", n)


def sleep(n):
    time.sleep(n / 1000)
# ANCHOR_END: work


# ANCHOR: numpy
def transform(n):
    result = numpy.empty_like(signal)
    for _ in range(n):
        numpy.fft.fft(signal, out=result)
# ANCHOR_END: numpy


# ANCHOR: ways
def one_after_the_other(work, n):
    work(n)
    work(n)


def two_threads(work, n):
    threads = [threading.Thread(target=work, args=(n,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def two_processes(work, n, pool):
    return pool.starmap(used_by, [(work, n)] * 2, chunksize=1)
# ANCHOR_END: ways


# The start method that is the default since 3.14.
METHOD = "spawn" if sys.platform in ("darwin", "win32") else "forkserver"


def pool_of_two():
    """Two interpreters that have started; what that costs is not what is measured here."""
    context = multiprocessing.get_context(METHOD)
    ready = context.Barrier(3)
    pool = context.Pool(2, initializer=ready.wait)
    ready.wait()
    return pool


def in_a_thread(way, work, n):
    """Not in the main thread, whose heap is given back to the system again and again: NumPy would
    take much longer there, and the two threads would seem to gain what they do not pay."""
    thread = threading.Thread(target=way, args=(work, n))
    thread.start()
    thread.join()


WORK = {"countdown": countdown, "hashlib": hash_it, "sleep": sleep, "numpy": transform}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=WORK)
    parser.add_argument("n", type=int, help="how far, how often, how long")
    parser.add_argument("--threads", action="store_true")
    parser.add_argument("--processes", action="store_true")
    arguments = parser.parse_args()
    work, n = WORK[arguments.work], arguments.n
    if work is transform:
        # Imported where it is needed: the other works do without it. OpenBLAS, below it, has
        # threads for products of matrices; here they would only look for work, and count as busy.
        global numpy, signal
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        import numpy

        signal = numpy.exp(numpy.arange(65_536) * 0.001j)
    if arguments.processes:
        with pool_of_two() as pool:
            measured(lambda: two_processes(work, n, pool), elsewhere=True)
    elif arguments.threads:
        measured(lambda: two_threads(work, n))
    else:
        measured(lambda: in_a_thread(one_after_the_other, work, n))


if __name__ == "__main__":
    main()
