"""What it costs Python to start a process that does nothing, and to wait for its end.

multiprocessing starts one in three ways. A fork is a copy of this process; spawn starts Python
anew, which then imports this file; a forkserver is a Python that was started once and is forked
for each. `run` is none of them: it starts Python as any other program.
"""

import argparse
import multiprocessing
import subprocess
import sys

from lab_sample import measured


# ANCHOR: start
def nothing():
    pass


def processes(method, count):
    context = multiprocessing.get_context(method)
    for _ in range(count):
        process = context.Process(target=nothing)
        process.start()
        process.join()
        if process.exitcode != 0:
            sys.exit(f"it ended with {process.exitcode}")


def programs(count):
    for _ in range(count):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
# ANCHOR_END: start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("how", choices=["fork", "spawn", "forkserver", "run"])
    parser.add_argument("count", type=int, help="how many, one after the other")
    arguments = parser.parse_args()

    def start(count):
        if arguments.how == "run":
            programs(count)
        else:
            processes(arguments.how, count)
        return "all came and went"

    start(1)  # the forkserver is there then
    measured(lambda: start(arguments.count))


if __name__ == "__main__":
    main()
