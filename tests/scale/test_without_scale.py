"""Whoever needs none of this deletes it, or does not install its extra: the rest goes on working."""

import json
import shutil

import pytest

OURS = ("spacy_domain/scale", "scripts/annotate.py", "scripts/tune.py")
STUDIES = ("search", "space", "optimism", "tuned_recipe", "held_out_parts", "pruning")
# Imports every module, and has every command say how it is used, without the packages of the extra
USE_ALL = """
import importlib, json, pathlib, sys
for name in ("ray", "optuna", "pyarrow"):
    sys.modules[name] = None
# An editable install would find in its own folder what is deleted in this one
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in str(finder).lower()]
import typer
from typer.testing import CliRunner
said = {}
for path in sorted(pathlib.Path("spacy_domain").rglob("*.py")):
    importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
for path in sorted(pathlib.Path("scripts").glob("*.py")):
    if path.stem not in ("__init__", "functions"):
        app = typer.Typer()
        app.command()(getattr(importlib.import_module(f"scripts.{path.stem}"), path.stem))
        said[path.stem] = CliRunner().invoke(app, ["--help"]).output
from spacy_domain.project.engines import start_engine
try:
    with start_engine("ray", 1, 0):
        pass
except Exception as error:
    said["ray"] = f"Usage: {error}"
with start_engine("local", 1, 0) as pool:
    said["local"] = f"Usage: {pool.submit(divmod, 7, 2).result()}"
assert pathlib.Path(importlib.import_module("spacy_domain").__file__).is_relative_to(pathlib.Path.cwd())
print(json.dumps(said))
"""


@pytest.mark.parametrize("deleted", [False, True])
def test_the_rest_goes_on(project, deleted):
    if deleted:
        for name in [*OURS, *(f"spacy_domain/studies/{one}.py" for one in STUDIES)]:
            path = project.path / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    said = json.loads(project.python("-c", USE_ALL).stdout.splitlines()[-1])
    assert {"annotate", "tune"} & set(said) == (set() if deleted else {"annotate", "tune"})
    assert {"preflight", "preprocess", "train", "evaluate", "report", "package", "trials", "serve"} <= set(said)
    assert said["ray"] == ("Usage: No engine 'ray' here" if deleted else "Usage: ray is not installed")
    assert said["local"] == "Usage: (3, 1)"
    assert [name for name, words in said.items() if "Usage:" not in words] == []
