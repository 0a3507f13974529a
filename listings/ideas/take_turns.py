"""Two jobs of two steps each, as coroutines that take turns on one thread.

Runs with Python 3.7 or newer.
"""

import asyncio

# ANCHOR: turns
page = []


async def take_turns(steps):
    for name in steps:
        page.append(name)
        await asyncio.sleep(0)  # lets the other one go on


async def both():
    await asyncio.gather(take_turns("12"), take_turns("AB"))


asyncio.run(both())
print(*page)
# ANCHOR_END: turns
