"""Where there is little to test on, each text is scored by a pipeline that never saw it, and the report says so."""

import json

import pytest
from projects import copy_template

FOUND = "metrics/studies/cross_validation.json"
WHERE = ("Lima", "Oslo", "Bonn", "Riga", "Turin", "Porto", "Nice", "Basel")
WHAT = (
    "My bus to {} is late",
    "Is {} far away?",
    "They moved from {} last year",
    "{} is where I was born",
    "Call {} now",
)
FEW = "--vars.cross_validate=few"
OVERRIDES = ("--vars.annotations=assets/mine.jsonl", "--vars.name=towns", "--vars.on_leakage=allow")


def make_rows():
    """Texts with a town each."""
    texts = [(sentence.format(town), sentence.index("{}"), town) for town in WHERE for sentence in WHAT]
    return [
        {"text": text, "spans": [{"start": start, "end": start + len(town), "label": "TOWN"}]}
        for text, start, town in texts
    ]


def write(project, rows):
    project.write("assets/mine.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def test_few_texts_are_cross_validated(tmp_path):
    project = copy_template(tmp_path / "project")
    write(project, make_rows())
    words = " ".join(project.run_here("all", *OVERRIDES, FEW, "--vars.folds=2").stdout.split())
    assert "on 40 texts, each read by a pipeline that never saw it" in words
    found, page = json.loads(project.read(FOUND)), project.read("metrics/report.html")
    assert found["folds"] == 2 and found["labels"]["TOWN"]["gold"] == 40
    assert "Each text read by a pipeline that never saw it" in page
    assert (
        "Skipping 'cross-validate': nothing changed"
        in project.run_here("all", *OVERRIDES, FEW, "--vars.folds=2").stdout
    )
    project.run_here("all", *OVERRIDES, "--vars.cross_validate=never")
    assert json.loads(project.read(FOUND))["left_out"] and "never saw it" not in project.read("metrics/report.html")


def test_texts_of_one_group_are_not_cross_validated(tmp_path):
    """With so few, all are trained on; folds have whole groups, and there is but one."""
    project = copy_template(tmp_path / "project")
    write(project, [{**row, "group": "mail"} for row in make_rows()[:5]])
    done = project.run_here("all", *OVERRIDES, FEW)
    assert "Not cross-validated: all texts are of one group" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        (("--vars.annotations=assets/events.jsonl",), "there are 222 entities to test on"),
        (("--vars.recipe=cnn",), "each training would take long"),
        ((), "with more than 10,000 words, it would take more than a minute"),
    ],
)
def test_left_out(tmp_path, overrides, reason):
    project = copy_template(tmp_path / "project")
    write(project, [{**row, "text": row["text"] + " again and" * 150} for row in make_rows()])
    for name in ("preflight", "preprocess", "fill-config", "cross-validate"):
        done = project.run_here(name, *OVERRIDES, FEW, *overrides)
    words = " ".join(done.stdout.split())
    assert f"Not cross-validated: {reason} (to do it anyway: --vars.cross_validate=always)" in words
