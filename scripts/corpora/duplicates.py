"""Texts that are nearly the same: in two splits, they would make scores look better than they are."""

from collections.abc import Iterator
from itertools import groupby

from rapidfuzz import fuzz, process

from ..annotations import AnnotatedText
from .store import Store, load_record, normal_form

SIMILAR = 95  # per cent of normalized indel similarity between normal forms
COMPARISONS = 50  # per text and end
COMPARED = 2_000  # characters of a normal form


def find_near_duplicates(store: Store) -> None:
    """Note for each text the first earlier one that is nearly the same, if there is one.

    A text is compared with those that begin or end in the same three words and hold the same numbers (blocking, as in
    record linkage: Christen 2012, Data Matching, chapter 4), by rapidfuzz's normalized indel similarity of the normal
    forms. Only texts that have no near-duplicate before them are compared with, so that what is found of a text does
    not change when more are added behind it.

    store (Store): The records; its table near_duplicates is filled.
    """
    if store.sql.execute("SELECT 1 FROM records WHERE given_split != '' LIMIT 1").fetchone():
        # Elsewhere the same text is there once: repeats were merged
        store.find_shared("text_digest")
        store.sql.execute(
            "INSERT INTO near_duplicates SELECT id, first FROM records JOIN shared USING (id) "
            "JOIN (SELECT text_digest, MIN(id) AS first FROM records JOIN shared USING (id) GROUP BY text_digest) "
            "USING (text_digest) WHERE id != first"
        )
    for column in ("beginning", "ending"):
        store.find_shared(column)
        rows = store.sql.execute(f"SELECT {column}, id, data FROM records JOIN shared USING (id) ORDER BY {column}, id")
        pairs = [pair for _, block in groupby(rows, key=lambda row: row[0]) for pair in _pairs(block)]
        store.sql.executemany(
            "INSERT INTO near_duplicates VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET earlier = MIN(earlier, excluded.earlier)",
            pairs,
        )


def _pairs(block: Iterator[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    firsts: list[int] = []
    forms: list[str] = []
    for _, number, data in block:
        form = normal_form(load_record(data).text)[:COMPARED]
        match = process.extractOne(form, forms, scorer=fuzz.ratio, score_cutoff=SIMILAR) if forms else None
        if match:
            yield number, firsts[match[2]]
        elif len(forms) < COMPARISONS:
            firsts.append(number)
            forms.append(form)


def find_leaks(store: Store) -> Iterator[tuple[AnnotatedText, AnnotatedText]]:
    """List the texts that have a near-duplicate in another split.

    store (Store): The records, with their splits and near-duplicates.
    YIELDS (tuple[AnnotatedText, AnnotatedText]): The text and the earlier one.
    """
    rows = store.sql.execute(
        "SELECT near.id, near.earlier FROM near_duplicates AS near JOIN records AS one ON one.id = near.id "
        "JOIN records AS other ON other.id = near.earlier WHERE one.split != other.split ORDER BY near.id"
    ).fetchall()
    for number, earlier in rows:
        yield store.get(number), store.get(earlier)
