"""The benchmarks: their README tells what was measured, and a peer runs from the download to the table."""

import hashlib
import json
import os
import re
import shutil

import pytest
from projects import Project

START, END = "<!-- What tables.py wrote -->", "<!-- Until here -->"
DATASET = "assets/wnut17/train.conll"


@pytest.fixture
def benchmarks(project):
    """The benchmarks, in a copy of the project."""
    return Project(project.path / "benchmarks")


def rows(text, title):
    """The cells of the table below a title, without its head."""
    table = text.split(f"\n### {title}\n\n")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_readme_shows_the_results(benchmarks):
    before = benchmarks.read("README.md")
    told = before.split(START)[1].split(END)[0]
    benchmarks.write("README.md", before.replace(told, "\n\nnothing\n\n"))
    benchmarks.python("tables.py", "results", "README.md")
    assert benchmarks.read("README.md") == before


def test_a_better_model_makes_a_bound_hold(benchmarks):
    """From results alone: nothing is trained."""
    shutil.rmtree(benchmarks.path / "results")
    for arm, f in (("crf", 0.75), ("efficiency", 0.70), ("crfsuite", 0.68)):
        for seed in (0, 1):
            row = {"arm": arm, "dataset": "events", "seed": seed, "date": "today", "machine": "this", "versions": {}}
            row |= {"corpus": {}, "test": {"f": f + seed / 100}, "model_mb": 1}
            row |= {part: {"memory_mb": 1, "cpu_seconds": 60, "words_per_second": 1} for part in ("train", "predict")}
            benchmarks.write(f"results/events/{arm}-{seed}.json", json.dumps(row))
    benchmarks.python("tables.py", "results", "README.md")
    (each, f, cpu, large, *others) = rows(benchmarks.read("README.md"), "Bounds")
    assert each[1:] == ["events 75.5 to 70.5", "holds"] and f[1:] == ["F 75.5 to 70.5: +5.0", "holds"]
    assert cpu[1:] == ["60.0 to 60.0 CPU seconds: 1.00 times", "does not hold"]
    assert large[1:] == ["", "not measured"] and {row[2] for row in others[2:]} == {"not measured"}
    not_run = benchmarks.read("README.md").split("### Not run")[1].split("###")[0]
    assert "- `cnn`: not yet" in not_run and "`crfsuite`" not in not_run
    benchmarks.edit("results/events/crf-0.json", '"corpus": {}', '"corpus": {"test": "another"}')
    assert "other splits" in benchmarks.python("tables.py", "results", "README.md", check=False).stderr


def test_data_from_a_folder_is_checked(benchmarks, tmp_path):
    """Files are known by what they hold, and without a checksum by their name; what is wrong or not there is named."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "posts.10000").write_text("posts", encoding="utf-8")
    (tmp_path / "mine" / "any name").write_text("right", encoding="utf-8")
    text = benchmarks.read("project.yml")
    checksum = hashlib.md5(b"right").hexdigest()
    benchmarks.write(
        "project.yml",
        re.sub(
            r"(?s)assets:\n.*?\nworkflows",
            f"""assets:
  - dest: "{DATASET}"
    checksum: "{checksum}"
  - dest: "assets/raw_text/posts.txt"
    url: "https://example.com/posts.10000"

workflows""",
            text,
        ),
    )
    benchmarks.write(DATASET, "wrong")
    nowhere = benchmarks.run("fetch", f"--vars.data={tmp_path / 'elsewhere'}", check=False)
    assert nowhere.returncode == 1 and DATASET in nowhere.stdout and "posts.txt" in nowhere.stdout
    benchmarks.run("fetch", f"--vars.data={tmp_path / 'mine'}")
    assert benchmarks.read(DATASET) == "right" and benchmarks.read("assets/raw_text/posts.txt") == "posts"


def test_each_dataset_has_its_source_and_licence(benchmarks):
    text = benchmarks.read("project.yml")
    assets = text.split("\nassets:\n")[1].split("\nworkflows:")[0].split("  - dest:")[1:]
    first = dict.fromkeys(re.search(r"assets/(\w+)/", asset)[1] for asset in assets)
    for name in first:
        assert re.search(rf'dest: "assets/{name}/.*\n.*\n.*\n.*\((MIT|CC BY 4.0|CC0|public domain)\)', text), name
    (posts,) = (asset for asset in assets if not re.search(r'url: "https://.*\n +checksum: "[0-9a-f]{32}"', asset))
    assert "assets/raw_text/posts.txt" in posts and re.search(r'url: "https://.*/[0-9a-f]{40}/', posts), (
        "published without one"
    )


if hasattr(os, "wait4"):  # what CPU seconds of a process and its children are counted with

    def test_peer_from_splits_to_table(benchmarks):
        lines = benchmarks.read("../assets/events.jsonl").splitlines()[:300]
        benchmarks.write("mine.jsonl", "\n".join(lines) + "\n")
        benchmarks.python("prepare.py", "mine", "mine.jsonl", "corpora", "--raw-text=../assets/raw_text.jsonl")
        arms = ["--arms=crfsuite", "--datasets=mine", "--seeds=0"]
        benchmarks.python("compare.py", "corpora", "results", *arms, anew=True)  # it measures processes
        benchmarks.python("tables.py", "results", "README.md")
        [(arm, seeds, f, cpu, *_)] = rows(benchmarks.read("README.md"), "mine")
        assert (arm, seeds) == ("crfsuite", "1") and float(f.split()[0]) > 40 and float(cpu) > 0
