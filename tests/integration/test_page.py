"""
`report --format html`: the page opened in a browser. Its figures are those of the
other reports, what it draws is what they count, and it does what it says.
"""
import json
import os
import pty
import re
import subprocess

import pytest

import browser as browsers
from conftest import BIN, clean_environment

EVIL = "</script><script>document.title='taken'</script><!--"

missing = browsers.missing()
needs_browser = pytest.mark.skipif(missing is not None, reason=missing or "")


@pytest.fixture(scope="module")
def browser():
    with browsers.open_browser() as driver:
        yield driver


@pytest.fixture(scope="module")
def make_page(giltrace, any_python, tmp_path_factory):
    """Records a command and makes the page: -> path of the page, of the trace, the report as JSON."""

    def run(*command, options=()):
        folder = tmp_path_factory.mktemp("page")
        trace, page = folder / "trace", folder / "report.html"
        result = giltrace("record", *options, "-o", trace, "--", *command)
        assert result.returncode == 0, result.stderr
        result = giltrace("report", trace, "--format", "html", "-o", page)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        result = giltrace("report", trace, "--format", "json")
        return page, trace, json.loads(result.stdout)

    return run


@pytest.fixture(scope="module")
def countdown(make_page, any_python, programs):
    return make_page(any_python.path, programs / "countdown.py", "--threads", "2")


@pytest.fixture
def opened(browser):
    """Opens a page; what it complains of fails the test, also when it has ended."""

    def run(page):
        browsers.complaints(browser)
        browser.get(page.as_uri())
        browsers.wait_for(browser, "document.documentElement.dataset.ready === 'yes'")
        browsers.settle(browser)
        return browser

    yield run
    browsers.settle(browser)
    assert browsers.complaints(browser) == []


def script(driver, text, *arguments):
    value = driver.execute_script(text, *arguments)
    browsers.settle(driver)
    return value


def embedded(driver):
    """The JSON report in the page; JavaScript's own numbers are no good for dates in nanoseconds."""
    return json.loads(script(driver, "return document.getElementById('report').textContent"))


def view(driver):
    return script(driver, "return [state.begin, state.end]")


def press(driver, *keys):
    from selenium.webdriver.common.action_chains import ActionChains

    chain = ActionChains(driver)
    for key in keys:
        chain.send_keys(key)
    chain.perform()
    browsers.settle(driver)


def table(driver, section):
    """The texts of a table, row by row, without its head."""
    return script(driver, """
        return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].map((row) =>
            [...row.children].map((cell) => cell.textContent));
    """, section)


# What a reader needs of each GIL: the sums over the buckets of each lane, beside the figures.
SUMS = """
    return state.gils.map((gil) => gil.lanes.map((lane) => ({
        held: lane.held[lane.buckets], held_ns: lane.figures.held_ns,
        wait: lane.wait[lane.buckets], wait_ns: lane.figures.wait_ns,
        holds: lane.holdCount[lane.buckets], hold_count: lane.figures.hold.count,
        waits: lane.lengths.waits.reduce((sum, [, number]) => sum + number, 0), wait_count: lane.figures.wait.count,
        requests: lane.requestCount[lane.buckets], sent: lane.figures.drop_requests_sent})));
"""


def check_sums(driver):
    lanes = [lane for gil in script(driver, SUMS) for lane in gil]
    assert lanes
    for lane in lanes:
        assert lane["held"] == lane["held_ns"]
        assert lane["wait"] == lane["wait_ns"]
        assert lane["holds"] == lane["hold_count"]
        assert lane["waits"] == lane["wait_count"]
        assert lane["requests"] == lane["sent"]


@needs_browser
def test_one_file(opened, countdown):
    page, _, report = countdown
    driver = opened(page)
    assert "countdown.py" in driver.title
    assert script(driver, "return performance.getEntriesByType('resource').length") == 0
    text = page.read_text()
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", text)
    assert "default-src 'none'" in text
    # Nothing but what the digests name runs.
    script(driver, "const s = document.createElement('script'); s.textContent = 'window.taken = 1'; document.body.append(s);")
    assert script(driver, "return window.taken") is None
    assert any("Content Security Policy" in message for message in browsers.complaints(driver))


