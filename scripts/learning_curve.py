"""Train with a part of the texts: what would more of them bring."""

from pathlib import Path
from typing import Any

from spacy_domain.base.location import find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.freshness import made_of
from spacy_domain.project.outputs import write_json
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.studies.curve import train_parts
from spacy_domain.studies.trainings import Study


def learning_curve(
    config: Path = Arg(..., help="The complete training config"),
    test: Path = Arg(..., help="The test corpus"),
    output_file: Path = Arg(..., help="Where to write the scores"),
    train: Path = Opt(..., help="The training corpus"),
    dev: Path = Opt(..., help="The dev corpus"),
    rehearsal: Path = Opt(..., help="What the base's recognizer rehearses, if it goes on learning"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(..., help="What becomes of the base's entity recognizer"),
    seed: int = Opt(..., help="Seed of the choice of texts"),
    jobs: int = Opt(1, min=1, help="How many to train at once"),
    engine: str = Opt("local", help="Where: local, ray (a cluster is started here), or a cluster's address, host:port"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Train with 20, 40, 60, 80 and 100 % of the texts: what would more of them bring."""
    study = Study(config, base_model, strategy, gpu_id, jobs, engine)
    with made_of("learning-curve", config, train, dev, rehearsal, test, watch=find_folders(base_model)) as files:
        result = train_parts(study, train, test, seed)
    write_json(output_file, {**result, "provenance": {"files": files}})
    _show(result)


def _show(result: dict[str, Any]) -> None:
    """Print the scores by how many texts there were."""
    rows = []
    for point in result["points"]:
        low, high = point["interval"] or (0.0, 0.0)
        scores = [f"{100 * point[key]:.1f}" for key in ("dev", "p", "r", "f")]
        rows.append((point["texts"], point["entities"], *scores, f"{100 * low:.1f} to {100 * high:.1f}"))
    header = ("Texts", "Entities", "F on dev", "P", "R", "F", "95 % interval")
    msg.table(rows, header=header, aligns=list("rrrrrrr"), divider=True)
    gain = result["twice_as_many"]
    between = ", from {:+.1f} to {:+.1f}".format(*(100 * end for end in gain["interval"])) if gain["interval"] else ""
    msg.info(f"Twice as many texts: F {100 * gain['gain']:+.1f}{between}: {gain['verdict']}")


if __name__ == "__main__":
    run(learning_curve)
