"""Train with spaCy's own `train`, build the result into the base pipeline, and show it once it is whole."""

from pathlib import Path

import srsly
from spacy.util import load_config

from spacy_domain.base.encoder import find_encoder_folder
from spacy_domain.base.location import find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.base.training import TEACHER, THRESHOLD, find_silver, train_pipeline
from spacy_domain.project.errors import Place, ProjectError
from spacy_domain.project.freshness import META, describe, digest, made_of, write_meta
from spacy_domain.project.outputs import move, unfinished
from spacy_domain.project.terminal import Arg, Opt, msg, run


def train(
    config: Path = Arg(..., help="The complete training config"),
    output_dir: Path = Arg(..., help="Where model-best and log.jsonl will be"),
    corpus: Path = Opt(..., help="Where the corpora are, as the config has it"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(..., help="What becomes of the base's entity recognizer"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Train with spaCy's own `train`, build the result into the base pipeline, and show it once it is whole."""
    if not (corpus / "train.spacy").exists() or not (corpus / "dev.spacy").exists():
        raise ProjectError(
            "No corpora to train on", "Run: spacy project run preprocess", [Place(str(corpus), None, "")]
        )
    corpora = [corpus / "train.spacy", corpus / "dev.spacy", corpus / "rehearsal"]
    settings = load_config(config, interpolate=True)
    silver = find_silver(settings["paths"].get("silver"), output_dir)
    more = [*find_encoder_folder(settings["paths"].get("encoder")), *silver]
    with unfinished(output_dir / "unfinished") as folder:
        with made_of("train", config, *corpora, *more, watch=find_folders(base_model)) as files:
            model = train_pipeline(config, folder, base_model, strategy, gpu_id)
            about = {"seed": settings["training"].get("seed"), "strategy": strategy.value}
            if silver:
                about["teacher"] = (output_dir / TEACHER).as_posix()
            provenance = describe("train", files, contents=digest(model, leave_out=META), **about)
        threshold = srsly.read_json(model / META)[THRESHOLD]
        (folder / "log.jsonl").replace(output_dir / "log.jsonl")
        write_meta(model / META, provenance)
        move(model, output_dir / "model-best")
    if threshold:
        before, after = (f"{100 * threshold[key]:.1f}" for key in ("f_before", "f"))
        way = "lowered: more entities" if threshold["moved"] > 0 else "raised: fewer, surer entities"
        msg.info(f"Threshold {way}; F on {threshold['texts']} texts that it did not learn from: {before} -> {after}")
    msg.good(f"The best model is in {output_dir / 'model-best'}")


if __name__ == "__main__":
    run(train)