@needs_browser
def test_figures(opened, countdown, giltrace):
    page, trace, report = countdown
    driver = opened(page)
    assert embedded(driver) == report
    check_sums(driver)
    gil = report["processes"][0]["gils"][0]
    assert gil["verdict"]["sentence"] in driver.find_element("id", "verdict").text

    text = giltrace("report", trace).stdout
    rows = table(driver, "threads")
    assert len(rows) == len(gil["threads"])
    for row in rows:
        line = next(line for line in text.splitlines() if re.match(r"%s +%s " % (re.escape(row[0]), row[1]), line))
        # name, tid, held, share, waited, share, takes, waits, mean: as wide as a terminal has room for.
        for figure in row[2:9]:
            assert figure in line, line
    for name, row in zip(("hold", "wait", "handoff", "drop latency"), table(driver, "lengths")):
        line = next(line for line in text.splitlines() if re.match(r"%s +%s " % (name, row[1]), line))
        for figure in row[2:]:
            assert figure in line, line

    heat = table(driver, "blame")
    assert len(heat) == len({entry["waiter"] for entry in gil["blame"]})
    fields = [field for row in heat for field in row[1:-1] if field]
    assert len(fields) == len(gil["blame"])
    assert len(table(driver, "sites")) == len(gil["sites"])


@needs_browser
def test_moments(opened, countdown):
    """Everything of a small trace is there by itself, and adds up as well."""
    page, _, report = countdown
    driver = opened(page)
    gil = report["processes"][0]["gils"][0]
    sums = script(driver, """
        const gil = state.gils[0];
        const sum = (kind) => gil[kind].begin.reduce((ns, begin, i) => ns + gil[kind].end[i] - begin, 0);
        return {left: gil.left_out, holds: gil.holds.begin.length, held: sum('holds'), wait: sum('waits') + sum('yields'),
            requests: gil.requests.begin.length};
    """)
    assert sums == {
        "left": 0, "holds": gil["hold"]["count"], "held": gil["held_ns"], "wait": gil["wait_ns"],
        "requests": gil["drop_requests"],
    }
    # Who held while each thread waited, from the single holds: the report's blame, to the nanosecond.
    blame = script(driver, """
        const gil = state.gils[0], sums = {};
        for (const kind of ['waits', 'yields'])
            for (let i = 0; i < gil[kind].begin.length; i++)
                for (const part of blockers(gil, gil[kind].begin[i], gil[kind].end[i])) {
                    const key = `${laneOf(gil, kind, i).tid} ${gil.lanes[part.lane].tid}`;
                    sums[key] = (sums[key] || 0) + part.ns;
                }
        return sums;
    """)
    assert blame == {
        "%d %d" % (entry["waiter"], entry["holder"]): entry["wait_ns"]
        for entry in gil["blame"] if isinstance(entry["holder"], int)
    }


