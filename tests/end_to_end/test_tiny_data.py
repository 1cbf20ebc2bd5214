"""A handful of texts, as tutorials have them: all that is wrong is told, and a wheel comes out that claims nothing."""

import json
import zipfile

TEXTS = [
    ("Schedule a meeting on Friday", [(0, 8, "ACTION"), (11, 18, "EVENT"), (22, 28, "DATE")]),
    ("Cancel my appointment tomorrow", [(0, 6, "ACTION"), (10, 21, "EVENT"), (22, 30, "DATE")]),
    ("Move the call to Monday", [(0, 4, "ACTION"), (9, 13, "EVENT"), (17, 23, "DATE")]),
    ("Plan a trip for Sunday", [(0, 4, "ACTION"), (7, 11, "EVENT"), (16, 22, "DATE")]),
    ("Book the dinner on Tuesday", [(0, 4, "ACTION"), (9, 15, "EVENT"), (19, 26, "DATE")]),
    ("Add a workshop on Thursday", [(0, 3, "ACTION"), (6, 14, "EVENT"), (18, 26, "DATE")]),
    ("Postpone the review to Wednesday", [(0, 8, "ACTION"), (13, 19, "EVENT"), (23, 32, "DATE")]),
]
OVERRIDES = ["--vars.annotations=assets/mine.jsonl", "--vars.name=tiny", "--vars.recipe=crf"]


def write(project, texts):
    rows = [
        {"text": text, "spans": [{"start": start, "end": end, "label": label} for start, end, label in spans]}
        for text, spans in texts
    ]
    project.write("assets/mine.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def test_inclusive_ends_are_told_with_what_was_meant(project):
    """All of them at once, and not that there are too few texts, too."""
    write(project, [(text, [(start, end - 1, label) for start, end, label in spans]) for text, spans in TEXTS])
    done = project.run_here("all", *OVERRIDES, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "21 span(s) cannot be used as they are" in words
    assert "'Schedule' (0-8) may be meant: its last character is cut off" in words
    assert "21 of them end one character early: ends may be inclusive" in words
    assert "No entities" not in words


def test_all_that_is_wrong_is_told_at_once(project):
    """An offset in the middle of a word, one that hits the article alone, and a record without sense."""
    texts = [("The horses are too tall", [(0, 3, "ANIMAL")]), ("Do the dogs bite", [(9, 11, "ANIMAL")])]
    write(project, [*texts, ("Horses", [(0, 6, "ANIMAL")])])
    project.write("assets/mine.jsonl", project.read("assets/mine.jsonl") + "{oops\n")
    done = project.run_here("all", *OVERRIDES, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "1 of 4 records make no sense; 1 span(s) cannot be used as they are" in words
    assert "'dogs' (7-11) may be meant" in words and "is 'the' and nothing else once" in words
    assert "begins with" not in words


def test_a_wheel_comes_out_and_nothing_claims_a_score(project):
    write(project, TEXTS)
    done = project.run_here("all", *OVERRIDES)
    words = " ".join(done.stdout.split())
    assert "Too few texts to split: all 7 are trained on" in words and "NO EVIDENCE of how good the model is" in words
    metrics, audit = (json.loads(project.read(path)) for path in ("metrics/metrics.json", "corpus/audit.json"))
    assert metrics["evidence"] is audit["evidence"] is False and audit["splits"]["train"]["records"] == 7
    page, card = project.read("metrics/report.html"), project.read("metrics/MODEL_CARD.md")
    assert "NO EVIDENCE" in page and "Scores by label" not in page
    assert "no better than looking up" not in page and "take the intervals seriously" not in page
    assert "NO EVIDENCE" in card and "| **all** |" not in card and "f_score" not in card
    with zipfile.ZipFile(project.path / "packages/en_tiny-1.0.0-py3-none-any.whl") as archive:
        (meta,) = [name for name in archive.namelist() if name.endswith("1.0.0/meta.json")]
        assert json.loads(archive.read(meta))["performance"] == {}
    for study in ("trials", "tune"):  # which would score on what they learned
        done = project.run_here(study, *OVERRIDES, check=False)
        words = " ".join(done.stdout.split())
        assert done.returncode == 1 and "There are no texts to score on but those that are trained on" in words
    words = " ".join(project.run_here("cross-validate", *OVERRIDES, "--vars.cross_validate=few").stdout.split())
    assert "on 7 texts, each read by a pipeline that never saw it" in words
    doubts = json.loads(project.read("metrics/studies/cross_validation.json"))["doubts"]
    assert len({json.dumps(doubt, sort_keys=True) for doubt in doubts}) == len(doubts)
