"""Tracking runs takes the one line that a recipe's comment gives, and changes nothing else."""

import hashlib
import json
import re

import pytest
import spacy
import srsly
from projects import ROOT
from spacy.util import registry

from spacy_domain.base.recipe import read_recipe

pytestmark = pytest.mark.slow

TRACKERS = ("MLflow", "Wandb")
RECIPES = sorted(path.stem for path in (ROOT / "configs").glob("*.cfg"))
# What training makes and does not have the recipe in it
OUTPUTS = ("crf/weights", "tokenizer", "vocab/strings.json")


def track(recipe, tracker):
    """Change a recipe's text as its comment says."""
    (line,) = re.findall(rf"^# (logger2 = .*{tracker}.*)$", recipe, re.MULTILINE)
    changed = recipe.replace("\nlogger2 = null\n", f"\n{line}\n")
    assert changed != recipe
    return changed


def track_training(short_run, path, tracker, **env):
    """Train as before, but for that line; returns the project."""
    project = short_run.copy(path)
    project.write("configs/crf.cfg", track(project.read("configs/crf.cfg"), tracker))
    project.run_here("preflight")
    project.run_here("fill-config")
    project.run("train", **env)
    return project


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def outputs(project):
    return {name: digest(project.path / "training/model-best" / name) for name in OUTPUTS}


def read_weights(path):
    """The weights of features; the threshold may have been moved after training."""
    weights = srsly.msgpack_loads(path.read_bytes())["weights"]
    return weights["keys"].tolist(), weights["labels"]


def logged(project):
    """The evaluations in log.jsonl."""
    return [json.loads(line) for line in project.read("training/log.jsonl").splitlines()]


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_line_fits_the_logger_of_every_recipe(recipe, tracker, tmp_path):
    """In the recipe itself, or in the one that it extends."""
    for path in (ROOT / "configs").glob("*.cfg"):
        text = path.read_text(encoding="utf-8")
        changed = track(text, tracker) if "logger2" in text else text
        (tmp_path / path.name).write_text(changed, encoding="utf-8")
    config = read_recipe(tmp_path / f"{recipe}.cfg")
    filled = registry.fill({"logger": config["training"]["logger"]})["logger"]
    assert filled["logger1"]["@loggers"] == "spacy.ConsoleLogger.v3"
    assert filled["logger2"]["@loggers"].startswith(f"spacy.{tracker}Logger")


def test_untracked_training_logs_as_before(short_run):
    assert [entry["step"] for entry in logged(short_run)] == [0]
    assert logged(short_run)[-1]["score"] > 0
    config = spacy.load(short_run.path / "training/model-best").config
    assert config["training"]["logger"]["logger2"] is None


def test_mlflow_has_scores_config_and_models(short_run, tmp_path, monkeypatch):
    env = {
        "MLFLOW_TRACKING_URI": (tmp_path / "store").as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",  # files are for tests: MLflow would have a database
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    project = track_training(short_run, tmp_path / "project", "MLflow", **env)
    assert outputs(project) == outputs(short_run)
    assert logged(project) == logged(short_run)

    for name, value in env.items():
        monkeypatch.setenv(name, value)
    from mlflow import MlflowClient  # only now: it looks at the environment when it is imported

    (run,) = MlflowClient().search_runs(["0"])
    assert (run.info.run_name, run.info.status) == ("crf", "FINISHED")
    assert run.data.params.items() >= {"initialize.components.crf.fit.c1": "0.02", "nlp.lang": "en"}.items()
    scores = [metric.value for metric in MlflowClient().get_metric_history(run.info.run_id, "score")]
    assert {round(score, 8) for score in scores} == {round(entry["score"], 8) for entry in logged(project)}
    assert run.data.metrics["score"] == run.data.metrics["ents_f"]
    # The last of the models that were the best when they were made is the best
    models = sorted((tmp_path / "store").rglob("crf/weights"), key=lambda path: path.stat().st_mtime)
    assert read_weights(models[-1]) == read_weights(project.path / "training/model-best/crf/weights")


def test_wandb_has_scores_and_config(short_run, tmp_path):
    env = {"WANDB_MODE": "offline", "WANDB_DIR": str(tmp_path), "WANDB_CACHE_DIR": str(tmp_path / "cache")}
    project = track_training(short_run, tmp_path / "project", "Wandb", **env, WANDB_ERROR_REPORTING="false")
    assert outputs(project) == outputs(short_run)
    assert logged(project) == logged(short_run)

    # wandb has no reader for its file: values are JSON between bytes of protobuf
    (run,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    content = run.read_bytes()
    assert b"event_scheduling" in content and b'"c1":0.02' in content and b"ents_f" in content
    for score in (entry["score"] for entry in logged(project) if entry["score"]):
        assert re.search(rb"score.{1,4}" + str(score)[:8].encode(), content, re.DOTALL)
