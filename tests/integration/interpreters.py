"""Every CPython from 3.8 on that this machine has, each build of it once; and every PyPy."""
import ast
import functools
import glob
import os
import re
import shutil
import subprocess
from typing import NamedTuple

OLDEST = (3, 8)

# Debian builds shared and static from one configuration: the program's own mappings tell which it is.
# It imports nothing, and is asked without `site`: each file of tests asks all of them.
PROBE = """
import sys
print((
    sys.implementation.name,
    sys.version.split()[0],
    sys.version_info[:2],
    "t" in sys.abiflags,
    "d" in sys.abiflags,
    "/libpython" in open("/proc/self/maps").read(),
))
"""

# Upstream's names (python3.13t, python3.13td) and Debian's (python3.13-dbg).
NAME = re.compile(r"python3(\.\d+t?d?)?(-dbg|-nogil)?")


class Interpreter(NamedTuple):
    path: str  # of the binary itself, never a launcher script
    version: str
    release: tuple  # (3, 12)
    free_threaded: bool
    debug: bool  # Py_DEBUG
    shared: bool  # the interpreter is in a libpython3.x.so

    def __str__(self):
        return self.version + ("t" if self.free_threaded else "") + ("d" if self.debug else "")

    @property
    def build(self):
        """How it was built, in words."""
        kinds = ["shared" if self.shared else "static"]
        if self.debug:
            kinds.append("debug")
        if self.free_threaded:
            kinds.append("free-threaded")
        return ", ".join(kinds)


@functools.lru_cache(maxsize=None)
def pyenv_versions():
    """The folder that has them, or None."""
    pyenv = shutil.which("pyenv")
    return pyenv and os.path.join(
        subprocess.run([pyenv, "root"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip(), "versions")


def of_pyenv(pattern):
    return glob.glob(os.path.join(pyenv_versions(), pattern)) if pyenv_versions() else []


def candidates():
    """Paths to try, in no particular order and with repetitions."""
    override = os.environ.get("GILTRACE_PYTHONS")
    if override:
        return override.split(os.pathsep)
    found = [path for path in ["/usr/bin/python3", shutil.which("python3")] if path]
    found += of_pyenv("*/bin/python3*")
    for folder in os.get_exec_path():
        found += glob.glob(os.path.join(folder, "python3*"))
    return [path for path in found if NAME.fullmatch(os.path.basename(path))]


def is_binary(path):
    """Not a launcher script, such as pyenv puts on PATH."""
    try:
        with open(path, "rb") as file:
            return os.access(path, os.X_OK) and file.read(4) == b"\x7fELF"
    except OSError:
        return False


@functools.lru_cache(maxsize=None)  # asked for each test of a file
def probe(path, wanted="cpython"):
    """The Interpreter at `path`, or None when it is not a CPython of an age that counts (or not a `wanted`)."""
    try:
        result = subprocess.run(
            [path, "-IS", "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30, check=True
        )
        implementation, version, release, *build = ast.literal_eval(result.stdout.decode())
    except (OSError, subprocess.SubprocessError, ValueError, SyntaxError):
        return None
    if implementation != wanted or release < OLDEST:
        return None
    return Interpreter(path, version, release, *build)


def find():
    """All of them, oldest first."""
    paths = {os.path.realpath(path) for path in candidates()}
    found = [probe(path) for path in sorted(paths) if is_binary(path)]
    return sorted((one for one in found if one), key=lambda one: (one.release, one.version, one.path))


def find_pypy():
    """Those of PyPy: a kind of its own, of whose GIL only the waits can be seen."""
    found = [path for path in [shutil.which("pypy3")] if path]
    found += of_pyenv("pypy3*/bin/pypy3")
    for folder in os.get_exec_path():
        found += glob.glob(os.path.join(folder, "pypy3.*"))
    paths = {os.path.realpath(path) for path in found}
    probed = [probe(path, "pypy") for path in sorted(paths) if is_binary(path)]
    return sorted((one for one in probed if one), key=lambda one: (one.release, one.path))


if __name__ == "__main__":
    for interpreter in find():
        print(interpreter, interpreter.path, interpreter.build)
    for interpreter in find_pypy():
        print("PyPy", interpreter, interpreter.path)
