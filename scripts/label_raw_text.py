"""Have the teacher label raw texts, for the recipe `distil` to learn beside the annotations."""

from pathlib import Path

from .base.pipeline import load_base
from .base.silver import write_silver
from .cli import Arg, Opt, msg, run
from .corpora.raw import require_raw_texts
from .gpu import use_gpu
from .outputs import move, unfinished, write_json
from .provenance import META, describe, digest, made_of, refuse_stale


def label_raw_text(
    teacher: Path = Arg(..., help="The teacher, a trained pipeline"),
    raw_text: Path = Arg(..., help="Texts without annotations, in any format or as plain text"),
    silver: Path = Arg(..., help="Where the texts that it labels will be"),
    corpus: Path = Opt(..., help="Where the corpora are: their dev and test texts are left out"),
    gpu_id: int = Opt(-1, help="GPU to predict on, -1 for CPU"),
) -> None:
    """Have the teacher label raw texts, for the recipe `distil` to learn beside the annotations."""
    use_gpu(gpu_id)
    refuse_stale(teacher, "teach")
    held_out = (corpus / "dev.spacy", corpus / "test.spacy")
    with unfinished(silver.with_name("unfinished-silver")) as folder:
        with made_of(teacher, raw_text, *held_out) as files:
            nlp = load_base(str(teacher))
            count = write_silver(folder, nlp, require_raw_texts(raw_text, held_out, nlp))
            provenance = describe(files, contents=digest(folder))
        write_json(folder / META, {"provenance": provenance})
        move(folder, silver)
    msg.good(f"The teacher labelled {count} texts ({silver})")


if __name__ == "__main__":
    run(label_raw_text)
