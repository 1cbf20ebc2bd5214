"""Check vars, assets and environment before anything runs; note down the versions that results depend on."""

import hashlib
import platform
import re
from collections.abc import Iterator
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import srsly
from packaging.version import InvalidVersion, Version

from .base.encoder import find_encoder, needs_encoder
from .base.location import check_base, find_base, find_requirements, has_recognizer, other_spacy
from .cli import Arg, Opt, msg, run
from .errors import Place, ProjectError
from .gpu import use_gpu
from .outputs import replacing, write_json
from .provenance import digest, digest_base, find_stale
from .requirements import REQUIREMENTS, TRANSFORMER_REQUIREMENTS, check_requirements
from .typed import check_typed, typed_command, typed_vars, typed_words

# Two of these give two results. (spaCy itself takes a second to import: everything here does without.)
PACKAGES = ("spacy", "spacy-legacy", "spacy-lookups-data", "thinc", "blis", "numpy", "srsly")
ENCODER_PACKAGES = ("torch", "transformers", "spacy-curated-transformers", "spacy-transformers")
PROJECT_FILE = Path("project.yml")
LOCK = Path("project.lock")
# Steps of some workflows, the setting of recipes that use what they make, and what that is
MADE_FOR_RECIPES = {"teach": ("silver", "the teacher"), "pretrain": ("vectors", "the vectors")}
NOTES = [
    ("preprocess", Path("corpus/audit.json")),
    ("teach", Path("training/teacher")),
    ("label-raw-text", Path("corpus/silver")),
    ("train", Path("training/model-best")),
    ("evaluate", Path("metrics/metrics.json")),
    ("evaluate", Path("metrics/retention.json")),
    ("report", Path("metrics/report.html")),
]


def preflight(
    environment: Path = Arg(..., help="Where to note down the versions, for the commands that depend on them"),
    name: str = Opt(..., help="Name of the package, without language"),
    version: str = Opt(..., help="Version of the package"),
    lang: str = Opt(..., help="Language code"),
    annotations: Path = Opt(..., help="Annotated texts, a file or a folder"),
    raw_text: Path = Opt(..., help="Texts without annotations"),
    retention: Path = Opt(..., help="Gold entities of the base's labels"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    previous_model: str = Opt(..., help="A pipeline to compare with; none for none"),
    recipe: Path = Opt(..., help="The recipe, a config file"),
    encoder: str = Opt(..., help="The encoder to start from, for recipes that do so"),
    gpu_id: int = Opt(-1, help="GPU to use, -1 for CPU"),
) -> None:
    """Check vars, assets and environment before anything runs; note down the versions that results depend on."""
    check_requirements(REQUIREMENTS)
    project, words = srsly.read_yaml(PROJECT_FILE), typed_words()
    paths = {"annotations": annotations, "raw_text": raw_text, "retention": retention}
    texts = {"name": name, "version": version, "lang": lang, "base_model": base_model, "encoder": encoder}
    check_typed(typed_vars(words), {**texts, **{var: str(path) for var, path in paths.items()}}, project)
    check_package_name(name, version)
    check_recipe(recipe)
    check_workflow(typed_command(words), recipe, project)
    use_gpu(gpu_id)
    for var, path in paths.items():
        if path == Path():
            raise ProjectError(
                f"The var {var} is empty",
                f"Set --vars.{var}=<file or folder>.",
                [Place(str(PROJECT_FILE), None, f"vars.{var} names no file")],
            )
        if not path.exists():
            raise ProjectError(
                f"{var.capitalize().replace('_', ' ')} not found",
                f"Put the file there, or set the var: --vars.{var}=<file or folder>.",
                [Place(str(path), None, "there is no such file or folder")],
            )
    check_raw_text(recipe, raw_text)
    check_assets(project)
    base = check_base(base_model, lang)
    behind = [requirement.name for requirement in find_requirements(base)] if base else []
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "packages": package_versions(behind),
        "base_model": {"name": base_model, "digest": digest_base(base_model)},
    }
    if needs_encoder(recipe) and not (base and has_recognizer(base)):
        found["encoder"] = check_encoder(encoder)
        found["packages"] |= {name: installed_version(name) for name in ENCODER_PACKAGES}
    if previous_model != "none":
        find_base(previous_model)
        found["previous_model"] = {"name": previous_model, "digest": digest_base(previous_model)}
    if not environment.exists() or environment.read_text(encoding="utf-8") != srsly.json_dumps(found, indent=2) + "\n":
        write_json(environment, found)
    made_for = other_spacy(base) if base else None
    if made_for:
        msg.warn(
            f"{base_model} was made for spaCy {made_for}, and {installed_version('spacy')} is installed",
            "It may give other results here than where it was made: look for its version for this spaCy.",
        )
    wheel = Path("packages") / f"{lang}_{name}-{version}-py3-none-any.whl"
    for step, why in forget_stale(LOCK, [*NOTES, ("package", wheel)]):
        msg.info(f"{step} will run again: {why}")
    msg.good(f"Vars, assets and environment are in order (see {environment})")


