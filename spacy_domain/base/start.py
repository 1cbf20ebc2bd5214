"""What training starts from, checked before anything runs: base, encoder, previous model, and raw texts."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from ..annotations import has_texts
from ..project.errors import Place, ProjectError
from ..project.freshness import digest, started_from
from ..project.requirements import check_requirements
from .encoder import find_encoder
from .location import NETWORKS, digest_base, find_base, has_recognizer, list_recognizers, refuse_own_output
from .packages import check_base, find_language_needs, find_requirements, other_spacy
from .recipe import CANNOT_UPDATE, ENCODER, SEVERAL, TEACHER, has_network, learns_from, read_recipe
from .strategy import NO_PATTERNS, NO_RAW_TEXT, REHEARSAL, Strategy

ENCODER_PACKAGES = ("torch", "transformers", "spacy-curated-transformers", "spacy-transformers")


def find_models(
    base_model: str, strategy: Strategy, previous_model: str, lang: str, recipe: Path, encoder: str
) -> dict[str, dict[str, Any]]:
    """Find the pipelines that commands start from, and see that they can be loaded.

    base_model (str): The pipeline to build on.
    strategy (Strategy): What becomes of its entity recognizer.
    previous_model (str): A pipeline to compare with; none for none.
    lang (str): The language in the package's name.
    recipe (Path): The config file of the recipe that trains.
    encoder (str): The encoder to start from, for recipes that do so.
    RETURNS (dict[str, dict[str, Any]]): Name, digest and the packages behind it of each, by the var that names it; and
        by the var "rehearsal", if a network is to be updated, that there is one.
    RAISES (ProjectError): If one cannot be used.
    """
    base = check_base(base_model, lang)
    if base:
        refuse_own_output("base_model", base)
    found: dict[str, dict[str, Any]] = {"base_model": {"name": base_model, "digest": digest_base(base_model)}}
    if base and started_from("preprocess", {}).get("base_model", {}).get("digest") != digest_base(base_model):
        _see_that_it_loads(base_model)  # the first time, and when it has changed
    if needed := find_requirements(base) if base else find_language_needs(lang):
        found["base_model"]["packages"] = _find_versions([one.name for one in needed])
    goes_on = bool(base and has_recognizer(base, NETWORKS) and has_network(read_recipe(recipe)))
    if goes_on and strategy is Strategy.update:
        found[REHEARSAL] = {"network": True}
    if learns_from(recipe, ENCODER) and not goes_on:
        check_requirements("transformer")
        found["encoder"] = {"name": encoder, "digest": find_encoder(encoder).revision or digest(Path(encoder))}
        found["encoder"]["packages"] = _find_versions(ENCODER_PACKAGES)
    if previous_model != "none":
        if previous := find_base(previous_model):
            refuse_own_output("previous_model", previous)
        found["previous_model"] = {"name": previous_model, "digest": digest_base(previous_model)}
    return found


def tell_of_base(base_model: str, package: str) -> Iterator[tuple[str, str]]:
    """Tell what may be another than expected with a base, now or later.

    base_model (str): The pipeline to build on.
    package (str): Name of the package that is to be made.
    YIELDS (tuple[str, str]): What is so, and what to do about it.
    """
    base = find_base(base_model)
    if base and (made_for := other_spacy(base)):
        yield (
            f"{base_model} was made for spaCy {made_for}, and {installed_version('spacy')} is installed",
            "It may give other results here than where it was made: look for its version for this spaCy.",
        )
    if base and package in (base_model, base.path.parent.name):
        yield (
            f"The wheel will have its base's name, {package}: once it is installed, the base is gone",
            "The next run would build on what this one made, and again. Give another name (--vars.name), or a copy of "
            f"the base's folder (--vars.base_model): {base.path.as_posix()}",
        )


def check_strategy(base_model: str, strategy: Strategy, recipe: Path, raw_text: Path) -> None:
    """Check that the recipe can do with the base's entity recognizer what is asked.

    base_model (str): The pipeline to build on.
    strategy (Strategy): What becomes of its entity recognizer.
    recipe (Path): The recipe's config file.
    raw_text (Path): Texts without annotations.
    RAISES (ProjectError): If it is to be updated, and cannot be, or not by this recipe, or not without raw text.
    """
    base = find_base(base_model)
    if base is None or strategy is not Strategy.update or not has_recognizer(base):
        return
    if has_network(read_recipe(recipe)) and not has_recognizer(base, NETWORKS):
        raise ProjectError(*CANNOT_UPDATE)
    if has_network(read_recipe(recipe)) and len(names := list_recognizers(base)) > 1:
        raise ProjectError(*SEVERAL, [Place(base_model, None, f"has {', '.join(names)}")])
    if not has_texts(raw_text):
        raise ProjectError(*NO_RAW_TEXT, [Place(str(raw_text), None, "holds no text")])


def check_patterns(base_model: str, place: str) -> None:
    """Check that patterns can go where they shall, before anything is trained.

    base_model (str): The pipeline to build on.
    place (str): Where in the model they go; none for nowhere.
    RAISES (ProjectError): If the model would not be ours to put them in.
    """
    if place != "none" and find_base(base_model):
        raise ProjectError(*NO_PATTERNS, [Place(base_model, None, f"is the base, and patterns_in_model is {place}")])


def check_raw_text(recipe: Path, raw_text: Path) -> None:
    """Check that there are texts for a teacher to label, before it is trained for nothing.

    recipe (Path): The recipe's config file.
    raw_text (Path): Texts without annotations.
    RAISES (ProjectError): If the recipe learns from a teacher, and the file is empty.
    """
    if learns_from(recipe, TEACHER) and not has_texts(raw_text):
        raise ProjectError(
            "No raw texts",
            "Set --vars.raw_text to some thousand texts without annotations, of the kind that the model will read: "
            f"the teacher of the recipe {recipe.stem} labels them.",
            [Place(str(raw_text), None, "is empty")],
        )


def _see_that_it_loads(base_model: str) -> None:
    from .pipeline import load_base  # imports spaCy, which takes longer than all else here

    load_base(base_model)


def _find_versions(packages: Iterable[str]) -> dict[str, str]:
    return {name: installed_version(name) for name in packages}
