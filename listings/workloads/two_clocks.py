"""Which of two functions waits, and which computes? Ask two clocks.

Runs with Python 3.3 or newer.
"""

import time


# ANCHOR: clocks
def busy(work):
    """CPU time divided by wall time."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.process_time() - cpu) / (time.perf_counter() - wall)


def wait():
    time.sleep(0.2)


def compute():
    sum(n * n for n in range(2_000_000))


for work in wait, compute:
    print(work.__name__, "computes" if busy(work) > 0.5 else "waits")
# ANCHOR_END: clocks
