"""Have the teacher label raw texts, for the recipe `distil` to learn beside the annotations."""

from pathlib import Path

from spacy_domain.base.recipe import TEACHER, learns_from
from spacy_domain.project.freshness import META, describe, digest, is_fresh, made_of, refuse_stale
from spacy_domain.project.gpu import use_gpu
from spacy_domain.project.outputs import move, unfinished, write_json
from spacy_domain.project.terminal import Arg, Opt, msg, run


def label_raw_text(
    recipe: Path = Arg(..., help="The recipe, a config file in configs/: does it learn from a teacher?"),
    teacher: Path = Arg(..., help="The teacher, a trained pipeline"),
    raw_text: Path = Arg(..., help="Texts without annotations, in any format or as plain text"),
    silver: Path = Arg(..., help="Where the texts that it labels will be"),
    corpus: Path = Opt(..., help="Where the corpora are: their dev and test texts are left out"),
    gpu_id: int = Opt(-1, help="GPU to predict on, -1 for CPU"),
) -> None:
    """Have the teacher label raw texts, for the recipe `distil` to learn beside the annotations."""
    silver.mkdir(parents=True, exist_ok=True)
    if not learns_from(recipe, TEACHER):
        msg.info(f"The recipe {recipe.stem} learns from no teacher")
        return
    if is_fresh(silver):
        msg.good(f"What the teacher labelled is in {silver}, as before")
        return
    from spacy_domain.base.pipeline import load_base  # takes a second, and most recipes do without
    from spacy_domain.base.silver import write_silver
    from spacy_domain.corpora.raw import require_raw_texts

    use_gpu(gpu_id)
    refuse_stale(teacher, "teach")
    held_out = (corpus / "dev.spacy", corpus / "test.spacy")
    with unfinished(silver.with_name("unfinished-silver")) as folder:
        with made_of("label-raw-text", teacher, raw_text, *held_out) as files:
            nlp = load_base(str(teacher))
            count, labelled = write_silver(folder, nlp, require_raw_texts(raw_text, held_out, nlp))
            provenance = describe("label-raw-text", files, contents=digest(folder))
        write_json(folder / META, {"provenance": provenance})
        move(folder, silver)
    msg.good(f"The teacher labelled {labelled} texts, and is sure of {count} that have entities ({silver})")


if __name__ == "__main__":
    run(label_raw_text)
