"""Outputs shared through a folder and through S3 (a real server): the right ones, or they are made anew."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import copy_template, made_once
from test_project import change_record, digests


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
        for _ in range(200):
            try:
                urllib.request.urlopen(url, timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        make = "import boto3; boto3.client('s3').create_bucket(Bucket='outputs')"
        subprocess.run([sys.executable, "-c", make], env={**os.environ, **env}, check=True)
        yield env
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["folder", "s3"])
def remote(request, tmp_path):
    """The remote's URL and the environment to use it in."""
    if request.param == "folder":
        return str(tmp_path / "remote"), {}
    return f"s3://outputs/{tmp_path.name}", request.getfixturevalue("s3")


@pytest.fixture(scope="session")
def undisturbed(short_run, tmp_path_factory):
    """What a short run on the edited data makes where nothing is shared."""

    def make(path):
        project = copy_template(path)
        project.write("configs/cnn.cfg", short_run.read("configs/cnn.cfg"))
        change_record(project)
        project.run_all()

    return made_once(tmp_path_factory, "undisturbed", make)


def use(project, url, recipe):
    project.write("configs/cnn.cfg", recipe)
    project.edit("project.yml", 'default: ".remote"', f'default: "{url}"')
    return project


def share(project, direction, env):
    project.python("-m", "spacy", "project", direction, "default", **env)


def test_two_clones_share_outputs(short_run, tmp_path, remote):
    url, env = remote
    recipe = short_run.read("configs/cnn.cfg")
    share(use(short_run.copy(tmp_path / "one"), url, recipe), "push", env)
    other = use(copy_template(tmp_path / "two"), url, recipe)
    other.run("preflight")
    share(other, "pull", env)
    assert other.run_all() == set()
    assert digests(other) == digests(short_run)


def test_edited_data_then_pull(short_run, undisturbed, tmp_path, remote):
    url, env = remote
    recipe = short_run.read("configs/cnn.cfg")
    one = use(short_run.copy(tmp_path / "one"), url, recipe)
    share(one, "push", env)
    change_record(one)
    share(one, "pull", env)
    output = one.run("all").stdout
    assert "preprocess will run again" in output and "assets/events.jsonl" in output
    assert digests(one) == digests(undisturbed)


def test_stale_push_then_pull_in_a_fresh_clone(short_run, undisturbed, tmp_path, remote):
    url, env = remote
    recipe = short_run.read("configs/cnn.cfg")
    one = use(short_run.copy(tmp_path / "one"), url, recipe)
    change_record(one)
    share(one, "push", env)  # the old model, under the key of the new data
    other = use(copy_template(tmp_path / "two"), url, recipe)
    change_record(other)
    other.run("preflight")
    share(other, "pull", env)
    stale = json.loads(other.read("training/model-best/meta.json"))["provenance"]
    assert "will run again" in other.run("all").stdout
    assert json.loads(other.read("training/model-best/meta.json"))["provenance"] != stale
    assert digests(other) == digests(undisturbed)
