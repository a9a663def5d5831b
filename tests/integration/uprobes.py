"""Independent ground truth: bpftrace's uprobes on CPython's own take_gil and drop_gil."""
import contextlib
import functools
import json
import os
import re
import signal
import subprocess

LIBRARY = re.compile(r"=> (/\S*/libpython3[^/ ]*)")
SYMBOL = re.compile(r"(take_gil|drop_gil)(\.[\w.]+)?")
# Deprecated API that nothing calls; drop_gil may be inlined there.
UNUSED = {"PyEval_ReleaseLock", "PyEval_AcquireLock"}

TAKEN = """uretprobe:%s:%s {
	@taken[pid, tid] = count();
	@at[tid] = nsecs;
}
"""
DROPPED = """uprobe:%s:%s {
	@dropped[pid, tid] = count();
	if (@at[tid]) {
		@held[pid, tid] = sum(nsecs - @at[tid]);
	}
	delete(@at[tid]);
}
"""


def binary_of(python):
    """The file that holds the interpreter's code: libpython, or the program itself."""
    result = subprocess.run(["ldd", python.path], stdout=subprocess.PIPE, text=True, check=True)
    found = LIBRARY.search(result.stdout)
    return os.path.realpath(found[1]) if found else python.path


@functools.lru_cache(maxsize=None)  # a disassembled libpython takes a second
def symbols_of(binary):
    """Every copy of take_gil and drop_gil that the compiler made, or a reason why they cannot be probed."""
    names = subprocess.run(["nm", binary], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    symbols = sorted(set(re.findall(r" [tT] (%s)$" % SYMBOL.pattern.replace("(", "(?:"), names, re.M)))
    if len({symbol.partition(".")[0] for symbol in symbols}) < 2:
        return [], "%s has no symbols" % binary
    others = {name for name in signallers(binary) - UNUSED if not SYMBOL.fullmatch(name)}
    if others:
        return [], "the compiler put the GIL's code into %s, too" % ", ".join(sorted(others))
    return symbols, ""


def signallers(binary):
    """The functions that call pthread_cond_signal, which in CPython only the GIL's do."""
    found, function = set(), ""
    with subprocess.Popen(
        ["objdump", "-d", "--no-show-raw-insn", binary], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as objdump:
        for line in objdump.stdout:
            if line.endswith(">:\n"):
                function = line[line.index("<") + 1 : -3]
            elif "<pthread_cond_signal" in line and "@plt" not in function:
                found.add(function)
    return found


def script(binary, symbols):
    probes = [(TAKEN if symbol.startswith("take_gil") else DROPPED) % (binary, symbol) for symbol in symbols]
    # Printed only once all probes are attached, for bpftrace reads its own output after that.
    return 'BEGIN { printf("attached"); }\n' + "".join(probes) + "END { clear(@at); }\n"


@contextlib.contextmanager
def running(text):
    """
    bpftrace runs the script `text`, whose BEGIN prints "attached", while the block
    does. Yields a dict that holds the maps that are keyed by integers (name ->
    {tuple: number}) after the block.
    """
    maps = {}
    bpftrace = subprocess.Popen(
        ["bpftrace", "-B", "line", "-f", "json", "-e", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        for line in bpftrace.stdout:
            if '"attached"' in line:
                break
        else:
            raise RuntimeError("bpftrace cannot probe: " + bpftrace.stderr.read())
        yield maps
    finally:
        output = end(bpftrace)
    for line in output.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("type") == "map":
            for name, values in message["data"].items():
                maps[name[1:]] = {tuple(map(int, key.split(","))): value for key, value in values.items()}


def end(bpftrace):
    """Returns what it printed. It has been seen to miss a signal."""
    for _ in range(10):
        bpftrace.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return bpftrace.communicate(timeout=5)[0]
    bpftrace.kill()
    raise RuntimeError("bpftrace does not end")


def counting(binary, symbols):
    """Counts while the block runs: the maps `taken`, `dropped` and `held`, (pid, tid) -> number."""
    return running(script(binary, symbols))


@functools.lru_cache(maxsize=None)
def unusable():
    """Why uprobes cannot be used here, or None."""
    if os.getuid() != 0:
        return "uprobes need root"
    probe = subprocess.run(["bpftrace", "-e", "BEGIN { exit(); }"], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    return None if probe.returncode == 0 else "bpftrace does not work here: " + probe.stdout.strip()
