"""
The event contract: what the real shim writes, field by field, is what the decoder
(analysis/decode/shapes.c) expects.
"""
import re
import subprocess

import pytest

import sessions
from conftest import PROGRAMS, ROOT, clean_environment

EVENT = re.compile(r"^    Event class `giltrace:(\w+)`")
FIELD = re.compile(r"^        (\w+): (Signed integer|Unsigned integer|Unsigned enumeration|String|Dynamic array)")
LABEL = re.compile(r"^          (\w+): \[(\d+)\]")
KINDS = {
    "SIGNED": "Signed integer",
    "UNSIGNED": "Unsigned integer",
    "ENUM": "Unsigned enumeration",
    "STRING": "String",
    "NUMBERS": "Dynamic array",
}


@pytest.fixture(scope="module")
def written(session_daemon, any_python, library, tmp_path_factory):
    """The shim's events: {event: {field: (kind, {label: value})}}."""
    path = tmp_path_factory.mktemp("contract") / "trace"
    with sessions.session(path) as session:
        subprocess.run(
            [any_python.path, PROGRAMS / "mixed.py", "--messages", "5"], stdout=subprocess.DEVNULL, check=True,
            env=clean_environment(LD_PRELOAD=library),
        )
        session.stop()
    text = subprocess.run(
        ["babeltrace2", str(path), "-c", "sink.text.details", "-p", 'with-data=no,color="never"'],
        stdout=subprocess.PIPE, text=True, check=True,
    ).stdout
    events, fields, labels = {}, {}, {}
    for line in text.splitlines():
        if EVENT.match(line):
            fields = events.setdefault(EVENT.match(line)[1], {})
        elif FIELD.match(line):
            name, kind = FIELD.match(line).groups()
            if name.startswith("_"):
                continue  # LTTng's, the length of the list behind it
            labels = {}
            fields[name] = (kind, labels)
        elif LABEL.match(line):
            labels[LABEL.match(line)[1]] = int(LABEL.match(line)[2])
    return events


@pytest.fixture(scope="module")
def expected():
    """The decoder's table: {event: {field: (kind, last label's constant or None)}}."""
    events, fields = {}, {}
    for line in (ROOT / "analysis/decode/shapes.c").read_text().splitlines():
        event = re.match(r'\s*\{\s*"(\w+)", EVENT_\w+,', line)
        field = re.match(r'\s*(SIGNED|UNSIGNED|ENUM|STRING|NUMBERS)\("(\w+)", [\w.]+(?:, (\w+))?\),', line)
        if event:
            fields = events.setdefault(event[1], {})
        elif field:
            fields[field[2]] = (KINDS[field[1]], field[3])
    return events


def constants():
    """Every enumeration constant of the contract with its value."""
    text = (ROOT / "shim/contract.h").read_text()
    return {
        name.strip(): value
        for body in re.findall(r"enum \w+ \{([^}]*)\}", text)
        for value, name in enumerate(body.split(","))
    }


def test_events(written, expected):
    assert set(expected) == {
        "process", "gil", "thread", "wait", "drop_request", "acquire", "release",
        "cycles", "site", "stack", "module", "mark", "unavailable",
    }
    assert set(written) == set(expected)


def test_fields(written, expected):
    for event, fields in expected.items():
        assert list(written[event]) == list(fields), event
        for name, (kind, _) in fields.items():
            assert written[event][name][0] == kind, "%s.%s" % (event, name)


def test_enumerations(written, expected):
    values = constants()
    for event, fields in expected.items():
        for name, (_, last) in fields.items():
            labels = written[event][name][1]
            if last is None:
                assert not labels
                continue
            assert max(labels.values()) == values[last], "%s.%s" % (event, name)
            for label, value in labels.items():
                assert any(
                    constant.endswith(label.upper()) and values[constant] == value for constant in values
                ), "%s.%s: %s" % (event, name, label)


def test_every_event_has_pid_and_tid(written):
    for event, fields in written.items():
        assert {"pid", "tid"} <= set(fields), event
