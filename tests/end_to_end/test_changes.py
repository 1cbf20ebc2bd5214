"""A change runs what depends on it, and nothing else."""

import json

import pytest
from projects import STEPS, change_record, digests

AFTER_MODEL = {"evaluate", "report", "package"}
FOR_SOME_RECIPES = {"teach", "label-raw-text"}  # which look at the recipe and the corpora, and end
OF_RECIPES = {"fill-config", *FOR_SOME_RECIPES}


def change(path, old, new):
    return lambda project: project.edit(path, old, new)


def add(path, text):
    return lambda project: project.write(path, (project.read(path) if (project.path / path).exists() else "") + text)


# What is changed, how, the overrides to run with, the steps that would run first: what else does depends on what
# they make
CHANGES = {
    "nothing": (None, [], set()),
    "a record": (change_record, [], {"preprocess", "cross-validate"}),
    "what the package says about itself": (change("assets/about.json", '"MIT"', '"ISC"'), [], {"report", "package"}),
    "the recipe": (change("configs/crf.cfg", "c1 = 0.02", "c1 = 0.05"), [], OF_RECIPES),
    "another recipe": (add("configs/mine.cfg", '[recipe]\nextends = "crf"\n'), ["--vars.recipe=mine"], OF_RECIPES),
    "raw texts": (
        add("assets/raw_text.jsonl", '{"text": "Call me."}\n'),
        [],
        {"preprocess", "label-raw-text"},
    ),
    "gold of the base's labels": (add("assets/retention.jsonl", '{"text": "Call.", "spans": []}\n'), [], {"evaluate"}),
    "var on_misaligned": (None, ["--vars.on_misaligned=snap"], {"preprocess"}),
    "var split": (None, ["--vars.split=70/15/15"], {"preprocess"}),
    "var split_seed": (None, ["--vars.split_seed=1"], {"preprocess"}),
    "var seed": (None, ["--vars.seed=1"], {"fill-config", "teach", "cross-validate"}),
    "var name": (None, ["--vars.name=other"], {"report", "package"}),
    "var version": (None, ["--vars.version=1.0.1"], {"report", "package"}),
    "var lang": (
        None,
        ["--vars.lang=xx"],
        {"preprocess", "teach", "fill-config", "train", "cross-validate", *AFTER_MODEL},
    ),
    "var host, of serve alone": (None, ["--vars.host=0.0.0.0"], set()),
    "a comment": (add("spacy_domain/scoring/mistakes.py", "\n# a comment\n"), [], set()),
    "a docstring": (change("scripts/train.py", '"""Train with', '"""Train it with'), [], set()),
    "code of preflight": (add("scripts/preflight.py", "\nMORE = 1\n"), [], set()),
    "code of preprocess": (add("scripts/preprocess.py", "\nMORE = 1\n"), [], {"preprocess"}),
    "code of fill-config": (add("scripts/fill_config.py", "\nMORE = 1\n"), [], {"fill-config"}),
    "code of train": (
        add("scripts/train.py", "\nMORE = 1\n"),
        [],
        {"train", "package"},
    ),  # a wheel says what its model was made of
    "code of evaluate": (add("spacy_domain/scoring/matching.py", "\nMORE = 1\n"), [], {"evaluate"}),
    "code of report": (add("spacy_domain/report/charts.py", "\nMORE = 1\n"), [], {"report"}),
    "how the report looks": (change("spacy_domain/report/report.css", "max-width: ", "max-width:  "), [], {"report"}),
    "code of package": (add("spacy_domain/wheel/proof.py", "\nMORE = 1\n"), [], {"package"}),
    "a new reader of annotations": (add("spacy_domain/annotations/readers/mine.py", "MORE = 1\n"), [], None),
}


@pytest.fixture(scope="module")
def kept(short_run, tmp_path_factory):
    """A copy of the short run; tests change it, and put back what they changed."""
    return short_run.copy(tmp_path_factory.mktemp("changes") / "project")


