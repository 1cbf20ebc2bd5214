"""How to build on a pipeline that has an entity recognizer already."""

from enum import StrEnum


class Strategy(StrEnum):
    """What becomes of the base pipeline's entity recognizer.

    update: it goes on learning, and rehearses what it knew.
    replace: another one takes its place, which keeps what the old one knew of words, and none of its labels.
    separate: it stays as it is, and another one runs after it; where their entities overlap, the base's give way.
    """

    update = "update"
    replace = "replace"  # type: ignore[assignment]  # str has a method of that name
    separate = "separate"
