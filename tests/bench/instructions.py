"""Instructions by callgrind: what no busy machine can change."""
import re
import shutil
import subprocess

import programs


def unusable():
    return None if shutil.which("valgrind") else "no valgrind (package valgrind)"


def of_a_read(way, python, folder, count):
    """Instructions for one read of the tight loop: a run with `count` reads less one with none."""
    return (of(way, python, folder, count) - of(way, python, folder, 0)) / count


def of(way, python, folder, count):
    with way.launch(python, folder) as launch:
        result = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             *launch.command(python.path, programs.FOLDER / "releases.py", "--threads", 1, "--count", count)],
            env={**launch.environment, "PYTHONHASHSEED": "0"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode != 0 or not found:
        raise RuntimeError("callgrind, %s:\n%s" % (way.title, result.stderr))
    return int(found[1])
