"""The commands of docs/scaling.md do what the page says."""

import json
import re

import pytest
import srsly
from commands import run_command
from projects import ROOT, readme_command
from texts import write_lines

from spacy_domain.project.requirements import check_requirements


def test_annotate_as_the_page_says(short_run, tmp_path):
    """With the wheel, confidence included; and again, with nothing left to do."""
    project = short_run.copy(tmp_path / "project")
    rows = [json.loads(line) for line in project.read("assets/utterances.jsonl").splitlines()[:40]]
    write_lines(project.path / "assets/utterances.jsonl", rows)
    words = [word for word in readme_command("annotate")[2:] if word != "." and "workers" not in word]
    said = project.run_here(*words).stdout
    assert "40 of 40 texts" in said and "en_event_scheduling-1.0.0" in said
    found = [row for path in (project.path / "corpus/annotated/shards").iterdir() for row in srsly.read_jsonl(path)]
    assert [{key: row[key] for key in rows[0]} for row in found] == rows
    entities = [entity for row in found for entity in row["entities"]]
    assert all(set(one) == {"text", "label", "start", "end", "confidence"} for one in entities)
    assert any(one["confidence"] is not None and 0 <= one["confidence"] <= 1 for one in entities)
    assert "1 are done" in project.run_here(*words).stdout


def test_dry_run_as_the_page_says(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    (line,) = re.findall(r"^python -m scripts\.annotate (.*--dry-run.*)$", read_page(), re.MULTILINE)
    said = " ".join(run_command(project, "annotate", *line.split()).stdout.split())
    assert "100 workers: " in said and "to pay" in said and not (project.path / "corpus/annotated").exists()


def test_the_extra_has_what_it_takes():
    assert 'pip install -e ".[scale]"' in read_page()
    check_requirements("scale")


def read_page():
    return (ROOT / "docs/scaling.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("workers, least", [(1, 0.97), (2, 0.9)])
def test_the_simulation_has_what_arithmetic_says(monkeypatch, workers, least):
    """Without losses and stragglers, a worker is busy nearly all the time, and two take half as long."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from scaling import Setting, simulate

    setting = Setting(200_000, 100, 2**18, rate=1_000, load=2, start=1, workers=workers, slow=0, losses=0, latency=0)
    found = simulate(setting)
    assert found.seconds == pytest.approx(3 + 200 / workers, rel=0.05) and found.busy > least
    lost = simulate(Setting(10**9, rate=1_000, workers=100, losses=2.0))
    assert lost.again > 0 and lost.seconds > simulate(Setting(10**9, rate=1_000, workers=100, losses=0)).seconds
