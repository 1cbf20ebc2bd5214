"""Commands on a terminal, in a pipe, and when the system refuses."""

import os
import signal
import subprocess
import sys

import pytest
from conftest import ROOT, STEPS
from test_project import digests


def test_no_colours_in_a_pipe(short_run):
    assert "\x1b[" not in short_run.python("-m", "scripts.evaluate", "--help").stdout
    assert (
        "\x1b["
        not in short_run.python(
            "-m", "scripts.preprocess", "none", "corpus", "--base-model=blank:en", check=False
        ).stdout
    )


def test_wrong_type_of_an_argument(project):
    done = project.python(
        "-m",
        "scripts.fill_config",
        "configs/cnn.cfg",
        "a.cfg",
        "--base-model=blank:en",
        "--seed=x",
        check=False,
    )
    assert done.returncode == 1
    assert "Wrong arguments for fill_config" in done.stdout and "Traceback" not in done.stderr


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


def test_broken_recipe(project):
    project.write("configs/broken.cfg", "[training\nseed = 1")
    done = project.run("fill-config", "--vars.recipe=broken", check=False)
    assert done.returncode == 1


def test_a_terminal_without_unicode(project):
    done = project.python(
        "-m", "scripts.preprocess", "none", "corpus", "--base-model=blank:en", check=False, PYTHONIOENCODING="ascii"
    )
    assert done.returncode == 1 and "Annotations not found" in done.stdout and "Traceback" not in done.stderr


if sys.platform == "linux":  # elsewhere there is no device that is always full
    # What is written, and the command that writes it; files are written under such a name first
    FULL = {
        "corpus/.audit.json.tmp": "preprocess",
        "training/.config.cfg.tmp": "fill-config",
        "metrics/.metrics.json.tmp": "evaluate",
        "packages/.en_event_scheduling-1.0.0-py3-none-any.whl.tmp": "package",
    }

    @pytest.mark.parametrize("name", FULL)
    def test_no_space_left(short_run, tmp_path, name):
        project = short_run.copy(tmp_path / "project")
        temporary = project.path / name
        output = temporary.with_name(temporary.name[1:].removesuffix(".tmp"))
        before = output.read_bytes()
        temporary.symlink_to("/dev/full")
        project.forget(FULL[name])
        done = project.run(FULL[name], check=False)
        assert done.returncode == 1
        assert "No space left on the disk" in done.stdout and "What to do: Free some space" in done.stdout
        assert "Traceback" not in done.stderr
        assert output.read_bytes() == before and not temporary.exists()
        project.run("all")
        assert digests(project) == digests(short_run)

    # In namespaces of its own a test may mount a disk, root or not, unless the system forbids it
    MOUNTS = subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode == 0
    ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size={size}k none {disk}
cp -r {project}/. {disk}
rm {disk}/project.lock
cd {disk}
set +e
{python} -m spacy project run all
echo "exit code $?"
find corpus training metrics packages -name '.*' -o -name 'unfinished*'
cp -r {disk}/. {after}
"""

    if MOUNTS:

        def test_small_disk(short_run, tmp_path):
            """The project on a disk with 2 MB left, run anew."""
            project = short_run.copy(tmp_path / "project")
            before = digests(project)
            disk, after = tmp_path / "disk", tmp_path / "after"
            disk.mkdir()
            after.mkdir()
            size = sum(-(-file.stat().st_size // 4096) * 4 + 4 for file in project.path.rglob("*"))
            script = ON_A_SMALL_DISK.format(
                size=size + 2000, disk=disk, project=project.path, python=sys.executable, after=after
            )
            done = subprocess.run(["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True)
            output = " ".join(done.stdout.split())
            assert "No space left on the disk" in output and "What to do: Free some space" in output, done.stderr
            assert "exit code 1" in output and "Traceback" not in done.stderr
            left = output.split("exit code 1")[1]
            assert not left.strip(), left
            there = type(project)(after)
            assert {name: found for name, found in digests(there).items() if found == before[name]}.keys() >= {
                name for name in before if name.startswith(("training/model-best", "packages"))
            }
            assert there.run_all() <= set(STEPS)
            assert digests(there) == digests(short_run)
