"""cmake --install gives a tree that works where it stands, and the .deb holds the same."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

from conftest import PROGRAMS, clean_environment

BUILD = os.environ.get("GILTRACE_BUILD")


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    if not BUILD:
        pytest.skip("GILTRACE_BUILD does not name a build tree")
    path = tmp_path_factory.mktemp("install") / "usr"
    subprocess.run(["cmake", "--install", BUILD, "--prefix", str(path)], stdout=subprocess.DEVNULL, check=True)
    return path


def installed(prefix, name):
    found = list(prefix.rglob(name))
    assert len(found) == 1, "%s is installed %d times" % (name, len(found))
    return found[0]


def test_layout(prefix):
    assert (prefix / "bin/giltrace").is_file()
    libraries = {path.name: path.parent for path in prefix.glob("lib/**/*.so")}
    assert set(libraries) == {"libgiltrace.so", "libgiltrace-lttng.so"}
    assert len(set(libraries.values())) == 1, "the two libraries stand beside each other"
    manuals = {path.name for path in (prefix / "share/man").rglob("giltrace*.1*")}
    for name in ("giltrace", "giltrace-run", "giltrace-record", "giltrace-report", "giltrace-check", "giltrace-diff", "giltrace-doctor"):
        assert any(manual.startswith(name + ".1") for manual in manuals), name


def test_manual_pages_are_well_formed(prefix, need):
    need("man")
    for manual in (prefix / "share/man").rglob("*.1"):
        result = subprocess.run(
            ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(manual)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=clean_environment(MANWIDTH=80),
        )
        assert (result.returncode, result.stderr) == (0, ""), manual


def test_runs_from_there(prefix, any_python, tmp_path):
    result = subprocess.run(
        [prefix / "bin/giltrace", "run", "-o", tmp_path / "trace", "--",
         any_python.path, PROGRAMS / "countdown.py", "--threads", "2", "--count", "200000"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
    )
    assert result.returncode == 0, result.stderr
    assert "countdown-1" in result.stdout + result.stderr


def test_preloads_without_a_path(prefix, any_python):
    """Once the folder is one of the linker's, as /usr/lib is."""
    folder = installed(prefix, "libgiltrace.so").parent
    result = subprocess.run(
        [any_python.path, "-c", "print(any('libgiltrace.so' in line for line in open('/proc/self/maps')))"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=clean_environment(LD_PRELOAD="libgiltrace.so", LD_LIBRARY_PATH=folder),
    )
    assert (result.stdout, result.stderr) == ("True\n", "")


@pytest.mark.parametrize("folder", ["share/giltrace/pytest", "lib/python3/dist-packages"])
def test_pytest_finds_the_plugin(prefix, folder, tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n\n@pytest.mark.gil(min_releases=1)\ndef test_it():\n    open('/dev/null').close()\n")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--gil"], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=clean_environment(PYTHONPATH=prefix / folder, PATH="%s:%s" % (prefix / "bin", os.environ["PATH"])),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "giltrace-" in result.stdout and "Pass: 1 limit kept" in result.stderr


def test_package(need, tmp_path):
    need("cpack", "dpkg-deb", "dpkg-shlibdeps")
    if not BUILD:
        pytest.skip("GILTRACE_BUILD does not name a build tree")
    subprocess.run(
        ["cpack", "-G", "DEB", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", str(tmp_path)],
        stdout=subprocess.DEVNULL, check=True, cwd=tmp_path,
    )
    (package,) = pathlib.Path(tmp_path).glob("*.deb")
    contents = subprocess.run(["dpkg-deb", "-c", package], stdout=subprocess.PIPE, text=True, check=True).stdout
    for path in ("/usr/bin/giltrace", "/libgiltrace.so", "/libgiltrace-lttng.so", "/man1/giltrace.1",
                 "/usr/share/giltrace/pytest/giltrace.py", "/usr/lib/python3/dist-packages/giltrace.py"):
        assert path + "\n" in contents, path
    assert "_CPack_Packages" not in contents
    control = subprocess.run(
        ["dpkg-deb", "-f", package, "Depends"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    for dependency in ("lttng-tools", "liblttng-ust1", "libbabeltrace2", "libc6"):
        assert re.search(r"\b%s" % dependency, control), control
