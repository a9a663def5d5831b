"""A real terminal, tmux's, with a shell in it: what is typed there and what stands on its screen."""
import re
import shlex
import shutil
import subprocess
import uuid

import pytest

from conftest import clean_environment
from relays import wait_for


class Terminal:
    """Of `columns` times `rows`."""

    def __init__(self, folder, columns, rows, **environment):
        self.name = "giltrace-test-" + uuid.uuid4().hex[:8]
        self.folder = folder
        environment = clean_environment(TERM="xterm", PS1="ready> ", LC_ALL="C.UTF-8", **environment)
        environment = {name: text for name, text in environment.items() if not name.startswith("TMUX")}
        self.commands = 0
        self.run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "sh", env=environment)

    def run(self, *arguments, **options):
        return subprocess.run(["tmux", "-L", self.name, *arguments], check=True, stdout=subprocess.PIPE, text=True,
                              **options).stdout

    def start(self, *command):
        """Types a command; what it ended with is what status() returns."""
        self.commands += 1
        line = "clear; %s; echo $? >%s" % (shlex.join(map(str, command)), self.status_file())
        self.run("send-keys", "-l", line)
        self.run("send-keys", "Enter")

    def status_file(self):
        return self.folder / ("status-%d" % self.commands)

    def ended(self):
        return self.status_file().exists() and self.status_file().read_text().strip()

    def status(self):
        return int(wait_for(self.ended, "the end of the command"))

    def keys(self, *keys):
        self.run("send-keys", *keys)

    def resize(self, columns, rows):
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, *options):
        """The lines; `-e`: with colours, `-S -`: with what has scrolled out."""
        return self.run("capture-pane", "-p", *options).split("\n")

    def shows(self, pattern):
        """The match of a regular expression on the screen, once there is one."""
        try:
            return wait_for(lambda: re.search(pattern, "\n".join(self.screen())), pattern)
        except AssertionError as error:
            raise AssertionError("%s; on the screen:\n%s" % (error, "\n".join(self.screen())))

    def settings(self):
        """Of the terminal, as stty has them."""
        tty = self.run("display-message", "-p", "#{pane_tty}").strip()
        return subprocess.run(["stty", "-F", tty, "-a"], check=True, stdout=subprocess.PIPE, text=True).stdout

    def in_use(self):
        """Whether the screen is another one than the shell's."""
        return self.run("display-message", "-p", "#{alternate_on}").strip() == "1"

    def end(self):
        subprocess.run(["tmux", "-L", self.name, "kill-server"], check=False)


@pytest.fixture
def terminal(tmp_path):
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    started = []

    def start(columns=80, rows=24, **environment):
        started.append(Terminal(tmp_path, columns, rows, **environment))
        return started[-1]

    yield start
    for one in started:
        one.end()
