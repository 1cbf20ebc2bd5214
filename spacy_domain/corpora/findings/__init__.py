"""What a person should look at: signs of wrong or inconsistent annotation, each with places and a suggestion."""

from itertools import islice

from spacy.language import Language

from ..audit import Audit
from ..store import Store
from .amounts import label_counts, split_counts
from .borders import articles, punctuation
from .finding import Finding
from .labels import several_labels, similar_labels
from .missed import missed
from .texts import many_alike, near_duplicates, very_long

__all__ = ["Finding", "find_all"]

KEPT = 100  # findings of a kind


def find_all(store: Store, audit: Audit, nlp: Language) -> list[Finding]:
    """Look for whatever is wrong or inconsistent in the annotations.

    store (Store): The records and their entities.
    audit (Audit): The counts.
    nlp (Language): The pipeline whose tokenizer the model will use.
    RETURNS (list[Finding]): What was found, by kind; at most a hundred of a kind.
    """
    store.entities.index()
    searches = (
        several_labels(store),
        missed(store, nlp),
        articles(store, str(nlp.lang)),
        punctuation(store),
        similar_labels(audit),
        split_counts(audit),
        label_counts(audit),
        near_duplicates(store),
        many_alike(store),
        very_long(store),
    )
    return [finding for search in searches for finding in islice(search, KEPT)]
