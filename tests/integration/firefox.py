"""
Profiles of the Firefox Profiler, read back: the file itself, checked against what its format promises
(docs-developer/CHANGELOG-formats.md and src/types/profile.ts of github.com/firefox-devtools/profiler, version 57), and
by Mozilla's own profiler-cli, which loads a profile as profiler.firefox.com does.
"""
import collections
import json
import os
import shutil
import subprocess
import time

# What each table has, besides its length; everything is a column as long as that.
TABLES = {
    "markers": {"data", "name", "startTime", "endTime", "phase", "category"},
    "samples": {"stack", "time", "weight"},
    "stackTable": {"frame", "prefix"},
    "frameTable": {"address", "inlineDepth", "category", "subcategory", "func", "nativeSymbol", "innerWindowID", "line",
                   "column"},
    "funcTable": {"name", "isJS", "relevantForJS", "resource", "fileName", "lineNumber", "columnNumber"},
    "resourceTable": {"lib", "name", "host", "type"},
    "nativeSymbols": {"libIndex", "address", "name", "functionSize"},
}
INSTANT, INTERVAL, BEGIN = 0, 1, 2


def ns(ms):
    return round(ms * 1_000_000)


class Marker:
    def __init__(self, profile, table, index):
        self.name = profile.text(table["name"][index])
        self.data = table["data"][index]
        self.kind = self.data["type"]
        self.begin, self.end = table["startTime"][index], table["endTime"][index]
        self.phase = table["phase"][index]
        self.ns = 0 if self.end is None else ns(self.end) - ns(self.begin)
        assert (self.end is not None) == (self.phase == INTERVAL)
        assert self.begin >= 0 and self.ns >= 0
        assert 0 <= table["category"][index] < len(profile.meta["categories"])
        for key, value in self.data.items():
            if key != "type" and profile.schemas[self.kind][key] == "unique-string":
                self.data[key] = profile.text(value)


class Thread:
    def __init__(self, profile, content):
        self.name, self.pid, self.tid = content["name"], content["pid"], content["tid"]
        self.main, self.process = content["isMainThread"], content["processName"]
        for table, columns in TABLES.items():
            found = dict(content[table])
            length = found.pop("length")
            if table == "samples":
                assert found.pop("weightType") == "tracing-ms"
            assert found.keys() == columns
            assert {len(column) for column in found.values()} == {length}, table
        self.markers = [Marker(profile, content["markers"], i) for i in range(content["markers"]["length"])]
        self.lines = self.read_stacks(profile, content)
        self.samples = self.read_samples(content)

    def read_stacks(self, profile, content):
        """(function, file, line) of each stack."""
        frames, functions = content["frameTable"], content["funcTable"]
        lines = []
        for frame, prefix in zip(content["stackTable"]["frame"], content["stackTable"]["prefix"]):
            assert prefix is None
            function = frames["func"][frame]
            file = functions["fileName"][function]
            lines.append((profile.text(functions["name"][function]), None if file is None else profile.text(file),
                          frames["line"][frame]))
        return lines

    def read_samples(self, content):
        samples = content["samples"]
        assert samples["time"] == sorted(samples["time"])
        return [(None if stack is None else self.lines[stack], ns(weight))
                for stack, weight in zip(samples["stack"], samples["weight"])]

    def total(self, *kinds):
        return sum(marker.ns for marker in self.markers if marker.kind in kinds)

    def of(self, kind):
        return [marker for marker in self.markers if marker.kind == kind]


class Profile:
    def __init__(self, content):
        profile = json.loads(content)
        self.meta, self.strings = profile["meta"], profile["shared"]["stringArray"]
        assert self.meta["preprocessedProfileVersion"] == 57
        assert all(isinstance(text, str) for text in self.strings)
        self.schemas = {schema["name"]: {field["key"]: field["format"] for field in schema["fields"]}
                        for schema in self.meta["markerSchema"]}
        self.threads = [Thread(self, thread) for thread in profile["threads"]]
        assert max(self.meta["initialVisibleThreads"]) < len(self.threads)
        mains = collections.Counter(thread.pid for thread in self.threads if thread.main)
        assert mains == {thread.pid: 1 for thread in self.threads}

    def text(self, number):
        assert isinstance(number, int) and 0 <= number < len(self.strings)
        return self.strings[number]


class ProfilerCli:
    """profiler-cli with one profile loaded, in a process that ends with the block."""

    def __init__(self, script, path, folder):
        self.command = ["node", str(script)]
        self.path, self.folder = path, folder
        self.environment = dict(os.environ, PROFILER_CLI_SESSION_DIR=str(folder))

    def __enter__(self):
        # What `load` starts in the background, and then gives half a second, however busy the machine.
        self.daemon = subprocess.Popen(
            [*self.command, "--daemon", str(self.path), "--session", "test"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)
        try:
            self.wait_until_loaded()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *failure):
        self.daemon.kill()
        self.daemon.wait()

    def wait_until_loaded(self):
        """By its log: a question that comes before it listens takes it for dead, and its session away."""
        deadline = time.monotonic() + 60
        while "Profile loaded successfully" not in self.log():
            assert self.daemon.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.1)

    def log(self):
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def run(self, *arguments):
        return subprocess.run(
            [*self.command, *arguments, "--session", "test"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=self.environment, timeout=60)

    def ask(self, *arguments):
        result = self.run(*arguments, "--json")
        assert result.returncode == 0, result.stderr + self.log()
        return json.loads(result.stdout)


VERSION = "0.10.0"


def fetch_profiler_cli(folder):
    """The script, fetched from the npm registry when it is not there yet; or None and why."""
    script = folder / ("profiler-cli-" + VERSION) / "package" / "dist" / "profiler-cli.js"
    if script.exists():
        return script, None
    for tool in "node", "npm":
        if not shutil.which(tool):
            return None, "%s is not installed" % tool
    result = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), "@firefox-devtools/profiler-cli@" + VERSION],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    if result.returncode != 0:
        return None, "npm cannot fetch profiler-cli: " + result.stderr.strip()[-200:]
    packed = folder / result.stdout.split()[-1]
    shutil.unpack_archive(packed, script.parents[2])
    packed.unlink()
    return script, None
