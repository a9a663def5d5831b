"""`giltrace metrics`: what it writes is OpenMetrics to a parser that is not ours, and its figures are the report's."""
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

import interpreters
from conftest import BIN, PROGRAMS, clean_environment
from relays import LIMIT, relay, wait_for  # noqa: F401 (a fixture)
from test_attach import serve  # noqa: F401 (a fixture)
from test_top import nothing_left  # noqa: F401 (a fixture)

TROUBLE = 125


def parse(text):
    """{(name, label values...): value} of the samples, by Prometheus' own parser."""
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    return list(parser.text_string_to_metric_families(text))


def samples(text, name):
    """Of threads, by their names."""
    return {sample.labels.get("thread"): sample.value for family in parse(text) for sample in family.samples
            if sample.name == name}


def test_once(giltrace, serve):  # noqa: F811
    server = serve("--busy", 2)
    result = giltrace("metrics", "--attach", server.pid)
    assert result.returncode == 0, result.stderr
    families = {family.name: family for family in parse(result.stdout)}
    assert families["giltrace_hold_seconds"].type == "counter" and families["giltrace_hold_seconds"].unit == "seconds"
    assert {"busy-1", "busy-2"} <= set(samples(result.stdout, "giltrace_hold_seconds_total"))
    assert all(0 <= share <= 1 for share in samples(result.stdout, "giltrace_held_ratio").values())
    server.end()


def check_figures(families, process):
    """Those of one process, the report's to the nanosecond."""
    (gil,) = process["gils"]
    of_pid = {sample.name: sample.value for family in families for sample in family.samples
              if sample.labels.get("pid") == str(process["pid"]) and "tid" not in sample.labels}
    assert round(of_pid["giltrace_gil_hold_seconds_total"] * 1e9) == gil["held_ns"]
    assert round(of_pid["giltrace_gil_wait_seconds_total"] * 1e9) == gil["wait_ns"]
    assert of_pid["giltrace_gil_acquisitions_total"] == gil["acquisitions"]


def test_file_has_the_figures_of_the_report(relay, report_json, library, tmp_path):  # noqa: F811
    """Once the programs have ended; all in one session, as a viewer and its relay daemon cost more than they."""
    session = relay.session()
    session.start()
    path = tmp_path / "giltrace.prom"
    viewer = subprocess.Popen([BIN, "metrics", "-d", "200ms", "-o", path, session.url], stderr=subprocess.PIPE, text=True,
                              env=clean_environment())
    wait_for(relay.viewers, "the viewer")
    pids = {}
    for python in interpreters.find():
        with subprocess.Popen([python.path, PROGRAMS / "mixed.py"], stdout=subprocess.DEVNULL,
                              env=clean_environment(LD_PRELOAD=library)) as program:
            assert program.wait(LIMIT) == 0
        pids[program.pid] = python
    session.end()
    assert viewer.wait(LIMIT) == 0
    text = path.read_text()
    processes = [one for one in report_json(relay.folder)["processes"] if "mixed.py" in one["command"]]
    assert pids and [(one["pid"], one["version"]) for one in processes] == [
        (pid, python.version) for pid, python in pids.items()]
    families = parse(text)
    for process in processes:
        check_figures(families, process)
    assert "giltrace_up 0\n" in text
    assert list(tmp_path.glob("giltrace.prom.*")) == []


def test_is_scraped(serve):  # noqa: F811
    server = serve("--busy", 2)
    one = subprocess.Popen([BIN, "metrics", "--listen", "0", "-d", "300ms", "--attach", str(server.pid)],
                           stderr=subprocess.PIPE, text=True, env=clean_environment())
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+/metrics", one.stderr.readline())

    def scrape():
        try:
            with urllib.request.urlopen(url, timeout=LIMIT) as answer:
                assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            assert error.code == 503
            return None

    text = wait_for(lambda: (scrape() or "").count("busy-1") and scrape(), "figures")
    before, after = samples(text, "giltrace_hold_seconds_total"), {}
    while after.get("busy-1", 0) <= before["busy-1"]:
        after = samples(scrape(), "giltrace_hold_seconds_total")
    assert all(after[name] >= before[name] for name in before)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(url + "-not", timeout=LIMIT)
    one.terminate()
    assert one.wait(LIMIT) == 0
    one.stderr.close()
    server.end()


def test_of_a_command(giltrace, tmp_path):
    path = tmp_path / "giltrace.prom"
    result = giltrace("metrics", "-o", path, "--", sys.executable, "-c", "print('its own'); raise SystemExit(3)")
    assert (result.returncode, result.stdout) == (3, "its own\n")
    assert parse(path.read_text())


@pytest.mark.parametrize("arguments", [("true",), ("--listen", "x"), ("--listen", "host:"), ("--listen", "99999999")])
def test_mistakes(giltrace, arguments):
    assert giltrace("metrics", *arguments).returncode == TROUBLE
