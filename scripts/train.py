"""Train with spaCy's own `train`, and show the result once it is whole."""

import shutil
from pathlib import Path

import srsly
from spacy.cli.train import train as spacy_train

from .cli import Arg, Opt, msg, run
from .outputs import move


def train(
    config: Path = Arg(..., help="The complete training config"),
    output_dir: Path = Arg(..., help="Where model-best and log.jsonl will be"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Train with spaCy's own `train`, and show the result once it is whole."""
    unfinished = output_dir / "unfinished"
    # What a killed run left there would keep spaCy's logger from writing.
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        spacy_train(config, unfinished, use_gpu=gpu_id, overrides={"paths.log": str(unfinished / "log.jsonl")})
        (unfinished / "log.jsonl").replace(output_dir / "log.jsonl")
        sort_meta(unfinished / "model-best" / "meta.json")
        move(unfinished / "model-best", output_dir / "model-best")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    msg.good(f"The best model is in {output_dir / 'model-best'}")


def sort_meta(path: Path) -> None:
    """Put the keys of a pipeline's meta in order: spaCy leaves the scores by label in another one each time.

    path (Path): The meta.json.
    """
    path.write_text(srsly.json_dumps(srsly.read_json(path), indent=2, sort_keys=True), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    run(train)
