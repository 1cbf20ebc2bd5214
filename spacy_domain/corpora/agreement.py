"""How far annotators of the same texts agree: as far as that, and hardly farther, can a model agree with them.

F between two annotators is what one scores when the other is taken for gold (Hripcsak and Rothschild 2005, Agreement,
the F-Measure, and Reliability in Information Retrieval). Alpha takes off what would agree by chance (Krippendorff 2011,
Computing Krippendorff's Alpha-Reliability, nominal data); its units are words, and none is 0, all is 1. (The library
that computes it is under the GPL, which this project is not.)
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ..annotations import AnnotatedText, CharSpan

WORD = re.compile(r"\w+|[^\w\s]+")
SHOWN = 200  # texts that differ, in the audit


@dataclass
class Alpha:
    """Krippendorff's alpha of nominal data, one unit after another."""

    disagreement: float = 0.0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, unit: Counter[str]) -> None:
        """Add a unit.

        unit (Counter[str]): How many annotators gave it each value.
        """
        total = unit.total()
        if total > 1:
            self.disagreement += (total**2 - sum(count**2 for count in unit.values())) / (total - 1)
            self.values += unit

    def find(self) -> float | None:
        """RETURNS (Optional[float]): Alpha; None if there is one value alone, which says nothing."""
        total = self.values.total()
        by_chance = total**2 - sum(count**2 for count in self.values.values())
        return 1 - self.disagreement * (total - 1) / by_chance if by_chance else None


@dataclass
class Agreement:
    """What annotators of the same texts agree on."""

    texts: int = 0
    annotators: set[str] = field(default_factory=set)
    pairs: dict[str, list[int]] = field(default_factory=dict)  # by label: spans of both, of the one, of the other
    alphas: dict[str, Alpha] = field(default_factory=dict)
    differ: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    voices: int = 0  # of all annotators on all words

    def add(self, versions: list[AnnotatedText]) -> None:
        """Add a text.

        versions (list[AnnotatedText]): Its annotations. Those without an annotator, and those that leave something
            unknown, do not count; of one annotator, the last does.
        """
        by_annotator = {one.annotator: one for one in versions if one.annotator and not one.unknown}
        if len(by_annotator) < 2:
            return
        self.texts += 1
        self.annotators |= by_annotator.keys()
        for one, other in combinations(by_annotator.values(), 2):
            first, second = set(one.spans), set(other.spans)
            for place, spans in enumerate((first & second, first, second)):
                for span in spans:
                    for label in ("", span.label):
                        self.pairs.setdefault(label, [0, 0, 0])[place] += 1
        readings = [_read_words(one) for one in by_annotator.values()]
        for said in zip(*readings, strict=True):
            unit = Counter(said)
            self.alphas.setdefault("", Alpha()).add(unit)
            for label, count in unit.items():
                if label:  # where nobody says so, all agree: `_score` counts these
                    self.alphas.setdefault(label, Alpha()).add(Counter(yes=count, no=len(said) - count))
        self.voices += sum(map(len, readings))
        if len({frozenset(one.spans) for one in by_annotator.values()}) > 1:
            self._note(by_annotator)

    def _note(self, by_annotator: dict[str, AnnotatedText]) -> None:
        if len(self.differ) == SHOWN:
            self.left_out += 1
            return
        shared = set.intersection(*(set(one.spans) for one in by_annotator.values()))
        said = {name: _tell(one, shared) for name, one in by_annotator.items()}
        text = next(iter(by_annotator.values())).text
        self.differ.append({"text": text, "said": said})

    def to_dict(self) -> dict[str, Any] | None:
        """RETURNS (Optional[dict[str, Any]]): The numbers; None if no text has several annotators."""
        if not self.texts:
            return None
        overall, *rest = [self._score(label) for label in ("", *sorted(self.pairs.keys() - {""}))]
        labels = dict(zip(sorted(self.pairs.keys() - {""}), rest, strict=True))
        about = {"texts": self.texts, "annotators": sorted(self.annotators), "differ_left_out": self.left_out}
        return {**about, **overall, "labels": labels, "differ": self.differ}

    def _score(self, label: str) -> dict[str, Any]:
        both, one, other = self.pairs.get(label, [0, 0, 0])
        alpha = self.alphas.get(label, Alpha())
        if label:
            alpha = Alpha(alpha.disagreement, Counter(yes=alpha.values["yes"], no=self.voices - alpha.values["yes"]))
        return {"f": 2 * both / (one + other) if one + other else None, "alpha": alpha.find(), "spans": one + other}


def _read_words(record: AnnotatedText) -> list[str]:
    """The label of each word; empty for none."""
    words = list(WORD.finditer(record.text))
    starts, ends = [word.start() for word in words], [word.end() for word in words]
    found = [""] * len(words)
    for span in reversed(record.spans):  # the first one counts
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        found[first:last] = [span.label] * (last - first)
    return found


def _tell(record: AnnotatedText, shared: set[CharSpan]) -> str:
    own = sorted(span for span in set(record.spans) - shared)
    return ", ".join(f"{record.text[span.start : span.end]!r} {span.label}" for span in own) or "no other entity"
