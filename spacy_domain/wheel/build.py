"""Build a wheel with `spacy package` and setuptools, without network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import srsly
from packaging.requirements import Requirement
from spacy.cli.package import package as spacy_package
from spacy.util import load_config

from ..project.errors import ProjectError
from ..recipes import confidence, crf, crf_features, crf_lattice, crf_states, crf_weights, joined_entities
from .sbom import make_sbom

# The same model makes the same wheel: no file in it says when it was packed. (1980 is the first year a zip can name.)
SOURCE_DATE_EPOCH = "315532800"
CRF = (crf, crf_features, crf_lattice, crf_states, crf_weights)
ENGINE = "spacy-domain"  # the wheel does without
# What pip would have setuptools do, without two processes around it (PEP 517)
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
OWN = Path("scripts/functions.py")  # the project's own, if it has any


def build_wheel(model: Path, meta: dict[str, Any], card: str, folder: Path, base: Path | None = None) -> Path:
    """Build a wheel.

    model (Path): The pipeline folder.
    meta (Dict[str, Any]): Its complete meta.
    card (str): Its model card.
    folder (Path): A new folder to work in.
    base (Optional[Path]): The pipeline folder that it builds on, whose licences go into the wheel.
    RETURNS (Path): The wheel.
    RAISES (ProjectError): If there is not exactly one, named as asked.
    """
    folder.mkdir(exist_ok=True)
    meta_path, contents = folder / "meta.json", folder / "model"
    srsly.write_json(meta_path, meta)
    shutil.copytree(model, contents)
    name = f"{meta['lang']}_{meta['name']}"
    full_name = f"{name}-{meta['version']}"
    (contents / "README.md").write_text(card, encoding="utf-8", newline="\n")
    (contents / "LICENSE").write_text(license_text(meta), encoding="utf-8", newline="\n")
    add_licenses(base, contents)
    needs = [f"spacy{meta['spacy_version']}", *meta.get("requirements", [])]
    sbom = make_sbom(name, meta["version"], meta["license"], needs, int(SOURCE_DATE_EPOCH))
    (contents / "sbom.cdx.json").write_text(sbom, encoding="utf-8", newline="\n")
    spacy_package(
        contents,
        folder,
        meta_path=meta_path,
        code_paths=[OWN] if OWN.exists() else [],
        create_sdist=False,
        create_wheel=False,
        require_parent=True,
    )
    add_modules(model, folder / full_name / name)
    forget_engine(folder / full_name)
    run_python("setuptools", "-c", BUILD, str((folder / "dist").resolve()), cwd=folder / full_name)
    wheels = [path.name for path in (folder / "dist").iterdir()]
    wanted = f"{full_name}-py3-none-any.whl"
    if wheels != [wanted]:
        raise ProjectError(
            f"Expected one wheel {wanted}, got {', '.join(wheels) or 'none'}",
            "Write name and version as pip does: lower case, single underscores, 1.0.0a1 and not 1.0.0-alpha.1.",
        )
    return folder / "dist" / wanted


def add_modules(model: Path, package: Path) -> None:
    """Add the engine's modules that a pipeline needs to a package. (spaCy would import them one by one, outside of any
    package, where they do not find one another.)

    model (Path): The pipeline folder.
    package (Path): The package's folder, with its __init__.py.
    """
    used = {component.get("factory") for component in load_config(model / "config.cfg")["components"].values()}
    modules = [confidence, joined_entities, *(CRF if crf.FACTORY in used else [])]
    for module in modules:
        shutil.copy(str(module.__file__), package)
    start = package / "__init__.py"
    names = ", ".join(module.__name__.rpartition(".")[2] for module in modules)
    text = f"from . import {names}\n{start.read_text(encoding='utf-8')}"
    start.write_text(text, encoding="utf-8", newline="\n")


def forget_engine(package: Path) -> None:
    """Have a package not require the engine: spaCy adds what a config's functions come from, be they in the wheel or
    not.

    package (Path): What spaCy is to make a wheel of.
    """
    for path in package.rglob("meta.json"):
        meta = srsly.read_json(path)
        kept = [line for line in meta.get("requirements", []) if Requirement(line).name != ENGINE]
        srsly.write_json(path, {**meta, "requirements": kept})


def license_text(meta: dict[str, Any]) -> str:
    """Say under which licences a package and what it was made of are.

    meta (Dict[str, Any]): The package's meta.
    RETURNS (str): The text.
    """
    lines = [f"{meta['lang']}_{meta['name']} {meta['version']}", f"Licence: {meta['license'] or 'not stated'}"]
    lines += [f"Author: {meta['author']}"] if meta["author"] else []
    for source in meta["sources"]:
        told = [str(source[key]) for key in ("author", "url", "license") if source.get(key)]
        lines.append(f"Made from: {', '.join([str(source.get('name', '')), *told])}")
    return "\n".join(lines) + "\n"


def add_licenses(base: Path | None, contents: Path) -> None:
    """Add the licences of what a pipeline builds on, word for word: most of them ask for that.

    base (Optional[Path]): The pipeline folder that it builds on.
    contents (Path): The pipeline folder, with its own LICENSE.
    """
    for name in ("LICENSE", "LICENSES_SOURCES"):
        if base and (base / name).is_file():
            own = (contents / name).read_text(encoding="utf-8") if (contents / name).exists() else ""
            theirs = (base / name).read_text(encoding="utf-8", errors="replace")
            text = f"{own}\n{name} of what it builds on:\n\n{theirs}" if own else theirs
            (contents / name).write_text(text, encoding="utf-8", newline="\n")


def run_pip(*arguments: str) -> None:
    """Run this interpreter's pip, offline and without dependencies.

    arguments (str): pip's command and its arguments.
    RAISES (ProjectError): If pip fails, with the end of what it said.
    """
    options = ("--no-deps", "--no-index", "--disable-pip-version-check")
    run_python(f"pip {arguments[0]}", "-m", "pip", *arguments, *options)


def run_python(what: str, *arguments: str, cwd: Path | None = None) -> None:
    """Run this interpreter; no file that it writes into a wheel says when.

    what (str): What it is to do, for an error's title.
    arguments (str): Its arguments.
    cwd (Optional[Path]): The folder to run in.
    RAISES (ProjectError): If it fails, with the end of what it said.
    """
    env = {**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
    done = subprocess.run(
        [sys.executable, *arguments], env=env, cwd=cwd, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise ProjectError(f"{what} failed", f"See what it said, mend it and run the command again.\n{said}")
