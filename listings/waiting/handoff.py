"""Two threads pass a turn back and forth, with an event or with a condition."""

import sys
import threading
import time

from lab_sample import measured


# ANCHOR: events
class Events:
    def __init__(self):
        self.at = [threading.Event(), threading.Event()]

    def pass_to(self, side):
        self.at[side].set()

    def wait_on(self, side):
        self.at[side].wait()
        self.at[side].clear()
# ANCHOR_END: events


# ANCHOR: condition
class Condition:
    def __init__(self):
        self.turn = 0
        self.passed = threading.Condition()

    def pass_to(self, side):
        with self.passed:
            self.turn = side
            self.passed.notify()

    def wait_on(self, side):
        with self.passed:
            self.passed.wait_for(lambda: self.turn == side)
# ANCHOR_END: condition


def round_trips(turn, most):
    both, over = threading.Barrier(2), threading.Event()

    def other_side():
        both.wait()
        while True:
            turn.wait_on(1)
            if over.is_set():
                break
            turn.pass_to(0)

    other = threading.Thread(target=other_side)
    other.start()
    both.wait()
    trips, begun = [], time.perf_counter_ns()
    while len(trips) < most and time.perf_counter_ns() - begun < 250_000_000:
        passed = time.perf_counter_ns()
        turn.pass_to(1)
        turn.wait_on(0)
        trips.append(time.perf_counter_ns() - passed)
    over.set()
    turn.pass_to(1)
    other.join()
    return trips


def main():
    turn = {"events": Events, "condition": Condition}[sys.argv[1]]()
    most, kept = int(sys.argv[2]), int(sys.argv[3])
    measured(lambda: thinned(round_trips(turn, most), kept), latencies=True)


def thinned(trips, kept):
    """Every so-manieth, so that about this many are left."""
    return trips[:: -(-len(trips) // kept)]


if __name__ == "__main__":
    main()
