"""Trials, learning curve, doubts and speed: run for real, on a few texts, and shown by the report."""

import json
import random

import pytest
from pages import check_figures
from projects import copy_template, digests, made_once, shorten, write_events

pytestmark = pytest.mark.slow

STUDIES = "metrics/studies"
# As short as they get; one of them trains two pipelines at once
RUNS = {
    "trials": ["--vars.trials=2"],
    "learning-curve": [],
    "cross-validate": ["--vars.cross_validate=always", "--vars.folds=2", "--vars.jobs=2"],
    "check-annotations": ["--vars.folds=2"],
    "speed": [],
}


@pytest.fixture(scope="session")
def studied(short_run, tmp_path_factory):
    """A short run with all studies; what they printed is in <study>.txt."""

    def make(path):
        project = short_run.copy(path)
        for name, overrides in RUNS.items():
            project.write(f"{name}.txt", project.run_here(name, *overrides).stdout)
        project.run_here("report")

    return made_once(tmp_path_factory, "studied", make)


def read(project, name):
    return json.loads(project.read(f"{STUDIES}/{name}.json"))


def test_trials(studied, short_run):
    found = read(studied, "trials")
    assert [row["seed"] for row in found["trials"]] == [0, 1]
    first, second = (row["f"] for row in found["trials"])
    metrics = json.loads(short_run.read("metrics/metrics.json"))
    assert first == metrics["ents_f"], "the first is the model that is packaged"
    assert found["mean"]["f"] == pytest.approx((first + second) / 2)
    best = max(found["trials"], key=lambda row: row["dev"])["seed"]
    assert found["best_seed_on_dev"] == best
    assert "corpus/rehearsal" in found["provenance"]["files"]
    words = " ".join(studied.read("trials.txt").split())
    assert ("--vars.seed=1" in words) == (best == 1)


def test_learning_curve(studied):
    found = read(studied, "learning_curve")
    texts = [point["texts"] for point in found["points"]]
    audit = json.loads(studied.read("corpus/audit.json"))
    train = audit["splits"]["train"]
    assert texts == [round(share * train["records"]) for share in (0.2, 0.4, 0.6, 0.8, 1)]
    assert found["points"][-1]["entities"] == train["spans"]
    assert all(point["interval"][0] <= point["f"] <= point["interval"][1] for point in found["points"])
    assert found["twice_as_many"]["verdict"] in studied.read("learning-curve.txt").replace("\n", " ")


def test_doubts_have_places_and_can_be_corrected(studied, tmp_path):
    found = read(studied, "doubts")
    lines = studied.read("assets/events.jsonl").splitlines()
    for doubt in found["doubts"]:
        file, _, line = doubt["source"].rpartition(":")
        assert file == "assets/events.jsonl" and json.loads(lines[int(line) - 1])["text"] == doubt["text"]
    sure = [(doubt["predicted"] or {}).get("confidence", 0) for doubt in found["doubts"]]
    assert sure == sorted(sure, reverse=True)
    # what is to be corrected is read like any annotations, and says what was annotated
    rows = [json.loads(line) for line in studied.read(f"{STUDIES}/doubts.jsonl").splitlines()]
    given = {row["text"]: row["spans"] for row in map(json.loads, lines)}
    assert rows and all(row["spans"] == given[row["text"]] for row in rows)
    studied.run("export", f"--vars.annotations={STUDIES}/doubts.jsonl", "--vars.export_format=doccano")


def test_texts_of_the_test_corpus_are_not_doubted(studied):
    import spacy
    from spacy.tokens import DocBin

    vocab = spacy.blank("en").vocab
    test = {doc.text for doc in DocBin().from_disk(studied.path / "corpus/test.spacy").get_docs(vocab)}
    assert not test & {doubt["text"] for doubt in read(studied, "doubts")["doubts"]}


