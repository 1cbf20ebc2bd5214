"""What a pipeline to build on needs to be loaded here: its language, and packages. Does without importing spaCy."""

import importlib.util
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as installed_version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..project.errors import Place, ProjectError
from .location import BEHIND_FACTORIES, BLANK, BaseFolder, find_base

# Architectures that come with packages; a pipeline's meta need not name them
BEHIND = {"spacy-transformers": "spacy-transformers", "spacy-curated-transformers": "spacy-curated-transformers<1.0"}
TORCH = "torch>=2.6"  # older ones load weights in a way that runs code of whoever made the file


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
