"""Make vectors of words from texts without annotations, for the recipe `pretrained` to start from."""

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import srsly
from spacy.training import Corpus

from .base.location import BLANK
from .base.pipeline import load_tokenizer
from .base.vectors import train_vectors
from .cli import Arg, Opt, msg, run
from .corpora.raw import require_raw_texts
from .errors import Place, ProjectError
from .outputs import move, unfinished
from .provenance import META, describe, digest, made_of, write_meta


def pretrain(
    raw_text: Path = Arg(..., help="Texts without annotations, in any format or as plain text"),
    vectors: Path = Arg(..., help="Where the vectors will be"),
    corpus: Path = Opt(..., help="Where the corpora are"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    environment: Path = Opt(..., help="Versions that results depend on, as preflight found them"),
) -> None:
    """Make vectors of words from texts without annotations, for the recipe `pretrained` to start from."""
    if not base_model.startswith(BLANK):
        raise ProjectError(
            "The recipe pretrained starts from texts, not from a pipeline",
            f"Set --vars.base_model to {BLANK}<lang>, or choose another recipe.",
            [Place("project.yml", None, f"vars.base_model is {base_model!r}")],
        )
    nlp = load_tokenizer(base_model)
    annotated, held_out = corpus / "train.spacy", (corpus / "dev.spacy", corpus / "test.spacy")
    with unfinished(vectors.with_name("unfinished-vectors")) as folder:
        with TemporaryDirectory() as words, made_of(annotated, *held_out, raw_text) as files:
            texts = chain(require_raw_texts(raw_text, held_out, nlp), (eg.text for eg in Corpus(annotated)(nlp)))
            count = train_vectors(texts, nlp, Path(words))
            nlp.to_disk(folder)
            about = {"environment": srsly.read_json(environment)}
            provenance = describe(files, contents=digest(folder, leave_out=META), **about)
        write_meta(folder / META, provenance)
        move(folder, vectors)
    msg.good(f"{vectors}: {nlp.vocab.vectors.shape[0]} vectors, made of {count} texts")


if __name__ == "__main__":
    run(pretrain)
