"""Check vars, assets and environment before anything runs; say what each command is made of."""

from collections.abc import Iterable
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from spacy_domain.annotations import has_texts
from spacy_domain.base.encoder import find_encoder
from spacy_domain.base.location import (
    NETWORKS,
    check_base,
    digest_base,
    find_base,
    find_requirements,
    has_recognizer,
    other_spacy,
)
from spacy_domain.base.recipe import (
    CANNOT_UPDATE,
    ENCODER,
    TEACHER,
    find_updating,
    learns_from,
    read_recipe,
)
from spacy_domain.base.strategy import NO_RAW_TEXT, Strategy
from spacy_domain.project.errors import Place, ProjectError
from spacy_domain.project.freshness import STEPS, digest, write_step
from spacy_domain.project.gpu import use_gpu
from spacy_domain.project.lock import forget_stale, remove_half_written
from spacy_domain.project.project_file import (
    check_assets,
    check_package_name,
    check_paths,
    list_modules,
    list_vars,
    read_project,
)
from spacy_domain.project.requirements import check_requirements
from spacy_domain.project.terminal import Opt, msg, run
from spacy_domain.project.typed_vars import check_typed, typed_vars, typed_words

LOCK = Path("project.lock")
ENCODER_PACKAGES = ("torch", "transformers", "spacy-curated-transformers", "spacy-transformers")
# Outputs that say what they were made of, by the command that makes them
OUTPUTS = [
    ("preprocess", Path("corpus/audit.json")),
    ("train", Path("training/model-best")),
    ("evaluate", Path("metrics/metrics.json")),
    ("evaluate", Path("metrics/retention.json")),
    ("report", Path("metrics/report.html")),
]
# And those of commands that some recipes need, by what such a recipe learns from
OUTPUTS_FOR = {
    TEACHER: [("teach", Path("training/teacher")), ("label-raw-text", Path("corpus/silver"))],
}


def preflight(
    name: str = Opt(..., help="Name of the package, without language"),
    version: str = Opt(..., help="Version of the package"),
    lang: str = Opt(..., help="Language code"),
    annotations: Path = Opt(..., help="Annotated texts, a file or a folder"),
    raw_text: Path = Opt(..., help="Texts without annotations"),
    retention: Path = Opt(..., help="Gold entities of the base's labels"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(Strategy.update, help="What becomes of the base's entity recognizer"),
    previous_model: str = Opt(..., help="A pipeline to compare with; none for none"),
    recipe: Path = Opt(..., help="The recipe, a config file"),
    encoder: str = Opt(..., help="The encoder to start from, for recipes that do so"),
    gpu_id: int = Opt(-1, help="GPU to use, -1 for CPU"),
) -> None:
    """Check vars, assets and environment before anything runs; say what each command is made of."""
    check_requirements()
    project = read_project()
    paths = {"annotations": annotations, "raw_text": raw_text, "retention": retention}
    texts = {"name": name, "version": version, "lang": lang, "base_model": base_model, "encoder": encoder}
    arrived = {**texts, **{var: str(path) for var, path in paths.items()}}
    check_typed(typed_vars(typed_words()), arrived, project)
    check_package_name(name, version)
    read_recipe(recipe)
    use_gpu(gpu_id)
    check_paths(paths)
    check_raw_text(recipe, raw_text)
    check_assets(project)
    check_strategy(base_model, strategy, recipe, raw_text)
    models = find_models(base_model, previous_model, lang, recipe, encoder)
    changed: dict[str, list[str]] = {}
    for command, module in list_modules(project).items():
        named = list_vars(project, command)
        if command == "train":  # which has the encoder from the config
            named |= {"encoder"}
        for what in write_step(command, module, {var: model for var, model in models.items() if var in named}):
            changed.setdefault(what, []).append(command)
    for what, commands in changed.items():
        msg.info(f"{what} has changed, which is part of {', '.join(commands)}")
    if remove_half_written(LOCK):
        msg.warn(f"{LOCK} was half written", "All commands run again.")
    made = [one for what, more in OUTPUTS_FOR.items() if learns_from(recipe, what) for one in more]
    wheel = Path("packages") / f"{lang}_{name}-{version}-py3-none-any.whl"
    for command, why in forget_stale(LOCK, [*OUTPUTS, *made, ("package", wheel)]):
        msg.info(f"{command} will run again: {why}")
    msg.good(f"Vars, assets and environment are in order (see {STEPS})")


def find_models(
    base_model: str, previous_model: str, lang: str, recipe: Path, encoder: str
) -> dict[str, dict[str, Any]]:
    """Find the pipelines that commands start from, and see that they can be loaded.

    RETURNS (dict[str, dict[str, Any]]): Name, digest and the packages behind it of each, by the var that names it.
    RAISES (ProjectError): If one cannot be used.
    """
    base = check_base(base_model, lang)
    made_for = other_spacy(base) if base else None
    if made_for:
        msg.warn(
            f"{base_model} was made for spaCy {made_for}, and {installed_version('spacy')} is installed",
            "It may give other results here than where it was made: look for its version for this spaCy.",
        )
    found: dict[str, dict[str, Any]] = {"base_model": {"name": base_model, "digest": digest_base(base_model)}}
    if base:
        found["base_model"]["packages"] = find_versions([needed.name for needed in find_requirements(base)])
    if learns_from(recipe, ENCODER) and not (base and has_recognizer(base)):
        check_requirements("transformer")
        found["encoder"] = {"name": encoder, "digest": find_encoder(encoder).revision or digest(Path(encoder))}
        found["encoder"]["packages"] = find_versions(ENCODER_PACKAGES)
    if previous_model != "none":
        find_base(previous_model)
        found["previous_model"] = {"name": previous_model, "digest": digest_base(previous_model)}
    return found


def check_strategy(base_model: str, strategy: Strategy, recipe: Path, raw_text: Path) -> None:
    """Check that the recipe can do with the base's entity recognizer what is asked.

    RAISES (ProjectError): If it is to be updated, and cannot be, or not by this recipe, or not without raw text.
    """
    base = find_base(base_model)
    if base is None or strategy is not Strategy.update or not has_recognizer(base):
        return
    if not has_recognizer(base, NETWORKS):
        raise ProjectError(*CANNOT_UPDATE)
    updating = find_updating(recipe)
    if not has_texts(raw_text):
        raise ProjectError(*NO_RAW_TEXT, [Place(str(raw_text), None, "holds no text")])
    if updating != recipe:
        msg.info(
            f"{base_model} learns on as {updating} says: its recognizer is a network, and that of {recipe} is none",
            "With --vars.strategy=replace or separate, the recipe trains a recognizer of its own.",
        )


def find_versions(packages: Iterable[str]) -> dict[str, str]:
    """RETURNS (dict[str, str]): The installed version of each package, by name."""
    return {name: installed_version(name) for name in packages}


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


if __name__ == "__main__":
    run(preflight)
