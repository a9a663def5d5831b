"""
Lets go of the GIL at lines that it notes: in all kinds of code, under all kinds of
names, in code objects that come and go. Prints the number of the thread that does
and what it noted as JSON, in order: [thread, [[function, file, line]]].
"""
import argparse
import asyncio
import importlib
import json
import os
import sys
import tempfile
import threading
from time import monotonic, sleep

noted = []
threads = []


def note():
    """The caller is about to let go, on this line."""
    frame = sys._getframe(1)
    code = frame.f_code
    noted.append((getattr(code, "co_qualname", code.co_name), code.co_filename, frame.f_lineno))


def hold(seconds):
    """Keeps the GIL; on one thread nobody asks for it."""
    end = monotonic() + seconds
    while monotonic() < end:
        pass


def plain():
    for _ in range(3):
        note(); sleep(0)
    note(); sleep(0)


def blocks():
    try:
        note(); sleep(0)
        raise ValueError
    except ValueError:
        note(); sleep(0)
    finally:
        note(); sleep(0)
    with threading.Lock():
        note(); sleep(0)
    [(note(), sleep(0)) for _ in range(2)]
    (lambda: (note(), sleep(0)))()

    class Body:
        note(); sleep(0)

        def method(self):
            note(); sleep(0)

    Body().method()


def recursion(depth):
    if depth:
        recursion(depth - 1)
        return
    hold(0.02)
    note(); sleep(0)


def generators():
    def inner():
        note(); sleep(0)
        yield 1
        note(); sleep(0)

    def outer():
        yield from inner()
        note(); sleep(0)
        yield 2

    list(outer())


def coroutines():
    async def inner():
        note(); sleep(0)
        await asyncio.sleep(0)
        note(); sleep(0)

    async def numbers():
        note(); sleep(0)
        yield 1

    async def outer():
        await inner()
        async for _ in numbers():
            note(); sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(outer())
    loop.close()


def compiled():
    for name in ("<string>", " ", "nowhere.py", "f" * 3000 + ".py"):
        exec(compile("\n\nnote(); sleep(0)\n", name, "exec"), globals())


def names():
    for name in ("höhe", "名前", "文字𠀋", "n" * 2000):
        for file in ("ä.py", "名.py", "𝄞.py", "\udcff.py"):
            source = "def %s():\n    note(); sleep(0)\n%s()" % (name, name)
            exec(compile(source, file, "exec"), globals())


def far_apart():
    """Lines and instructions further apart than one entry of a line table can say."""
    source = "def far():\n note(); sleep(0)\n%s x = %s\n note(); sleep(0)\n%s note(); sleep(0)\nfar()" % (
        "\n" * 700, " + ".join(["noted.__len__()"] * 90), "\n" * 100000)
    exec(compile(source, "far.py", "exec"), globals())


def reload(times):
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        path = os.path.join(folder, "changing.py")
        for i in range(times):
            with open(path, "w") as file:
                file.write("%sdef f(note, sleep):\n%s    note(); sleep(0)\n" % ("\n" * (i % 7), "\n" * (i % 5)))
            module = importlib.reload(sys.modules["changing"]) if i else importlib.import_module("changing")
            module.f(note, sleep)


def reuse(times):
    """Same name, same file, same first line, same sizes: only the line differs, and memory is used again."""
    for i in range(times):
        source = "def f():\n%s    note(); sleep(0)\n%sf()" % ("\n" * (i % 9), "\n" * (9 - i % 9))
        exec(compile(source, "again.py", "exec"), {"note": note, "sleep": sleep})


def work(times, depth):
    threads.append(threading.get_native_id())
    plain()
    blocks()
    generators()
    coroutines()
    compiled()
    names()
    far_apart()
    reload(times)
    reuse(times)
    recursion(depth)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1000, help="how often code is replaced")
    parser.add_argument("--depth", type=int, default=10000, help="of the recursion")
    options = parser.parse_args()
    sys.setrecursionlimit(options.depth + 1000)
    threading.stack_size(512 * 1024 * 1024)
    thread = threading.Thread(target=work, args=(options.times, options.depth), name="work")
    thread.start()
    thread.join()
    json.dump([*threads, noted], sys.stdout)


if __name__ == "__main__":
    main()
