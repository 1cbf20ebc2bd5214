"""Search for better values of the training config, and say what the choice is worth."""

from pathlib import Path
from typing import Any

from spacy_domain.base.location import digest_base, find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.freshness import made_of
from spacy_domain.project.outputs import write_json
from spacy_domain.project.requirements import check_requirements
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.studies.held_out import score_held_out
from spacy_domain.studies.held_out_parts import list_parts
from spacy_domain.studies.search import Budget, Search, describe_search
from spacy_domain.studies.space import read_space
from spacy_domain.studies.trainings import Study
from spacy_domain.studies.tuned_recipe import write_tuned_recipe


def tune(
    space_file: Path = Arg(..., help="What may be tried, a TOML file"),
    config: Path = Arg(..., help="The complete training config"),
    output_file: Path = Arg(..., help="Where to write what was found; beside it, as tuned.cfg, the recipe"),
    recipe: str = Opt(..., help="The recipe that the config was made of"),
    kept: Path = Opt(Path("training/tune/search.db"), help="The database that keeps the search, to go on with it"),
    train: Path = Opt(..., help="The training corpus"),
    dev: Path = Opt(..., help="The dev corpus"),
    rehearsal: Path = Opt(..., help="What the base's recognizer rehearses, if it goes on learning"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(..., help="What becomes of the base's entity recognizer"),
    trials: int = Opt(..., min=2, help="How many trainings, those of earlier runs included"),
    minutes: float = Opt(0.0, min=0.0, help="After how many minutes to begin no more of them; 0 for no such limit"),
    folds: int = Opt(0, help="Parts of the training texts to score on, each left out in turn; 0 for the dev texts"),
    seed: int = Opt(0, help="Seed of the choice of values"),
    prune: bool = Opt(True, help="End trainings early that do worse than most others did at the same step"),
    jobs: int = Opt(1, min=1, help="How many to train at once"),
    engine: str = Opt("local", help="Where: local, ray (a cluster is started here), or a cluster's address, host:port"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Search for better values of the training config, and say what the choice is worth."""
    check_requirements("scale")
    space, start = read_space(space_file, config)
    with made_of("tune", space_file, config, train, dev, rehearsal, watch=find_folders(base_model)) as files:
        parts, groups = list_parts(train, dev, folds, seed)
        about = {**files, "base": digest_base(base_model), "strategy": strategy, "folds": folds, "seed": seed}
        search = Search(kept, about, space, start, seed)
        if search.list_trials():
            msg.info(f"{len(search.list_trials())} trials are there already, in {kept}")
        study = Study(config, base_model, strategy, gpu_id, jobs, engine)
        for one in search.run(study, Budget(trials, minutes), score_held_out, parts, prune):
            said = f"failed: {one['error']}" if "error" in one else f"no better than most at step {one.get('stopped')}"
            said = f"F {100 * one['f']:.1f}" if "f" in one else said
            msg.text(f"{one['trial']}: {said} with {one['params']}")
    result = describe_search(search, groups)
    write_json(output_file, {**result, "provenance": {"files": files}})
    write_tuned_recipe(output_file.with_name("tuned.cfg"), recipe, result, files)
    _show(result)
    msg.info(f"To take it: copy {output_file.with_name('tuned.cfg')} into configs/, and set --vars.recipe=tuned")


def _show(result: dict[str, Any]) -> None:
    """Print what was best, what mattered, and what the choice is worth."""
    for name, weight in result["importance"].items():
        msg.text(f"{name} explains {weight:.0%} of the differences")
    f, expected, gain = (100 * result[key] for key in ("f", "expected", "gain"))
    low, high = result["interval"] or (0.0, 0.0)
    msg.good(f"Trial {result['chosen']} did best: F {f:.1f}, of which {expected:.1f} is to be expected elsewhere")
    msg.info(f"F {gain:+.1f} over the recipe, from {100 * low:+.1f} to {100 * high:+.1f}: {result['verdict']}")


if __name__ == "__main__":
    run(tune)
