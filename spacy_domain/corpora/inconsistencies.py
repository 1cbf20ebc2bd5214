"""What a person should look at: signs of wrong or inconsistent annotation, each with places and a suggestion."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

from ..project.errors import Place, excerpt
from .audit import Audit
from .duplicates import count_leaks, find_leaks
from .store import Store, load_record

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
SHOWN = 5  # places for each finding
KEPT = 100  # findings of a kind
SEARCHED = 5_000  # records that are searched for missed entities
COMPARED = 1_000  # labels
TRAIN_ENOUGH, TEST_ENOUGH = 20, 10  # entities of a label
MANY = 0.1  # of all texts
VERY_LONG, LONGER = 1000, 20  # characters, and times the median


@dataclass(frozen=True)
class Finding:
    """Something to look at.

    kind (str): What it is, in a word or two.
    message (str): The same, about this case.
    suggestion (str): What to do about it.
    count (int): How often it was found.
    places (list[Place]): Where, a few of them.
    """

    kind: str
    message: str
    suggestion: str
    count: int
    places: list[Place] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): The finding as written to corpus/audit.json."""
        places = [{"file": place.file, "line": place.line, "text": place.text} for place in self.places]
        return {
            "kind": self.kind,
            "count": self.count,
            "message": self.message,
            "suggestion": self.suggestion,
            "places": places,
        }


def find_all(store: Store, audit: Audit, nlp: Language) -> list[Finding]:
    """Look for whatever is wrong or inconsistent in the annotations.

    store (Store): The records and their entities.
    audit (Audit): The counts.
    nlp (Language): The pipeline whose tokenizer the model will use.
    RETURNS (list[Finding]): What was found, by kind; at most a hundred of a kind.
    """
    store.sql.execute("CREATE INDEX entities_surface ON entities (surface, label)")
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


def several_labels(store: Store) -> Iterator[Finding]:
    """Find entities of one text that have several labels."""
    rows = store.sql.execute(
        "SELECT surface, label, COUNT(*) FROM entities WHERE surface IN (SELECT surface FROM entities GROUP BY surface "
        "HAVING COUNT(DISTINCT label) > 1) GROUP BY surface, label ORDER BY surface"
    ).fetchall()
    found: defaultdict[str, Counter] = defaultdict(Counter)
    for surface, label, count in rows:
        found[surface][label] = count
    for surface, labels in sorted(found.items(), key=lambda item: (-item[1].total(), item[0])):
        usual, *others = labels.most_common()
        counts = " and ".join(f"{label} {_times(count)}" for label, count in (usual, *others))
        where = "surface = ? AND label != ?"
        yield Finding(
            "several labels",
            f"{surface!r} is {counts}",
            "Give it one label, unless it means several things.",
            sum(count for _, count in others),
            _places(store, where, surface, usual[0]),
        )


def missed(store: Store, nlp: Language) -> Iterator[Finding]:
    """Find texts of entities that are an entity nowhere around in other places, among the first records."""
    usual = dict(
        store.sql.execute(
            "SELECT surface, COUNT(*) FROM entities WHERE LENGTH(surface) > 2 GROUP BY surface HAVING COUNT(*) > 2 "
            "ORDER BY COUNT(*) DESC LIMIT 5000"
        )
    )
    if not usual:
        return
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("usual", [nlp.make_doc(surface) for surface in usual])
    labelled: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, start, end in store.sql.execute("SELECT id, start, end FROM entities WHERE id <= ?", (SEARCHED,)):
        labelled[number].append((start, end))
    places: defaultdict[str, list[Place]] = defaultdict(list)
    counts: Counter[str] = Counter()
    rows = store.sql.execute("SELECT id, data FROM records WHERE set_aside = '' AND id <= ? ORDER BY id", (SEARCHED,))
    for number, data in rows:
        record = load_record(data)
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
                f"{surface!r} is an entity {_times(usual[surface])} and none {_times(count)}",
                "Label it there too, if it means the same.",
                count,
                places[surface],
            )


def articles(store: Store, lang: str) -> Iterator[Finding]:
    """Find entities that are an article, or begin with one."""
    for article in ARTICLES.get(lang, "").split():
        begins = article if article.endswith("'") else f"{article} "
        behind = begins[:-1] + chr(ord(begins[-1]) + 1)  # what sorts behind all that begins so: an index can be used
        where = "surface = ? OR (surface >= ? AND surface < ?)"
        for label, count, places in _by_label(store, where, article, begins, behind):
            yield Finding(
                "article",
                f"{label} begins with {article!r} {_times(count)}",
                "Leave articles out everywhere, or nowhere.",
                count,
                places,
            )


def punctuation(store: Store) -> Iterator[Finding]:
    """Find entities that end in punctuation; a full stop counts where the same entity is found without it too."""
    where = (
        f"(INSTR('{PUNCTUATION}', SUBSTR(surface, -1)) OR (surface LIKE '%.' AND "
        "RTRIM(surface, '.') IN (SELECT surface FROM entities)))"
    )
    for label, count, places in _by_label(store, where):
        yield Finding(
            "punctuation",
            f"{label} ends in punctuation {_times(count)}",
            "Leave it out of the entity.",
            count,
            places,
        )


