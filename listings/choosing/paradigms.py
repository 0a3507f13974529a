"""The thirty-two pieces of paradigms.rs, in three of Python's ways."""

import argparse
import asyncio
import concurrent.futures
import functools
import hashlib
import multiprocessing
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "service"))

from heartbeat import ForAThread, ForTheLoop, NoCalls, measured_with_calls

PIECES, WORKERS = 32, 8
LASTS, ITERATIONS = 0.008, 18_000
# What Python 3.14 does by itself: on Linux a server that has imported what this program imports
# forks the workers; on macOS and Windows each of them is a new interpreter.
METHOD = "forkserver" if sys.platform == "linux" else "spawn"


# ANCHOR: ways
def compute(waiting, piece):
    iterations = ITERATIONS * (100 - waiting) // 100
    if iterations == 0:
        return 0
    # Lets the interpreter's lock go while it works.
    key = hashlib.pbkdf2_hmac("sha512", str(piece).encode(), b"salt", iterations, 8)
    return int.from_bytes(key, "big")


def blocking(waiting, piece):
    time.sleep(LASTS * waiting / 100)
    return compute(waiting, piece)


async def awaiting(waiting, piece):
    await asyncio.sleep(LASTS * waiting / 100)
    return compute(waiting, piece)


def threads(waiting):
    with concurrent.futures.ThreadPoolExecutor(PIECES) as pool:
        return list(pool.map(functools.partial(blocking, waiting), range(PIECES)))


def processes(waiting):
    start = multiprocessing.get_context(METHOD)
    with concurrent.futures.ProcessPoolExecutor(WORKERS, start) as pool:
        return list(pool.map(functools.partial(blocking, waiting), range(PIECES)))


async def tasks(waiting):
    return await asyncio.gather(*(awaiting(waiting, piece) for piece in range(PIECES)))
# ANCHOR_END: ways


def in_threads(waiting, calls):
    with calls:
        return threads(waiting)


def in_processes(waiting, calls):
    if METHOD == "forkserver":
        multiprocessing.set_forkserver_preload(["asyncio", "hashlib"])
    with calls:
        computed = processes(waiting)
    if METHOD == "forkserver":
        # The workers' time is counted for the server, and for this process once the server ended.
        multiprocessing.forkserver._forkserver._stop()
    return computed


def in_tasks(waiting, calls):
    async def called():
        with calls:
            return await tasks(waiting)

    return asyncio.run(called())


# Each with who answers those who call meanwhile.
WAYS = {
    "threads": (in_threads, ForAThread),
    "processes": (in_processes, ForAThread),
    "asyncio": (in_tasks, ForTheLoop),
}


def answer(computed):
    return f"{len(computed)} pieces"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("waiting", type=int, help="how much of a piece waits, in percent")
    parser.add_argument("--called", action="store_true", help="others call meanwhile")
    arguments = parser.parse_args()
    way, listener = WAYS[arguments.way]
    calls = listener() if arguments.called else NoCalls()
    measured_with_calls(lambda: answer(way(arguments.waiting, calls)), calls)


if __name__ == "__main__":
    main()
