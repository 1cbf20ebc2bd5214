"""Raw texts as examples of where new labels are not.

What is not annotated says nothing, and most words of most texts are no entity (positive-unlabelled learning: Elkan and
Noto 2008, Learning Classifiers from Only Positive and Unlabeled Data). So all words of a raw text are taken to be
outside of entities, but for those that annotated entities are made of: what they are there is unknown, unless the base
has claimed them.
"""

from collections.abc import Iterable, Sequence

from spacy.tokens import Doc, Span

LIKE_DOMAIN = 50  # percent of such words; texts of other kinds have a tenth to a third
LIKENESS = (
    "If they are of the domain, new labels are in them, too, and are learned not to be: give raw texts of other kinds "
    "(spacy project assets --extra), or set --vars.outside=0."
)


def find_words(docs: Iterable[Doc]) -> tuple[set[str], set[str]]:
    """Find the words that annotated entities are made of.

    docs (Iterable[Doc]): The annotated texts.
    RETURNS (tuple[set[str], set[str]]): The words in small letters, without "the" and its kind and punctuation, and the
        labels.
    """
    entities = [ent for doc in docs for ent in doc.ents]
    words = {token.lower_ for ent in entities for token in ent if not (token.is_stop or token.is_punct)}
    return words, {ent.label_ for ent in entities}


def mark_outside(docs: Iterable[Doc], words: set[str], labels: set[str]) -> Iterable[Doc]:
    """Have the words of raw texts be outside of entities, or unknown.

    docs (Iterable[Doc]): The texts, with the base's entities.
    words (set[str]): Words in small letters that may be an entity: unknown.
    labels (set[str]): Labels of which the same is so: what the base calls so is unknown, too.
    YIELDS (Doc): The same texts.
    """
    for doc in docs:
        unknown = [
            doc[token.i : token.i + 1]
            for token in doc
            if (token.ent_type_ in labels if token.ent_type_ else token.lower_ in words)
        ]
        doc.set_ents([], missing=unknown, default="outside")
        yield doc


def measure_likeness(raw: Sequence[Doc], domain: Sequence[Doc], words: set[str]) -> float:
    """Measure how much raw texts are like those of the domain: in such ones, new labels are not outside.

    raw (Sequence[Doc]): Raw texts.
    domain (Sequence[Doc]): Texts of the domain, other than those that the words are from.
    words (set[str]): The words that annotated entities are made of, in small letters.
    RETURNS (float): How often raw texts have such words, for each time that texts of the domain do.
    """
    known = [[token.lower_ in words for doc in docs for token in doc] for docs in (raw, domain)]
    here, there = (sum(some) / max(1, len(some)) for some in known)
    return here / there if there else 0.0


def list_unknown(doc: Doc) -> list[Span]:
    """RETURNS (list[Span]): The tokens of a text of which it is unknown whether they are in an entity."""
    return [doc[token.i : token.i + 1] for token in doc if not token.ent_iob]
