"""Many calls that do nothing, or one that adds up many numbers."""

import argparse
import gc
from array import array
from itertools import repeat

from lab_sample import measured

import arrays


# ANCHOR: calls
def call(function, times):
    for _ in repeat(None, times):
        function()
# ANCHOR_END: calls


def nothing():
    pass


# `gc.isenabled` looks at a flag, and no function of CPython does less.
EMPTY = {
    "builtin": gc.isenabled,
    "python": nothing,
    "extension": arrays.nothing,
    "detached": arrays.nothing_detached,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[*EMPTY, "list", "buffer"])
    parser.add_argument("times", type=int)
    parser.add_argument("--numbers", type=int)
    arguments = parser.parse_args()
    times = arguments.times
    if arguments.what in EMPTY:
        measured(lambda: call(EMPTY[arguments.what], times))
        return
    numbers = array("q", range(10**9, 10**9 + arguments.numbers))
    if arguments.what == "list":
        numbers = list(numbers)
        measured(lambda: call(lambda: arrays.sum_of_list(numbers), times))
    else:
        numbers = memoryview(numbers).toreadonly()
        measured(lambda: call(lambda: arrays.sum(numbers), times))


if __name__ == "__main__":
    main()
