"""A search for better settings: it goes on where it was killed, and a training that fails does not end it."""

import contextlib
import json
import sqlite3

import optuna
import psutil
import pytest
from pages import check_figures
from projects import limit_steps, start
from searches import OPTIONS, TUNE, count_done, read_trials
from spacy.util import load_config
from texts import wait_until

pytestmark = pytest.mark.slow


def test_the_first_trial_is_the_recipe(tuned):
    first, *others = read_trials(tuned)
    config = load_config(tuned.path / "training/config.cfg")["components"]["crf"]["features"]
    assert first["params"]["components.crf.features.affixes.longest"] == config["affixes"]["longest"] == 4
    assert first["params"]["components.crf.features.word.window"] == config["word"]["window"]
    assert len(others) == 4 and all(one["params"] != first["params"] for one in others)


def test_a_trial_that_fails_is_recorded(tuned):
    trials = read_trials(tuned)
    failed = [one for one in trials if one["error"]]
    assert 0 < len(failed) < 4
    assert all(one["params"]["components.crf.features.affixes.longest"] == "many" for one in failed)
    assert all("Training" in one["error"] and one["f"] is None for one in failed)
    assert all(0 < one["f"] <= 1 for one in trials if not one["error"])
    assert "failed: Training" in tuned.read("said.txt")
    assert all(one["stopped"] is None for one in trials)  # crf learns all at once: there is nothing to end early


def test_what_the_choice_is_worth(tuned):
    found = json.loads(tuned.read(TUNE))
    best = max((one for one in found["trials"] if not one["error"]), key=lambda one: one["f"])
    assert found["f"] == pytest.approx(best["f"]) and found["trials"][found["chosen"]]["f"] == best["f"]
    assert found["optimism"] == pytest.approx(found["f"] - found["expected"])
    assert found["interval"][0] <= found["gain"] <= found["interval"][1]
    assert found["verdict"] in " ".join(tuned.read("said.txt").split())


def test_the_best_is_a_recipe(tuned, tmp_path):
    project = tuned.copy(tmp_path / "project")
    text = project.read("metrics/studies/tuned.cfg")
    assert text.startswith("# The recipe crf") and "corpus/train.spacy" in text
    project.write("configs/tuned.cfg", text)
    project.run_here("fill-config", "--vars.recipe=tuned")
    config = load_config(project.path / "training/config.cfg")
    found = json.loads(project.read(TUNE))
    best = found["trials"][found["chosen"]]["params"]
    fit = config["initialize"]["components"]["crf"]["fit"]
    assert fit["c1"] == pytest.approx(best["initialize.components.crf.fit.c1"])
    assert config["components"]["crf"]["features"]["word"]["window"] == best["components.crf.features.word.window"]


def test_the_report_shows_it(tuned):
    tuned.run_here("report")
    page = check_figures(tuned)
    shown = {figure["data-from"] for figure in page.found if figure["data-from"].startswith(TUNE)}
    assert {f"{TUNE}#/{key}" for key in ("tried", "chosen", "f", "expected", "optimism", "gain")} <= shown


def test_killed_and_gone_on_with(ready, tuned, tmp_path):
    """It finds what it would have found undisturbed, and leaves no process behind."""
    project = ready.copy(tmp_path / "project")
    process = start(project, "tune", WEASEL_CONFIG_OVERRIDES=" ".join([*OPTIONS, "--vars.tries=5"]))
    wait_until(lambda: count_done(project), process)
    family = psutil.Process(process.pid).children(recursive=True)
    family[0].kill()  # the command itself; its runner ends with it
    process.wait(60)
    assert not psutil.wait_procs(family, timeout=20)[1]
    assert not (project.path / TUNE).exists()
    said = project.run_here("tune", *OPTIONS, "--vars.tries=5").stdout
    assert "trials are there already" in said
    assert [(one["params"], one["f"]) for one in read_trials(project)] == [
        (one["params"], one["f"]) for one in read_trials(tuned)
    ]


def test_a_training_that_does_worse_than_most_is_ended(short_run, tmp_path):
    """Three trials that did very well are put beside two real ones; the next is ended before its last step."""
    project = short_run.copy(tmp_path / "project")
    limit_steps(project, 20, 5)
    project.write("assets/mine.toml", '"training.dropout" = {low = 0.1, high = 0.5}\n')
    options = [one for one in OPTIONS if "recipe" not in one] + ["--vars.recipe=cnn"]
    project.run_here("preflight", *options)
    project.run_here("fill-config", *options)
    project.run_here("tune", *options, "--vars.tries=2")
    (name,) = optuna.get_all_study_names(storage := f"sqlite:///{project.path}/training/tune/search.db")
    study = optuna.load_study(study_name=name, storage=storage)
    log = dict.fromkeys(study.trials[0].intermediate_values, 0.999)
    assert list(log) == [0, 5, 10, 15, 20]  # from the log of its training
    for trial in [study.trials[1]] * 3:
        study.add_trial(optuna.trial.create_trial(**describe(trial), intermediate_values=log))
    said = project.run_here("tune", *options, "--vars.tries=6").stdout
    assert "5: no better than most at step 5" in said
    found = json.loads(project.read(TUNE))
    assert [one["stopped"] for one in found["trials"]] == [None] * 5 + [5]
    assert found["trials"][5]["f"] is None and found["stopped"] == 1 and found["tried"] == 6
    project.run_here("report")
    shown = {figure["data-from"] for figure in check_figures(project).found}
    assert f"{TUNE}#/stopped" in shown


def describe(trial):
    return {name: getattr(trial, name) for name in ("params", "distributions", "user_attrs", "value")}


def test_by_cross_validation(ready, tmp_path):
    """All training texts are scored, each by a pipeline that has not seen it."""
    project = ready.copy(tmp_path / "project")
    project.edit("project.yml", "--trials=${vars.tries}", "--trials=2 --folds=2")
    project.write("assets/mine.toml", '"components.crf.features.word.window" = [1, 2]\n')
    project.run_here("tune", *OPTIONS, "--vars.jobs=2")
    found = json.loads(project.read(TUNE))
    assert [one["error"] for one in found["trials"]] == [None, None] and 0 < found["f"] < 1
    with contextlib.closing(sqlite3.connect(project.path / "training/tune/search.db")) as database:
        rows = database.execute("select value_json from trial_user_attributes where key = 'found'").fetchall()
    audit = json.loads(project.read("corpus/audit.json"))
    assert [len(json.loads(row[0])) for row in rows] == [audit["splits"]["train"]["records"]] * 2


def test_what_cannot_be_searched(ready, tmp_path):
    project = ready.copy(tmp_path / "project")
    for space, words in (
        ('"training.droput" = [1, 2]', "has no such value"),
        ('"training.dropout" = {low = 0.5}', "'high'"),
        ("training dropout", "Cannot read"),
        ("", "Nothing to search among"),
    ):
        project.write("assets/mine.toml", space + "\n")
        done = project.run_here("tune", *OPTIONS, check=False)
        assert done.returncode == 1 and words in " ".join(done.stdout.split()), done.stdout
