"""What it costs Python to start a Python that does nothing, and to wait for its end."""

import argparse
import subprocess
import sys

from lab_sample import measured


# ANCHOR: start
def processes(count):
    for _ in range(count):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    return count
# ANCHOR_END: start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many, one after the other")
    arguments = parser.parse_args()
    measured(lambda: str(processes(arguments.count)))


if __name__ == "__main__":
    main()
