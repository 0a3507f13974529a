"""Three answers, handled in the order in which they come, with concurrent.futures."""

# ANCHOR: as_completed
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event


def read(title, arrival):
    arrival.wait()  # stands for the distance: this thread waits, the others go on
    return f"{len(title)} characters"


titles = ["The Ferry", "The Lighthouse", "The Orchard"]
arrivals = [Event() for _ in titles]

with ThreadPoolExecutor(max_workers=len(titles)) as pool:
    asked = {pool.submit(read, *one): one[0] for one in zip(titles, arrivals)}
    print("asked for", ", ".join(asked.values()))
    arrivals.pop().set()  # the one that was asked for last is nearest
    for answer in as_completed(asked):
        print(f"{asked[answer]}: {answer.result()}")
        if arrivals:
            arrivals.pop().set()
print("the with block waited for", sum(answer.done() for answer in asked))
# ANCHOR_END: as_completed
