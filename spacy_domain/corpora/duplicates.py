"""Texts that are nearly the same: in two splits, they would make scores look better than they are.

Two texts are nearly the same if their normal forms are (case, punctuation and white space do not count), to 95 % by
rapidfuzz's normalized indel similarity, and they hold the same numbers; of long texts, the beginnings are compared. Of
such pairs, MinHash finds more than 99 %.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from ..annotations import AnnotatedText
from .audit import Audit
from .disjoint_sets import DisjointSets
from .minhash import BYTES, COMPARED, find_candidates, sign
from .normal_form import NUMBER, normal_form
from .processes import Processes
from .serialization import digest, load_record
from .store import Chunk, Store

SIMILAR = 95  # per cent
AT_ONCE = 10_000  # pairs whose texts are in memory together
RANKS = {"train": 0, "dev": 1, "test": 2}


@dataclass
class Forms:
    """What is held in memory of the normal forms of all records that are used: 88 bytes each, however long they are.

    numbers (np.ndarray): The records' numbers.
    digests (np.ndarray): The same for the same form.
    lengths (np.ndarray): How many characters the forms have.
    signatures (np.ndarray): As `minhash.sign` makes them.
    """

    numbers: np.ndarray
    digests: np.ndarray
    lengths: np.ndarray
    signatures: np.ndarray


def sign_all(store: Store, processes: Processes) -> Forms:
    """Prepare the search for near-duplicates.

    store (Store): The records.
    processes (Processes): The processes.
    RETURNS (Forms): Of the records that are used.
    """
    count, start = store.count_used(), 0
    numbers, digests, lengths = np.empty((3, count), np.int64)
    forms = Forms(numbers, digests, lengths, np.empty((count, BYTES), np.uint8))
    for signed in processes.map(_sign, store.chunks()):
        stop = start + len(signed[0])
        numbers[start:stop], digests[start:stop], lengths[start:stop], forms.signatures[start:stop] = signed
        start = stop
    return forms


def _sign(chunk: Chunk) -> tuple[list[int], list[int], list[int], np.ndarray]:
    forms = [normal_form(load_record(data).text) or " " for _, _, data in chunk]
    signatures = sign(forms, [" ".join(NUMBER.findall(form)) for form in forms])
    return [number for number, _, _ in chunk], list(map(digest, forms)), list(map(len, forms)), signatures


def join_near_duplicates(store: Store, forms: Forms, apart: bool = False) -> DisjointSets:
    """Find out which texts hang together by being nearly the same. Where the data gives all splits, nobody asks.

    store (Store): The records.
    forms (Forms): Their forms.
    apart (bool): Whether such texts may go to several splits: then none are joined.
    RETURNS (DisjointSets): Rows of the forms, joined.
    """
    if apart or not store.has_free_splits():
        return DisjointSets(np.arange(len(forms.numbers)))
    _, first, place = np.unique(forms.digests, return_index=True, return_inverse=True)
    sets = DisjointSets(first[place.reshape(-1)])
    for rows, others in find_candidates(forms.signatures, np.sort(first)):
        firsts = sets.firsts()
        new = firsts[rows] != firsts[others]
        sets.join(_similar(store, forms, rows[new], others[new]))
    return sets


def note_leaks(store: Store, forms: Forms) -> None:
    """Note each text of train that has a near-duplicate in dev or test, and each of dev that has one in test.

    Without the texts that are noted, no two splits share any.

    store (Store): The records, with their splits; it keeps the leaks.
    forms (Forms): The forms of the records.
    """
    ranks = np.array([RANKS[split] for split in store.read_splits()])
    for rank in (RANKS["dev"], RANKS["train"]):
        leaks = _find_leaks(store, forms, np.flatnonzero(ranks == rank), np.flatnonzero(ranks > rank))
        store.add_leaks((int(forms.numbers[row]), int(forms.numbers[other])) for row, other in sorted(leaks.items()))
        ranks[list(leaks)] = -1


def _find_leaks(store: Store, forms: Forms, rows: np.ndarray, others: np.ndarray) -> dict[int, int]:
    """Rows that have a near-duplicate among others, and which."""
    digests, first = np.unique(forms.digests[rows], return_index=True)
    other_digests, other_first = np.unique(forms.digests[others], return_index=True)
    _, same, other_same = np.intersect1d(digests, other_digests, assume_unique=True, return_indices=True)
    found = dict(zip(digests[same].tolist(), others[other_first[other_same]].tolist(), strict=True))
    rest = np.setdiff1d(np.arange(len(digests)), same)
    for one, other in find_candidates(forms.signatures, rows[first[rest]], others[other_first]):
        new = np.array([digest not in found for digest in forms.digests[one].tolist()])
        for row, near in _similar(store, forms, one[new], other[new]):
            found.setdefault(int(forms.digests[row]), near)
    leaking = np.isin(forms.digests[rows], list(found))
    return {row: found[int(forms.digests[row])] for row in rows[leaking].tolist()}


def _similar(store: Store, forms: Forms, rows: np.ndarray, others: np.ndarray) -> Iterator[tuple[int, int]]:
    """Those of some pairs that are nearly the same."""
    lengths, other_lengths = forms.lengths[rows], forms.lengths[others]
    possible = 100 * abs(lengths - other_lengths) <= (100 - SIMILAR) * (lengths + other_lengths)
    pairs = np.stack([rows[possible], others[possible]], axis=1)
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        texts = {
            row: normal_form(store.get(int(forms.numbers[row])).text)[:COMPARED] for row in np.unique(some).tolist()
        }
        one, other = ([texts[row] for row in column] for column in some.T.tolist())
        similar = process.cpdist(one, other, scorer=fuzz.ratio, score_cutoff=SIMILAR) > 0
        yield from map(tuple, some[similar].tolist())


def set_aside_leaks(store: Store, audit: Audit) -> None:
    """Do without the texts that leak, so that dev and test measure what training has not seen.

    store (Store): The records, with their leaks.
    audit (Audit): Where each of them is accounted for.
    """
    for number, other_number, split in store.read_leaks():
        record, other = store.get(number), store.get(other_number)
        message = f"nearly the same as {other.file}:{other.line}, which is in {split}"
        store.set_aside(number, f"leak: {message}")
        audit.set_aside(record, "leak", message)
    store.drop_leaks()


def find_leaks(store: Store) -> Iterator[tuple[AnnotatedText, AnnotatedText]]:
    """List the leaks that were noted.

    store (Store): The records.
    YIELDS (tuple[AnnotatedText, AnnotatedText]): The text and the one in another split that it is nearly the same as.
    """
    for number, other, _ in store.read_leaks():
        yield store.get(number), store.get(other)
