"""What the report and the model card tell: studies, the choice of a step, the base, the last model."""

import json
import re
import time
import zipfile

import pytest
from pages import check_figures
from projects import WHEEL

from spacy_domain.report.card import render_card
from spacy_domain.scoring.verdicts import Limits, tell_verdicts


def test_studies_are_shown_and_left_out_when_stale(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    files = json.loads(project.read("metrics/metrics.json"))["provenance"]["files"]
    scores = {key: 0.5 for key in ("dev", "p", "r", "f")}
    trials = {
        "trials": [{"seed": 0, **scores}, {"seed": 1, **scores}],
        "mean": scores,
        "sd": scores,
        "packaged_seed": 0,
        "best_seed_on_dev": 1,
        "provenance": {"files": {"corpus/train.spacy": files["corpus/train.spacy"]}},
    }
    project.write("metrics/studies/trials.json", json.dumps(trials))
    assert project.run_all_here() == {"report"}
    check_figures(project)
    assert "How much is luck" in project.read("metrics/report.html")
    trials["provenance"]["files"]["corpus/train.spacy"] = "another one"
    project.write("metrics/studies/trials.json", json.dumps(trials))
    output = " ".join(project.run_here("all").stdout.split())
    assert "metrics/studies/trials.json was made of other data and is left out: spacy project run trials" in output
    assert "How much is luck" not in project.read("metrics/report.html")


def test_choice_of_a_step_is_told_where_there_was_one(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    log, path = "training/log.jsonl", "metrics/report.html"
    section = r'<section aria-labelledby="training">.*?</section>'
    (not_chosen,) = re.findall(section, project.read(path), re.DOTALL)
    assert "<svg" not in not_chosen and "The last step is the model" in not_chosen
    # As a recipe leaves it that looks at the dev texts after so many steps
    last = json.loads(project.read(log))
    steps = [last | {"step": 100 * number, "score": last["score"] / (4 - number)} for number in range(4)]
    project.write(log, "".join(json.dumps(step) + "\n" for step in steps))
    project.run_here("report", force=True)
    check_figures(project)
    (chosen,) = re.findall(section, project.read(path), re.DOTALL)
    assert "<svg" in chosen and "The best step is the model" in chosen


def wheel_meta(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if re.fullmatch(r"[^/]+/meta\.json", name)]
        return json.loads(archive.read(name))


def test_what_was_not_measured_of_the_base_is_told(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    path = "metrics/retention.json"
    meta, audit = wheel_meta(project.path / WHEEL), json.loads(project.read("corpus/audit.json"))
    kept = json.loads(project.read(path))
    assert not kept["compared"] and "What it still knows of its base" not in project.read("metrics/report.html")
    for strategy, told in (("update", "NOT KNOWN"), ("replace", "is gone")):
        others = {"identical": False, "texts": 5, "with_entities": {"spans": 3, "tokens": 1}}
        kept |= {"compared": True, "strategy": strategy, "other_components": others}
        kept |= {"kept_labels": ["CITY"] if strategy == "update" else [], "new_labels": ["DISH"], "outside": None}
        kept["verdicts"] = tell_verdicts(kept, Limits(0.01, 0.95, 0.1))
        project.write(path, json.dumps(kept))
        project.run_here("report", force=True)
        check_figures(project)
        (section,) = re.findall(
            r'<section aria-labelledby="retention">.*?</section>', project.read("metrics/report.html"), re.DOTALL
        )
        assert told in section and "<table" not in section
        assert "but for what they make of entities: spans in 3, tokens in 1." in re.sub("<[^>]*>", "", section)
        card = render_card(meta, json.loads(project.read("metrics/metrics.json")), kept, audit)
        assert "finds DISH where none is, outside of the domain, is NOT KNOWN" in section and "is NOT KNOWN" in card
        assert ("knew is NOT KNOWN" in card) == (strategy == "update")


def test_previous_model_is_compared(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    older, var = project.path / "older", "--vars.previous_model=older"
    (project.path / "training/model-best").rename(older)
    project.edit("configs/crf.cfg", "max_iterations = 60", "max_iterations = 3")
    for step in ("preflight", "fill-config", "train", "evaluate", "report"):
        project.run_here(step, var)
    metrics = json.loads(project.read("metrics/metrics.json"))
    before = json.loads(short_run.read("metrics/metrics.json"))
    (previous,) = [other for other in metrics["compared"] if other["name"] == "the previous model, older"]
    low, high = previous["interval"]
    sure = "better" if low > 0 else "worse" if high < 0 else "cannot tell"
    assert previous["f"] == before["ents_f"] and previous["verdict"].startswith(sure)
    assert previous["difference"] == pytest.approx(metrics["ents_f"] - before["ents_f"])
    assert "the previous model, older" in project.read("metrics/report.html")
    told = {"better": "Ship", "worse": "Do not ship", "cannot tell": "Cannot tell"}[sure]
    assert f"<li><b>{told}</b>" in project.read("metrics/report.html")
    assert set(metrics["shipping"]["labels"]) == set(metrics["ents_per_type"])
    # another model under that name is noticed
    assert "evaluate" not in project.would_run(var)
    (older / "meta.json").write_text((older / "meta.json").read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert "evaluate" in project.would_run(var)
    done = project.run_here("preflight", "--vars.previous_model=none_such", check=False)
    assert done.returncode == 1 and "No pipeline 'none_such'" in done.stdout


def test_model_card_is_what_the_hub_reads(short_run, tmp_path):
    """The front matter, read by the Hub's own library; the same card is the wheel's README."""
    from huggingface_hub import ModelCard

    card = ModelCard(short_run.read("metrics/MODEL_CARD.md"))
    metrics = json.loads(short_run.read("metrics/metrics.json"))
    assert card.data.language == ["en"] and card.data.license == "mit" and card.data.library_name == "spacy"
    assert {result.metric_type: result.metric_value for result in card.data.eval_results} == pytest.approx(
        {name: metrics[key] for name, key in (("precision", "ents_p"), ("recall", "ents_r"), ("f_score", "ents_f"))},
        abs=1e-4,
    )
    (wheel,) = (short_run.path / "packages").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        readmes = {archive.read(name).decode() for name in archive.namelist() if name.endswith("README.md")}
        (described,) = [archive.read(name).decode() for name in archive.namelist() if name.endswith("METADATA")]
    assert readmes == {short_run.read("metrics/MODEL_CARD.md")}
    assert "## Limits" in described


def test_evaluate_costs_little_beyond_prediction(short_run, tmp_path):
    """Less than 10 s of a processor."""
    project = short_run.copy(tmp_path / "project")
    start = time.process_time()
    project.run_here("evaluate", force=True)
    assert time.process_time() - start < 10
