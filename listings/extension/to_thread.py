"""An event loop that goes on while a thread computes in Rust, or does not."""

# ANCHOR: program
import asyncio

from primes import count, count_detached


async def beat(beats):
    while True:
        await asyncio.sleep(0.001)
        beats.append("beat")


async def beside(function):
    beats = []
    heart = asyncio.create_task(beat(beats))
    await asyncio.to_thread(function, 0, 1_000_000)
    heart.cancel()
    went_on = len(beats) > 10
    print(f"{function.__name__:15} the loop goes on: {went_on}")


async def main():
    for function in count, count_detached:
        await beside(function)


asyncio.run(main())
# ANCHOR_END: program
