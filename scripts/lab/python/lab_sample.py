"""Measures one arm that is written in Python, and prints its sample for the lab.

    from lab_sample import measured
    measured(lambda: count_words(...))      # the function returns the answer as text

The sample is one line of JSON with the fields of `Sample` in scripts/lab/src/record.rs:
nanoseconds, bytes, and whatever this system does not expose left out.
"""

import json
import os
import time

try:
    import resource
except ImportError:  # Windows counts no such things for a process
    resource = None

ANSWER_LIMIT = 512


def usage():
    """Processor time and context switches of this process and the children it has waited for."""
    if resource is None:
        return {"user_ns": None, "system_ns": None}
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "user_ns": round((own.ru_utime + children.ru_utime) * 1e9),
        "system_ns": round((own.ru_stime + children.ru_stime) * 1e9),
        "voluntary_switches": own.ru_nvcsw + children.ru_nvcsw,
        "involuntary_switches": own.ru_nivcsw + children.ru_nivcsw,
    }


def peak_bytes():
    """This process's own high-water mark; Linux's ru_maxrss begins at its parent's."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


# When this process began, in nanoseconds since 1970; a forked one begins when it is forked.
began = time.time_ns()


def begin():
    global began
    began = time.time_ns()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=begin)


def report_peak():
    """For a process that an arm started: adds its peak memory to the arm's, once its work is done."""
    path, peak = os.environ.get("LAB_PEAKS"), peak_bytes()
    if path and peak is not None:
        # One short write to a file opened for appending: lines of several processes do not mix.
        with open(path, "a") as peaks:
            peaks.write(f"{peak} {began} {time.time_ns()}\n")


def fnv(text):
    """FNV-1a, 64 bit, as the lab computes it: a long answer is compared by it."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def shortened(answer):
    """The answer itself, or where it is long its beginning and its hash."""
    if len(answer.encode()) <= ANSWER_LIMIT:
        return answer
    return f"{answer[:64]}… fnv:{fnv(answer):016x}"


def difference(before, after):
    """What was used between two calls of `usage`; None where the system does not say."""
    return {
        name: None if value is None else value - before[name] for name, value in after.items()
    }


def used_by(work, *arguments):
    """Does the work in a process that was started beforehand, and returns what it used there."""
    before = usage()
    work(*arguments)
    return {**difference(before, usage()), "peak_bytes": peak_bytes()}


def measured(work, elsewhere=False, latencies=False):
    """Runs `work()` once, timed, and prints the sample.

    What `work` returns is the answer. With `elsewhere`, it is what `used_by` returned in other
    processes, which is added to what was used here. With `latencies`, it is a list of nanoseconds.
    """
    before = usage()
    start = time.perf_counter_ns()
    answer = work()
    wall = time.perf_counter_ns() - start
    sample = {"wall_ns": wall, **difference(before, usage()), "peak_bytes": peak_bytes()}
    if elsewhere:
        for used in answer:
            for name, value in used.items():
                known = value is not None and sample[name] is not None
                sample[name] = sample[name] + value if known else None
    elif latencies:
        sample["latencies_ns"] = answer
    elif answer is not None:
        sample["answer"] = shortened(answer)
    print(json.dumps(sample, ensure_ascii=False), flush=True)
