"""The baseline that any model has to beat: looking up the entities of the training corpus."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from spacy.language import Language
from spacy.tokens import Doc


def dictionary_lookup(nlp: Language, train: Iterable[Doc]) -> Language:
    """Make a pipeline that finds the entities of a training corpus by their text alone.

    Whatever was most often labelled so when training saw it gets that label wherever it is read again, in any case; the
    longest match wins.

    nlp (Language): The pipeline whose tokenizer to use.
    train (Iterable[Doc]): The training corpus.
    RETURNS (Language): The pipeline, with spaCy's entity_ruler as its only component.
    """
    labels: defaultdict[str, Counter] = defaultdict(Counter)
    for doc in train:
        for ent in doc.ents:
            labels[ent.text.lower()][ent.label_] += 1
    lookup = nlp.__class__(nlp.vocab, create_tokenizer=lambda _: nlp.tokenizer)
    ruler = lookup.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": counts.most_common(1)[0][0], "pattern": text} for text, counts in sorted(labels.items())]
    )
    return lookup
