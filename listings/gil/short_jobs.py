"""Many short jobs, in one thread and in four, and beside a countdown."""

import argparse
import os
import threading

from lab_sample import measured


# ANCHOR: jobs
def short_jobs(count):
    """A byte into a pipe and out again: two calls that let the lock go, and never wait."""
    source, sink = os.pipe()
    for _ in range(count):
        os.write(sink, b"x")
        os.read(source, 1)
    os.close(sink)
    os.close(source)


def count_until(over):
    n = 0
    while not over.is_set():
        n -= 1
# ANCHOR_END: jobs


def in_threads(threads, jobs):
    share = jobs // threads
    workers = [threading.Thread(target=short_jobs, args=(share,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return "done"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("threads", type=int)
    parser.add_argument("jobs", type=int)
    parser.add_argument("--beside", action="store_true", help="a thread counts down meanwhile")
    arguments = parser.parse_args()
    over = threading.Event()
    if arguments.beside:
        threading.Thread(target=count_until, args=(over,)).start()
    measured(lambda: in_threads(arguments.threads, arguments.jobs))
    over.set()


if __name__ == "__main__":
    main()
