"""A queue between processes has a thread of its own, which pickles what is put into it."""

# ANCHOR: feeder
import multiprocessing
import threading


class Letter:
    def __reduce__(self):  # asked when it is pickled
        print("pickled in", threading.current_thread().name)
        return Letter, ()


queue = multiprocessing.Queue()
queue.put(Letter())
queue.get()
print("put and taken in", threading.current_thread().name)
# ANCHOR_END: feeder
