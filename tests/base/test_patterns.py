"""Patterns in the model: where they go, what they match, and what the report says they bring."""

import json

import pytest
import spacy

from spacy_domain.base.patterns import read_patterns
from spacy_domain.project.errors import ProjectError


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ([{"LOWR": "soup"}], "LOWR"),
        ([{"TEXT": {"REGEX": "("}}], "broken regular expression"),
        ([{"LOWER": "soup", "OP": "??"}], "Unknown operator"),
        ([5], ""),
        ([], "is none"),
        (" ", "is none"),
        ({"LOWER": "soup"}, ""),
    ],
)
def test_a_pattern_that_spacy_does_not_take(tmp_path, pattern, why):
    """It is refused with its line before anything is trained."""
    path = tmp_path / "patterns.jsonl"
    rows = [{"label": "DISH", "pattern": "soup"}, {"label": "DISH", "pattern": pattern}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(ProjectError, match="Not a pattern") as error:
        read_patterns(path)
    (place,) = error.value.places
    assert place.line == 2 and why in place.message


def test_patterns_in_the_model(short_run, tmp_path):
    """Before the recognizer they decide; the report compares with the model without them."""
    project = short_run.copy(tmp_path / "project")
    project.write("assets/patterns.jsonl", '{"label": "EVENT", "pattern": [{"LOWER": "zumba"}, {"LOWER": "noon"}]}\n')
    var = "--vars.patterns_in_model=before"
    for step in ("preflight", "fill-config", "train", "evaluate", "report"):
        project.run_here(step, var)
    nlp = spacy.load(project.path / "training/model-best")
    assert nlp.pipe_names[:2] == ["entity_ruler", "crf"]
    assert ("zumba noon", "EVENT") in [(ent.text, ent.label_) for ent in nlp("book zumba noon tomorrow").ents]
    metrics = json.loads(project.read("metrics/metrics.json"))
    (without,) = [one for one in metrics["compared"] if "without its patterns" in one["name"]]
    assert without["difference"] == pytest.approx(metrics["ents_f"] - without["f"])
    assert "the model without its patterns" in project.read("metrics/report.html")
    assert "fill-config" not in project.would_run(var)
    project.write("assets/patterns.jsonl", "")
    done = project.run_here("fill-config", var, check=False)
    assert done.returncode == 1 and "No patterns to put into the model" in done.stdout


def test_patterns_in_a_base_are_refused_before_anything_runs(base, project):
    settings = ["--vars.patterns_in_model=behind", "--vars.lang=xx", "--vars.strategy=separate"]
    done = project.run_here("preflight", *settings, f"--vars.base_model={base('own_tok2vec')}", check=False)
    assert done.returncode == 1 and "Patterns go into a model that starts from nothing" in done.stdout
