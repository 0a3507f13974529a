"""The thirty-two pieces of paradigms.rs, in three of Python's ways."""

import argparse
import asyncio
import concurrent.futures
import functools
import hashlib
import time

from lab_sample import measured

PIECES, WORKERS = 32, 8
LASTS, ITERATIONS = 0.008, 18_000


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
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        return list(pool.map(functools.partial(blocking, waiting), range(PIECES)))


def tasks(waiting):
    async def all_of_them():
        return await asyncio.gather(*(awaiting(waiting, piece) for piece in range(PIECES)))

    return asyncio.run(all_of_them())
# ANCHOR_END: ways


def answer(computed):
    return f"{len(computed)} pieces"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=["threads", "processes", "asyncio"])
    parser.add_argument("waiting", type=int, help="how much of a piece waits, in percent")
    arguments = parser.parse_args()
    way = {"threads": threads, "processes": processes, "asyncio": tasks}[arguments.way]
    measured(lambda: answer(way(arguments.waiting)))


if __name__ == "__main__":
    main()
