"""A lock beside the data: an exception lets the lock go and leaves the data half changed."""

import threading

# ANCHOR: book
lock = threading.Lock()
entries, totals = [], {"sum": 0}


def book(amount):
    with lock:
        entries.append(amount)
        if amount == 0:
            raise ValueError("there is nothing to book")
        totals["sum"] += amount
# ANCHOR_END: book


def main():
    book(500)
    try:
        book(0)
    except ValueError as error:
        print("the booking failed:", error)
    print("the lock is taken:", lock.locked())
    print("entries:", len(entries), "sum:", totals["sum"])


if __name__ == "__main__":
    main()
