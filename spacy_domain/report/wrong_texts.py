"""Wrong predictions as pairs of texts with entities."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

BOX = Markup('<div class="entities">{}</div>')
ENTITY = Markup('<mark>{text} <span class="label">{label}</span></mark>')


@dataclass(frozen=True)
class WrongText:
    """A text with all that is wrong in its prediction.

    gold (Markup): The text, with the entities that were missed or found otherwise.
    predicted (Markup): The text, with the entities that are wrong.
    source (str): Where the text is from.
    kinds (list[str]): What is wrong: "missed", "spurious", ...
    labels (list[str]): The labels that are concerned.
    """

    gold: Markup
    predicted: Markup
    source: str
    kinds: list[str]
    labels: list[str]


def draw_mistakes(mistakes: Iterable[dict[str, Any]]) -> list[WrongText]:
    """Draw mistakes, those in one text together.

    mistakes (Iterable[dict[str, Any]]): As in errors.jsonl.
    RETURNS (list[WrongText]): The texts, in the same order.
    """
    by_text: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for mistake in mistakes:
        by_text.setdefault((mistake["text"], mistake["source"] or ""), []).append(mistake)
    found = []
    for (text, source), wrong in by_text.items():
        ents = {side: [mistake[side] for mistake in wrong if mistake[side]] for side in ("gold", "predicted")}
        labels = sorted({ent["label"] for side in ents.values() for ent in side})
        kinds = sorted({mistake["kind"] for mistake in wrong})
        found.append(WrongText(_draw(text, ents["gold"]), _draw(text, ents["predicted"]), source, kinds, labels))
    return found


def _draw(text: str, ents: list[dict[str, Any]]) -> Markup:
    """As displaCy does it; to import spaCy for this alone takes longer than all the rest of the page."""
    drawn, end = Markup(), 0
    for ent in sorted(ents, key=lambda ent: ent["start"]):
        drawn += escape(text[end : ent["start"]])
        drawn += ENTITY.format(text=text[ent["start"] : ent["end"]], label=_name(ent))
        end = ent["end"]
    return BOX.format(drawn + escape(text[end:]))


def _name(ent: dict[str, Any]) -> str:
    return f"{ent['label']} {ent['confidence']:.2f}" if "confidence" in ent else ent["label"]