def forget_stale(lock: Path, notes: list[tuple[str, Path]]) -> list[tuple[str, str]]:
    """Have commands run again whose output is missing, or was not made of what lies in the project, whatever weasel
    believes.

    lock (Path): weasel's project.lock.
    notes (list[tuple[str, Path]]): Names of commands, and an output of each that says what it was made of.
    RETURNS (list[tuple[str, str]]): The commands, and why, in words.
    """
    known = read_lock(lock)
    stale = {step: why for step, why in [*find_missing(known), *find_stale(notes)] if step in known}
    if stale:
        with replacing(lock) as temporary:
            srsly.write_yaml(temporary, {step: entry for step, entry in known.items() if step not in stale})
    return list(stale.items())


def find_missing(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Find commands that weasel takes for done although an output of theirs is missing. It never looks whether one was
    made: if not, that is what it expects from then on.

    known (dict[str, Any]): What weasel believes.
    YIELDS (tuple[str, str]): Name of the command, and why, in words.
    """
    for step, entry in known.items():
        for output in entry.get("outs") or []:
            path = output.get("path") if isinstance(output, dict) else None  # half of an entry may have been written
            if not path or not output.get("md5") or not Path(path).exists():
                yield step, f"{path or 'an output'} is missing"


def read_lock(lock: Path) -> dict[str, Any]:
    """Read what weasel believes. It writes the file in place: what a kill left half written is removed.

    lock (Path): weasel's project.lock.
    RETURNS (dict[str, Any]): What each command was made of and made, by its name.
    """
    try:
        known = srsly.read_yaml(lock) if lock.exists() else {}
    except ValueError:  # srsly's, for whatever is no YAML
        known = None
    if isinstance(known, dict) and all(isinstance(entry, dict) for entry in known.values()):
        return known
    msg.warn(f"{lock} was half written", "All commands run again.")
    lock.unlink()
    return {}


def check_package_name(name: str, version: str) -> None:
    """Check that pip will not rename the package.

    name (str): Name without language.
    version (str): Version.
    RAISES (ProjectError): If it would.
    """
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        raise ProjectError(
            f"Bad package name {name!r}",
            "Use lower-case letters, digits and single underscores between them: --vars.name=event_scheduling.",
            [Place(str(PROJECT_FILE), None, f"vars.name is {name!r}")],
        )
    try:
        normal = str(Version(version))
    except InvalidVersion:
        normal = "1.0.0"
    if normal != version:
        raise ProjectError(
            f"Bad package version {version!r}",
            f"Write it as PEP 440 does: --vars.version={normal}.",
            [Place(str(PROJECT_FILE), None, f"vars.version is {version!r}")],
        )


def check_recipe(recipe: Path) -> None:
    """Check that there is such a recipe.

    recipe (Path): Its config file.
    RAISES (ProjectError): If there is none, with those there are.
    """
    if not recipe.is_file():
        known = ", ".join(sorted(path.stem for path in recipe.parent.glob("*.cfg")))
        raise ProjectError(
            f"Unknown recipe {recipe.stem!r}",
            f"Set --vars.recipe to one of: {known}.",
            [Place(str(PROJECT_FILE), None, f"vars.recipe is {recipe.stem!r}, and there is no {recipe}")],
        )


def check_workflow(command: str, recipe: Path, project: dict[str, Any]) -> None:
    """Check that a recipe uses what the steps of its workflow make, which may take an hour.

    command (str): The command or workflow that is run; empty if it is not known.
    recipe (Path): The recipe's config file.
    project (dict[str, Any]): What project.yml says.
    RAISES (ProjectError): If it does not.
    """
    steps = project.get("workflows", {}).get(command, [])
    for step, (setting, what) in MADE_FOR_RECIPES.items():
        if step in steps and not _sets(recipe, setting):
            fitting = " or ".join(path.stem for path in sorted(recipe.parent.glob("*.cfg")) if _sets(path, setting))
            raise ProjectError(
                f"The recipe {recipe.stem} does not use {what} that the workflow {command} makes",
                f"Set --vars.recipe={fitting}, or leave {what} out: spacy project run all .",
                [Place(str(PROJECT_FILE), None, f"vars.recipe is {recipe.stem!r}")],
            )


def _sets(recipe: Path, setting: str) -> bool:
    return f"\n{setting} = " in recipe.read_text(encoding="utf-8")


def check_raw_text(recipe: Path, raw_text: Path) -> None:
    """Check that there are texts for a teacher to label, before it is trained for nothing.

    recipe (Path): The recipe's config file.
    raw_text (Path): Texts without annotations.
    RAISES (ProjectError): If the recipe learns from a teacher, and the file is empty.
    """
    if _sets(recipe, "silver") and raw_text.is_file() and not raw_text.stat().st_size:
        raise ProjectError(
            "No raw texts",
            "Set --vars.raw_text to some thousand texts without annotations, of the kind that the model will read: "
            f"the teacher of the recipe {recipe.stem} labels them.",
            [Place(str(raw_text), None, "is empty")],
        )


def check_encoder(name: str) -> dict[str, str]:
    """Check that there is such an encoder, and what it takes to train it.

    name (str): A name on the Hugging Face Hub, or a folder.
    RETURNS (dict[str, str]): Its name, and what tells it from other versions of it: the commit, or a digest.
    RAISES (ProjectError): If a package is missing, or there is no such encoder.
    """
    check_requirements(TRANSFORMER_REQUIREMENTS)
    return {"name": name, "digest": find_encoder(name).revision or digest(Path(name))}


def check_assets(project: dict[str, Any]) -> None:
    """Check the assets that project.yml names: `weasel assets` exits 0 on a wrong checksum.

    project (dict[str, Any]): What project.yml says.
    RAISES (ProjectError): If one is missing or has another checksum.
    """
    for asset in project.get("assets", []):
        path, checksum = Path(asset.get("dest", "")), asset.get("checksum")
        if not path.exists():
            remedy = "Run: python -m weasel assets" if asset.get("url") or asset.get("git") else "Put it there."
            raise ProjectError(
                "Missing asset",
                f"{remedy} If the project no longer uses it, take it out of assets in {PROJECT_FILE}.",
                [Place(str(path), None, "there is no such file")],
            )
        if checksum and path.is_file():
            found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            if found != checksum:
                raise ProjectError(
                    "Wrong checksum",
                    f"If you changed the file on purpose, write its new checksum in {PROJECT_FILE}: {found}. "
                    "If not, get it anew (git checkout, or python -m weasel assets).",
                    [Place(str(path), None, f"has {found}, but {PROJECT_FILE} says {checksum}")],
                )


def package_versions(more: list[str]) -> dict[str, str]:
    """Look up the installed version of each package that results depend on.

    more (list[str]): The packages behind the base pipeline.
    RETURNS (Dict[str, str]): The versions, by name.
    """
    return {name: installed_version(name) for name in [*PACKAGES, *more]}


if __name__ == "__main__":
    run(preflight)
