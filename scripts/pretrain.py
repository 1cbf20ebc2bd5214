"""Make vectors of words from texts without annotations, for the recipe `pretrained` to start from."""

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from spacy_domain.base.location import BLANK
from spacy_domain.base.recipe import VECTORS, learns_from
from spacy_domain.project.errors import Place, ProjectError
from spacy_domain.project.freshness import META, describe, digest, is_fresh, made_of, write_meta
from spacy_domain.project.outputs import move, unfinished
from spacy_domain.project.requirements import check_requirements
from spacy_domain.project.terminal import Arg, Opt, msg, run


def pretrain(
    recipe: Path = Arg(..., help="The recipe, a config file in configs/: does it start from vectors?"),
    raw_text: Path = Arg(..., help="Texts without annotations, in any format or as plain text"),
    vectors: Path = Arg(..., help="Where the vectors will be"),
    corpus: Path = Opt(..., help="Where the corpora are"),
    base_model: str = Opt(..., help="The pipeline to build on"),
) -> None:
    """Make vectors of words from texts without annotations, for the recipe `pretrained` to start from."""
    vectors.mkdir(parents=True, exist_ok=True)
    if not learns_from(recipe, VECTORS):
        msg.info(f"The recipe {recipe.stem} starts from no vectors of its own")
        return
    if is_fresh(vectors):
        msg.good(f"The vectors are in {vectors}, as before")
        return
    if not base_model.startswith(BLANK):
        raise ProjectError(
            "The recipe pretrained starts from texts, not from a pipeline",
            f"Set --vars.base_model to {BLANK}<lang>, or choose another recipe.",
            [Place("project.yml", None, f"vars.base_model is {base_model!r}")],
        )
    check_requirements("pretrain")
    # These take a second to import, and most recipes do without
    from spacy.training import Corpus

    from spacy_domain.base.pipeline import load_tokenizer
    from spacy_domain.base.vectors import train_vectors
    from spacy_domain.corpora.raw import require_raw_texts

    nlp = load_tokenizer(base_model)
    annotated, held_out = corpus / "train.spacy", (corpus / "dev.spacy", corpus / "test.spacy")
    with unfinished(vectors.with_name("unfinished-vectors")) as folder:
        with TemporaryDirectory() as words, made_of("pretrain", annotated, *held_out, raw_text) as files:
            texts = chain(require_raw_texts(raw_text, held_out, nlp), (eg.text for eg in Corpus(annotated)(nlp)))
            count = train_vectors(texts, nlp, Path(words))
            nlp.to_disk(folder)
            contents = digest(folder, leave_out=META)
        write_meta(folder / META, describe("pretrain", files, contents=contents))
        move(folder, vectors)
    msg.good(f"{vectors}: {nlp.vocab.vectors.shape[0]} vectors, made of {count} texts")


if __name__ == "__main__":
    run(pretrain)
