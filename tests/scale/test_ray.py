"""A Ray cluster of two machines, as far as Ray can see: it trains and annotates, and loses one in the middle."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from commands import run_command
from projects import ROOT, Project, start_words
from searches import OPTIONS, count_done, read_trials
from texts import count, find_workers, make_model, manifests, read_output, start, wait_until, write_numbered

pytestmark = pytest.mark.slow

TEXTS = 12_000
SMALL = ("--num-cpus=1", "--object-store-memory=80000000", "--node-ip-address=127.0.0.1", "--disable-usage-stats")


def free_port():
    """One below those that Ray hands out to its workers."""
    for port in range(6400, 9900, 7):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no port is free")


@pytest.fixture(scope="module")
def cluster():
    """The address of a cluster with a head and a worker, which wants a token, and what a program has to know of it."""
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:  # sockets want short paths
        env = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16), "PYTHONPATH": str(ROOT)}
        address = f"127.0.0.1:{free_port()}"
        head = ["--head", f"--port={address.partition(':')[2]}", "--include-dashboard=false", f"--temp-dir={folder}"]
        try:
            for options in (head, [f"--address={address}"]):
                subprocess.run(
                    [Path(sys.executable).with_name("ray"), "start", *options, *SMALL],
                    env={**os.environ, **env},
                    stdout=subprocess.DEVNULL,
                    check=True,
                    timeout=100,
                )
            yield address, env
        finally:
            for process in find_processes(folder):
                process.kill()


def find_processes(*words):
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if all(word in line for word in words):
            found.append(process)
    return found


def test_a_search_on_the_cluster_is_killed_and_goes_on(ready, tuned, tmp_path, cluster):
    """It finds what a search on this machine finds that nobody disturbs, and leaves nothing at work on the cluster."""
    address, env = cluster
    project = ready.copy(tmp_path / "project")
    options = [*OPTIONS, f"--vars.engine={address}"]
    words = [sys.executable, "-m", "weasel", "run", "tune", "."]
    process = start_words(project, words, **env, WEASEL_CONFIG_OVERRIDES=" ".join([*options, "--vars.tries=50"]))
    wait_until(lambda: count_done(project) and find_processes("ray::_work"), process)
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in family:
        one.kill()
    process.wait(60)
    wait_until(lambda: not find_processes("ray::_work"), None)
    tries = count_done(project) + 1
    said = project.run("tune", *options, f"--vars.tries={tries}", **env).stdout
    assert "trials are there already" in said
    assert [(one["params"], one["f"]) for one in read_trials(project)] == [
        (one["params"], one["f"]) for one in read_trials(tuned)[:tries]
    ]


def test_a_worker_and_then_a_machine_are_lost(tmp_path, cluster):
    """Ray does again elsewhere what they had in the works, and each record is there exactly once."""
    address, env = cluster
    here, model = Project(tmp_path), make_model(tmp_path / "model")
    write_numbered(tmp_path / "texts.jsonl", TEXTS)

    process = start(here, model, f"--engine={address}", "--shard-mb=0.01", **env)
    wait_until(lambda: len(find_workers(here)) == 2, process)
    (second,) = [node for node in find_processes("raylet/raylet ", "sockets/raylet.1 ")]
    on_second = {pid for pid in find_workers(here) if psutil.Process(pid).ppid() == second.pid}
    (on_first,) = set(find_workers(here)) - on_second
    assert len(on_second) == 1
    psutil.Process(on_first).kill()
    before = len(manifests(here))
    wait_until(lambda: len(manifests(here)) > before, process)
    for lost in (second, *map(psutil.Process, on_second)):
        lost.kill()
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert [row["id"] for row in read_output(here)] == list(range(TEXTS)) and count(here) == (TEXTS, TEXTS, 0)


def test_no_cluster(tmp_path):
    here, model = Project(tmp_path), make_model(tmp_path / "model")
    write_numbered(tmp_path / "texts.jsonl", 10)
    done = run_command(here, "annotate", "texts.jsonl", "out", "--model", model, "--engine=127.0.0.1", check=False)
    assert done.returncode == 1 and "Unknown engine" in done.stdout and "What to do" in done.stdout
