"""How often a pipeline finds new labels where they do not belong: in texts that are not of the domain."""

from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from typing import Any

import numpy as np
from spacy.tokens import Doc

from .intervals import percentiles, resample

PER = 1_000  # words
SHOWN = 8  # what was found most often


def measure_outside(found: Sequence[Doc], domain: Sequence[Doc], labels: Set[str]) -> dict[str, Any] | None:
    """Count entities of new labels outside of the domain, and hold them against how many there are in it.

    found (Sequence[Doc]): Raw texts, with the entities that the pipeline finds.
    domain (Sequence[Doc]): Annotated texts.
    labels (Set[str]): The labels that the base does not have.
    RETURNS (Optional[dict[str, Any]]): "texts", "words", "labels" and "all". Of each label: "found" (how often),
        "rate" and "rate_in_domain" (for each 1,000 words), and "most", what was found most often with its counts. Of
        all, too, "share" (the one rate in the other) and its 95 % "interval". None if there is nothing to count.
    """
    words = np.array([_count_words(doc) for doc in found])
    words_in_domain = sum(map(_count_words, domain))
    in_domain = Counter(ent.label_ for doc in domain for ent in doc.ents if ent.label_ in labels)
    if not labels or not words.sum() or not in_domain:
        return None
    surfaces: defaultdict[str, Counter] = defaultdict(Counter)
    for doc in found:
        for ent in doc.ents:
            if ent.label_ in labels:
                surfaces[ent.label_][ent.text.lower()] += 1
    counts = np.array([sum(ent.label_ in labels for ent in doc.ents) for doc in found])
    rate_in_domain = PER * in_domain.total() / words_in_domain
    resampled = resample(np.column_stack([counts, words]), np.arange(len(found)))
    rates = np.divide(PER * resampled[:, 0], resampled[:, 1], where=resampled[:, 1] > 0, out=np.zeros(len(resampled)))

    def row(counts_of: Counter, number_in_domain: int) -> dict[str, Any]:
        number = counts_of.total()
        return {
            "found": number,
            "rate": PER * number / float(words.sum()),
            "rate_in_domain": PER * number_in_domain / words_in_domain,
            "most": counts_of.most_common(SHOWN),
        }

    whole = row(sum(surfaces.values(), Counter()), in_domain.total())
    return {
        "texts": len(found),
        "words": int(words.sum()),
        "labels": {label: row(surfaces[label], in_domain[label]) for label in sorted(labels)},
        "all": {
            **whole,
            "share": whole["rate"] / rate_in_domain,
            "interval": percentiles(rates / rate_in_domain),
        },
    }


def _count_words(doc: Doc) -> int:
    return sum(not token.is_space for token in doc)
