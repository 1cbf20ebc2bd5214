"""Where the pipeline to build on lies, and what is in it. Does without importing spaCy.

"blank:<lang>" is a language's tokenizer alone; anything else is the name of an installed package, or a folder.
"""

import importlib.util
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..project.errors import Place, ProjectError
from ..project.freshness import digest

BLANK = "blank:"
# Pipelines that spaCy itself distributes are named so: https://spacy.io/models#conventions
DISTRIBUTED = re.compile(r"[a-z]{2,3}_(core|dep|ent|sent)_(web|news|wiki|ud|udv\d+)_(sm|md|lg|trf)")
# Factories that come with packages, and share a transformer
BEHIND_FACTORIES = {"transformer": "spacy-transformers", "curated_transformer": "spacy-curated-transformers"}
NETWORKS = ("ner", "beam_ner")  # factories of spaCy's entity recognizers
RECOGNIZERS = (*NETWORKS, "crf")  # and of ours
FIND_ENTITIES = (*RECOGNIZERS, "entity_ruler", "span_ruler", "future_entity_ruler")

TRAINING = Path("training")


@dataclass(frozen=True)
class BaseFolder:
    """A trained pipeline on disk.

    name (str): As given: a package's name or a path.
    path (Path): The folder with its meta.json and config.cfg.
    meta (dict[str, Any]): What its meta.json says.
    """

    name: str
    path: Path
    meta: dict[str, Any]


@cache
def find_base(base_model: str) -> BaseFolder | None:
    """Find the pipeline to build on.

    base_model (str): "blank:<lang>", an installed pipeline's name, or a folder.
    RETURNS (Optional[BaseFolder]): Where it lies; None for a blank one.
    RAISES (ProjectError): If there is none, with the command that installs it.
    """
    if base_model.startswith(BLANK):
        return None
    path = _find_package(base_model) or Path(base_model)
    for name in ("meta.json", "config.cfg"):
        if not (path / name).is_file():
            place = Place(
                str(path), None, f"there is no {name}" if path.exists() else "there is no such package or folder"
            )
            raise ProjectError(f"No pipeline {base_model!r}", _how_to_install(base_model, path), [place])
    try:
        meta = json.loads((path / "meta.json").read_bytes())
        if not isinstance(meta, dict) or not isinstance(meta.get("lang"), str):
            raise ValueError("no object with a lang")
    except ValueError as error:
        place = Place(str(path / "meta.json"), None, str(error))
        raise ProjectError(f"Broken pipeline {base_model!r}", "Install or copy it anew.", [place]) from None
    _refuse_renamed(base_model, path)
    return BaseFolder(base_model, path, meta)


def refuse_own_output(var: str, base: BaseFolder) -> None:
    """Refuse a pipeline that a run of this project writes over.

    var (str): The var that names it.
    base (BaseFolder): The pipeline.
    RAISES (ProjectError): If it lies in training/.
    """
    if base.path.resolve().is_relative_to(TRAINING.resolve()):
        raise ProjectError(
            f"The {var.replace('_', ' ')} lies in {TRAINING}/, which training writes to: it would be gone",
            f"Copy it to another folder, and give that: --vars.{var}=assets/my_pipeline. Or install its wheel from "
            "packages/, and give the name of the package.",
            [Place("project.yml", None, f"vars.{var} is {base.name!r}")],
        )


def digest_base(base_model: str) -> str:
    """Digest a pipeline to build on.

    base_model (str): "blank:<lang>", an installed pipeline's name, or a folder.
    RETURNS (str): As `digest`; empty for a blank one.
    RAISES (ProjectError): If there is none.
    """
    base = find_base(base_model)
    return digest(base.path) if base else ""


def find_folders(base_model: str) -> list[Path]:
    """RETURNS (list[Path]): The folder of a pipeline to build on; none for a blank one."""
    base = find_base(base_model)
    return [base.path] if base else []


def _find_package(name: str) -> Path | None:
    if not name.isidentifier():
        return None
    spec = importlib.util.find_spec(name)
    # A mere folder has no origin
    for place in (spec.submodule_search_locations or []) if spec and spec.origin else []:
        for meta in Path(place).glob("*/meta.json"):
            return meta.parent
    return None


def _refuse_renamed(name: str, path: Path) -> None:
    """spaCy looks for the folder that a package's own meta.json names, and training loads a base by its name."""
    outer = path.parent / "meta.json"
    if path == Path(name) or not outer.is_file():
        return
    meta = json.loads(outer.read_bytes())
    meant = f"{meta.get('lang')}_{meta.get('name')}-{meta.get('version')}"
    if path.name != meant:
        raise ProjectError(
            f"spaCy cannot load {name!r} by its name",
            f"Its package was given another name. Give the folder: --vars.base_model={path.as_posix()}",
            [Place(str(path), None, f"is not called {meant}")],
        )


def _how_to_install(base_model: str, path: Path) -> str:
    if path.suffix == ".whl":
        return f"Run: python -m pip install {base_model}, and give its package: {path.name.partition('-')[0]}."
    if inside := sorted(path.glob("**/meta.json"))[:1]:
        return f"The pipeline is in a folder below: give {inside[0].parent.as_posix()}."
    if path.exists():
        return "Give the folder that spaCy's nlp.to_disk wrote, with meta.json and config.cfg."
    if DISTRIBUTED.fullmatch(base_model):
        return f"Run: python -m spacy download {base_model}"
    if base_model.isidentifier():
        return f"Run: python -m pip install {base_model} (or the path of its wheel), or give a pipeline's folder."
    return "Set --vars.base_model to blank:<language>, an installed pipeline such as en_core_web_sm, or a folder."


def list_recognizers(base: BaseFolder, factories: Iterable[str] = RECOGNIZERS) -> list[str]:
    """List the entity recognizers of a pipeline. One that is disabled finds nothing, and does not count.

    base (BaseFolder): The pipeline.
    factories (Iterable[str]): What counts as one.
    RETURNS (list[str]): Their names.
    RAISES (ProjectError): If the pipeline's config cannot be read.
    """
    from confection import Config  # annotate finds a pipeline without it, and begins sooner

    path = base.path / "config.cfg"
    try:
        config = Config().from_disk(path, interpolate=False)
        names = [name for name in config["nlp"]["pipeline"] if name not in (config["nlp"].get("disabled") or ())]
        return [name for name in names if config["components"][name].get("factory") in factories]
    except (ValueError, KeyError, TypeError) as error:
        place = Place(str(path), None, f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")
        raise ProjectError(f"Broken pipeline {base.name!r}", "Install or copy it anew.", [place]) from None


def has_recognizer(base: BaseFolder, factories: Iterable[str] = RECOGNIZERS) -> bool:
    """RETURNS (bool): Whether a pipeline has an entity recognizer, of one of these factories."""
    return bool(list_recognizers(base, factories))


def has_transformer(base: BaseFolder) -> bool:
    """RETURNS (bool): Whether a pipeline has a transformer that its components share."""
    return has_recognizer(base, BEHIND_FACTORIES)
