"""Threads that compute with numpy, which lets go of the GIL inside its loops."""
import argparse
import threading

import numpy

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=4)
parser.add_argument("--rounds", type=int, default=20, help="for each thread")
parser.add_argument("--size", type=int, default=200_000, help="numbers in an array")
options = parser.parse_args()
results = [0.0] * options.threads


def compute(index):
    numbers = numpy.random.default_rng(index).random(options.size)
    for _ in range(options.rounds):
        results[index] += numpy.sqrt(numpy.sort(numbers)).sum()
        numbers = numpy.sin(numbers)


threads = [threading.Thread(target=compute, args=(i,), name="numpy-%d" % i) for i in range(options.threads)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(" ".join("%.6f" % result for result in results))
