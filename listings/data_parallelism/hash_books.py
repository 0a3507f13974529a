"""PBKDF2-HMAC-SHA512 of each document by Python's hashlib, one after the other or in threads."""

import argparse
import concurrent.futures
import hashlib
import pathlib

from lab_sample import measured


# ANCHOR: threads
def hash_text(text, iterations):
    return hashlib.pbkdf2_hmac("sha512", text, b"salt", iterations).hex()


def sequential(texts, iterations):
    return [hash_text(text, iterations) for text in texts]


def threads(texts, iterations, workers):
    # hashlib lets the interpreter's lock go while it derives a key: these threads run in parallel.
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(lambda text: hash_text(text, iterations), texts))
# ANCHOR_END: threads


def tsv(titles, hashes):
    clean = str.maketrans("\t\n\r", "   ")
    return "".join(f"{title.translate(clean)}\t{hash}\n" for title, hash in zip(titles, hashes))


def main():
    tales = pathlib.Path(__file__).resolve().parent.parent / "corpus"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=pathlib.Path, default=tales)
    parser.add_argument("--iterations", type=int, required=True)
    parser.add_argument("--threads", type=int, help="without it: one after the other")
    arguments = parser.parse_args()
    files = sorted(arguments.corpus.glob("*.txt"), key=lambda file: file.stem)
    titles, texts = [file.stem for file in files], [file.read_bytes() for file in files]
    if arguments.threads:
        work = lambda: threads(texts, arguments.iterations, arguments.threads)
    else:
        work = lambda: sequential(texts, arguments.iterations)
    measured(lambda: tsv(titles, work()))


if __name__ == "__main__":
    main()
