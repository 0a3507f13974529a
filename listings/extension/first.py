"""Counts primes in two threads, by a function that holds the lock and by one that lets it go."""

# ANCHOR: program
import time
from threading import Thread

from primes import count, count_detached

for function in count, count_detached:
    halves = [(0, 2_000_000), (2_000_000, 3_200_000)]
    threads = [Thread(target=function, args=half) for half in halves]
    start, used = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = time.process_time() - used
    cores = used / (time.perf_counter() - start)
    print(f"{function.__name__:15} keeps {cores:.1f} cores busy")
# ANCHOR_END: program
