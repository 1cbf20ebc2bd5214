"""Labels that are given to the same words, or are spelled nearly the same."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from rapidfuzz import fuzz, process

from ..audit import Audit
from ..store import Store
from .finding import SHOWN, Finding, place_entity, times

COMPARED = 1_000  # labels


def several_labels(store: Store) -> Iterator[Finding]:
    """Find entities of one text that have several labels."""
    found = store.entities.count_ambiguous()
    for surface, labels in sorted(found.items(), key=lambda item: (-item[1].total(), item[0])):
        usual, *others = labels.most_common()
        counts = " and ".join(f"{label} {times(count)}" for label, count in (usual, *others))
        yield Finding(
            "several labels",
            f"{surface!r} is {counts}",
            "Give it one label, unless it means several things.",
            sum(count for _, count in others),
            [place_entity(store, one) for one in store.entities.find_labelled_otherwise(surface, usual[0], SHOWN)],
        )


def similar_labels(audit: Audit) -> Iterator[Finding]:
    """Find labels that differ by case or spelling alone."""
    counts = sum(audit.labels.values(), Counter())
    # The frequent ones: a label a span would make as many pairs as the square of the spans
    labels = sorted(label for label, _ in counts.most_common(COMPARED))
    forms = ["".join(filter(str.isalnum, label.casefold())) or label for label in labels]  # an emoji may be a label
    same = process.cdist(forms, forms, scorer=fuzz.ratio, score_cutoff=88)
    for one, other in np.argwhere(np.triu(same, 1)).tolist():
        if forms[one] == forms[other] or min(len(forms[one]), len(forms[other])) > 4:
            rare, usual = sorted((labels[one], labels[other]), key=lambda label: counts[label])
            yield Finding(
                "similar labels",
                f"{rare} ({counts[rare]}) and {usual} ({counts[usual]}) are spelled nearly the same",
                f"Rename {rare} to {usual}, if they are one label.",
                counts[rare],
            )
