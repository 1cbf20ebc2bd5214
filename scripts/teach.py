"""Train a transformer on the annotations, and have it label raw texts for a small network to learn from."""

import shutil
from pathlib import Path

import spacy
import srsly

from .base.config import write_config
from .base.fit import fit
from .base.location import find_base, has_recognizer
from .base.pipeline import load_tokenizer
from .base.silver import write_silver
from .base.strategy import Strategy
from .cli import Arg, Opt, msg, run
from .corpora.raw import require_raw_texts
from .errors import Place, ProjectError
from .outputs import move
from .provenance import META, describe, digest, made_of, write_meta
from .train import find_folder


def teach(
    recipe: Path = Arg(..., help="The teacher's recipe, a config file in configs/"),
    teacher: Path = Arg(..., help="Where the teacher will be"),
    silver: Path = Arg(..., help="Where the texts that it labels will be"),
    corpus: Path = Opt(..., help="Where the corpora are, as the config has it"),
    raw_text: Path = Opt(..., help="Texts without annotations, in any format"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    encoder: str = Opt(..., help="The encoder that the teacher starts from"),
    environment: Path = Opt(..., help="Versions that results depend on, as preflight found them"),
    seed: int = Opt(0, help="Seed of all random numbers in training"),
    gpu_id: int = Opt(-1, help="GPU to use, -1 for CPU"),
) -> None:
    """Train a transformer on the annotations, and have it label raw texts for a small network to learn from."""
    base = find_base(base_model)
    if base and has_recognizer(base):
        raise ProjectError(
            "A base with an entity recognizer has no teacher",
            "Set --vars.base_model to a pipeline without one, or choose another recipe than distil.",
            [Place("project.yml", None, f"vars.base_model is {base_model!r}")],
        )
    unfinished = teacher.with_name("unfinished-teacher")
    shutil.rmtree(unfinished, ignore_errors=True)
    held_out = (corpus / "dev.spacy", corpus / "test.spacy")
    inputs = [recipe, corpus / "train.spacy", *held_out, raw_text, *find_folder(encoder)]
    try:
        with made_of(*inputs, base_model=base_model) as files:
            texts = require_raw_texts(raw_text, held_out, load_tokenizer(base_model))
            config = unfinished / "config.cfg"
            write_config(config, recipe, base_model, Strategy.replace, encoder, gpu_id, seed)
            model = fit(config, unfinished / "fit", base_model, Strategy.replace, gpu_id)
            count = write_silver(unfinished / "silver", spacy.load(model), texts)
            made = {silver.as_posix(): digest(unfinished / "silver")}
            about = {"environment": srsly.read_json(environment), "seed": seed}
            provenance = describe({**files, **made}, contents=digest(model, leave_out=META), **about)
        write_meta(model / META, provenance)
        move(unfinished / "silver", silver)
        move(model, teacher)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    msg.good(f"The teacher is in {teacher}; it labelled {count} texts ({silver})")


if __name__ == "__main__":
    run(teach)
