"""Large data: read, aligned and written by several processes, with the same result as by one."""

import json
import os
import random
import time

import psutil
import pytest
import srsly
from spacy.lang.en import English
from spacy.training import Corpus
from test_stale import start

from spacy_domain.corpora.processes import Processes

RECORDS = 30_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A file of some ten megabytes."""
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyzäé😀", k=rng.randint(3, 9))) for _ in range(5000)]
    path = tmp_path_factory.mktemp("large") / "large.jsonl"
    rows = []
    for _ in range(RECORDS):
        chosen = rng.choices(words, k=40)
        span = {"start": len(chosen[0]) + 1, "end": len(chosen[0]) + 1 + len(chosen[1]), "label": "X"}
        rows.append({"text": " ".join(chosen), "spans": [span]})
    rows[20_000]["answer"] = "reject"
    rows[25_000] = rows[3]
    srsly.write_jsonl(path, rows)
    assert path.stat().st_size > 2**23
    return path


def preprocess(project, large, output, *before):
    command = [*before, "-m", "scripts.preprocess", large, output, "--base-model=blank:en", "--on-misaligned=missing"]
    return project.python(*command)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_as_many_processes_as_there_are_make_the_same(project, large):
    preprocess(project, large, "corpus/many")
    one = "import os, runpy, sys; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); sys.argv[:1] = []; "
    if not hasattr(os, "sched_setaffinity"):
        one = "import os, runpy, sys; os.cpu_count = lambda: 1; sys.argv[:1] = []; "
    one += "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
    arguments = [large, "corpus/one", "--base-model=blank:en", "--on-misaligned=missing"]
    project.python("-c", one, "scripts.preprocess", *arguments)
    many, alone = files(project.path / "corpus/many"), files(project.path / "corpus/one")
    audit, audit_alone = (json.loads(found.pop("audit.json")) for found in (many, alone))
    assert many == alone
    del audit["provenance"], audit_alone["provenance"]
    assert audit == audit_alone
    assert audit["records"] == {"read": RECORDS, "used": RECORDS - 2, "set_aside": 2}
    # train is a folder of several DocBins, which spaCy reads as one corpus
    folder = project.path / "corpus/many/train.spacy"
    assert len(list(folder.iterdir())) > 1
    read = sum(1 for _ in Corpus(folder)(English()))
    assert read == audit["splits"]["train"]["records"]


def test_a_large_corpus_is_replaced_by_a_small_one_and_back(project, large):
    project.write("assets/small.jsonl", "".join(large.read_text("utf-8").splitlines(keepends=True)[:200]))
    for annotations, folder in ((large, True), ("assets/small.jsonl", False), (large, True)):
        preprocess(project, annotations, "corpus")
        assert (project.path / "corpus/train.spacy").is_dir() == folder
        left = [path.name for path in (project.path / "corpus").iterdir()]
        assert sorted(left) == ["audit.json", "dev.spacy", "rehearsal", "rejected.jsonl", "test.spacy", "train.spacy"]


def test_broken_line_far_down_a_large_file(project, large, tmp_path):
    lines = large.read_text("utf-8").splitlines()
    lines[28_000] = lines[28_000][:-1]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join(lines), encoding="utf-8")
    options = ["--base-model=blank:en", "--max-broken=0"]
    done = project.python("-m", "scripts.preprocess", broken, "corpus", *options, check=False)
    assert done.returncode == 1 and "Broken JSON" in done.stdout and "broken.jsonl:28001: " in done.stdout
    assert "Traceback" not in done.stderr


def test_a_kill_leaves_no_process_behind(project, large):
    (project.path / "assets/large.jsonl").write_bytes(large.read_bytes())
    project.edit("project.yml", 'annotations: "assets/events.jsonl"', 'annotations: "assets/large.jsonl"')
    project.run("preflight")
    process = start(project, "preprocess")
    workers = []
    for _ in range(600):
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
