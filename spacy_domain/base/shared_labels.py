"""Whose reading of a label counts that base and annotations both have: one rule, for all that asks."""

from collections.abc import Set
from enum import StrEnum

from .strategy import Strategy


class OnSharedLabels(StrEnum):
    """What to do with labels that the base's entity recognizer has, and the annotations have, too.

    redefine: they mean what the annotations say, everywhere; what the base said of them no longer counts.
    keep: they mean what the base says; annotations of them are not learned from.
    """

    redefine = "redefine"
    keep = "keep"


def find_kept(base: Set[str], annotated: Set[str], on_shared: OnSharedLabels, strategy: Strategy) -> set[str]:
    """Find the labels that mean what the base says.

    base (Set[str]): The labels of the base's entity recognizer.
    annotated (Set[str]): The labels that were annotated.
    on_shared (OnSharedLabels): What to do with those that are both.
    strategy (Strategy): What becomes of the base's entity recognizer.
    RETURNS (set[str]): The labels; none if another recognizer takes its place.
    """
    if strategy is Strategy.replace:
        return set()
    return set(base) if on_shared is OnSharedLabels.keep else set(base) - set(annotated)