def snapshot(project):
    skipped = ("training", "packages", "metrics", "imports", "docs", "benchmarks", "tests")
    files = [path for path in project.path.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files = [path for path in files if path.relative_to(project.path).parts[0] not in skipped]
    return {path: path.read_bytes() for path in files}


@pytest.fixture
def project(kept):
    before = snapshot(kept)
    yield kept
    for path, content in snapshot(kept).items():
        if path not in before:
            path.unlink()
        elif content != before[path]:
            path.write_bytes(before[path])


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_makes_stale_what_depends_on_it(project, name):
    edit, overrides, expected = CHANGES[name]
    if edit:
        edit(project)
    if expected is None:
        expected = {"preprocess", "evaluate", "label-raw-text", "cross-validate"}
        assert {"preprocess"} <= project.would_run(*overrides) <= expected
    else:
        assert project.would_run(*overrides) == expected


@pytest.mark.parametrize(("package", "expected"), [("nervaluate", {"evaluate"}), ("spacy", {*STEPS} - {"report"})])
def test_another_installed_version_makes_stale_what_imports_it(project, tmp_path, monkeypatch, package, expected):
    meta = tmp_path / f"{package}-1.dist-info" / "METADATA"
    meta.parent.mkdir()
    steps = json.loads(project.read("corpus/steps/evaluate.json"))
    other = steps["packages"][package] + ".1"
    meta.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {other}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert project.would_run() == expected
    assert json.loads(project.read("corpus/steps/evaluate.json"))["packages"][package] == other
    monkeypatch.undo()
    project.run_here("preflight")
    assert json.loads(project.read("corpus/steps/evaluate.json")) == steps, "and back"


# From here on they run, and so does what follows.


def test_a_changed_record_runs_all_but_the_config(changed_run, short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    change_record(project)
    assert project.run_all_here() == set(STEPS) - {
        "fill-config",
        "label-raw-text",
    }  # whose texts are those of dev and test
    assert project.run_all_here() == set()
    assert digests(project) == digests(changed_run), "as where there was nothing before"
    assert digests(project)["training/model-best/crf/weights"] != digests(short_run)["training/model-best/crf/weights"]


def test_a_changed_recipe_runs_all_but_preprocess(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    project.edit("configs/crf.cfg", "c1 = 0.02", "c1 = 0.05")
    assert project.run_all_here() == set(STEPS) - {"preprocess"}
    project.edit("configs/crf.cfg", "c1 = 0.05", "c1 = 0.02")
    assert project.would_run() == OF_RECIPES, "the way back is a change, too"


def test_what_comes_out_the_same_runs_nothing_more(short_run, tmp_path):
    """Another way with spans that do not fit, where all do."""
    project = short_run.copy(tmp_path / "project")
    assert project.run_all_here("--vars.on_misaligned=snap") == {"preprocess"}
    assert digests(project) == digests(short_run)


@pytest.mark.slow
def test_a_changed_constant_of_scoring_runs_evaluate_and_what_follows(short_run, tmp_path):
    """In processes of their own, so that the code that was changed is what runs."""
    project = short_run.copy(tmp_path / "project")
    before = digests(project)
    text = project.read("spacy_domain/scoring/intervals.py")
    assert "SAMPLES = 2000" in text
    project.write("spacy_domain/scoring/intervals.py", text.replace("SAMPLES = 2000", "SAMPLES = 100"))
    assert project.run_all() == {*AFTER_MODEL, "cross-validate"}
    after = digests(project)
    assert {name for name in after if after[name] != before[name]} >= {"metrics/metrics.json", "metrics/report.html"}
    assert not [name for name in after if name.startswith(("corpus", "training")) and after[name] != before[name]]
    assert json.loads(project.read("metrics/metrics.json"))["intervals"]


READER = '''"""A text in capitals, and its one entity behind a bar."""

from ..formats import Format, formats
from ..record import FileRecord, FileSpan


def read(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text, surface = line.split("|")
        start = text.index(surface)
        yield FileRecord(text, [FileSpan(start, start + len(surface), "DISH", surface)], number)


formats.register("shouted", func=Format("texts in capitals", lambda beginning: False, read))
'''


def test_a_new_reader_is_one_file(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    project.write("spacy_domain/annotations/readers/shouted.py", READER)
    dishes = ["RAMEN", "PHO", "DAL MAKHANI", "INJERA"]
    lines = [f"TABLE {number} WOULD LIKE {dishes[number % 4]}|{dishes[number % 4]}" for number in range(80)]
    project.write("assets/menus.txt", "\n".join(lines) + "\n")
    overrides = ["--vars.annotations=assets/menus.txt", "--vars.format=shouted"]
    assert "preprocess" in project.would_run()
    project.run("preprocess", *overrides)
    audit = json.loads(project.read("corpus/audit.json"))
    assert audit["records"]["used"] > 40 and set(audit["labels"]) == {"DISH"}
    refused = project.run_here("all", "--vars.format=whispered", check=False)
    assert refused.returncode == 1 and "Unknown format 'whispered'" in refused.stdout


@pytest.mark.parametrize(("split", "shares"), [("70/15/15", (0.7, 0.15, 0.15)), ("34/33/33", (0.34, 0.33, 0.33))])
def test_var_split(short_run, tmp_path, split, shares):
    project = short_run.copy(tmp_path / "project")
    project.run_here("preprocess", f"--vars.split={split}")
    splits = json.loads(project.read("corpus/audit.json"))["splits"]
    total = sum(one["records"] for one in splits.values())
    for name, share in zip(("train", "dev", "test"), shares, strict=True):
        assert splits[name]["records"] / total == pytest.approx(share, abs=0.08)


@pytest.mark.parametrize("split", ["80/20", "80/10/20", "100/0/0", "a/b/c", "0.8/0.1/0.1", "-10/100/10", "nan/1/1", ""])
def test_var_split_that_makes_no_sense(project, split):
    done = project.run_here("preprocess", f"--vars.split={split}", check=False, force=True)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "What to do" in words
    assert f"Cannot split the texts as {split!r}" in words and "80/10/10" in words