def similar_labels(audit: Audit) -> Iterator[Finding]:
    """Find labels that differ by case or spelling alone."""
    counts = sum(audit.labels.values(), Counter())
    # The frequent ones: a label a span would make as many pairs as the square of the spans
    labels = sorted(label for label, _ in counts.most_common(COMPARED))
    forms = ["".join(filter(str.isalnum, label.casefold())) for label in labels]
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


def split_counts(audit: Audit) -> Iterator[Finding]:
    """Find splits with too few entities to measure with."""
    for split in ("dev", "test"):
        count = audit.splits[split]["spans"]
        if 0 < count < TEST_ENOUGH:
            entities = "1 entity" if count == 1 else f"{count} entities"
            yield Finding("little data", f"{split} has {entities}", "Its score is a guess: annotate more texts.", count)


def label_counts(audit: Audit) -> Iterator[Finding]:
    """Find labels with too few entities to learn from or to measure with."""
    for label, total in sorted(sum(audit.labels.values(), Counter()).items(), key=lambda item: (item[1], item[0])):
        train, test = audit.labels["train"][label], audit.labels["test"][label]
        if total == 1:
            message, suggestion = f"{label} is there once", "A slip? Else annotate more of them, or leave it out."
            yield Finding("one-off label", message, suggestion, 1)
        elif not train:
            message = f"{label} is in dev or test {_times(total)} and never in train"
            yield Finding("not in train", message, "No model can find it: annotate more, or leave it out.", total)
        elif train < TRAIN_ENOUGH:
            message = f"{label} has {train} entities to learn from"
            yield Finding("little data", message, f"Annotate more: {TRAIN_ENOUGH} are the least.", train)
        elif test < TEST_ENOUGH:
            message = f"{label} has {test} entities in test"
            yield Finding("little data", message, "Its score will be a guess: annotate more texts.", test)


def near_duplicates(store: Store) -> Iterator[Finding]:
    """Find texts that have a near-duplicate in another split."""
    count = count_leaks(store)
    if count:
        yield Finding(
            "near-duplicates",
            f"{count} text(s) are nearly the same as one in another split",
            "Keep them in one split: give them the same group, or set on_leakage to drop.",
            count,
            [Place(one.file, one.line, "", excerpt(one.text, 0, 0, 80)) for one, _ in islice(find_leaks(store), SHOWN)],
        )


def many_alike(store: Store) -> Iterator[Finding]:
    """Find sets of texts that stay in one split, and are a large part of all."""
    used = store.count_used()
    rows = store.sql.execute(
        "SELECT first, COUNT(*) FROM components GROUP BY first HAVING COUNT(*) > ? ORDER BY 2 DESC, 1",
        (max(used * MANY, SHOWN),),
    )
    for number, count in rows.fetchall():
        record = store.get(number)
        yield Finding(
            "many alike",
            f"{count} of {used} texts hang together, by group or by being nearly the same, and stay in one split",
            "A set so large makes the splits uneven: annotate more texts unlike these.",
            count,
            [Place(record.file, record.line, "", excerpt(record.text, 0, 0, 80))],
        )


def very_long(store: Store) -> Iterator[Finding]:
    """Find texts that are far longer than the others."""
    used = "FROM records WHERE set_aside = ''"
    count = store.sql.execute(f"SELECT COUNT(*) {used}").fetchone()[0]
    median = store.sql.execute(
        f"SELECT characters {used} ORDER BY characters LIMIT 1 OFFSET ?", (count // 2,)
    ).fetchone()
    limit = max(VERY_LONG, LONGER * median[0]) if median else 0
    where = f"{used} AND characters > ?"
    long = store.sql.execute(f"SELECT COUNT(*) {where}", (limit,)).fetchone()[0]
    if long:
        rows = store.sql.execute(f"SELECT data, characters {where} ORDER BY characters DESC LIMIT {SHOWN}", (limit,))
        records = [(load_record(data), characters) for data, characters in rows]
        yield Finding(
            "very long text",
            f"{long} text(s) have more than {limit} characters, the median has {median[0]}",
            "Cut them into paragraphs, with the spans: they need memory, and few of their tokens are entities.",
            long,
            [
                Place(record.file, record.line, "", f"{length} characters: {record.text[:40]}…")
                for record, length in records
            ],
        )


def _by_label(store: Store, where: str, *values: str) -> Iterator[tuple[str, int, list[Place]]]:
    """Labels, counts and places of some entities, the most frequent label first: in one pass, however many labels."""
    counts: Counter[str] = Counter()
    shown: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    query = f"SELECT label, id, start, end FROM entities WHERE {where} ORDER BY id"
    for label, *entity in store.sql.execute(query, values):
        counts[label] += 1
        if counts[label] <= SHOWN:
            shown[label].append(tuple(entity))
    for label, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield label, count, [_place(store, *entity) for entity in shown[label]]


def _places(store: Store, where: str, *values: str) -> list[Place]:
    query = f"SELECT id, start, end FROM entities WHERE {where} ORDER BY id LIMIT {SHOWN}"
    return [_place(store, *entity) for entity in store.sql.execute(query, values).fetchall()]


def _place(store: Store, number: int, start: int, end: int) -> Place:
    record = store.get(number)
    return Place(record.file, record.line, "", excerpt(record.text, start, end))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
