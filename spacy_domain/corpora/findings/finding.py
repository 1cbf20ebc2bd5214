"""Something for a person to look at."""

from dataclasses import dataclass, field
from typing import Any

from ...project.errors import Place, excerpt
from ..entity_index import Found
from ..store import Store

SHOWN = 5  # places for each finding


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


def place_entity(store: Store, entity: Found) -> Place:
    """RETURNS (Place): Where an entity is."""
    number, start, end = entity
    record = store.get(number)
    return Place(record.file, record.line, "", excerpt(record.text, start, end))


def times(count: int) -> str:
    """RETURNS (str): How often, in words."""
    return "once" if count == 1 else f"{count} times"
