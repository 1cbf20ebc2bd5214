"""What the package says about itself."""

import re
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from confection import Config

from ..base.location import FIND_ENTITIES, BaseFolder
from ..base.packages import find_language_needs
from ..project.about import ABOUT, read_about, read_object
from ..project.code import BEHIND_SPACY, describe_code
from .build import OWN


def make_meta(
    model: Path, about: Path, annotations: Path, metrics: Path, name: str, version: str, files: dict[str, str]
) -> dict[str, Any]:
    """Fill in a pipeline's meta.

    model (Path): The pipeline folder.
    about (Path): What is told about the data, as `read_about` takes it.
    annotations (Path): The annotations the pipeline was trained on.
    metrics (Path): The scores on the test split.
    name (str): The package's name without language.
    version (str): The package's version.
    files (dict[str, str]): Digests of what the package is made of.
    RETURNS (Dict[str, Any]): The meta, with "entity_labels". "performance" is from the test split; spaCy's own is from
        dev.
    RAISES (ProjectError): If a file does not hold what it should.
    """
    meta = read_object(model / "meta.json")
    stated = read_about(about, annotations)
    labels = list_entity_labels(model, meta)
    defaults = {key: "" for key in ABOUT} | {"description": f"Finds {', '.join(labels)}."}
    scores = read_object(metrics)
    return {
        **meta,
        **defaults,
        **stated,
        "requirements": list_requirements(model, meta),
        "name": name,
        "version": version,
        "provenance": {**meta.get("provenance", {}), "files": {**meta.get("provenance", {}).get("files", {}), **files}},
        "entity_labels": labels,
        "performance": {
            key: value for key, value in scores.items() if isinstance(value, float) or key == "ents_per_type"
        }
        if scores.get("evidence", True)
        else {},
        # What `nlp.add_pipe("entity_confidence")` reads
        "confidence": {"temperature": scores["confidence"]["temperature"]},
    }


def list_requirements(model: Path, meta: dict[str, Any]) -> list[str]:
    """List what has to be installed for a pipeline to be loaded: spaCy's `package` leaves out what a tokenizer needs.

    model (Path): The pipeline folder.
    meta (dict[str, Any]): Its meta.
    RETURNS (list[str]): What the meta names, but for the spaCy that a base was made by; what its language's tokenizer
        needs, if it has that; and what the project's own functions import.
    """
    stated = {_name(line): line for line in meta.get("requirements") or () if _name(line) != "spacy"}
    tokenizer = Config().from_disk(model / "config.cfg", interpolate=False)["nlp"].get("tokenizer") or {}
    own = str(tokenizer.get("@tokenizers")).startswith(f"spacy.{meta['lang']}.")
    needed = map(str, find_language_needs(meta["lang"]) if own else ())
    for line in (*needed, *_list_imported()):
        stated.setdefault(_name(line), line)
    return [*stated.values()]


def _list_imported() -> list[str]:
    """What scripts/functions.py imports, which travels with the pipeline, and spaCy does not bring."""
    if not OWN.exists():
        return []
    found = describe_code("scripts.functions")["packages"]
    brought = {"spacy", *BEHIND_SPACY, *(_name(line) for line in requires("spacy") or () if "extra ==" not in line)}
    return [f"{name}>={version}" for name, version in found.items() if version and name not in brought]


def _name(requirement: str) -> str:
    return re.match(r"[\w.-]*", requirement)[0].replace("_", "-").lower()  # type: ignore[index]


def list_entity_labels(model: Path, meta: dict[str, Any]) -> list[str]:
    """List the labels of entities, and of nothing else that the pipeline of a base may give: tags, say.

    model (Path): The pipeline folder.
    meta (dict[str, Any]): Its meta.
    RETURNS (list[str]): The labels, sorted.
    """
    components = Config().from_disk(model / "config.cfg", interpolate=False)["components"]
    names = [name for name, settings in components.items() if settings.get("factory") in FIND_ENTITIES]
    return sorted({label for name in names for label in meta.get("labels", {}).get(name, [])})


def tell_of_base(base: BaseFolder | None, retention: Path, sources: list[dict[str, Any]]) -> dict[str, Any]:
    """Say in a package's meta what it builds on, and what it still knows of that.

    base (Optional[BaseFolder]): The base pipeline.
    retention (Path): What evaluate found of it.
    sources (list[dict[str, Any]]): What the package is made from, beside the base.
    RETURNS (dict[str, Any]): What is to be added to the meta, or to change there.
    """
    if base is None:
        return {}
    about = base.meta
    name = f"{about.get('lang')}_{about.get('name')} {about.get('version', '')}".strip()
    source = {"name": name, **{key: about.get(key) or "" for key in ("author", "url", "license")}}
    known = [one for one in about.get("sources") or [] if isinstance(one, dict)]
    return {"sources": [*sources, source, *known], "retention": read_object(retention)}
