"""What a raw text leaves open for a recognizer that goes on learning: where it may have entities with annotated labels.

It is unknown whether their words are in such entities, but these are rare in texts of other kinds: where a word of
annotated entities is frequent, it is mostly in none. ("Add" begins many commands, and is in every recipe.)
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from ..recipes.seen_entities import MOST_ANNOTATED
from .outside import find_words

KNOWN_OUTSIDE = 40  # words of no entity that training learns of, for each annotated entity
LARGEST_SHARE = 0.5  # of such words in raw texts


@dataclass(frozen=True)
class Doubt:
    """What is unknown in raw texts.

    words (dict[str, float]): How likely a word in small letters is part of an entity with an annotated label, at most.
    labels (dict[str, float]): By annotated label, how often annotators said the same as the base where it found one.
    known (float): The share of all other words of no entity that training learns of. As they are by far the most, a
        network would learn from them alone.
    """

    words: dict[str, float]
    labels: dict[str, float]
    known: float

    def leave_open(self, doc: Doc) -> Doc:
        """Have tokens of a raw text be unknown, each with the chance that there is.

        doc (Doc): The text, with the base's entities.
        RETURNS (Doc): The same Doc. The other tokens are outside of entities, or in one of the base's.
        """
        chance = random.Random(doc.text)
        ents = [ent for ent in doc.ents if chance.random() < self.labels.get(ent.label_, 1.0)]
        claimed = {token.i for ent in ents for token in ent}
        unknown = [
            doc[token.i : token.i + 1]
            for token in doc
            if token.i not in claimed
            and (
                token.ent_type_ or chance.random() < self.words.get(token.lower_, 0.0) or chance.random() >= self.known
            )
        ]
        doc.set_ents(ents, missing=unknown, default="outside")
        return doc


def find_doubt(annotated: Sequence[Doc], predicted: Iterable[Doc], raw: Iterable[Doc]) -> Doubt:
    """Find what raw texts leave open.

    annotated (Sequence[Doc]): The annotated texts.
    predicted (Iterable[Doc]): The same, as the base reads them.
    raw (Iterable[Doc]): The raw texts; their tokens are enough.
    RETURNS (Doubt): What is unknown in them.
    """
    words, labels = find_words(annotated)
    inside = Counter(token.lower_ for doc in annotated for ent in doc.ents for token in ent)
    found = Counter(token.lower_ for doc in raw for token in doc)
    expected = MOST_ANNOTATED * found.total() / max(1, sum(map(len, annotated)))
    same, said = Counter[str](), Counter[str]()
    for doc, reading in zip(annotated, predicted, strict=True):
        gold = {(ent.start, ent.end, ent.label_) for ent in doc.ents}
        said.update(ent.label_ for ent in reading.ents)
        same.update(ent.label_ for ent in reading.ents if (ent.start, ent.end, ent.label_) in gold)
    entities = sum(len(doc.ents) for doc in annotated)
    return Doubt(
        {word: min(1.0, expected * inside[word] / max(1, found[word])) for word in words},
        {label: same[label] / max(1, said[label]) for label in labels},
        min(LARGEST_SHARE, KNOWN_OUTSIDE * entities / max(1, found.total())),
    )
