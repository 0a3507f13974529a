"""What was put into a queue still belongs to whoever put it in."""

import queue
import threading

# ANCHOR: send
pages = queue.Queue(maxsize=1)
changed = threading.Event()


def store():
    changed.wait()
    print("stored:", pages.get())
    print("the end is a value like any other:", pages.get())


def main():
    storing = threading.Thread(target=store)
    storing.start()
    page = ["page 1"]
    pages.put(page)
    page.append("changed after it was sent")
    changed.set()
    pages.put(None)
    storing.join()
# ANCHOR_END: send


if __name__ == "__main__":
    main()
