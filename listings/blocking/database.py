"""Eighty queries to a PostgreSQL server: threads, tasks, and pgbench as the yardstick.

Runs locally only: it asks the server that database.rs started.
"""

import asyncio
import json
import queue
import re
import subprocess
import sys
import tempfile
import threading

from lab_sample import difference, measured, usage

QUERY = "select pg_backend_pid() from pg_sleep(0.005)"


# ANCHOR: threads
def by_threads(connections, queries):
    """`connections`: a queue.Queue of psycopg's connections."""
    left = iter(range(queries))
    answers = []

    def work():
        connection = connections.get()
        while next(left, None) is not None:
            row = connection.execute(QUERY, prepare=True).fetchone()
            answers.append(row[0])
        connections.put(connection)

    workers = [threading.Thread(target=work) for _ in range(connections.qsize())]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers
# ANCHOR_END: threads


# ANCHOR: tasks
async def by_tasks(connections, queries):
    """`connections`: an asyncio.Queue of psycopg's async connections."""

    async def ask():
        connection = await connections.get()
        try:
            cursor = await connection.execute(QUERY, prepare=True)
            return (await cursor.fetchone())[0]
        finally:
            connections.put_nowait(connection)

    return await asyncio.gather(*(ask() for _ in range(queries)))
# ANCHOR_END: tasks


def threads(place, queries, connections):
    import psycopg

    pool = queue.Queue()
    for _ in range(connections):
        pool.put(psycopg.connect(**place, autocommit=True))
    for _ in range(connections):
        connection = pool.get()
        connection.execute(QUERY, prepare=True)
        pool.put(connection)
    measured(lambda: f"{len(by_threads(pool, queries))} answers")


def tasks(place, queries, connections):
    import psycopg

    async def opened():
        pool = asyncio.Queue()
        for _ in range(connections):
            connect = psycopg.AsyncConnection.connect
            connection = await connect(**place, autocommit=True)
            await connection.execute(QUERY, prepare=True)
            pool.put_nowait(connection)
        return pool

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        pool = runner.run(opened())
        measured(lambda: f"{len(runner.run(by_tasks(pool, queries)))} answers")


def pgbench(place, queries, connections, program):
    """PostgreSQL's own measuring program, and the time by its own account."""
    with tempfile.TemporaryDirectory() as folder:
        script = f"{folder}/query.sql"
        with open(script, "w", encoding="utf-8") as file:
            file.write(QUERY + ";\n")
        # It prepares the query inside of what it times: four times as many make that a small part.
        each = 4 * queries // connections
        command = [program, "-n", "-M", "prepared", "-f", script, "-c", connections, "-j", 1]
        command += ["-t", each, "-h", place["host"], "-p", place["port"], "-U", place["user"]]
        before = usage()
        told = subprocess.run(
            [str(word) for word in [*command, place["dbname"]]],
            capture_output=True,
            encoding="utf-8",
        )
    if told.returncode != 0:
        sys.exit(f"pgbench: {told.stderr.strip()}")
    # Without the time that it takes to connect; older versions call that "excluding".
    rate = re.search(r"^tps = ([0-9.]+) \((?:without|excluding)", told.stdout, re.MULTILINE)
    if rate is None:
        sys.exit(f"pgbench did not say how many queries a second:\n{told.stdout}")
    sample = {"wall_ns": round(queries / float(rate.group(1)) * 1e9), "peak_bytes": None}
    sample.update(difference(before, usage()), answer=f"{queries} answers")
    print(json.dumps(sample), flush=True)


def main():
    form, host, port, user, queries, connections, *more = sys.argv[1:]
    place = {"host": host, "port": int(port), "user": user, "dbname": "postgres"}
    forms = {"threads": threads, "tasks": tasks, "pgbench": pgbench}
    forms[form](place, int(queries), int(connections), *more)


if __name__ == "__main__":
    main()
