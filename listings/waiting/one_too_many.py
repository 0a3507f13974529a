"""A release too many, and who notices.

Runs with Python 3.
"""

import threading

# ANCHOR: release
plain = threading.Semaphore(1)
plain.release()
print("two go in:", plain.acquire() and plain.acquire())

bounded = threading.BoundedSemaphore(1)
try:
    bounded.release()
except ValueError as error:
    print("refused:", error)
# ANCHOR_END: release
