"""The same jobs by Python's clusters: in a loop, by ipyparallel, by dask.distributed.

The engines are started, and have imported what they need, before the clock starts.
"""

import argparse
import logging
import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # also in the engines, which inherit it
from lab_sample import measured


# ANCHOR: job
def largest(job):
    import numpy  # here, because this function is run elsewhere

    number, size = job
    places = numpy.arange(size * size, dtype=numpy.uint64) + numpy.uint64(number * size * size)
    z = (places + numpy.uint64(1)) * numpy.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    z = z ^ (z >> numpy.uint64(31))
    matrix = ((z % numpy.uint64(19)).astype(float) - 9.0).reshape(size, size)
    return float(abs(numpy.linalg.eigvals(matrix)).max())
# ANCHOR_END: job


def nothing(job):
    return 0.0


# ANCHOR: clusters
def with_ipyparallel(function, jobs, engines):
    import ipyparallel

    with ipyparallel.Cluster(n=engines, log_level=logging.ERROR) as client:
        view = client.load_balanced_view()
        work = lambda: view.map_sync(function, jobs)
        yield client[:].map_sync(function, [jobs[0]] * engines)  # one each, to be warm
        yield work


def with_dask(function, jobs, engines):
    import distributed

    options = {"n_workers": engines, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        work = lambda: client.gather(client.map(function, jobs, pure=False))
        yield client.run(function, jobs[0])
        yield work
# ANCHOR_END: clusters


def in_a_loop(function, jobs, engines):
    yield function(jobs[0])
    yield lambda: [function(job) for job in jobs]


CLUSTERS = {"loop": in_a_loop, "ipyparallel": with_ipyparallel, "dask": with_dask}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cluster", choices=CLUSTERS)
    parser.add_argument("--engines", type=int, default=1)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--size", type=int, default=0, help="0: jobs that do nothing")
    arguments = parser.parse_args()
    function = largest if arguments.size else nothing
    jobs = [(number, arguments.size) for number in range(arguments.count)]
    warm = CLUSTERS[arguments.cluster](function, jobs, arguments.engines)
    next(warm)
    work = next(warm)
    measured(lambda: "".join(f"{number:.6f}\n" for number in work()))
    next(warm, None)  # ends the cluster


if __name__ == "__main__":
    main()