def test_cross_validation_scores_every_text_once(studied):
    """Of all three corpora; and what it says of the whole lies between what it says of the labels."""
    found = read(studied, "cross_validation")
    audit = json.loads(studied.read("corpus/audit.json"))
    assert found["texts"] == sum(split["records"] for split in audit["splits"].values())
    assert {label: row["gold"] for label, row in found["labels"].items() if row["gold"]} == audit["labels"]
    assert found["interval"][0] < found["f"] < found["interval"][1]
    assert min(row["f"] for row in found["labels"].values()) < found["f"] < 1
    assert f"{100 * found['f']:.1f}" in studied.read("cross-validate.txt")


def test_one_set_of_trainings_serves_both(studied):
    """What check-annotations shows is what cross-validate doubted, and it trained nothing for that: its own folds would
    have been others, for there are no test texts in them."""

    def key(doubt):
        return json.dumps([doubt["text"], doubt["gold"], doubt["predicted"]], sort_keys=True)

    doubted, shown = (read(studied, name)["doubts"] for name in ("cross_validation", "doubts"))
    assert shown and sorted(map(key, shown)) == sorted(map(key, doubted))


def test_speed(studied):
    found = read(studied, "speed")
    low, high = found["interval"]
    assert 0 < low <= found["words_per_second"] <= high
    assert found["load_seconds"] > 0 and found["memory_mb"] > 50
    assert found["installed_mb"] > found["wheel_mb"] > 0.1


def test_report_shows_studies(studied):
    page = check_figures(studied)
    shown = {figure["data-from"].split("#")[0] for figure in page.found}
    names = ("trials", "learning_curve", "doubts", "cross_validation", "speed")
    assert {f"{STUDIES}/{name}.json" for name in names} <= shown


def test_studies_are_skipped_when_nothing_changed(studied):
    for name, overrides in RUNS.items():
        assert f"Skipping '{name}'" in studied.run_here(name, *overrides).stdout


def test_planted_errors_are_found(tmp_path):
    """One entity in twenty gets another label or is dropped: of the surest doubts, most are these."""
    project = copy_template(tmp_path / "project")
    chance = random.Random(7)
    rows = [json.loads(line) for line in project.read("assets/events.jsonl").splitlines()]
    labels = sorted({span["label"] for row in rows for span in row["spans"]})
    planted = set()
    for row in rows:
        for span in list(row["spans"]):
            if chance.random() < 0.05:
                planted.add((row["text"], span["start"]))
                if chance.random() < 0.5:
                    row["spans"].remove(span)
                else:
                    span["label"] = chance.choice([label for label in labels if label != span["label"]])
    shorten(project)
    write_events(project, rows)
    for name in ("preflight", "preprocess", "fill-config", "check-annotations"):
        project.run_here(name, "--vars.folds=2")
    surest = read(project, "doubts")["doubts"][:30]
    hits = sum((doubt["text"], doubt["predicted"]["start"]) in planted for doubt in surest)
    assert hits >= 12


@pytest.mark.parametrize(
    ("command", "var", "title"),
    [
        ("trials", "--vars.trials=1", "1 trial(s) have no spread"),
        ("check-annotations", "--vars.folds=1", "1 fold(s) leave nothing to train on"),
        ("cross-validate", "--vars.folds=1", "Wrong arguments for cross_validate"),
        ("learning-curve", "--vars.jobs=0", "Wrong arguments for learning_curve"),
        *((name, "--vars.engine=near", "Unknown engine 'near'") for name in RUNS if name != "speed"),
    ],
)
def test_what_cannot_be_studied(short_run, tmp_path, command, var, title):
    project = short_run.copy(tmp_path / "project")
    before = digests(project), list((project.path / STUDIES).iterdir())
    done = project.run_here(command, var, "--vars.cross_validate=always", check=False)
    assert done.returncode == 1 and title in done.stdout and "What to do" in done.stdout
    assert (digests(project), list((project.path / STUDIES).iterdir())) == before
