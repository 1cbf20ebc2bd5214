"""Bases whose components merge or split tokens: a recognizer behind these sees others than it has learned from.

(Corpora have the tokens of the base's tokenizer, as spaCy's have.)
"""

from collections.abc import Iterable
from pathlib import Path

from spacy.tokens import Doc, Span
from spacy.training import Corpus

from ..project.errors import Place, ProjectError
from .pipeline import find_ner, list_before, load_base
from .strategy import Strategy

LOOKED_AT = 200  # texts
MOST = 0.5  # of the entities, beyond which nothing is worth training


def check_tokens(base_model: str, strategy: Strategy, corpora: Iterable[Path]) -> tuple[str, str] | None:
    """Check that the base leaves annotated entities, and what stands beside them, the tokens that they have.

    base_model (str): The base pipeline, as in `load_base`.
    strategy (Strategy): What becomes of its entity recognizer.
    corpora (Iterable[Path]): The annotated corpora.
    RETURNS (Optional[tuple[str, str]]): That it does not for some, and what to do about it.
    RAISES (ProjectError): If it does not for most of them.
    """
    nlp = load_base(base_model)
    changing = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).retokenizes]
    if not changing:
        return None
    docs = [example.reference for path in corpora for example in Corpus(path)(nlp)][:LOOKED_AT]
    ner = find_ner(nlp)
    # What comes behind one that is replaced does not matter to it
    before = list_before(nlp, ner) if ner and strategy is Strategy.replace else nlp.pipe_names
    with nlp.select_pipes(enable=before):
        seen = list(nlp.pipe(doc.text for doc in docs))
    total = sum(len(doc.ents) for doc in docs)
    other = sum(not _has_tokens(doc, ent) for gold, doc in zip(docs, seen, strict=True) for ent in gold.ents)
    if not other:
        return None
    told = f"{', '.join(changing)} of the base changes the tokens of {other} of {total} annotated entities, or beside"
    remedy = (
        "The recognizer learns the tokenizer's tokens, and will not find these. Take the component out of the base "
        "(nlp.remove_pipe, nlp.to_disk), build on that, and add it to the finished pipeline."
    )
    if other > MOST * total:
        raise ProjectError(told, remedy, [Place(base_model, None, f"has {', '.join(nlp.pipe_names)}")])
    return told, remedy


def _has_tokens(doc: Doc, ent: Span) -> bool:
    span = doc.char_span(ent.start_char, ent.end_char)
    return span is not None and _with_neighbours(span) == _with_neighbours(ent)


def _with_neighbours(span: Span) -> list[str]:
    return [token.text for token in span.doc[max(0, span.start - 1) : span.end + 1]]
