"""Which split a record belongs to."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, groupby
from typing import NamedTuple

import numpy as np

from ..annotations import SPLITS, AnnotatedText
from ..project.errors import Place, ProjectError
from .disjoint_sets import DisjointSets
from .normal_form import normal_form
from .store import Store

Shares = dict[str, float]  # of the texts, by split; their sum is 1
SHARES: Shares = {"train": 0.8, "dev": 0.1, "test": 0.1}
ENOUGH = 10  # records with entities that are enough for one in each split


def parse_shares(split: str) -> Shares:
    """Read how the texts are to be split.

    split (str): Percentages of train, dev and test: "80/10/10".
    RETURNS (dict[str, float]): Shares of the whole.
    RAISES (ProjectError): If these are not three numbers above 0 whose sum is 100.
    """
    try:
        shares = [float(part) / 100 for part in split.split("/")]
    except ValueError:
        shares = []
    if not (len(shares) == len(SPLITS) and min(shares) > 0 and abs(sum(shares) - 1) < 1e-6):  # nan is nothing of it
        raise ProjectError(
            f"Cannot split the texts as {split!r}",
            "Set --vars.split to what train, dev and test get in per cent, all above 0, 100 in sum: 80/10/10.",
            [Place("project.yml", None, f"vars.split is {split!r}")],
        )
    return dict(zip(SPLITS, shares, strict=True))


def assign_split(record: AnnotatedText, seed: int, shares: Shares = SHARES) -> str:
    """Name the split of a record: the one it was given, else one drawn for its group.

    The draw is a hash of seed and group, so that it does not depend on what other records there are: adding data moves
    nothing. Without a group, records with the same words form one.

    record (AnnotatedText): The record.
    seed (int): Another seed makes another draw.
    shares (dict[str, float]): How many of all texts a split gets.
    RETURNS (str): "train", "dev" or "test".
    """
    choices = record.split.split("+") if record.split else SPLITS
    if len(choices) == 1:
        return choices[0]
    draw = _draw(f"{seed}:{_key(record)}") * sum(shares[split] for split in choices)
    for split in choices[:-1]:
        if draw < shares[split]:
            return split
        draw -= shares[split]
    return choices[-1]


def _key(record: AnnotatedText) -> str:
    return f"group {record.group}" if record.group else f"text {normal_form(record.text)}"


def _draw(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def draw_missing(store: Store, seed: int, shares: Shares = SHARES) -> str:
    """Draw dev or test from train where all records name their split, and none this one; if all say train, draw both.

    store (Store): The records, with their splits.
    seed (int): The seed of the splits.
    shares (dict[str, float]): How many of all texts a split gets.
    RETURNS (str): What to know about it; empty if nothing had to be drawn.
    """
    given = store.read_given_splits()
    missing = [split for split in SPLITS if split not in given]
    if "train" not in given or not given < set(SPLITS):
        return ""
    choices = "" if len(missing) > 1 else f"train+{missing[0]}"
    records = store.give_other_split("train", choices)
    store.move([(assign_split(replace(one, split=choices), seed, shares), number) for number, one in records])
    if not choices:
        return "All records say that they are of train: they are split anew"
    return f"No record says that it is of {missing[0]}: this split is drawn from train"


class Member(NamedTuple):
    """A record and what hangs together with it.

    first (int): The number of the first record of the set.
    number (int): Its own.
    given (str): The split that the data gives it, "train+dev" for one of two, empty for any.
    split (str): Where it goes.
    spans (int): How many it has.
    """

    first: int
    number: int
    given: str
    split: str
    spans: int

    @property
    def choices(self) -> list[str]:
        return self.given.split("+") if self.given else list(SPLITS)


def keep_together(store: Store, numbers: np.ndarray, alike: DisjointSets) -> None:
    """Send what hangs together, by group or by being nearly the same, to one split: the one drawn for its first record.

    So data that is added behind moves nothing, but for this: where a new record connects two sets, the one that begins
    later moves to the split of the other one, since to leave it would be a leak.

    Given splits stay. What hangs together with records of a given split goes there, too, or if it must not, to train.

    store (Store): The records, with the splits they were assigned; it keeps the sets.
    numbers (np.ndarray): Numbers of the records that are used, in their order.
    alike (DisjointSets): Rows of these, joined where they are nearly the same.
    """
    alike.join(_group_rows(store))
    firsts = alike.firsts()
    together = np.flatnonzero(np.bincount(firsts, minlength=len(firsts))[firsts] > 1)
    store.add_sets(zip(numbers[together].tolist(), numbers[firsts[together]].tolist(), strict=True))
    moves = []
    for members in _sets(store, lone=False):
        fixed = [member.split for member in members if len(member.choices) == 1]
        wanted = max(fixed, key=SPLITS.index) if fixed else members[0].split
        for member in members:
            if len(member.choices) > 1:
                moves.append((wanted if wanted in member.choices else member.choices[0], member))
    _move(store, moves)


def fill_splits(store: Store, seed: int) -> None:
    """See that every split has a record with entities, if there are at least ten in all.

    Into a split without any goes, of those that may, the record (with what hangs together with it) that has the
    smallest hash of seed, split and group; small sets come first, and the last one of a split stays. Data that is
    added can make another record the one, or none necessary: then this one goes back to where it was drawn. Nothing
    else moves.

    store (Store): The records, with their splits and sets.
    seed (int): The seed of the splits.
    """
    counts = store.count_with_spans()
    if len(counts) == len(SPLITS) or sum(counts.values()) < ENOUGH:
        return
    sets = [members for members in _sets(store, lone=True) if any(member.spans for member in members)]
    for split in ("dev", "test", "train"):
        homes = [{member.split for member in members if member.spans} for members in sets]
        if any(split in home for home in homes):
            continue
        lone = {home for home, count in Counter(chain.from_iterable(homes)).items() if count == 1}
        movable = [
            number
            for number, members in enumerate(sets)
            if not homes[number] & lone
            and all(split in member.choices and len(member.choices) > 1 for member in members)
        ]
        if movable:
            keys = {number: f"{seed}:{split}:{_key(store.get(sets[number][0].number))}" for number in movable}
            moved = min(movable, key=lambda number: (len(sets[number]), _draw(keys[number])))
            _move(store, [(split, member) for member in sets[moved]])
            sets[moved] = [member._replace(split=split) for member in sets[moved]]


def keep_few_in_train(store: Store) -> bool:
    """Send all records to train where there are too few with entities for one in each split, and no split is given.

    store (Store): The records, with their splits.
    RETURNS (bool): Whether that is so. Then there is nothing to test on.
    """
    if sum(store.count_with_spans().values()) >= ENOUGH or store.has_given_splits():
        return False
    _move(store, [("train", member) for members in _sets(store, lone=True) for member in members])
    return True


def _group_rows(store: Store) -> Iterator[tuple[int, int]]:
    """Each record of a group that the data names, and the one before it, as rows."""
    last: dict[str, int] = {}
    for row, group in enumerate(store.read_groups()):
        if group:
            if group in last:
                yield last[group], row
            last[group] = row


def _sets(store: Store, lone: bool) -> Iterator[list[Member]]:
    for _, members in groupby(map(Member._make, store.read_members(lone)), key=lambda member: member.first):
        yield list(members)


def _move(store: Store, moves: list[tuple[str, Member]]) -> None:
    store.move([(split, member.number) for split, member in moves if split != member.split])
