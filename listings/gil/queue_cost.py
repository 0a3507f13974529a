"""Numbers that are handed over one by one, by a queue to a thread or to a process."""

import argparse
import multiprocessing
import queue
import sys
import threading

from lab_sample import measured

# The start method that is the default since 3.14.
METHOD = "spawn" if sys.platform in ("darwin", "win32") else "forkserver"


# ANCHOR: queues
def add_up(numbers, answer):
    answer.put("ready")
    answer.put(sum(iter(numbers.get, None)))


def sum_over_a_queue(numbers, answer, count):
    for number in range(count):
        numbers.put(number)
    numbers.put(None)  # there are no more
    return answer.get()
# ANCHOR_END: queues


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("to", choices=["thread", "process"])
    parser.add_argument("count", type=int)
    arguments = parser.parse_args()
    if arguments.to == "thread":
        numbers, answer = queue.Queue(), queue.Queue()
        adder = threading.Thread(target=add_up, args=(numbers, answer))
    else:
        context = multiprocessing.get_context(METHOD)
        numbers, answer = context.Queue(), context.Queue()
        adder = context.Process(target=add_up, args=(numbers, answer))
    adder.start()
    answer.get()  # it is ready: starting it is no part of the time
    measured(lambda: str(sum_over_a_queue(numbers, answer, arguments.count)))
    adder.join()


if __name__ == "__main__":
    main()
