"""When the disk is full, or may not be written to, what was there stays, and the user is told what to do."""

import os
import subprocess
import sys

import pytest
from projects import COMMANDS, Project, digests

if sys.platform == "linux":  # elsewhere there is no device that is always full, and no namespaces
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
        before = digests(project)
        temporary = project.path / name
        temporary.symlink_to("/dev/full")
        done = project.run_here(FULL[name], check=False, force=True)
        assert done.returncode == 1
        assert "No space left on the disk" in done.stdout and "What to do: Free some space" in done.stdout
        assert digests(project) == before and not temporary.is_symlink(), "so the next run is an undisturbed one"

    def test_read_only_output_folder(short_run, tmp_path):
        project = short_run.copy(tmp_path / "project")
        before = digests(project)
        (project.path / "metrics").chmod(0o555)
        # root may write anywhere, unless it gives that up
        give_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        command = [*give_up, sys.executable, *COMMANDS["report"]["script"][0].split()[1:]]
        done = subprocess.run(command, cwd=project.path, capture_output=True, text=True)
        (project.path / "metrics").chmod(0o755)
        words = " ".join(done.stdout.split())
        assert done.returncode == 1 and "Not allowed to read or write" in words and "What to do" in words
        assert "Traceback" not in done.stderr and digests(project) == before

    # In namespaces of its own a test may mount a disk, root or not, unless the system forbids it
    MOUNTS = subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode == 0
    ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size={size}k none {disk}
cp -r {project}/. {disk}
cd {disk}
set +e
{command}
echo "exit code $?"
find corpus training metrics packages -name '.*' -o -name 'unfinished*'
cp -r {disk}/. {after}
"""

    if MOUNTS:

        def test_small_disk(short_run, tmp_path):
            """On a disk with 300 kB left, a model of several times that does not fit beside the old one."""
            disk, after = tmp_path / "disk", tmp_path / "after"
            disk.mkdir()
            after.mkdir()
            files = [path for path in short_run.path.rglob("*") if path.is_file()]
            size = sum(-(-file.stat().st_size // 4096) * 4 for file in files)
            script = ON_A_SMALL_DISK.format(
                size=size + 300,
                disk=disk,
                project=short_run.path,
                after=after,
                command=f"{sys.executable} -m weasel run train . --force",
            )
            done = subprocess.run(["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True)
            output = " ".join(done.stdout.split())
            assert "No space left on the disk" in output and "What to do: Free some space" in output, done.stderr
            assert "exit code 1" in output and "Traceback" not in done.stderr
            left = output.split("exit code 1")[1]
            assert not left.strip(), left
            there = Project(after)
            assert digests(there) == digests(short_run)
            assert there.run_all_here() == set()
