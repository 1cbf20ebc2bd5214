"""Processes that work for a command end with it, and say what went wrong in them."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from projects import ROOT

from spacy_domain.base.strategy import Strategy
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.workers import start_workers
from spacy_domain.studies.trainings import Study, Training, train_all, train_next

PROGRAM = """
import os, time
from spacy_domain.project.terminal import run
from spacy_domain.project.workers import start_workers

def command():
    with start_workers(2) as pool:
        working = [pool.submit(time.sleep, 60) for _ in range(2)]
        working[0].result()

if __name__ == "__main__":
    run(command)
"""


def start(tmp_path):
    """A command with two processes that work for it."""
    (tmp_path / "program.py").write_text(PROGRAM)
    command = subprocess.Popen(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    workers = []
    while len(workers) < 2:
        assert command.poll() is None, command.communicate()[0]
        children = psutil.Process(command.pid).children()
        # each has a thread that waits for the end of the command, once it is ready to work
        workers = [child for child in children if child.num_threads() > 1 and "spawn_main" in " ".join(child.cmdline())]
        time.sleep(0.05)
    return command, workers


def test_kill_9_leaves_no_worker_behind(tmp_path):
    command, workers = start(tmp_path)
    command.kill()
    assert not psutil.wait_procs(workers, timeout=20)[1]
    command.communicate()


if sys.platform != "win32":

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_workers_are_stopped_with_the_command(tmp_path, number):
        command, workers = start(tmp_path)
        if number == signal.SIGINT:
            os.killpg(command.pid, number)  # a terminal sends it to all
        else:
            command.send_signal(number)
        words = command.communicate(timeout=20)[0]
        assert command.returncode == 128 + number
        assert "command was stopped" in words and "Traceback" not in words
        assert not psutil.wait_procs(workers, timeout=5)[1]


FORKED = """
import threading, time
from spacy_domain.project.workers import start_workers

if __name__ == "__main__":
    import colorsys
    for _ in range(2):
        with start_workers(2, imported=True) as pool:
            print(pool.submit(eval, "'colorsys' in __import__('sys').modules").result())
        threading.Thread(target=time.sleep, args=[60], daemon=True).start()
"""


if sys.platform == "linux":  # the others do not fork

    def test_workers_have_what_is_imported_unless_a_thread_forbids_it(tmp_path):
        (tmp_path / "program.py").write_text(FORKED)
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.stdout.split() == ["True", "False"], done.stderr


def test_an_error_does_not_wait_for_the_others():
    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError), start_workers(2) as pool:
        pool.submit(time.sleep, 60)
        pool.submit(divmod, 1, 0).result()
    assert time.monotonic() - begin < 30


def test_a_worker_that_dies():
    with pytest.raises(ProjectError, match="stopped in the middle of its work"), start_workers(1) as pool:
        pool.submit(os._exit, 9).result()


def measure(model, more):
    raise AssertionError("there is no model to measure")


@pytest.mark.parametrize(
    ("name", "gpu_id", "why"),
    [
        ("bad.cfg", -1, "Error parsing config overrides"),
        ("none.cfg", -1, "none.cfg"),
        ("bad.cfg", 99, "GPU 99 cannot be used"),
    ],
)
def test_a_training_that_fails_says_which_and_why(tmp_path, name, gpu_id, why):
    """What spaCy refuses it says in words of its own, and exits."""
    (tmp_path / "bad.cfg").write_text('[nlp]\nlang = "en"\n')
    study = Study(tmp_path / name, "blank:en", Strategy.update, gpu_id, 1)
    with pytest.raises(ProjectError, match="Training 7 failed") as found:
        list(train_all(study, [Training("7", {"training.seed": 7}), Training("8")], measure))
    error = found.value
    assert why in " ".join([error.title, error.remedy, *map(str, error.places)])


class Bomb:
    """Ends the process that is given it."""

    def __reduce__(self):
        return os._exit, (9,)


def test_a_training_whose_process_dies_does_not_end_the_others(tmp_path):
    """It has failed, and so has what was at work beside it; the next ones have a process of their own."""
    study = Study(tmp_path / "none.cfg", "blank:en", Strategy.update, -1, 1)
    trainings = iter([Training("7", more=Bomb()), Training("8")])
    found = {one.name: error for one, error in train_next(study, trainings, measure)}
    errors = {name: " ".join([error.title, *map(str, error.places)]) for name, error in found.items()}
    assert "stopped in the middle of its work" in errors["7"] and "none.cfg" in errors["8"]
