"""A headless Chromium for the tests of the page, where there is one."""
import contextlib
import os
import shutil
import tempfile
import time

import pytest

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-device-scale-factor=1",
)
PATIENCE = 60  # seconds, on a machine that is busy with other things


def missing():
    """What there is no browser for, or None."""
    for tool in ("chromium", "chromedriver"):
        if not shutil.which(tool):
            return "%s is not there, so the page is not opened (packages chromium, chromium-driver)" % tool
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not there, so the page is not opened (package python3-selenium)"
    return None


@contextlib.contextmanager
def open_browser(width=1400, height=1000):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(prefix="giltrace-browser-", ignore_cleanup_errors=True) as profile:
        for argument in (*ARGUMENTS, "--window-size=%d,%d" % (width, height), "--user-data-dir=%s" % profile):
            options.add_argument(argument)
        service = Service(shutil.which("chromedriver"), env={**os.environ, "HOME": profile})
        driver = webdriver.Chrome(service=service, options=options)
        try:
            driver.set_page_load_timeout(PATIENCE)
            driver.set_script_timeout(PATIENCE)
            yield driver
        finally:
            driver.quit()


def wait_for(driver, expression):
    """Until a JavaScript expression is true; its value."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = driver.execute_script("return %s" % expression)
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail("never came true: %s" % expression)


def settle(driver):
    """Until what was asked for is drawn."""
    driver.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));")


def complaints(driver):
    """What the console got since the last call."""
    return [entry["message"] for entry in driver.get_log("browser")]
