"""Entities that seem to have been missed."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

from ...project.errors import Place, excerpt
from ..store import Store
from .finding import SHOWN, Finding, times

SEARCHED = 5_000  # records that are searched for missed entities
SURFACES = 5_000  # texts of entities that are searched for


def missed(store: Store, nlp: Language) -> Iterator[Finding]:
    """Find texts of entities that are an entity nowhere around in other places, among the first records."""
    usual = store.entities.count_frequent(longer=2, more=2, most=SURFACES)
    if not usual:
        return
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("usual", [nlp.make_doc(surface) for surface in usual])
    labelled: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, start, end in store.entities.read(SEARCHED):
        labelled[number].append((start, end))
    places: defaultdict[str, list[Place]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for number, record in store.read_used(SEARCHED):
        taken = bytearray(len(record.text))
        for start, end in labelled[number] + record.unknown:
            taken[start:end] = b"1" * (end - start)
        for span in filter_spans(matcher(nlp.make_doc(record.text), as_spans=True)):
            if not any(taken[span.start_char : span.end_char]):
                surface = span.text.casefold()
                counts[surface] += 1
                if len(places[surface]) < SHOWN:
                    around = excerpt(record.text, span.start_char, span.end_char)
                    places[surface].append(Place(record.file, record.line, "", around))
    for surface, count in counts.most_common():
        # What is more often none than not is a word that means other things too
        if count <= usual.get(surface, 0):
            yield Finding(
                "missed",
                f"{surface!r} is an entity {times(usual[surface])} and none {times(count)}",
                "Label it there too, if it means the same.",
                count,
                places[surface],
            )
