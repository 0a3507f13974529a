"""Two countdowns, one after the other and in two threads: how long they take together."""

# ANCHOR: program
import threading
import time


def countdown(n):
    while n > 0:
        n -= 1


def one_after_the_other(n):
    countdown(n)
    countdown(n)


def two_threads(n):
    threads = [threading.Thread(target=countdown, args=(n,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


for way in one_after_the_other, two_threads:
    begun = time.perf_counter()
    way(10_000_000)
    print(f"{way.__name__}: {time.perf_counter() - begun:.2f} s")
# ANCHOR_END: program
