"""
Threads under several interpreters.

    many_interpreters.py own|shared COUNT     COUNT interpreters, each with two computing threads
    many_interpreters.py many COUNT           COUNT interpreters, one after the other
    many_interpreters.py pool COUNT           COUNT calls in an InterpreterPoolExecutor (3.14)
"""
import sys
import threading

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

COMPUTE = """
import threading

def compute():
    for _ in range(3):
        sum(i * i for i in range(300_000))

threads = [threading.Thread(target=compute, name="inner-%d" % number) for number in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def create(own):
    """Interpreters have a GIL of their own, if they want, from 3.12 on."""
    if sys.version_info >= (3, 13):
        return interpreters.create("isolated" if own else "legacy")
    if sys.version_info >= (3, 9):
        return interpreters.create(isolated=own)
    return interpreters.create()


def run(interpreter, code):
    execute = getattr(interpreters, "exec", None) or interpreters.run_string
    failure = execute(interpreter, code)
    if failure:
        sys.exit("an interpreter failed: %s" % (failure,))


def use(own):
    """By one thread from beginning to end: 3.12 waits for ever for the threads of one that another thread used."""
    interpreter = create(own)
    run(interpreter, COMPUTE)
    interpreters.destroy(interpreter)


def side_by_side(own, count):
    threads = [threading.Thread(target=use, args=(own,), name="outer-%d" % n) for n in range(1, count + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def many(count):
    for _ in range(count):
        interpreter = create(True)
        run(interpreter, "pass")
        interpreters.destroy(interpreter)


def square(number):
    return sum(number for _ in range(number * 1000))


def pool(count):
    from concurrent.futures import InterpreterPoolExecutor

    with InterpreterPoolExecutor(max_workers=2) as executor:
        assert list(executor.map(square, range(count))) == [n * n * 1000 for n in range(count)]


def main():
    what, count = sys.argv[1], int(sys.argv[2])
    if what == "many":
        many(count)
    elif what == "pool":
        pool(count)
    else:
        side_by_side(what == "own", count)


if __name__ == "__main__":
    main()
