"""Runners who wait for an event to start, and for each other at the end.

Runs with Python 3.2 or newer.
"""

import threading

# ANCHOR: race
shot, finish = threading.Event(), threading.Barrier(3)


def run():
    shot.wait()
    place = finish.wait()  # 0, 1 or 2: one of them is told 0
    if place == 0:
        print("all three are in")


runners = [threading.Thread(target=run) for _ in range(3)]
for runner in runners:
    runner.start()
print("ready")
shot.set()
# ANCHOR_END: race
