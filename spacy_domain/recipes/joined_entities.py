"""A recognizer behind the base's: which entities stay. Travels inside the wheel; imports spaCy alone."""

import math
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.lookups import Table
from spacy.strings import get_string_id
from spacy.tokens import Doc, Span

from .confidence import SURE, find_confidence, find_odds, is_recognizer

BASE_ENTITIES = "base_entities"  # name of the span group that keeps what the base found
# Factories; earlier versions had the last three
JOINING = ("set_base_entities_aside", "combine_recognizers", "merge_recognizers", "join_entities", "join_base_entities")
WORDS = "words"  # the file of a component's table of them


def set_base_entities_aside(doc: Doc) -> Doc:
    """Clear `Doc.ents` for an entity recognizer to come, which would leave alone whatever is an entity already.

    doc (Doc): A Doc with the entities that the base pipeline found.
    RETURNS (Doc): The same Doc, with these in `Doc.spans["base_entities"]`.
    """
    doc.spans[BASE_ENTITIES] = list(doc.ents)
    doc.set_ents([], default="missing")
    for token in doc:  # spaCy leaves them, and an entity that takes the place of another would have its id
        token.ent_id = token.ent_kb_id = 0
    return doc


def join_base_entities(doc: Doc) -> Doc:
    """Add what the base pipeline found, where there is room: what pipelines of earlier versions do.

    doc (Doc): A Doc with the recognizer's entities, and the base's set aside.
    RETURNS (Doc): The same Doc, with both as its entities.
    """
    taken = {token.i for ent in doc.ents for token in ent}
    kept = [ent for ent in doc.spans[BASE_ENTITIES] if not taken.intersection(range(ent.start, ent.end))]
    doc.set_ents([*doc.ents, *kept])
    return doc


