"""Four guests fetch pages while a heart beats beside them, in one asyncio loop.

Runs locally only: it asks the server that heartbeat.rs started.
"""

import asyncio
import importlib
import sys
import time

from lab_sample import measured

GUESTS, PAGES, EVERY = 4, 15, 1_000_000


async def beat(over):
    late, due = [], time.perf_counter_ns()
    while not over.done() or due < over.result():
        due += EVERY
        await asyncio.sleep(max(0, (due - time.perf_counter_ns()) / 1e9))
        late.append(time.perf_counter_ns() - due)
    return late


async def beside_a_heart(guest):
    over = asyncio.get_running_loop().create_future()  # of the moment
    heart = asyncio.create_task(beat(over))
    await asyncio.sleep(0)
    await asyncio.gather(*(guest() for _ in range(GUESTS)))
    over.set_result(time.perf_counter_ns())
    return await heart


# ANCHOR: forms
async def polite(url):
    import aiohttp

    async with aiohttp.ClientSession() as session:

        async def guest():
            for _ in range(PAGES):
                async with session.get(url) as answer:
                    await answer.text()

        return await beside_a_heart(guest)


async def blocking(url):
    session = session_of_requests()

    async def guest():
        for _ in range(PAGES):
            session.get(url).text

    return await beside_a_heart(guest)


async def moved_away(url):
    session = session_of_requests()

    async def guest():
        for _ in range(PAGES):
            await asyncio.to_thread(lambda: session.get(url).text)

    return await beside_a_heart(guest)
# ANCHOR_END: forms


def session_of_requests():
    import requests

    session = requests.Session()
    session.trust_env = False  # no proxy: the pages are on this machine
    return session


def main():
    forms = {"polite": polite, "blocking": blocking, "moved_away": moved_away}
    form, url = sys.argv[1:]
    # Here, so that loading it is not timed.
    importlib.import_module("aiohttp" if form == "polite" else "requests")
    measured(lambda: asyncio.run(forms[form](url)), latencies=True)


if __name__ == "__main__":
    main()
