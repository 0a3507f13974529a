"""Pictures to gray, to half their size, and saved as PNG by Pillow: in a loop, threads or processes."""

import argparse
import concurrent.futures
import multiprocessing
import pathlib
import sys

from lab_sample import measured, used_by

try:
    from PIL import Image
except ImportError:
    sys.exit("error: Pillow is not installed: python3 -m pip install pillow")


# ANCHOR: work
def save(file):
    with Image.open(file) as picture:
        picture.convert("L").reduce(2).save(file.with_suffix(".png"))


def sequential(files):
    for file in files:
        save(file)
# ANCHOR_END: work


def threads(files, workers):
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(save, files))


# The start method that is the default since 3.14.
METHOD = "spawn" if sys.platform in ("darwin", "win32") else "forkserver"


# ANCHOR: processes
def processes(files, workers):
    context = multiprocessing.get_context(METHOD)
    with concurrent.futures.ProcessPoolExecutor(workers, mp_context=context) as pool:
        # A run of files for each worker: what is handed over is their names.
        runs = [(sequential, files[start::workers]) for start in range(workers)]
        return list(pool.map(used_by, *zip(*runs)))
# ANCHOR_END: processes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="its *.ppm are the pictures")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--processes", type=int)
    arguments = parser.parse_args()
    files = sorted(arguments.folder.glob("*.ppm"))
    if arguments.processes:
        measured(lambda: processes(files, arguments.processes), elsewhere=True)
    elif arguments.threads:
        measured(lambda: threads(files, arguments.threads))
    else:
        measured(lambda: sequential(files))


if __name__ == "__main__":
    main()