class JoinEntities:
    """Adds the entities of a recognizer to those that the base pipeline found before it.

    nlp (Language): The pipeline, with this component behind both.
    redefined (list[str]): Labels that mean what the second recognizer says: of these, the base's are left out.
    surer (bool): Where entities of both overlap, whether those stay that their recognizer is surer of. Otherwise the
        base's stay.
    least (Optional[float]): In the place of `surer`: the new ones stay where `weigh` gives them more than this.
    filling (list[str]): Redefined labels of which the base's entities stay all the same where there is no other.
    alone (Optional[float]): New entities stay where there is no other, too, only if more than this speaks for them: in
        a text that is unlike those of the domain, so much more.

    words (Table): What each word, in small letters, says of a text that it is in: above 0 that it is of the domain,
        below that it is not. Saved with the component.
    """

    def __init__(
        self,
        nlp: Language,
        redefined: list[str],
        surer: bool = False,
        least: float | None = None,
        filling: list[str] | None = None,
        alone: float | None = None,
    ):
        self.nlp = nlp
        self.redefined = frozenset(redefined)
        self.surer = surer
        self.least = least
        self.filling = frozenset(filling or [])
        self.alone = alone
        self.words = Table(WORDS)

    def __call__(self, doc: Doc) -> Doc:
        """Join them; all that the base found stays in `Doc.spans["base_entities"]`, too.

        doc (Doc): A Doc with the recognizer's entities, and the base's set aside.
        RETURNS (Doc): The same Doc, with both as its entities.
        """
        group = doc.spans[BASE_ENTITIES]
        found = [Span(doc, ent.start, ent.end, ent.label, kb_id=ent.kb_id, span_id=ent.id) for ent in group]
        base = [ent for ent in found if ent.label_ not in self.redefined]
        clashing = self.find_clashing(doc)
        losing = set(clashing) - set(self._find_winning(doc, clashing))
        if self.alone is not None and doc.ents:
            evidence = find_evidence(self._recognizers[-1], doc, self.redefined)
            least = self.alone - min(0.0, self.measure_likeness(doc))
            losing |= {ent for ent in doc.ents if evidence.get(_place(ent), 0.0) <= least}
        kept = [ent for ent in doc.ents if ent not in losing]
        for ent in (*base, *(ent for ent in found if ent.label_ in self.filling)):
            if not any(_overlap(ent, other) for other in kept):
                kept.append(ent)
        doc.set_ents(kept)
        return doc

    def find_clashing(self, doc: Doc) -> dict[Span, list[Span]]:
        """Find where both have an entity.

        doc (Doc): As for a call.
        RETURNS (dict[Span, list[Span]]): New entities, and for each those of the base's that it overlaps with, but for
            redefined labels.
        """
        base = [ent for ent in doc.spans[BASE_ENTITIES] if ent.label_ not in self.redefined]
        return {ent: others for ent in doc.ents if (others := [one for one in base if _overlap(ent, one)])}

    def weigh(self, doc: Doc, clashing: dict[Span, list[Span]]) -> dict[Span, float]:
        """Weigh what speaks for new entities against the base's in their place: their log-odds, those of the surest new
        entity where the base has none, if that is likely, and how much the text is like those of the domain; less half
        of the log-odds of the base's surest. The base's confidence counts for less, since it was found on other texts.

        doc (Doc): As for a call.
        clashing (dict[Span, list[Span]]): As `find_clashing` gives it.
        RETURNS (dict[Span, float]): What speaks for each new one.
        """
        if not clashing:
            return {}
        *others, last = self._recognizers
        new = find_odds(last, doc)
        old = {place: odds for recognizer in others for place, odds in find_odds(recognizer, doc).items()}
        taken = {_place(ent) for ent in clashing}
        not_telling = {get_string_id(label) for label in self.redefined}
        company = max([0.0, *(own for place, own in new.items() if place not in taken and place[2] not in not_telling)])
        text = company + self.measure_likeness(doc)
        return {
            # What no recognizer of the base would find (entities of a rule, say) is there for sure
            ent: new.get(_place(ent), 0.0) + text - max(old.get(_place(other), SURE) for other in clashes) / 2
            for ent, clashes in clashing.items()
        }

    def measure_likeness(self, doc: Doc) -> float:
        """Measure how much a text is like those of the domain: what its words say, summed up, by the square root of
        their number. (By their number, long texts would say no more than a word; as a sum, they would decide alone.)

        doc (Doc): The text.
        RETURNS (float): Above 0 if it is more like them than like other texts; 0 if it has no word that is known.
        """
        said = [self.words[token.lower] for token in doc if token.lower in self.words]
        return sum(said) / math.sqrt(len(said)) if said else 0.0

    def to_bytes(self, exclude: Iterable[str] = ()) -> bytes:
        """RETURNS (bytes): The table of words."""
        return bytes(self.words.to_bytes())

    def from_bytes(self, data: bytes, exclude: Iterable[str] = ()) -> "JoinEntities":
        """Load the table of words.

        data (bytes): As `to_bytes` gives it.
        RETURNS (JoinEntities): The same component.
        """
        self.words = Table(WORDS).from_bytes(data)
        return self

    def to_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> None:
        """Save the table of words.

        path (Union[str, Path]): The component's folder.
        """
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / WORDS).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> "JoinEntities":
        """Load the table of words. Pipelines of earlier versions have none.

        path (Union[str, Path]): The component's folder.
        RETURNS (JoinEntities): The same component.
        """
        file = Path(path) / WORDS
        return self.from_bytes(file.read_bytes()) if file.exists() else self

    def _find_winning(self, doc: Doc, clashing: dict[Span, list[Span]]) -> Iterator[Span]:
        if self.least is not None:
            yield from (ent for ent, weight in self.weigh(doc, clashing).items() if weight > self.least)
        elif clashing and self.surer:
            sure = self._find_confidence(doc)
            for ent, others in clashing.items():
                own = sure.get(_place(ent), 0.0)
                if all(own > sure.get(_place(other), 1.0) for other in others):
                    yield ent

    def _find_confidence(self, doc: Doc) -> dict[tuple[int, int, int], float]:
        found: dict[tuple[int, int, int], float] = {}
        temperature = self.nlp.meta.get("confidence", {}).get("temperature", 1.0)
        *others, last = self._recognizers
        for recognizer in (*others, last):
            # The temperature was fitted for the last one
            found |= find_confidence(recognizer, doc, temperature if recognizer is last else 1.0)
        return found

    @property
    def _recognizers(self) -> list[Any]:
        before = takewhile(lambda pipe: pipe is not self, (pipe for _, pipe in self.nlp.pipeline))
        return [pipe for pipe in before if is_recognizer(pipe)]


