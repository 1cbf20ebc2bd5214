"""Train with other seeds, too: how much of a score is luck."""

from pathlib import Path
from typing import Any

from spacy_domain.base.location import find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.freshness import made_of
from spacy_domain.project.outputs import write_json
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.studies.seeds import train_seeds
from spacy_domain.studies.trainings import Study


def trials(
    config: Path = Arg(..., help="The complete training config"),
    test: Path = Arg(..., help="The test corpus"),
    output_file: Path = Arg(..., help="Where to write the scores"),
    train: Path = Opt(..., help="The training corpus"),
    dev: Path = Opt(..., help="The dev corpus"),
    rehearsal: Path = Opt(..., help="What the base's recognizer rehearses, if it goes on learning"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(..., help="What becomes of the base's entity recognizer"),
    seed: int = Opt(..., help="The first seed: the one of the model that is packaged"),
    number: int = Opt(..., help="How many seeds"),
    jobs: int = Opt(1, min=1, help="How many to train at once"),
    engine: str = Opt("local", help="Where: local, ray (a cluster is started here), or a cluster's address, host:port"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Train with other seeds, too: how much of a score is luck."""
    study = Study(config, base_model, strategy, gpu_id, jobs, engine)
    with made_of("trials", config, train, dev, rehearsal, test, watch=find_folders(base_model)) as files:
        result = train_seeds(study, train, test, seed, number)
    write_json(output_file, {**result, "provenance": {"files": files}})
    _show(result)


def _show(result: dict[str, Any]) -> None:
    """Print the scores by seed."""
    rows = [
        (str(row["seed"]), *(f"{100 * row[key]:.1f}" for key in ("dev", "p", "r", "f"))) for row in result["trials"]
    ]
    rows += [(name, *(f"{100 * result[name][key]:.1f}" for key in ("dev", "p", "r", "f"))) for name in ("mean", "sd")]
    msg.table(rows, header=("Seed", "F on dev", "P", "R", "F"), aligns=list("lrrrr"), divider=True)
    best, packaged = result["best_seed_on_dev"], result["packaged_seed"]
    if best == packaged:
        msg.info(f"Seed {packaged}, that of the model that is packaged, did best on dev")
    else:
        msg.info(
            f"Seed {best} did best on dev. To package its model, set --vars.seed={best}: the test corpus has no say"
        )


if __name__ == "__main__":
    run(trials)
