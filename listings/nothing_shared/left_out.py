"""What a worker imports, what a job leaves out, and a decorated function that cannot be found."""

# ANCHOR: import
import functools
import multiprocessing
import pickle
import threading

print(f"{multiprocessing.current_process().name} imports this file", flush=True)
# ANCHOR_END: import


# ANCHOR: leave_out
class Tally:
    def __init__(self):
        self.counts = {}
        self.lock = threading.Lock()

    def __getstate__(self):  # what is sent: all but the lock
        return {"counts": self.counts}

    def __setstate__(self, state):  # over there: a lock of its own
        self.counts = state["counts"]
        self.lock = threading.Lock()


def add(tally, word):
    with tally.lock:
        tally.counts[word] = tally.counts.get(word, 0) + 1
    return tally
# ANCHOR_END: leave_out


# ANCHOR: decorated
def careless(function):
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper  # is called careless.<locals>.wrapper


def careful(function):
    @functools.wraps(function)  # is called what the function is called
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper


@careless
def shout(word):
    return word.upper()


@careful
def whisper(word):
    return word.lower()
# ANCHOR_END: decorated


# ANCHOR: main
def main():
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(1) as pool:
        print(pool.apply(add, (Tally(), "ferry")).counts)
        for function in (whisper, shout):
            try:
                print(pool.apply(function, ("Ferry",)))
            except (AttributeError, pickle.PicklingError):
                print(f"{function.__qualname__} cannot be sent")


if __name__ == "__main__":
    main()
# ANCHOR_END: main
