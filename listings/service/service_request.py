"""The requests of service_request.rs, answered by Python in a loop, tasks, threads, processes."""

import argparse
import asyncio
import concurrent.futures
import multiprocessing
import os
import sys
import time

# OpenBLAS, below numpy, has threads for products of matrices. Here they would only look for work.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy
from heartbeat import Calls, ForAThread, ForTheLoop, measured_with_calls
from lab_sample import report_peak

# What Python 3.14 does by itself: on Linux a server that has imported what this program imports
# forks the workers; on macOS and Windows each of them is a new interpreter.
METHOD = "forkserver" if sys.platform == "linux" else "spawn"


# ANCHOR: waits
def requests(longest):
    """The waits in seconds of ten requests of five steps, drawn as in service_request.rs."""
    state = 18
    waits = []
    for _ in range(10 * 5):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        microseconds = int(longest * ((state >> 11) / 2**53))
        waits.append(microseconds / 1e6)
    return [waits[start : start + 5] for start in range(0, 50, 5)]


# ANCHOR_END: waits


# ANCHOR: forms
def transform(size):
    numbers = numpy.random.default_rng().random(size)
    return numpy.fft.rfft(numbers)[0].real / size


def serve(waits, size):
    means = 0.0
    for wait in waits:
        time.sleep(wait)
        means += transform(size)
    return means / len(waits)


async def serve_as_task(waits, size):
    means = 0.0
    for wait in waits:
        await asyncio.sleep(wait)
        means += transform(size)  # nothing else happens meanwhile
    return means / len(waits)


def sequential(all_waits, size, calls):
    answers = []
    for waits in all_waits:
        answers.append(serve(waits, size))
        calls.answer_those_who_wait()
    return answers


async def as_tasks(all_waits, size):
    return await asyncio.gather(*(serve_as_task(waits, size) for waits in all_waits))


def threads(all_waits, size):
    with concurrent.futures.ThreadPoolExecutor(len(all_waits)) as pool:
        return list(pool.map(lambda waits: serve(waits, size), all_waits))


def processes(all_waits, size):
    start = multiprocessing.get_context(METHOD)
    with concurrent.futures.ProcessPoolExecutor(len(all_waits), start) as pool:
        return list(pool.map(serve_elsewhere, all_waits, [size] * len(all_waits)))
# ANCHOR_END: forms


def serve_elsewhere(waits, size):
    answer = serve(waits, size)
    report_peak()
    return answer


def in_the_loop(all_waits, size, calls):
    with calls:
        return sequential(all_waits, size, calls)


def in_tasks(all_waits, size, calls):
    async def called():
        with calls:
            return await as_tasks(all_waits, size)

    return asyncio.run(called())


def in_threads(all_waits, size, calls):
    with calls:
        return threads(all_waits, size)


def in_processes(all_waits, size, calls):
    if METHOD == "forkserver":
        multiprocessing.set_forkserver_preload(["asyncio", "numpy"])
    with calls:
        answers = processes(all_waits, size)
    if METHOD == "forkserver":
        # The workers' time is counted for the server, and for this process once the server ended.
        multiprocessing.forkserver._forkserver._stop()
    return answers


def in_one_thread(work):
    """The system takes memory back from the main thread more often than from others."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def compute_only(all_waits, size, _):
    def answers():
        return [sum(transform(size) for _ in waits) / len(waits) for waits in all_waits]

    return in_one_thread(answers)


def longest_request(all_waits, size, _):
    return [in_one_thread(lambda: serve(max(all_waits, key=sum), size))]


# Each with who answers those who call meanwhile.
FORMS = {
    "sequential": (in_the_loop, Calls),
    "asyncio": (in_tasks, ForTheLoop),
    "threads": (in_threads, ForAThread),
    "processes": (in_processes, ForAThread),
    "compute_only": (compute_only, Calls),
    "longest_request": (longest_request, Calls),
}


def seconds(text):
    """`40ms` or `1s`."""
    return float(text[:-2]) / 1e3 if text.endswith("ms") else float(text.removesuffix("s"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("form", choices=FORMS)
    parser.add_argument("--wait", type=seconds, required=True)
    parser.add_argument("--size", type=int, required=True)
    arguments = parser.parse_args()
    all_waits = requests(round(arguments.wait * 1e6))
    transform(arguments.size)  # works out how to transform, as the Rust service has at its start

    form, listener = FORMS[arguments.form]
    calls = listener()

    def answer():
        means = form(all_waits, arguments.size, calls)
        waited = sum(round(wait * 1e6) for waits in all_waits for wait in waits)
        return f"{waited} µs of waiting, mean {sum(means) / len(means):.1f}"

    measured_with_calls(answer, calls)


if __name__ == "__main__":
    main()
