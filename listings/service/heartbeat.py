"""How long somebody waits who calls while the program works, as in heartbeat.rs."""

import asyncio
import contextlib
import io
import json
import queue
import threading
import time

from lab_sample import measured

# In seconds.
EVERY = 0.003


class Calls:
    """Calls at fixed moments from a thread, until the work is over."""

    def __init__(self):
        self.waiting = queue.SimpleQueue()
        self.waited = []
        self.over = threading.Event()
        self.ring = self.waiting.put
        self.caller = threading.Thread(target=self.call)

    def call(self):
        due = time.perf_counter()
        while True:
            due += EVERY
            if self.over.wait(max(0, due - time.perf_counter())):
                return
            self.ring(due)

    def __enter__(self):
        self.caller.start()
        return self

    def __exit__(self, *_):
        """Whoever still waits waits no longer."""
        self.over.set()
        self.caller.join()
        self.answer_those_who_wait()

    def answer(self, due):
        self.waited.append(time.perf_counter() - due)

    def answer_those_who_wait(self):
        with contextlib.suppress(queue.Empty):
            while True:
                self.answer(self.waiting.get_nowait())


class NoCalls(Calls):
    """Nobody calls."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class ForTheLoop(Calls):
    """Answered by asyncio's loop, between two steps of its tasks."""

    def __enter__(self):
        loop = asyncio.get_running_loop()
        self.ring = lambda due: loop.call_soon_threadsafe(self.answer, due)
        return super().__enter__()


class ForAThread(Calls):
    """Answered by a thread that does nothing else."""

    def __enter__(self):
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()
        return super().__enter__()

    def listen(self):
        for due in iter(self.waiting.get, None):
            self.answer(due)

    def __exit__(self, *_):
        self.over.set()
        self.caller.join()
        self.waiting.put(None)
        self.listener.join()


def measured_with_calls(work, calls):
    """Prints the sample of `measured`, and how long each call waited in it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        measured(work)
    sample = json.loads(printed.getvalue())
    sample["latencies_ns"] = [round(seconds * 1e9) for seconds in calls.waited]
    print(json.dumps(sample, ensure_ascii=False), flush=True)
