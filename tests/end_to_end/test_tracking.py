"""Tracking runs takes the one line that a recipe's comment gives, and changes nothing else."""

import hashlib
import json
import re

import pytest
import spacy
from conftest import ROOT, copy_template, limit_steps
from spacy.util import registry
from thinc.api import Config

TRACKERS = ("MLflow", "Wandb")
RECIPES = sorted(path.stem for path in (ROOT / "configs").glob("*.cfg"))
# What training makes and does not have the recipe in it
OUTPUTS = ("ner/model", "tok2vec/model", "tokenizer", "vocab/strings.json")


def track(recipe, tracker):
    """Change a recipe's text as its comment says."""
    (line,) = re.findall(rf"^# (logger2 = .*{tracker}.*)$", recipe, re.MULTILINE)
    changed = recipe.replace("\nlogger2 = null\n", f"\n{line}\n")
    assert changed != recipe
    return changed


def track_training(untracked, path, tracker, **env):
    """Train as before, but for that line; returns the project."""
    project = untracked.copy(path)
    project.write("configs/cnn.cfg", track(project.read("configs/cnn.cfg"), tracker))
    project.run("fill-config")
    project.run("train", **env)
    return project


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def outputs(project):
    return {name: digest(project.path / "training/model-best" / name) for name in OUTPUTS}


def logged(project):
    """The evaluations in log.jsonl."""
    return [json.loads(line) for line in project.read("training/log.jsonl").splitlines()]


@pytest.fixture(scope="module")
def untracked(tmp_path_factory):
    """As many steps on a few texts as it takes to find something, with the recipe as it comes."""
    project = copy_template(tmp_path_factory.mktemp("untracked") / "project")
    limit_steps(project, 60, 30)
    rows = project.read("assets/events.jsonl").splitlines()[:200]
    project.write("assets/events.jsonl", "\n".join(rows) + "\n")
    checksum = hashlib.md5((project.path / "assets/events.jsonl").read_bytes()).hexdigest()
    project.write("project.yml", re.sub(r"checksum: .*", f'checksum: "{checksum}"', project.read("project.yml")))
    for step in ("preflight", "preprocess", "fill-config", "train"):
        project.run(step)
    return project


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_line_of_every_recipe_fits_its_logger(recipe, tracker):
    config = Config().from_str(track((ROOT / "configs" / f"{recipe}.cfg").read_text(encoding="utf-8"), tracker))
    filled = registry.fill({"logger": config["training"]["logger"]})["logger"]
    assert filled["logger1"]["@loggers"] == "spacy.ConsoleLogger.v3"
    assert filled["logger2"]["@loggers"].startswith(f"spacy.{tracker}Logger")


def test_untracked_training_logs_as_before(untracked):
    assert [entry["step"] for entry in logged(untracked)] == [0, 30, 60]
    assert logged(untracked)[-1]["score"] > 0
    config = spacy.load(untracked.path / "training/model-best").config
    assert config["training"]["logger"]["logger2"] is None


def test_mlflow_has_scores_config_and_models(untracked, tmp_path, monkeypatch):
    env = {
        "MLFLOW_TRACKING_URI": (tmp_path / "store").as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",  # files are for tests: MLflow would have a database
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    project = track_training(untracked, tmp_path / "project", "MLflow", **env)
    assert outputs(project) == outputs(untracked)
    assert logged(project) == logged(untracked)

    for name, value in env.items():
        monkeypatch.setenv(name, value)
    from mlflow import MlflowClient  # only now: it looks at the environment when it is imported

    (run,) = MlflowClient().search_runs(["0"])
    assert (run.info.run_name, run.info.status) == ("cnn", "FINISHED")
    assert run.data.params.items() >= {"training.dropout": "0.3", "nlp.lang": "en"}.items()
    scores = [metric.value for metric in MlflowClient().get_metric_history(run.info.run_id, "score")]
    assert {round(score, 8) for score in scores} == {round(entry["score"], 8) for entry in logged(project)}
    assert run.data.metrics["score"] == run.data.metrics["ents_f"]
    # The last of the models that were the best when they were made is the best. (The recognizer's threshold may have
    # been moved after that.)
    models = sorted((tmp_path / "store").rglob("tok2vec/model"), key=lambda path: path.stat().st_mtime)
    assert digest(models[-1]) == outputs(project)["tok2vec/model"]


def test_wandb_has_scores_and_config(untracked, tmp_path):
    env = {"WANDB_MODE": "offline", "WANDB_DIR": str(tmp_path), "WANDB_CACHE_DIR": str(tmp_path / "cache")}
    project = track_training(untracked, tmp_path / "project", "Wandb", **env, WANDB_ERROR_REPORTING="false")
    assert outputs(project) == outputs(untracked)
    assert logged(project) == logged(untracked)

    # wandb has no reader for its file: values are JSON between bytes of protobuf
    (run,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    content = run.read_bytes()
    assert b"event_scheduling" in content and b'"dropout":0.3' in content and b"ents_f" in content
    for score in (entry["score"] for entry in logged(project) if entry["score"]):
        assert re.search(rb"score.{1,4}" + str(score)[:8].encode(), content, re.DOTALL)
