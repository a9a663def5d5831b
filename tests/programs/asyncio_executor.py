"""An event loop that serves many small tasks and hands blocking and computing work to threads."""
import argparse
import asyncio
import concurrent.futures
import hashlib
import tempfile

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--workers", type=int, default=4)
parser.add_argument("--jobs", type=int, default=100)
parser.add_argument("--ticks", type=int, default=200, help="of the loop's own task, one a millisecond")
options = parser.parse_args()


def hash_file(number):
    """Reads and hashes without the GIL."""
    with tempfile.TemporaryFile() as file:
        file.write(bytes([number % 256]) * 200_000)
        file.seek(0)
        return hashlib.sha256(file.read()).hexdigest()


def count(number):
    """Pure Python: needs the GIL all the time."""
    return sum(i * number for i in range(20_000))


async def tick():
    for _ in range(options.ticks):
        await asyncio.sleep(0.001)
    return options.ticks


async def main():
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(options.workers, thread_name_prefix="executor") as pool:
        ticks = asyncio.create_task(tick())
        hashes = [loop.run_in_executor(pool, hash_file, i) for i in range(options.jobs)]
        counts = [loop.run_in_executor(pool, count, i) for i in range(options.jobs)]
        joined = "".join(await asyncio.gather(*hashes)).encode()
        print(hashlib.sha256(joined).hexdigest(), sum(await asyncio.gather(*counts)), await ticks)


asyncio.run(main())
