"""What can be proposed before anything was learned: matches of one's own patterns, and what the base pipeline finds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from ..annotations import CharSpan
from ..base.patterns import RULER, read_patterns
from ..base.pipeline import find_ner, load_base


class Proposers:
    """Propose entities by patterns and by the base pipeline, the former first.

    base_model (str): The base pipeline.
    patterns (Path): A file of patterns; there may be none.
    labels (Sequence[str]): The labels that can be given; those of the patterns can, too.
    """

    def __init__(self, base_model: str, patterns: Path, labels: Sequence[str]):
        self.nlp = load_base(base_model)
        self.patterns = read_patterns(patterns)
        self.labels = {*labels, *(pattern["label"] for pattern in self.patterns)}
        self.finds = bool(self.patterns) or find_ner(self.nlp) is not None
        self.ruler: Any = make_ruler(self.nlp, self.patterns) if self.patterns else None

    def propose(self, texts: Sequence[str]) -> list[dict[str, list[CharSpan]]]:
        """RETURNS (list[dict[str, list[CharSpan]]]): For each text, the entities of "patterns" and of "base"."""
        return [self._propose(doc) for doc in self.nlp.pipe(texts)] if self.finds else [{} for _ in texts]

    def _propose(self, doc: Doc) -> dict[str, list[CharSpan]]:
        found = {"base": [CharSpan(e.start_char, e.end_char, e.label_) for e in doc.ents if e.label_ in self.labels]}
        if self.ruler:
            doc.set_ents([])
            found["patterns"] = [CharSpan(e.start_char, e.end_char, e.label_) for e in self.ruler(doc).ents]
        return {name: spans for name, spans in found.items() if spans}


def make_ruler(nlp: Language, patterns: list[dict[str, Any]]) -> Any:
    """Make an entity ruler.

    nlp (Language): The pipeline whose tokens it looks at.
    patterns (list[dict[str, Any]]): The patterns.
    RETURNS (EntityRuler): The component.
    """
    ruler: Any = nlp.create_pipe(RULER)
    ruler.add_patterns(patterns)
    return ruler


def join(proposals: dict[str, list[CharSpan]], order: Sequence[str], doc: Doc) -> tuple[list[CharSpan], str]:
    """Put proposals together.

    proposals (dict[str, list[CharSpan]]): Entities, by the name of what proposes them.
    order (Sequence[str]): These names: where two overlap, the earlier stays.
    doc (Doc): The text.
    RETURNS (tuple[list[CharSpan], str]): Entities that do not overlap, and the names of what proposed them.
    """
    kept: list[CharSpan] = []
    names: list[str] = []
    for name in order:
        fresh = [one for one in proposals.get(name, ()) if not any(_overlap(one, other) for other in kept)]
        spans = [doc.char_span(*one, alignment_mode="expand") for one in fresh]
        chosen = filter_spans([span for span in spans if span is not None])
        names += [name] if chosen else []
        kept += [CharSpan(span.start_char, span.end_char, span.label_) for span in chosen]
    return sorted(kept), " and ".join(names)


def _overlap(one: CharSpan, other: CharSpan) -> bool:
    return one.start < other.end and other.start < one.end
