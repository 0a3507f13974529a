"""A pool of processes, and a function that cannot be sent to it."""

import concurrent.futures
import multiprocessing
import pickle


# ANCHOR: pool
def count_primes(first, end):
    return sum(is_prime(number) for number in range(first, end))


def is_prime(number):
    divisors = range(2, int(number**0.5) + 1)
    return number > 1 and all(number % divisor for divisor in divisors)


def main():
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=spawn) as pool:
        print(list(pool.map(count_primes, [0, 10_000], [10_000, 20_000])))
        try:
            pool.submit(lambda: count_primes(0, 100)).result()
        except (AttributeError, pickle.PicklingError):
            print("a lambda has no name, and cannot be sent")


if __name__ == "__main__":  # not in the workers, which import this file
    main()
# ANCHOR_END: pool
