"""Texts to annotate, a pipeline that does so at once, and what came of it."""

import json
import random
import sys
import time

import psutil
import spacy
from projects import ROOT, start_words

WORDS = ["Call", "Priya", "at", "3 PM", "in", "Yerevan", "naïve", "🙂", "to-morrow", "then"]


def make_model(path):
    """A pipeline that finds a city and a person."""
    nlp = spacy.blank("en")
    patterns = [{"label": "CITY", "pattern": "Yerevan"}, {"label": "PERSON", "pattern": "Priya"}]
    nlp.add_pipe("entity_ruler").add_patterns(patterns)
    nlp.meta.update(name="cities", version="1.2.3")
    nlp.to_disk(path)
    return path


def make_texts(number):
    chance = random.Random(number)
    return [" ".join(chance.choices(WORDS, k=chance.randint(1, 12))) for _ in range(number)]


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8", newline="\n")


def write_numbered(path, number):
    write_lines(path, [{"id": at, "text": text} for at, text in enumerate(make_texts(number))])


def read_output(here):
    rows = [line for path in sorted((here.path / "out/shards").iterdir()) for line in path.read_bytes().splitlines()]
    return [json.loads(row) for row in rows]


def count(here):
    summary = json.loads(here.read("out/summary.json"))
    assert summary["read"] == summary["written"] + summary["set_aside"] and not summary["missing"]
    return summary["read"], summary["written"], summary["set_aside"]


def manifests(here):
    return sorted((here.path / "out/manifests").glob("[0-9]*.json"))


def find_workers(here):
    """The processes that have done a shard and are alive."""
    pids = {int(json.loads(path.read_bytes())["worker"].rpartition(":")[2]) for path in manifests(here)}
    return [pid for pid in sorted(pids) if psutil.pid_exists(pid)]


def start(here, model, *options, **env):
    """Start the command, and do not wait for it."""
    command = [sys.executable, "-m", "scripts.annotate", "texts.jsonl", "out", "--model", str(model), *options]
    return start_words(here, command, **{"PYTHONPATH": str(ROOT), **env})


def wait_until(true, process, seconds=120):
    """Wait for something to be so while a process, if there is one, is at work."""
    for _ in range(seconds * 50):
        if true():
            return
        assert process is None or process.poll() is None, process.communicate()[0]
        time.sleep(0.02)
    raise AssertionError("that took too long")
