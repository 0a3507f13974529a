"""Readings made in one Python process and added up in another: pickled through a pipe, or shared.

The receiving process is started before the clock and has received once, as in handover.rs. numpy adds the readings up:
Python's own sum would take longer than handing them over.
"""

import argparse
import multiprocessing
import os
import shutil
import sys
from multiprocessing import shared_memory

# OpenBLAS, below numpy, has threads for products of matrices. Here they would only look for work.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy

from lab_sample import measured


def cycle():
    """The readings of one turn of the sensor, as in handover.rs."""
    numbers = numpy.arange(4096, dtype=numpy.uint64)
    return (numbers * numpy.uint64(0x9E3779B97F4A7C15) >> numpy.uint64(47)) / 1024


def read_sensor(readings):
    turn = cycle()
    whole = len(readings) // len(turn) * len(turn)
    readings[:whole].reshape(-1, len(turn))[:] = turn
    readings[whole:] = turn[: len(readings) - whole]


def expected(count):
    turn = cycle()
    return count // len(turn) * turn.sum() + turn[: count % len(turn)].sum()


# ANCHOR: pipe
def through_pipe(count, to_receiver, from_receiver):
    readings = numpy.empty(count)
    read_sensor(readings)
    to_receiver.send(readings)  # pickled here, and unpickled there
    return from_receiver.recv()


def through_shared_memory(count, to_receiver, from_receiver):
    memory = shared_memory.SharedMemory(create=True, size=count * 8)
    readings = numpy.ndarray(count, buffer=memory.buf)
    read_sensor(readings)
    to_receiver.send(memory.name)
    total = from_receiver.recv()
    del readings  # the last view of the memory
    memory.close()
    memory.unlink()
    return total
# ANCHOR_END: pipe


# ANCHOR: receive
def receive(from_sender, to_sender):
    """What the other process does, until nobody can send any more."""
    to_sender.send("ready")
    while (message := from_sender.recv()) is not None:
        if isinstance(message, str):
            memory = shared_memory.SharedMemory(name=message)
            readings = numpy.ndarray(memory.size // 8, buffer=memory.buf)
            to_sender.send(float(readings.sum()))
            del readings
            memory.close()
        else:
            to_sender.send(float(message.sum()))
# ANCHOR_END: receive


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=["pipe", "shared-memory"])
    parser.add_argument("bytes", type=int)
    arguments = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    from_sender, to_receiver = spawn.Pipe(duplex=False)
    from_receiver, to_sender = spawn.Pipe(duplex=False)
    receiver = spawn.Process(target=receive, args=(from_sender, to_sender), daemon=True)
    receiver.start()
    from_receiver.recv()  # it is ready
    hand_over = through_pipe if arguments.way == "pipe" else through_shared_memory
    hand_over(125, to_receiver, from_receiver)  # what is needed the first time is there then
    count = arguments.bytes // 8
    # Where it has too little room, the first touch of a missing page ends the process.
    if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free < arguments.bytes:
        sys.exit(f"/dev/shm has no room for {arguments.bytes} bytes")

    def work():
        total = hand_over(count, to_receiver, from_receiver)
        if total != expected(count):
            sys.exit(f"{expected(count)} were sent, and {total} arrived")
        return "every reading arrived"

    measured(work)
    to_receiver.send(None)
    receiver.join()


if __name__ == "__main__":
    main()
