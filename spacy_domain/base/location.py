"""Where the pipeline to build on lies, and whether it can be loaded here. Does without importing spaCy.

"blank:<lang>" is a language's tokenizer alone; anything else is the name of an installed package, or a folder.
"""

import importlib.util
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..project.errors import Place, ProjectError
from ..project.freshness import digest

BLANK = "blank:"
# Pipelines that spaCy itself distributes are named so: https://spacy.io/models#conventions
DISTRIBUTED = re.compile(r"[a-z]{2,3}_(core|dep|ent|sent)_(web|news|wiki|ud|udv\d+)_(sm|md|lg|trf)")
# Architectures and factories that come with packages; a pipeline's meta need not name them.
BEHIND = {"spacy-transformers": "spacy-transformers", "spacy-curated-transformers": "spacy-curated-transformers<1.0"}
BEHIND_FACTORIES = {"transformer": "spacy-transformers", "curated_transformer": "spacy-curated-transformers"}
NETWORKS = ("ner", "beam_ner")  # factories of spaCy's entity recognizers
RECOGNIZERS = (*NETWORKS, "crf")  # and of ours
FIND_ENTITIES = (*RECOGNIZERS, "entity_ruler", "span_ruler", "future_entity_ruler")

TRAINING = Path("training")
TORCH = "torch>=2.6"  # older ones load weights in a way that runs code of whoever made the file


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


def check_base(base_model: str, lang: str) -> BaseFolder | None:
    """Check that the base pipeline can be built on.

    base_model (str): As for `find_base`.
    lang (str): The language in the package's name.
    RETURNS (Optional[BaseFolder]): Where it lies; None for a blank one.
    RAISES (ProjectError): If it is unknown, of another language, or needs packages that are not installed.
    """
    base = find_base(base_model)
    if base is None:
        known = _known_languages()
        code = base_model[len(BLANK) :]
        if code not in known:
            raise ProjectError(
                f"Cannot build on {base_model!r}",
                f"Set --vars.base_model to an installed pipeline, a folder, or blank:<language>, with one of: "
                f"{', '.join(known)}.",
                [Place("project.yml", None, f"vars.base_model is {base_model!r}")],
            )
    else:
        code = base.meta["lang"]
        refuse_missing_packages(base)
    _refuse_missing(f"The tokenizer of {code!r}", [] if base else find_language_needs(code), base_model)
    if code != lang:
        raise ProjectError(
            f"The base pipeline's language is {code!r}, the package's {lang!r}",
            f"Set --vars.lang={code}, or another --vars.base_model.",
            [Place("project.yml", None, f"vars.lang is {lang!r}, vars.base_model is {base_model!r}")],
        )
    return base


def _known_languages() -> list[str]:
    spec = importlib.util.find_spec("spacy")
    places = list(spec.submodule_search_locations or []) if spec else []
    return sorted(path.parent.name for place in places for path in Path(place, "lang").glob("*/__init__.py"))


def refuse_missing_packages(base: BaseFolder) -> None:
    """Refuse a pipeline that needs packages which are not installed.

    base (BaseFolder): The pipeline.
    RAISES (ProjectError): With the command that installs them.
    """
    _refuse_missing(f"The base pipeline {base.name}", find_requirements(base), str(base.path))


def _refuse_missing(who: str, needed: Iterable[Requirement], where: str) -> None:
    missing = [str(one) for one in needed if not is_met(one)]
    if missing:
        wanted = " ".join(f'"{name}"' for name in missing)
        raise ProjectError(
            f"{who} needs packages that are not installed",
            f"Run: python -m pip install {wanted}",
            [Place(where, None, f"needs {', '.join(missing)}")],
        )


def find_language_needs(lang: str) -> list[Requirement]:
    """List the packages that spaCy's own tokenizer of a language needs: an extra of spaCy's (`spacy[ja]`) names them.

    lang (str): The language code.
    RETURNS (list[Requirement]): The requirements; none for most languages.
    """
    known = map(Requirement, requires("spacy") or ())
    return [
        Requirement(f"{one.name}{one.specifier}")
        for one in known
        if one.marker and one.marker.evaluate({"extra": lang}) and not one.marker.evaluate({"extra": ""})
    ]


def find_missing_packages(base: BaseFolder) -> list[str]:
    """List what has to be installed before a pipeline can be loaded.

    base (BaseFolder): The pipeline.
    RETURNS (list[str]): Requirements that the installed packages do not meet.
    """
    return [str(needed) for needed in find_requirements(base) if not is_met(needed)]


def find_requirements(base: BaseFolder) -> list[Requirement]:
    """List the packages behind a pipeline: those that its meta names, and those of its factories, architectures and
    tokenizer.

    base (BaseFolder): The pipeline.
    RETURNS (list[Requirement]): The requirements.
    """
    config = (base.path / "config.cfg").read_text(encoding="utf-8")
    found: dict[str, Requirement] = {}
    for line in base.meta.get("requirements") or []:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        found[requirement.name.replace("_", "-").lower()] = requirement
    used = {name for factory, name in BEHIND_FACTORIES.items() if f'factory = "{factory}"' in config}
    used |= {name for name in BEHIND if f'"{name}.' in config}
    for name in used - set(found):
        found[name] = Requirement(BEHIND[name])
    if used:
        found["torch"] = Requirement(TORCH)
    if f'"spacy.{base.meta["lang"]}.' in config:  # else its tokenizer is the one that most languages have
        for needed in find_language_needs(base.meta["lang"]):
            found.setdefault(needed.name.replace("_", "-").lower(), needed)
    return [found[name] for name in sorted(found) if name != "spacy"]


def is_met(needed: Requirement) -> bool:
    """RETURNS (bool): Whether what is required is installed, in a version that will do."""
    try:
        return needed.specifier.contains(installed_version(needed.name), prereleases=True)
    except PackageNotFoundError:
        return False


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


def other_spacy(base: BaseFolder) -> str | None:
    """Tell whether a pipeline was made for other versions of spaCy, with which results may differ.

    base (BaseFolder): The pipeline.
    RETURNS (Optional[str]): The versions that it was made for; None if this is one of them.
    """
    made_for = str(base.meta.get("spacy_version", ""))
    try:
        fits = SpecifierSet(made_for).contains(installed_version("spacy"), prereleases=True)
    except InvalidSpecifier:
        return None
    return None if fits else made_for
