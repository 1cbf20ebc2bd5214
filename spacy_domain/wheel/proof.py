"""Prove a wheel: install it, load it where the project cannot be seen, and compare its entities with the folder's."""

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import spacy
from packaging.requirements import Requirement
from spacy.training import Corpus

from ..base.packages import is_met
from ..project.errors import ProjectError
from .build import run_pip

# Goes before a program: the engine, which is installed here, is not to be found
WITHOUT_ENGINE = """
import importlib.metadata, sys
import catalogue
catalogue.AVAILABLE_ENTRY_POINTS = importlib.metadata.EntryPoints(
    one for dist in importlib.metadata.distributions() for one in dist.entry_points if dist.name != "spacy-domain"
)
sys.modules["spacy_domain"] = None
"""
# Runs with -I: neither this project nor the current folder nor PYTHONPATH is on its path
PROGRAM = f"""{WITHOUT_ENGINE}
import json
sys.path.insert(0, sys.argv[1])
import spacy
nlp = spacy.load(sys.argv[2])
print("ENTITIES", json.dumps({{
    "file": sys.modules[sys.argv[2]].__file__,
    "entities": [
        [[ent.start_char, ent.end_char, ent.label_] for ent in doc.ents] for doc in nlp.pipe(json.load(sys.stdin))
    ],
}}))
"""


def prove_wheel(wheel: Path, model: Path, corpus: Path, folder: Path) -> int:
    """Install a wheel into an empty folder and compare it with the pipeline it was made from.

    wheel (Path): The wheel.
    model (Path): The pipeline folder it was made from.
    corpus (Path): DocBins with the texts to compare on.
    folder (Path): A folder to install to.
    RETURNS (int): The number of texts compared.
    RAISES (ProjectError): If it does not install, requires what is not here, does not load, or finds other entities.
    """
    run_pip("install", "--target", str(folder), "--no-compile", str(wheel))
    _refuse_unmet(folder)
    nlp = spacy.load(model)
    texts = [example.text for example in Corpus(corpus)(nlp)]
    installed = _run_installed(wheel.name.split("-")[0], texts, folder)
    if not Path(installed["file"]).resolve().is_relative_to(folder.resolve()):
        raise ProjectError(
            f"Python loaded another installation: {installed['file']}",
            "Uninstall that package and run the command again.",
        )
    expected = [[[ent.start_char, ent.end_char, ent.label_] for ent in doc.ents] for doc in nlp.pipe(texts)]
    different = [text for text, *ents in zip(texts, expected, installed["entities"], strict=True) if ents[0] != ents[1]]
    if different:
        raise ProjectError(
            f"The installed wheel finds other entities than {model} in {len(different)} of {len(texts)} texts",
            f"Custom code may be missing from the wheel. The first such text: {different[:1]}",
        )
    return len(texts)


def _refuse_unmet(folder: Path) -> None:
    """What is proven here says nothing of where a wheel's requirements are met."""
    needed = [Requirement(line) for one in distributions(path=[str(folder)]) for line in one.requires or ()]
    unmet = [str(one) for one in needed if (not one.marker or one.marker.evaluate()) and not is_met(one)]
    if unmet:
        raise ProjectError(
            f"The wheel requires what is not installed here: {', '.join(unmet)}",
            "So it cannot be tried. Install that, or mend the requirements in the meta.json of the base.",
        )


def _run_installed(name: str, texts: list[str], folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", "-X", "utf8", "-c", PROGRAM, str(folder.resolve()), name]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, cwd=folder)
    answers = [line for line in done.stdout.splitlines() if line.startswith("ENTITIES ")]
    if done.returncode or not answers:
        said = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise ProjectError(
            "The wheel was installed but does not load", f"See what Python said and mend the pipeline's code.\n{said}"
        )
    return json.loads(answers[-1][len("ENTITIES ") :])
