"""Whether the components that were not trained give what they gave in the base pipeline."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from spacy.attrs import DEP, HEAD, LEMMA, MORPH, POS, SENT_START, TAG
from spacy.language import Language
from spacy.tokens import Doc

# What components other than an entity recognizer set
ATTRIBUTES = {"tag": TAG, "pos": POS, "morph": MORPH, "lemma": LEMMA, "dep": DEP, "head": HEAD, "sentence": SENT_START}


def find_changed(base: Language, model: Language, texts: Iterable[str], leave_out: str) -> dict[str, list[str]]:
    """Run two pipelines and compare everything but entities.

    base (Language): The base pipeline.
    model (Language): What was built on it.
    texts (Iterable[str]): The texts to compare on.
    leave_out (str): A span group that does not count: it holds entities.
    RETURNS (dict[str, list[str]]): By what differs ("tag", "lemma", ...), the texts where it does.
    """
    changed: dict[str, list[str]] = {}
    texts = list(texts)
    for before, after in zip(base.pipe(texts), model.pipe(texts), strict=True):
        for what in _differences(before, after, leave_out):
            changed.setdefault(what, []).append(before.text)
    return changed


def _differences(before: Doc, after: Doc, leave_out: str) -> list[str]:
    if [token.text for token in before] != [token.text for token in after]:
        return ["tokens"]
    found = [
        name
        for name, attribute in ATTRIBUTES.items()
        if not np.array_equal(before.to_array([attribute]), after.to_array([attribute]))
    ]
    if before.cats != after.cats:
        found.append("cats")
    groups = [name for name in before.spans if name != leave_out]
    if any(_places(before.spans[name]) != _places(after.spans.get(name, [])) for name in groups):
        found.append("spans")
    return found


def _places(spans: Any) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label_) for span in spans]
