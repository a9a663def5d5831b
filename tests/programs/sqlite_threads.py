"""Threads that write to and read from one SQLite file, each over its own connection."""
import argparse
import os
import sqlite3
import tempfile
import threading

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=8)
parser.add_argument("--rows", type=int, default=500, help="for each thread")
options = parser.parse_args()
sums = [0] * options.threads


def work(path, index):
    connection = sqlite3.connect(path, timeout=300)
    for first in range(0, options.rows, 50):
        with connection:
            for row in range(first, min(first + 50, options.rows)):
                connection.execute("insert into numbers values (?, ?)", (index, row))
        query = connection.execute("select number from numbers where thread = ?", (index,))
        sums[index] = sum(number for (number,) in query)
    connection.close()


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "numbers.db")
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table numbers (thread, number)")
    connection.commit()
    threads = [
        threading.Thread(target=work, args=(path, i), name="sqlite-%d" % i) for i in range(options.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = connection.execute("select count(*) from numbers").fetchone()[0]
    connection.close()
print(rows, "rows, sums:", *sums)
