"""
Threads that compute, and so wait for each other, whose names and file are made to
break whatever shows them without care. Each is in a region with such a name.
"""
import ctypes
import threading
import time

MARKUP = "</script><script>alert(1)</script>"
NAMES = [MARKUP, "a,\"b\";c\n=1+1", "'; DROP TABLE holds; -- \\u0000 \\"]
FILE = "dir;x/a, \"b\" <script>\n caf\udce9 \u4e2d.py"

SOURCE = """
def compute(until):
    while clock() < until:
        pass
"""


def call(name, region):
    function = getattr(ctypes.PyDLL(None), name, None)
    if function:
        function(region)


def work(region, compute):
    call("giltrace_begin", region)
    compute(time.monotonic() + 0.2)
    call("giltrace_end", region)


def main():
    scope = {"clock": time.monotonic}
    exec(compile(SOURCE, FILE, "exec"), scope)
    threads = [
        threading.Thread(target=work, args=(name.encode(), scope["compute"]), name=name) for name in NAMES
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
