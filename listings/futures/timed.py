"""A decorator that times a function, around an async one; and one that awaits."""

import asyncio
import time


# ANCHOR: timed
def timed(function):
    def wrapper(*arguments):
        begun = time.perf_counter()
        result = function(*arguments)
        report(function, begun)
        return result

    return wrapper


def timed_await(function):
    async def wrapper(*arguments):
        begun = time.perf_counter()
        result = await function(*arguments)  # the only change
        report(function, begun)
        return result

    return wrapper


def report(function, begun):
    tenths = int((time.perf_counter() - begun) * 10)
    print(f"{function.__name__}: {tenths} tenths of a second")


@timed
async def called():
    await asyncio.sleep(0.2)


@timed_await
async def awaited():
    await asyncio.sleep(0.2)


async def main():
    await called()
    await awaited()
# ANCHOR_END: timed


asyncio.run(main())
