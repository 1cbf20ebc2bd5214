"""Texts that are too alike, or too long."""

from collections.abc import Iterator
from itertools import islice

from ...project.errors import Place, excerpt
from ..duplicates import find_leaks
from ..store import Store
from .finding import SHOWN, Finding

MANY = 0.1  # of all texts
VERY_LONG, LONGER = 1000, 20  # characters, and times the median


def near_duplicates(store: Store) -> Iterator[Finding]:
    """Find texts that have a near-duplicate in another split."""
    count = store.count_leaks()
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
    for number, count in store.find_large_sets(max(used * MANY, SHOWN)):
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
    median = store.find_median_length()
    limit = max(VERY_LONG, LONGER * median)
    count, longest = store.find_longer(limit, SHOWN)
    if count:
        yield Finding(
            "very long text",
            f"{count} text(s) have more than {limit} characters, the median has {median}",
            "Cut them into paragraphs, with the spans: they need memory, and few of their tokens are entities.",
            count,
            [
                Place(record.file, record.line, "", f"{len(record.text)} characters: {record.text[:40]}…")
                for record in longest
            ],
        )