def find_evidence(recognizer: Any, doc: Doc, everywhere: Iterable[str] = ()) -> dict[tuple[int, int, int], float]:
    """Find entities, whatever a text has already, and what speaks for each: its own log-odds, and those of the surest
    other one, if that is likely. A text of the domain seldom has one alone.

    recognizer (Any): The recognizer.
    doc (Doc): As for `find_confidence`.
    everywhere (Iterable[str]): Labels that texts of other kinds have, too: of these, no other one counts.
    RETURNS (dict[tuple[int, int, int], float]): What speaks for them, by start, end and label. It is above 0 where an
        entity is likely by itself.
    """
    odds = find_odds(recognizer, doc)
    not_telling = {get_string_id(label) for label in everywhere}
    telling = [place for place in odds if place[2] not in not_telling]
    surest = sorted(telling, key=odds.__getitem__, reverse=True)[:2]
    return {
        place: own + max([0.0, *(odds[other] for other in surest if other != place)]) for place, own in odds.items()
    }


def _place(ent: Span) -> tuple[int, int, int]:
    return ent.start, ent.end, ent.label


def _overlap(one: Span, other: Span) -> bool:
    return bool(one.start < other.end and other.start < one.end)


def make_join_entities(nlp: Language, name: str, redefined: list[str], surer: bool) -> JoinEntities:
    """Create a JoinEntities component, as pipelines of earlier versions have it."""
    return JoinEntities(nlp, redefined, surer)


def make_merge_recognizers(
    nlp: Language,
    name: str,
    redefined: list[str],
    surer: bool,
    least: float | None,
    filling: list[str],
    alone: float | None,
) -> JoinEntities:
    """Create a JoinEntities component without words, as pipelines of earlier versions have it."""
    return JoinEntities(nlp, redefined, surer, least, filling, alone)


def make_combine_recognizers(
    nlp: Language,
    name: str,
    redefined: list[str],
    surer: bool,
    least: float | None,
    filling: list[str],
    alone: float | None,
) -> JoinEntities:
    """Create a JoinEntities component: `nlp.add_pipe("combine_recognizers")`.

    nlp (Language): The pipeline.
    name (str): The component's name.
    redefined (list[str]): Labels of which the base's entities are left out.
    surer (bool): Whether the surer entity stays, and not the base's.
    least (Optional[float]): Or how much has to speak for the new one, to win.
    filling (list[str]): Redefined labels of which the base's entities stay where there is no other.
    alone (Optional[float]): How much has to speak for a new one where the base has none.
    RETURNS (JoinEntities): The component.
    """
    return JoinEntities(nlp, redefined, surer, least, filling, alone)


# As in confidence.py: two wheels may bring this file, and the first one stays
if not Language.has_factory("set_base_entities_aside"):
    Language.component("set_base_entities_aside", func=set_base_entities_aside, assigns=["doc.spans"])
if not Language.has_factory("join_base_entities"):
    Language.component("join_base_entities", func=join_base_entities, requires=["doc.spans"], assigns=["doc.ents"])
if not Language.has_factory("join_entities"):
    Language.factory(
        "join_entities",
        func=make_join_entities,
        default_config={"redefined": [], "surer": False},
        requires=["doc.spans"],
        assigns=["doc.ents"],
    )
for factory, function in (
    ("combine_recognizers", make_combine_recognizers),
    ("merge_recognizers", make_merge_recognizers),
):
    if not Language.has_factory(factory):
        Language.factory(
            factory,
            func=function,
            default_config={"redefined": [], "surer": False, "least": None, "filling": [], "alone": None},
            requires=["doc.spans"],
            assigns=["doc.ents"],
        )
