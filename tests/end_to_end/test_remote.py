"""Outputs shared through a folder and through S3 (a real server): the right ones, or they are made anew."""

import json
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from projects import change_record, copy_template, digests
from weasel.cli.pull import project_pull
from weasel.cli.push import project_push

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def s3():
    """An S3 server; gives what its clients need to know."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    env = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
    }
    try:
        for _ in range(1000):
            try:
                urllib.request.urlopen(urllib.request.Request(f"{url}/outputs", method="PUT"), timeout=5)  # a bucket
                break
            except OSError:
                time.sleep(0.02)
        yield env
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["folder", "s3"])
def remote(request, tmp_path, monkeypatch):
    """The remote's URL; the environment says how to use it."""
    if request.param == "folder":
        return str(tmp_path / "remote")
    for name, value in request.getfixturevalue("s3").items():
        monkeypatch.setenv(name, value)
    return f"s3://outputs/{tmp_path.name}"


def use(project, url, short_run):
    """Have a project share with a remote, and train as the short run does."""
    for name in ("configs/crf.cfg", "assets/events.jsonl", "project.yml"):
        project.write(name, short_run.read(name))
    project.edit("project.yml", 'default: ".remote"', f'default: "{url}"')
    return project


def share(project, how):
    """`spacy project push` and `pull`, which are these functions of weasel's."""
    with project.inside():
        assert list(how(project.path, "default"))


def test_two_clones_share_outputs(short_run, tmp_path, remote):
    share(use(short_run.copy(tmp_path / "one"), remote, short_run), project_push)
    other = use(copy_template(tmp_path / "two"), remote, short_run)
    other.run_here("preflight")
    share(other, project_pull)
    assert other.run_all_here() <= {"teach", "label-raw-text"}, "empty folders are not shared"
    assert digests(other) == digests(short_run)


def test_edited_data_then_pull(short_run, tmp_path, remote):
    one = use(short_run.copy(tmp_path / "one"), remote, short_run)
    share(one, project_push)
    change_record(one)
    share(one, project_pull)
    said = one.run_here("preflight").stdout
    assert "preprocess will run again" in said and "assets/events.jsonl" in said
    assert one.would_run() >= {"preprocess"}


def test_stale_push_then_pull_in_a_fresh_clone(short_run, changed_run, tmp_path, remote):
    one = use(short_run.copy(tmp_path / "one"), remote, short_run)
    change_record(one)
    share(one, project_push)  # the old model, under the key of the new data
    other = use(copy_template(tmp_path / "two"), remote, short_run)
    change_record(other)
    other.run_here("preflight")
    share(other, project_pull)
    stale = json.loads(other.read("training/model-best/meta.json"))["provenance"]
    said = other.run_here("preflight").stdout
    assert "preprocess will run again" in said and "assets/events.jsonl" in said
    if "s3" in remote:  # and what is told then does not depend on where it came from
        return
    other.run_here("all")
    assert json.loads(other.read("training/model-best/meta.json"))["provenance"] != stale
    assert digests(other) == digests(changed_run)
