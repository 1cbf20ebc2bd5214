"""How to build on a pipeline that has an entity recognizer already."""

from enum import StrEnum

REHEARSAL = "rehearsal"  # the var for networks that are updated
# For a ProjectError
NO_RAW_TEXT = (
    "To update a base's entity recognizer takes raw text, and there is none",
    "Without, it forgets: it would take most of what it knew for your labels. Set --vars.raw_text to some thousand "
    "texts without annotations, of the kinds that the base knew (news, web pages, posts), not of your domain alone. "
    "Some for English: python -m weasel assets --extra, and --vars.raw_text=assets/raw_en. Or do without: "
    "--vars.strategy=separate (the base's recognizer stays as it is, and another one joins it) or replace (the base's "
    "labels go).",
)
NO_PATTERNS = (
    "Patterns go into a model that starts from nothing",
    "Set --vars.patterns_in_model=none, or add an entity_ruler to the base itself.",
)


class Strategy(StrEnum):
    """What becomes of the base pipeline's entity recognizer.

    update: it goes on learning. If the recipe's recognizer is a network, the base's own becomes twice as wide, and
        rehearses what it knew. Otherwise it rests, and the recipe's takes over where it is sure enough that raw texts
        keep what the base found in them.
    replace: another one takes its place, which keeps what the old one knew of words, and none of its labels.
    separate: it stays as it is, and another one runs after it; where their entities overlap, the base's stay.
    surer: the same, but where they overlap, those stay that their recognizer is surer of.

    Labels that both have mean what the second one says; the base's entities with them stay where it finds nothing.
    """

    update = "update"
    replace = "replace"  # type: ignore[assignment]  # str has a method of that name
    separate = "separate"
    surer = "surer"

    def keeps_recognizer(self, has_network: bool) -> bool:
        """Tell whether the base's recognizer stays, and another one joins it.

        has_network (bool): Whether what is trained is a network of spaCy's.
        RETURNS (bool): Whether it is so.
        """
        return self in (Strategy.separate, Strategy.surer) or (self is Strategy.update and not has_network)
