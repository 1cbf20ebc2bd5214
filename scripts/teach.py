"""Train the teacher of the recipe `distil`: a transformer, on the annotations."""

from pathlib import Path

import srsly

from .base.config import write_config
from .base.fit import fit
from .base.location import find_base, has_recognizer
from .base.strategy import Strategy
from .cli import Arg, Opt, msg, run
from .errors import Place, ProjectError
from .outputs import move, unfinished
from .provenance import META, describe, digest, made_of, write_meta
from .requirements import TRANSFORMER_REQUIREMENTS, check_requirements
from .train import find_folder


def teach(
    recipe: Path = Arg(..., help="The teacher's recipe, a config file in configs/"),
    teacher: Path = Arg(..., help="Where the teacher will be"),
    corpus: Path = Opt(..., help="Where the corpora are, as the config has it"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    encoder: str = Opt(..., help="The encoder that the teacher starts from"),
    environment: Path = Opt(..., help="Versions that results depend on, as preflight found them"),
    seed: int = Opt(0, help="Seed of all random numbers in training"),
    gpu_id: int = Opt(-1, help="GPU to use, -1 for CPU"),
) -> None:
    """Train the teacher of the recipe `distil`: a transformer, on the annotations."""
    base = find_base(base_model)
    if base and has_recognizer(base):
        raise ProjectError(
            "A base with an entity recognizer has no teacher",
            "Set --vars.base_model to a pipeline without one, or choose another recipe than distil.",
            [Place("project.yml", None, f"vars.base_model is {base_model!r}")],
        )
    check_requirements(TRANSFORMER_REQUIREMENTS)
    inputs = [recipe, corpus / "train.spacy", corpus / "dev.spacy", *find_folder(encoder)]
    with unfinished(teacher.with_name("unfinished-teacher")) as folder:
        with made_of(*inputs, base_model=base_model) as files:
            config = folder / "config.cfg"
            write_config(config, recipe, base_model, Strategy.replace, encoder, gpu_id, seed)
            model = fit(config, folder / "fit", base_model, Strategy.replace, gpu_id)
            about = {"environment": srsly.read_json(environment), "seed": seed}
            provenance = describe(files, contents=digest(model, leave_out=META), **about)
        write_meta(model / META, provenance)
        move(model, teacher)
    msg.good(f"The teacher is in {teacher}")


if __name__ == "__main__":
    run(teach)
