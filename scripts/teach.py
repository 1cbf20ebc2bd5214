"""Train the teacher of the recipe `distil`: a transformer, on the annotations."""

from pathlib import Path

from spacy_domain.base.encoder import find_encoder_folder
from spacy_domain.base.location import find_base, find_folders, has_recognizer
from spacy_domain.base.recipe import TEACHER, learns_from
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.errors import Place, ProjectError
from spacy_domain.project.freshness import META, describe, digest, is_fresh, made_of, write_meta
from spacy_domain.project.outputs import move, unfinished
from spacy_domain.project.requirements import check_requirements
from spacy_domain.project.terminal import Arg, Opt, msg, run


def teach(
    recipe: Path = Arg(..., help="The recipe, a config file in configs/: does it learn from a teacher?"),
    teacher_recipe: Path = Arg(..., help="The teacher's recipe, a config file in configs/"),
    teacher: Path = Arg(..., help="Where the teacher will be"),
    corpus: Path = Opt(..., help="Where the corpora are, as the config has it"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    encoder: str = Opt(..., help="The encoder that the teacher starts from"),
    seed: int = Opt(0, max=2147483647, help="Seed of all random numbers in training"),
    gpu_id: int = Opt(-1, help="GPU to use, -1 for CPU"),
) -> None:
    """Train the teacher of the recipe `distil`: a transformer, on the annotations."""
    teacher.mkdir(parents=True, exist_ok=True)
    if not learns_from(recipe, TEACHER):
        msg.info(f"The recipe {recipe.stem} learns from no teacher")
        return
    if is_fresh(teacher):
        msg.good(f"The teacher is in {teacher}, as before")
        return
    base = find_base(base_model)
    if base and has_recognizer(base):
        raise ProjectError(
            "A base with an entity recognizer has no teacher",
            "Set --vars.base_model to a pipeline without one, or choose another recipe than distil.",
            [Place("project.yml", None, f"vars.base_model is {base_model!r}")],
        )
    check_requirements("transformer")
    from spacy_domain.base.config import write_config  # takes a second, and most recipes do without
    from spacy_domain.base.training import train_pipeline

    inputs = [teacher_recipe, corpus / "train.spacy", corpus / "dev.spacy", *find_encoder_folder(encoder)]
    with unfinished(teacher.with_name("unfinished-teacher")) as folder:
        with made_of("teach", *inputs, watch=find_folders(base_model)) as files:
            config = folder / "config.cfg"
            write_config(config, teacher_recipe, base_model, Strategy.replace, encoder, gpu_id, seed)
            model = train_pipeline(config, folder / "trained", base_model, Strategy.replace, gpu_id)
            provenance = describe("teach", files, contents=digest(model, leave_out=META), seed=seed)
        write_meta(model / META, provenance)
        move(model, teacher)
    msg.good(f"The teacher is in {teacher}")


if __name__ == "__main__":
    run(teach)
