"""One run at a time in a folder, however many start at once, and whichever of them is killed."""

import multiprocessing
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
import srsly
from projects import ROOT

from spacy_domain.project.errors import ProjectError
from spacy_domain.project.one_run import one_run

ROUNDS, RACERS = 40, 4
HOLD = """
import sys, time
from pathlib import Path
from spacy_domain.project.one_run import one_run
with one_run(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
# As weasel does it: a process that has "weasel" and "run" on its command line starts one command after the other
RUN = """
import subprocess, sys
for _ in range(int(sys.argv[1])):
    subprocess.run([sys.executable, "-c", sys.argv[2], sys.argv[3]])
"""


def dead_note():
    """A note of a run that was killed."""
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    return srsly.json_dumps({name: {"pid": int(done.stdout), "started": 1.0} for name in ("run", "command")})


def race(folder, barrier, queue):
    held = together = 0
    for number in range(ROUNDS):
        here = folder / str(number)
        barrier.wait()
        try:
            with one_run(here):
                held += 1
                try:
                    (here / "busy").touch(exist_ok=False)
                except FileExistsError:
                    together += 1
                time.sleep(0.005)
                (here / "busy").unlink(missing_ok=True)
        except ProjectError:
            pass
    queue.put((held, together))


def test_never_two_at_once(tmp_path):
    """Several processes find the note of a killed run at the same time, again and again."""
    note = dead_note()
    for number in range(ROUNDS):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / ".run.json").write_text(note)
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(RACERS), context.Queue()
    racers = [context.Process(target=race, args=(tmp_path, barrier, queue)) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    found = [queue.get(timeout=60) for _ in racers]
    for racer in racers:
        racer.join()
    assert sum(together for _, together in found) == 0
    assert sum(held for held, _ in found) >= ROUNDS, "in each round one at least"


def hold(folder):
    command = [sys.executable, "-c", HOLD, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_a_killed_holder_holds_nothing(tmp_path):
    process = hold(tmp_path)
    with pytest.raises(ProjectError, match="Another run works") as found, one_run(tmp_path):
        pass
    assert f"process {process.pid} holds it" in str(found.value.places[0])
    process.kill()  # and nobody has asked yet how it ended
    with suppress(psutil.NoSuchProcess):  # Windows has no zombies
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
    with one_run(tmp_path):
        pass
    process.wait()
    assert not (tmp_path / ".run.json").exists()


def test_a_command_whose_run_was_killed_still_holds(tmp_path):
    """kill -9 of `spacy project run` alone: the command that it started works on."""
    command = [sys.executable, "-c", RUN, "1", HOLD, str(tmp_path), "weasel", "run"]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "held\n"
    (command,) = psutil.Process(run.pid).children()
    run.kill()
    run.wait()
    try:
        with pytest.raises(ProjectError, match="Another run works") as found, one_run(tmp_path):
            pass
        assert f"process {command.pid} holds it" in str(found.value.places[0])
    finally:
        command.kill()
    psutil.wait_procs([command], timeout=10)
    with one_run(tmp_path):
        pass


def test_nobody_comes_between_the_commands_of_a_run(tmp_path):
    """Between two commands of a run that lives none works, and others are refused all the same."""
    program = HOLD.replace("time.sleep(60)", "") + "time.sleep(0.2)"
    command = [sys.executable, "-c", RUN, "4", program, str(tmp_path), "spacy", "run"]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "held\n"
    refused = 0
    while run.poll() is None:
        try:
            with one_run(tmp_path):
                time.sleep(0.05)
                assert run.poll() is not None, "it came between"
        except ProjectError as error:
            refused += 1
            assert f"process {run.pid} holds it" in str(error.places[0])
        time.sleep(0.01)
    assert refused and run.stdout.read() == "held\n" * 3, "each of its commands could work"


def test_a_note_that_was_half_written_holds_nothing(tmp_path):
    (tmp_path / ".run.json").write_text('{"run": {"pid": ')
    with one_run(tmp_path):
        assert srsly.read_json(tmp_path / ".run.json")["run"]["pid"] == psutil.Process().pid
