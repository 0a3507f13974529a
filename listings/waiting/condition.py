"""A queue with room for one, from a condition.

Runs with Python 3.2 or newer.
"""

import threading
from collections import deque

# ANCHOR: condition
items = deque()
changed = threading.Condition()  # a lock and a bell in one


def put(item):
    with changed:
        changed.wait_for(lambda: len(items) < 1)
        items.append(item)
        changed.notify_all()


def take():
    with changed:
        changed.wait_for(lambda: items)
        changed.notify_all()
        return items.popleft()


threading.Thread(target=lambda: [put(n) for n in range(5)]).start()
print([take() for _ in range(5)])
# ANCHOR_END: condition
