"""Train with a part of the texts: what would more of them bring."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import spacy
from spacy.training import Corpus

from spacy_domain.base.location import find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.freshness import made_of
from spacy_domain.project.outputs import write_json
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.scoring.intervals import find_groups, score_intervals
from spacy_domain.studies.extrapolation import expect_gain
from spacy_domain.studies.held_out import score_held_out
from spacy_domain.studies.subsets import leave_out
from spacy_domain.studies.trainings import Study, Training, train_all

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)


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
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Train with 20, 40, 60, 80 and 100 % of the texts: what would more of them bring."""
    with (
        made_of("learning-curve", config, train, dev, rehearsal, test, watch=find_folders(base_model)) as files,
        TemporaryDirectory() as folder,
    ):
        nlp = spacy.blank("xx")
        docs = [example.reference for example in Corpus(train)(nlp)]
        tested = list(Corpus(test)(nlp))
        if len(docs) < 10:
            raise ProjectError(f"{len(docs)} texts are too few for a learning curve", "Annotate ten or more.")
        annotated = {ent.label_ for doc in [*docs, *(eg.reference for eg in tested)] for ent in doc.ents}
        random.Random(seed).shuffle(docs)
        trainings: list[Training] = []
        points: list[dict[str, Any]] = []
        for share in SHARES:
            size = round(share * len(docs))
            name = f"{share:.0%}"
            overrides = leave_out(config, {doc.text for doc in docs[size:]}, Path(folder) / name)
            trainings.append(Training(name, overrides, (test, annotated)))
            points.append({"share": share, "texts": size, "entities": sum(len(doc.ents) for doc in docs[:size])})
        groups, counts = find_groups(tested), []
        for number, (_, found) in enumerate(
            train_all(Study(config, base_model, strategy, gpu_id, jobs), trainings, score_held_out)
        ):
            counts.append(np.array(found.pop("counts")))
            points[number] |= {**found, "interval": score_intervals({"": counts[-1]}, groups)[""]["f"]}
    gain = expect_gain([point["texts"] for point in points], counts, groups)
    result = {"points": points, "twice_as_many": gain}
    write_json(output_file, {**result, "provenance": {"files": files}})
    show(result)


def show(result: dict[str, Any]) -> None:
    """Print the scores by how many texts there were.

    result (dict[str, Any]): What was found.
    """
    rows = []
    for point in result["points"]:
        low, high = point["interval"] or (0.0, 0.0)
        scores = [f"{100 * point[key]:.1f}" for key in ("dev", "p", "r", "f")]
        rows.append((point["texts"], point["entities"], *scores, f"{100 * low:.1f} to {100 * high:.1f}"))
    header = ("Texts", "Entities", "F on dev", "P", "R", "F", "95 % interval")
    msg.table(rows, header=header, aligns=list("rrrrrrr"), divider=True)
    gain = result["twice_as_many"]
    low, high = gain["interval"] or (0.0, 0.0)
    between = f"from {100 * low:+.1f} to {100 * high:+.1f}"
    msg.info(f"Twice as many texts: F {100 * gain['gain']:+.1f}, {between}: {gain['verdict']}")


if __name__ == "__main__":
    run(learning_curve)
