"""Large data: read, aligned and written by several processes, with the same result as by one."""

import json
import os
import random
import time

import psutil
import pytest
import srsly
from projects import copy_template, start
from spacy.lang.en import English
from spacy.training import Corpus

import scripts.preprocess
from spacy_domain.annotations import parts
from spacy_domain.annotations.text import cut_at_lines
from spacy_domain.corpora import store
from spacy_domain.corpora.processes import MUCH, Processes

RECORDS = 1_000


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    project = copy_template(tmp_path_factory.mktemp("large") / "project")
    project.run_here("preflight")
    return project


@pytest.fixture
def project(template, tmp_path):
    return template.copy(tmp_path / "project")


@pytest.fixture(scope="module")
def large(template):
    """A file of which much is made here: a part of it is as much as ten megabytes are elsewhere."""
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyzäé😀", k=rng.randint(3, 9))) for _ in range(5000)]
    path = template.path.parent / "large.jsonl"
    rows = []
    for _ in range(RECORDS):
        chosen = rng.choices(words, k=40)
        span = {"start": len(chosen[0]) + 1, "end": len(chosen[0]) + 1 + len(chosen[1]), "label": "X"}
        rows.append({"text": " ".join(chosen), "spans": [span]})
    rows[650]["answer"] = "reject"
    rows[850] = rows[3]
    srsly.write_jsonl(path, rows)
    return path


@pytest.fixture(autouse=True)
def much(monkeypatch):
    """What counts as much, and how much of it a process gets at once: an eightieth of what it is otherwise."""
    monkeypatch.setattr(scripts.preprocess, "MUCH", MUCH // 80)
    monkeypatch.setattr(store, "CHUNK_RECORDS", store.CHUNK_RECORDS // 80)
    monkeypatch.setattr(store, "CHUNK_CHARACTERS", store.CHUNK_CHARACTERS // 80)
    monkeypatch.setattr(parts, "cut_at_lines", lambda path: cut_at_lines(path, 2**22 // 80))


def preprocess(project, annotations, *overrides, check=True):
    overrides = [f"--vars.annotations={annotations}", "--vars.on_misaligned=missing", *overrides]
    return project.run_here("preprocess", *overrides, check=check, force=True)


def use_one_process(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert Processes(several=True).count == 1


def files(folder):
    made = ("train.spacy", "dev.spacy", "test.spacy", "rejected.jsonl", "audit.json")
    paths = [path for name in made for path in ([folder / name, *(folder / name).rglob("*")])]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def test_as_many_processes_as_there_are_make_the_same(project, large, monkeypatch):
    assert large.stat().st_size > MUCH // 80
    preprocess(project, large)
    many = files(project.path / "corpus")
    use_one_process(monkeypatch)
    preprocess(project, large)
    alone = files(project.path / "corpus")
    assert many == alone
    audit = json.loads(many["audit.json"])
    assert audit["records"] == {"read": RECORDS, "used": RECORDS - 2, "set_aside": 2}
    # train is a folder of several DocBins, which spaCy reads as one corpus
    folder = project.path / "corpus/train.spacy"
    assert len(list(folder.iterdir())) > 1
    read = sum(1 for _ in Corpus(folder)(English()))
    assert read == audit["splits"]["train"]["records"]


def test_a_large_corpus_is_replaced_by_a_small_one_and_back(project, large, monkeypatch):
    use_one_process(monkeypatch)
    project.write("assets/small.jsonl", "".join(large.read_text("utf-8").splitlines(keepends=True)[:50]))
    for annotations, folder in ((large, True), ("assets/small.jsonl", False), (large, True)):
        preprocess(project, annotations)
        assert (project.path / "corpus/train.spacy").is_dir() == folder
        left = {path.name for path in (project.path / "corpus").iterdir()} - {"steps", "silver"}
        assert left == {"audit.json", "dev.spacy", "rehearsal", "rejected.jsonl", "test.spacy", "train.spacy"}


def test_broken_line_far_down_a_large_file(project, large, tmp_path):
    lines = large.read_text("utf-8").splitlines()
    lines[900] = lines[900][:-1]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join(lines), encoding="utf-8")
    done = preprocess(project, broken, "--vars.max_broken=0", check=False)
    assert done.returncode == 1 and "Broken JSON" in done.stdout and "broken.jsonl:901: " in done.stdout


def test_a_kill_leaves_no_process_behind(project, large):
    """In processes of its own, for which much is what it is otherwise."""
    content = large.read_bytes()
    (project.path / "assets/large.jsonl").write_bytes(content * (MUCH // len(content) + 1))
    project.edit("project.yml", 'annotations: "assets/events.jsonl"', 'annotations: "assets/large.jsonl"')
    process = start(project, "preprocess")
    workers = []
    for _ in range(1200):
        children = psutil.Process(process.pid).children(recursive=True)
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        if len(workers) > 1 or process.poll() is not None:
            break
        time.sleep(0.05)
    assert len(workers) > 1 or Processes(several=True).count == 1
    commands = [child for child in children if "scripts.preprocess" in " ".join(child.cmdline())]
    for killed in [psutil.Process(process.pid), *commands]:
        killed.kill()
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
