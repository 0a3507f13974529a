"""Together in Python: gather, a task group, a time-out, and what is canceled."""

import asyncio


# ANCHOR: gather
async def ask(station, delay):
    try:
        await asyncio.sleep(delay)
        return f"{station} answers"
    except asyncio.CancelledError:
        print(f"{station} is canceled")
        raise  # whoever swallows this cannot be stopped


async def main():
    # All of them, each in a task of its own
    print(await asyncio.gather(ask("harbor", 0.03), ask("hill", 0.01)))

    # Not for longer than so long: timeout
    try:
        async with asyncio.timeout(0.01):
            await ask("harbor", 60)
    except TimeoutError:
        print("too late")

    # If one fails, the others are canceled: in Rust, drop the JoinSet
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(ask("hill", 60))
            group.create_task(fail())
    except* ValueError:
        print("the group failed")
# ANCHOR_END: gather


async def fail():
    await asyncio.sleep(0)
    raise ValueError("no such station")


asyncio.run(main())
