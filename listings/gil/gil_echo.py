"""Echoes over a socket, from a process that does nothing else, or counts down beside it.

Runs locally only: it starts its server as another process and asks it over the loopback address.
"""

import argparse
import multiprocessing
import socket
import subprocess
import sys
import threading
import time

from lab_sample import measured


# Between two messages, in seconds: longer than a switch interval, so that the
# echo is waiting for a message whenever one is sent.
PAUSE = 0.007


# The start method that is the default since 3.14.
METHOD = "spawn" if sys.platform in ("darwin", "win32") else "forkserver"


# ANCHOR: server
def count_for_ever(begun):
    begun.set()
    n = 0
    while True:
        n -= 1


def echo(connection):
    while message := connection.recv(64):
        connection.sendall(message)
# ANCHOR_END: server


def begin_counting(beside):
    """In a thread or in a process of its own; both end with this process."""
    if beside == "thread":
        begun = threading.Event()
        counting = threading.Thread(target=count_for_ever, args=(begun,), daemon=True)
    else:
        context = multiprocessing.get_context(METHOD)
        begun = context.Event()
        counting = context.Process(target=count_for_ever, args=(begun,), daemon=True)
    counting.start()
    begun.wait()


def serve(beside):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
    if beside != "nothing":
        begin_counting(beside)
    at_once(connection)
    with connection:
        connection.sendall(b"ready")
        echo(connection)


def at_once(connection):
    """Small messages are not held back to be sent together."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


# ANCHOR: client
def latencies(connection, echoes):
    taken = []
    for _ in range(echoes):
        time.sleep(PAUSE)
        start = time.perf_counter_ns()
        connection.sendall(b"hello")
        connection.recv(64)
        taken.append(time.perf_counter_ns() - start)
    return taken
# ANCHOR_END: client


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("beside", choices=["nothing", "thread", "process"])
    parser.add_argument("--echoes", type=int, help="without it: serve")
    arguments = parser.parse_args()
    if arguments.echoes is None:
        serve(arguments.beside)
        return
    server = [sys.executable, __file__, arguments.beside]
    with subprocess.Popen(server, stdout=subprocess.PIPE) as server:
        port = int(server.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as connection:
            at_once(connection)
            connection.recv(64)  # it is ready
            measured(lambda: latencies(connection, arguments.echoes), latencies=True)


if __name__ == "__main__":
    main()
