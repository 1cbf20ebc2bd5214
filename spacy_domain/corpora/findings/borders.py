"""What is in an entity and should not be, at its beginning or end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from ...project.errors import Place
from ..entity_index import Found
from ..store import Store
from .finding import SHOWN, Finding, place_entity, times

ARTICLES = {
    "en": "the a an",
    "de": "der die das den dem des ein eine einen einem einer eines",
    "fr": "le la les l' un une des",
    "es": "el la los las un una unos unas",
    "it": "il lo la i gli le un uno una l'",
    "pt": "o a os as um uma uns umas",
    "nl": "de het een",
}
PUNCTUATION = ",;:!?"


def articles(store: Store, lang: str) -> Iterator[Finding]:
    """Find entities that are an article, or begin with one."""
    for article in ARTICLES.get(lang, "").split():
        found = list(store.entities.find_beginning(article))
        alone = [(label, entity) for label, entity in found if entity[2] - entity[1] == len(article)]
        for label, count, places in _by_label(store, alone):
            yield Finding(
                "article",
                f"{label} is {article!r} and nothing else {times(count)}",
                "The offsets are probably wrong: see what stands behind it.",
                count,
                places,
            )
        for label, count, places in _by_label(store, (one for one in found if one not in alone)):
            yield Finding(
                "article",
                f"{label} begins with {article!r} {times(count)}",
                "Leave articles out everywhere, or nowhere.",
                count,
                places,
            )


def punctuation(store: Store) -> Iterator[Finding]:
    """Find entities that end in punctuation; a full stop counts where the same entity is found without it too."""
    for label, count, places in _by_label(store, store.entities.find_ending(PUNCTUATION)):
        yield Finding(
            "punctuation",
            f"{label} ends in punctuation {times(count)}",
            "Leave it out of the entity.",
            count,
            places,
        )


def _by_label(store: Store, entities: Iterable[tuple[str, Found]]) -> Iterator[tuple[str, int, list[Place]]]:
    """Labels, counts and places of some entities, the most frequent label first: in one pass, however many labels."""
    counts: Counter[str] = Counter()
    shown: defaultdict[str, list[Found]] = defaultdict(list)
    for label, entity in entities:
        counts[label] += 1
        if counts[label] <= SHOWN:
            shown[label].append(entity)
    for label, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield label, count, [place_entity(store, entity) for entity in shown[label]]
