"""The most common word of each document, fetched by concurrent.futures.ThreadPoolExecutor.

Runs locally only: it asks the library that word_count.rs started.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import urllib.request

from lab_sample import measured

# ANCHOR: threads
# Without a proxy, whatever the environment says: the library is on this machine.
connections = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url):
    with connections.open(url) as answer:
        return answer.read().decode("utf-8")


def top_word(text, stop_words):
    words = (word.lower() for word in text.split())
    counts = collections.Counter(word for word in words if word not in stop_words)
    # Of equally common words, most_common keeps the one it met first.
    return counts.most_common(1)[0] if counts else ("", 0)


def threads(urls, stop_words):
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(urls)) as pool:
        return list(pool.map(lambda url: top_word(fetch(url), stop_words), urls))
# ANCHOR_END: threads


def tsv(titles, answers):
    clean = str.maketrans("\t\n\r", "   ")
    return "".join(
        f"{title.translate(clean)}\t{word}\t{count}\n"
        for title, (word, count) in zip(titles, answers)
    )


def main():
    built_in = pathlib.Path(__file__).with_name("stop_words.txt")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="where the documents are served, as in 127.0.0.1:8000")
    parser.add_argument("titles", nargs="+", help="the documents' titles, in the catalog's order")
    parser.add_argument("--stop-words", type=pathlib.Path, default=built_in)
    arguments = parser.parse_args()
    lines = arguments.stop_words.read_text(encoding="utf-8").splitlines()
    stop_words = {line.strip().lower() for line in lines} - {""}
    urls = [f"http://{arguments.address}/{number}" for number in range(len(arguments.titles))]
    measured(lambda: tsv(arguments.titles, threads(urls, stop_words)))


if __name__ == "__main__":
    main()