@needs_browser
def test_zoom(opened, countdown):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    driver = opened(countdown[0])
    whole = view(driver)
    lane = driver.find_element("css selector", ".lane canvas")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", lane)
    browsers.settle(driver)
    width = lane.size["width"]

    # The wheel: what is below the pointer stays there.
    ActionChains(driver).move_to_element_with_offset(lane, width // 4, 0).move_by_offset(1, 0).perform()
    place = script(driver, "return arguments[0].getBoundingClientRect().left", lane)
    x = place + width // 2 + width // 4 + 1
    before = script(driver, "return timeAt(arguments[0], arguments[1])", lane, x)
    origin = ScrollOrigin.from_element(lane, width // 4 + 1, 0)
    ActionChains(driver).scroll_from_origin(origin, 0, -300).perform()
    browsers.settle(driver)
    begin, end = view(driver)
    assert whole[0] < begin < end < whole[1]
    after = script(driver, "return timeAt(arguments[0], arguments[1])", lane, x)
    assert abs(after - before) <= (end - begin) / width * 2

    # Drag: as far as the pointer moved.
    ActionChains(driver).move_to_element(lane).click_and_hold().move_by_offset(-100, 0).release().perform()
    browsers.settle(driver)
    moved = view(driver)
    assert moved[1] - moved[0] == pytest.approx(end - begin)
    assert moved[0] - begin == pytest.approx(100 * (end - begin) / width, rel=0.05)

    # Keys: down to single nanoseconds and back.
    timeline = driver.find_element("id", "timeline")
    driver.execute_script("arguments[0].focus()", timeline)
    press(driver, *["+"] * 40)
    begin, end = view(driver)
    assert end - begin == pytest.approx(100)
    press(driver, *["-"] * 40)
    assert view(driver) == whole
    for button, expected in (("zoom-in", 0.5), ("zoom-in", 0.25), ("zoom-out", 0.5), ("zoom-all", 1)):
        driver.find_element("id", button).click()
        browsers.settle(driver)
        begin, end = view(driver)
        assert end - begin == pytest.approx((whole[1] - whole[0]) * expected)


@needs_browser
def test_selection(opened, countdown):
    from selenium.webdriver.common.keys import Keys

    page, _, report = countdown
    gil = report["processes"][0]["gils"][0]
    driver = opened(page)
    driver.execute_script("document.getElementById('timeline').focus()")
    press(driver, "w")
    longest = script(driver, """
        const {kind, index} = state.moment;
        return [kind, state.gil[kind].end[index] - state.gil[kind].begin[index]];
    """)
    assert longest[0] == "waits"
    # A wait's forced switch counts for the report's longest one, too.
    assert longest[1] <= gil["wait"]["max_ns"]
    begin, end = view(driver)
    assert longest[1] < end - begin < 4 * longest[1]
    panel = driver.find_element("id", "selection")
    assert "waits for the GIL for" in panel.text
    assert "held it for" in panel.text
    assert len(driver.find_elements("css selector", ".overlay .connection")) > 0
    assert len(driver.find_elements("css selector", ".overlay .chosen")) == 1

    # From one moment of the thread to the next, and back.
    first = script(driver, "return [state.moment.kind, state.moment.index]")
    press(driver, "n")
    assert script(driver, "return [state.moment.kind, state.moment.index]") != first
    press(driver, "p")
    assert script(driver, "return [state.moment.kind, state.moment.index]") == first

    # A thread: whom it waited behind.
    press(driver, Keys.ESCAPE)
    assert "Select a thread" in panel.text
    press(driver, Keys.ARROW_DOWN)
    lane = script(driver, "return state.lane.tid")
    assert lane == gil["threads"][0]["tid"]
    assert "It waited behind" in panel.text
    assert len(driver.find_elements("css selector", ".lane.selected")) == 1
    assert len(driver.find_elements("css selector", "#threads tr.selected")) == 1

    # The picture: a click on a hold selects it.
    press(driver, Keys.HOME, Keys.ESCAPE)
    target = script(driver, """
        const gil = state.gils[0];
        let best = 0;
        gil.holds.begin.forEach((begin, i) => {
            if (gil.holds.end[i] - begin > gil.holds.end[best] - gil.holds.begin[best])
                best = i;
        });
        const {canvas} = rows.get(laneOf(gil, 'holds', best));
        show(gil.holds.begin[best] - 1e6, gil.holds.end[best] + 1e6);
        canvas.scrollIntoView({block: 'center'});
        return [canvas, best];
    """)
    target[0].click()
    browsers.settle(driver)
    assert script(driver, "return [state.moment.kind, state.moment.index]") == ["holds", target[1]]
    assert "holds the GIL for" in panel.text


@needs_browser
def test_tables(opened, countdown):
    from selenium.webdriver.common.keys import Keys

    page, _, report = countdown
    gil = report["processes"][0]["gils"][0]
    driver = opened(page)

    # Sorted by the keyboard, by figures and not by their texts.
    button = driver.find_element("css selector", "#sites thead th:nth-child(3) button")
    driver.execute_script("arguments[0].focus()", button)
    press(driver, Keys.ENTER)
    assert driver.find_element("css selector", "#sites thead th:nth-child(3)").get_attribute("aria-sort") == "descending"
    held = script(driver, "return [...document.querySelectorAll('#sites tbody tr')].map((row) => row.shows.held_ns)")
    assert held == sorted((site["held_ns"] for site in gil["sites"]), reverse=True)
    press(driver, Keys.ENTER)
    assert driver.find_element("css selector", "#sites thead th:nth-child(3)").get_attribute("aria-sort") == "ascending"

    field = driver.find_element("css selector", "#sites input")
    field.send_keys("countdown")
    browsers.settle(driver)
    rows = table(driver, "sites")
    assert rows and all("countdown" in row[0] for row in rows)
    field.send_keys("no such line")
    assert "Nothing matches" in driver.find_element("id", "sites").text

    # Tables lead to the timeline: a line, a pair of threads, a wait.
    field.clear()
    field.send_keys("countdown.py")
    driver.find_element("css selector", "#sites tbody th button").click()
    site = script(driver, "return state.site")
    assert gil["sites"][site]["function"] and "countdown.py" in gil["sites"][site]["file"]
    driver.find_element("css selector", "#blame .heat-cell button").click()
    browsers.settle(driver)
    assert script(driver, "return state.moment.kind") == "waits"
    driver.find_element("css selector", "#longest tbody th button").click()
    browsers.settle(driver)
    assert script(driver, "return [...document.querySelectorAll('#longest tr.selected')].length") == 1


@needs_browser
def test_reachable_by_keys(opened, countdown):
    """Tab comes by everything, and what it comes by has a name."""
    from selenium.webdriver.common.keys import Keys

    driver = opened(countdown[0])
    seen = []
    for _ in range(40):
        press(driver, Keys.TAB)
        seen.append(script(driver, """
            const node = document.activeElement;
            return [node.id, node.getAttribute('aria-label') || node.textContent.trim() || node.title || ''];
        """))
    assert "timeline" in [one[0] for one in seen]
    assert "zoom-in" in [one[0] for one in seen]
    assert all(name for _, name in seen)
    nameless = script(driver, """
        return [...document.querySelectorAll('button, input, select, [role=group], [role=region]')].filter((node) =>
            !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels && node.labels.length)).length;
    """)
    assert nameless == 0


@needs_browser
def test_names_stay_text(opened, make_page, any_python, tmp_path):
    program = tmp_path / "evil.py"
    program.write_text(
        "import threading\n"
        "source = 'def spin(n):\\n  while n: n -= 1\\nspin(300000)\\n'\n"
        "code = compile(source, %r, 'exec')\n"
        "threads = [threading.Thread(target=exec, args=(code, {}), name='<script>%%d' %% i) for i in range(2)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n" % (EVIL + "\u2028.py"))
    page, _, report = make_page(any_python.path, program, EVIL)
    driver = opened(page)
    assert driver.title != "taken"
    assert embedded(driver) == report
    names = {thread["name"] for thread in report["processes"][0]["gils"][0]["threads"]}
    shown = driver.find_element("id", "threads").text
    for name in names:
        assert name in shown
    assert EVIL in driver.find_element("id", "what").text
    assert script(driver, "return document.scripts.length") == 4


@needs_browser
def test_several_processes(opened, make_page, any_python, programs):
    program = (
        "import subprocess, sys\n"
        "started = [subprocess.Popen([sys.executable, %r, '--threads', str(1 + i)]) for i in range(3)]\n"
        "for one in started: one.wait()\n" % str(programs / "countdown.py"))
    page, _, report = make_page(any_python.path, "-c", program)
    assert len(report["processes"]) == 4
    driver = opened(page)
    check_sums(driver)
    assert len(driver.find_elements("css selector", ".gil")) == 4
    assert len(table(driver, "processes")) == 4
    for index in range(4):
        row = driver.find_elements("css selector", "#processes tbody th button")[index]
        row.click()
        browsers.settle(driver)
        pid = int(table(driver, "processes")[index][1])
        process = next(one for one in report["processes"] if one["pid"] == pid)
        assert process["gils"][0]["verdict"]["sentence"] in driver.find_element("id", "verdict").text
        tids = {int(row[1]) for row in table(driver, "threads")}
        assert tids == {thread["tid"] for thread in process["gils"][0]["threads"]}


@needs_browser
def test_more_than_there_is_room_for(opened, make_page, any_python):
    """Sums stay exact where single holds are left out, and that they are is said."""
    program = (
        "import os, threading\n"
        "zero = os.open('/dev/zero', os.O_RDONLY)\n"
        "def read():\n"
        "    for _ in range(540000): os.read(zero, 1)\n"
        "threads = [threading.Thread(target=read) for _ in range(2)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n")
    # Room for every event, so that none is lost however busy the machine is.
    page, _, report = make_page(any_python.path, "-c", program, options=["--buffer-size=128M"])
    gil = report["processes"][0]["gils"][0]
    assert gil["acquisitions"] > 1080000
    assert page.stat().st_size < 20e6
    driver = opened(page)
    check_sums(driver)
    assert script(driver, "return state.gils[0].left_out") > 0
    assert "left out" in driver.find_element("id", "made-of").text

    # Within a window nothing is missing: sums of single moments against buckets that lie in it.
    checked = script(driver, """
        const gil = state.gils[0];
        let checked = 0;
        for (const lane of gil.lanes)
            for (let i = 0; i < lane.buckets; i++) {
                const begin = lane.first + i * lane.bucket, end = begin + lane.bucket;
                if (!gil.windows.some(([low, high]) => low <= begin && high >= end))
                    continue;
                for (const [kind, sums] of [['holds', lane.held]]) {
                    let sum = 0;
                    eachVisible(gil, kind, lane.list[kind], begin, end, (index, from, to) => {
                        sum += Math.max(0, Math.min(end, to) - Math.max(begin, from));
                    });
                    if (sum !== sums[i + 1] - sums[i])
                        return -1;
                }
                checked++;
            }
        return checked;
    """)
    assert checked > 100
    assert script(driver, """
        const gil = state.gils[0];
        const gap = gil.windows.findIndex(([low], i) => i && low - gil.windows[i - 1][1] > 1e6);
        const from = gil.windows[gap - 1][1];
        show(from + 1000, from + 101000);
        return gap;
    """) > 0
    detail = driver.find_element("id", "detail")
    assert "were left out here" in detail.text
    detail.find_element("tag name", "button").click()
    browsers.settle(driver)
    assert "drawn by itself" in detail.text


@needs_browser
def test_nothing_to_draw(opened, make_page):
    page, _, report = make_page("/bin/true")
    driver = opened(page)
    assert "no GIL in this trace" in driver.find_element("id", "timeline-part").text
    assert report["processes"][0]["verdict"]["sentence"] in driver.find_element("id", "verdict").text


@needs_browser
def test_dark_and_narrow(opened, countdown):
    driver = opened(countdown[0])
    light = script(driver, "return [colours.ground, getComputedStyle(document.body).backgroundColor]")
    try:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        browsers.settle(driver)
        dark = script(driver, "return [colours.ground, getComputedStyle(document.body).backgroundColor]")
        assert light[0] != dark[0] and light[1] != dark[1]
        # Wide tables scroll by themselves, the page does not.
        assert script(driver, "return document.documentElement.scrollWidth") <= 400
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@needs_browser
def test_print(opened, countdown):
    import base64

    driver = opened(countdown[0])
    pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert pdf.startswith(b"%PDF") and len(pdf) > 20000


def test_terminal_is_no_browser(countdown):
    _, trace, _ = countdown
    master, slave = pty.openpty()
    try:
        result = subprocess.run([BIN, "report", trace, "--format", "html"], stdout=slave, stderr=subprocess.PIPE,
            text=True, env=clean_environment(), timeout=120)
    finally:
        os.close(slave)
        os.close(master)
    assert result.returncode == 2
    assert "-o report.html" in result.stderr


def test_run_needs_a_file(giltrace, any_python, tmp_path):
    ran, page = tmp_path / "ran", tmp_path / "report.html"
    command = (any_python.path, "-c", "open(%r, 'w')" % str(ran))
    result = giltrace("run", "--format", "html", "--", *command)
    assert result.returncode == 125
    assert "--report-file report.html" in result.stderr
    assert not ran.exists()
    result = giltrace("run", "--format", "html", "--report-file", page, "--", *command)
    assert result.returncode == 0, result.stderr
    assert ran.exists() and page.read_text().startswith("<!DOCTYPE html>")
