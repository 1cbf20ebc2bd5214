"""Commands on a terminal, in a pipe, and when they are asked to stop."""

import os
import signal
import subprocess
import sys

import pytest
from projects import ROOT


def test_no_colours_in_a_pipe(project):
    assert "\x1b[" not in project.python("-m", "scripts.export", "--help", anew=True).stdout


def test_a_terminal_without_unicode_and_without_colours(project):
    command = ["-m", "scripts.preprocess", "none", "corpus", "--base-model=blank:en"]
    done = project.python(*command, check=False, anew=True, PYTHONIOENCODING="ascii")
    assert done.returncode == 1 and "Annotations not found" in done.stdout and "Traceback" not in done.stderr
    assert "\x1b[" not in done.stdout


def test_wrong_type_of_an_argument(project):
    project.run_here("preflight")
    done = project.run_here("fill-config", "--vars.seed=x", check=False)
    assert done.returncode == 1 and "Wrong arguments for fill_config" in done.stdout and "What to do" in done.stdout
    assert not (project.path / "training/config.cfg").exists()


IMPORTS = """
import sys, scripts, spacy, weasel.cli.assets
print("httpx._client" in sys.modules)
print(weasel.cli.assets.httpx.URL("http://example.org/a").path, "httpx._client" in sys.modules)
"""


def test_what_downloads_is_imported_when_something_is_downloaded():
    done = subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n/a True\n"


STOPPED = """
import os, signal, sys, time
{before}
from spacy_domain.project.terminal import run
from spacy_domain.project.outputs import unfinished
from pathlib import Path

def work():
    with unfinished(Path("unfinished")) as folder:
        folder.mkdir()
        os.kill(os.getpid(), signal.{name})
        time.sleep(0.1)
    print("went on")

run(work)
"""

if sys.platform != "win32":  # where nothing can be cleared up

    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
    def test_stopped_by_a_signal(tmp_path, name):
        command = [sys.executable, "-c", STOPPED.format(name=name, before="")]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 128 + getattr(signal, name)
        assert "work was stopped" in done.stdout and "Traceback" not in done.stderr and "went on" not in done.stdout
        assert [path.name for path in tmp_path.iterdir()] == [".run.lock"]

    def test_what_is_ignored_stays_ignored(tmp_path):
        """As nohup, or a shell that runs a command behind its back, have it."""
        before = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
        command = [sys.executable, "-c", STOPPED.format(name="SIGINT", before=before)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0 and "went on" in done.stdout

    def test_stopped_before_it_began():
        program = "import os, signal, sys; sys.argv[0] = '-m'; import scripts; os.kill(os.getpid(), signal.SIGINT)"
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 130 and done.stderr == "Stopped before it began\n"
