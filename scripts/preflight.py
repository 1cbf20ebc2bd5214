"""Check vars, assets and environment before anything runs; say what each command is made of."""

from pathlib import Path

from spacy_domain.base.recipe import list_outputs, read_recipe
from spacy_domain.base.start import check_patterns, check_raw_text, check_strategy, find_models, tell_of_base
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.about import read_about
from spacy_domain.project.code import Found
from spacy_domain.project.freshness import STEPS, write_step
from spacy_domain.project.gpu import use_gpu
from spacy_domain.project.lock import forget_stale, remove_half_written
from spacy_domain.project.numbers import check_numbers
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
    patterns_in_model: str = Opt("none", help="Where patterns go in the model; none for nowhere"),
    recipe: Path = Opt(..., help="The recipe, a config file"),
    encoder: str = Opt(..., help="The encoder to start from, for recipes that do so"),
    gpu_id: int = Opt(-1, min=-1, help="GPU to use, -1 for CPU"),
    about: Path = Opt(..., help="JSON with description, author, license and sources"),
) -> None:
    """Check vars, assets and environment before anything runs; say what each command is made of."""
    check_requirements()
    project = read_project()
    paths = {"annotations": annotations, "raw_text": raw_text, "retention": retention, "about": about}
    texts = {"name": name, "version": version, "lang": lang, "base_model": base_model, "encoder": encoder}
    typed = typed_vars(typed_words())
    check_numbers(project, typed)
    check_typed(typed, {**texts, **{var: str(path) for var, path in paths.items()}}, project)
    check_package_name(name, version)
    read_recipe(recipe)
    use_gpu(gpu_id)
    check_paths(paths)
    read_about(about, annotations)
    check_raw_text(recipe, raw_text)
    check_assets(project)
    check_strategy(base_model, strategy, recipe, raw_text)
    check_patterns(base_model, patterns_in_model)
    models = find_models(base_model, strategy, previous_model, lang, recipe, encoder)
    for told in tell_of_base(base_model, f"{lang}_{name}"):
        msg.warn(*told)
    changed: dict[str, list[str]] = {}
    known: dict[str, Found] = {}
    for command, module in list_modules(project).items():
        named = list_vars(project, command)
        if command == "train":  # which has the encoder from the config
            named |= {"encoder"}
        started = {var: model for var, model in models.items() if var in named}
        for what in write_step(command, module, started, known):
            changed.setdefault(what, []).append(command)
    for what, commands in changed.items():
        msg.info(f"{what} has changed, which is part of {', '.join(commands)}")
    if remove_half_written(LOCK):
        msg.warn(f"{LOCK} was half written", "All commands run again.")
    wheel = Path("packages") / f"{lang}_{name}-{version}-py3-none-any.whl"
    for command, why in forget_stale(LOCK, [*list_outputs(recipe), ("package", wheel)]):
        msg.info(f"{command} will run again: {why}")
    msg.good(f"Vars, assets and environment are in order (see {STEPS})")


if __name__ == "__main__":
    run(preflight)
