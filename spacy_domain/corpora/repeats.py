"""Several annotations of one text -> one: exact repeats merge, and where annotators differ the majority decides."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

from ..annotations import AnnotatedText, CharSpan
from .audit import Audit
from .store import Store

Stretch = tuple[int, int]
Said = dict[int, list[CharSpan]]  # the spans of a stretch, by number of the version that has any

VOICES = 6  # of those who annotated a stretch, that are named where they differ
TOLD = 10  # stretches of a text for which it is told, and spans of each
SHOWN = 60  # characters of a stretch


def merge(versions: list[AnnotatedText]) -> tuple[AnnotatedText | None, str]:
    """Make one record of all annotations of one text.

    Versions are compared stretch by stretch, a stretch being what spans that touch one another cover together: a
    reading of it that more than half of those who annotated it agree on wins. Who left it unknown has no vote.

    versions (list[AnnotatedText]): The annotations, in the order of the data.
    RETURNS (tuple[Optional[AnnotatedText], str]): The record, None if a stretch has no majority; and who said what
        where they differ, empty if they do not.
    """
    first = versions[0]
    spans: list[CharSpan] = []
    differences: list[str] = []
    undecided = False
    stretches = _join((span.start, span.end) for version in versions for span in version.spans)
    for stretch, said, silent in zip(stretches, *_listen(versions, stretches), strict=True):
        votes: Counter[frozenset[CharSpan]] = Counter(map(frozenset, said.values()))
        votes += Counter({frozenset(): silent})
        (winner, count), *others = votes.most_common()
        if others:
            undecided = undecided or 2 * count <= votes.total()
            differences.append(_who_said_what(stretch, versions, said) if len(differences) < TOLD else "")
        spans += said[0] if 0 in said and winner == frozenset(said[0]) else sorted(winner)
    told = "; ".join(_few(differences, TOLD))
    if undecided:
        return None, told
    merged = replace(
        first,
        spans=spans,
        unknown=_unknown_to_all(versions),
        dropped=[message for version in versions for message in version.dropped],
        notes=[note for version in versions for note in version.notes],
    )
    return merged, told


def _join(stretches: Iterable[Stretch], gap: int = 0) -> list[Stretch]:
    """Make one of stretches that overlap or, with a gap of 1, follow one another."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start < found[-1][1] + gap:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _listen(versions: list[AnnotatedText], stretches: list[Stretch]) -> tuple[list[Said], list[int]]:
    """What is said of each stretch, and how many say that there is no entity.

    Nobody is asked about each stretch, since there may be thousands of both.
    """
    starts, ends = [start for start, _ in stretches], [end for _, end in stretches]
    said: list[Said] = [{} for _ in stretches]
    changes = [0] * (len(stretches) + 1)  # of the number of those who do not know, from one stretch to the next
    known = [0] * len(stretches)  # how many of those who name entities know all of the stretch
    for number, version in enumerate(versions):
        unknown = _join(_touched(version, starts, ends))
        for low, high in unknown:
            changes[low] += 1
            changes[high] -= 1
        for span in version.spans:
            place = bisect_right(starts, span.start) - 1
            if number not in said[place]:
                said[place][number] = []
                before = bisect_right(unknown, (place, len(stretches))) - 1
                known[place] += before < 0 or unknown[before][1] <= place
            said[place][number].append(span)
    unsure = accumulate(changes[:-1])
    return said, [len(versions) - one - other for one, other in zip(unsure, known, strict=True)]


def _touched(version: AnnotatedText, starts: list[int], ends: list[int]) -> Iterable[Stretch]:
    """Ranges of the stretches that a version leaves unknown, in whole or in part."""
    ranges = ((bisect_right(ends, start), bisect_left(starts, end)) for start, end in version.unknown)
    return ((low, high) for low, high in ranges if low < high)


def _unknown_to_all(versions: list[AnnotatedText]) -> list[Stretch]:
    """The characters that no version annotates, as stretches."""
    changes: Counter[int] = Counter()  # of the number of versions, by place
    for version in versions:
        for start, end in _join(version.unknown, gap=1):
            changes[start] += 1
            changes[end] -= 1
    shared, count, last = [], 0, 0
    for place in sorted(changes):
        if count == len(versions):
            shared.append((last, place))
        count, last = count + changes[place], place
    return _join(shared, gap=1)


def _who_said_what(stretch: Stretch, versions: list[AnnotatedText], said: Said) -> str:
    """The first who says it for each reading, then others, as many as are to be named."""
    readings = {
        number: frozenset(said.get(number, []))
        for number, version in enumerate(versions)
        if number in said or not any(start < stretch[1] and stretch[0] < end for start, end in version.unknown)
    }
    firsts = {reading: number for number, reading in reversed(readings.items())}
    named = sorted([*sorted(firsts.values()), *(readings.keys() - firsts.values())][:VOICES])
    several = len({version.file for version in versions}) > 1
    text = versions[0].text
    voices = []
    for number in named:
        version, spans = versions[number], sorted(readings[number], key=lambda span: (span.start, span.end, span.label))
        who = f"{version.annotator} in {_where(version, several)}" if version.annotator else _where(version, several)
        what = _few([f"{_short(text, span.start, span.end)} {span.label}" for span in spans], TOLD)
        voices.append(f"{who}: {', '.join(what) or 'no entity'}")
    if len(readings) > len(named):
        voices.append(f"and {len(readings) - len(named)} more")
    return f"{_short(text, *stretch)} ({', '.join(voices)})"


def _where(version: AnnotatedText, several: bool) -> str:
    return f"{version.file}:{version.line}" if several else f"line {version.line}"


def _few(items: list[str], count: int) -> list[str]:
    return items if len(items) <= count else [*items[:count], f"and {len(items) - count} more"]


def _short(text: str, start: int, end: int) -> str:
    return repr(text[start:end] if end - start <= SHOWN else f"{text[start : start + SHOWN]}…")


def merge_repeats(store: Store, audit: Audit) -> None:
    """Merge the records that have the same text, within a given split, and set aside those on which nobody can agree.

    store (Store): The records.
    audit (Audit): Where each record that goes is accounted for.
    """
    for numbers in store.find_repeats():
        versions = [store.get(number) for number in numbers]
        audit.agreement.add(versions)
        merged, differences = merge(versions)
        if merged:
            store.update(numbers[0], merged)
        # The spans of all versions were read; those of the merged record are accounted for where it is used.
        lost = sum(len(version.spans) for version in versions) - len(merged.spans if merged else [])
        goes = list(zip(numbers, versions, strict=True))[1 if merged else 0 :]
        several = len({version.file for version in versions}) > 1
        for i, (number, version) in enumerate(goes):
            kind = "repeat" if merged else "conflict"
            message = f"the text of {_where(versions[0], several)} again"
            if not merged:  # who says what is told once
                message = "annotators disagree" + (
                    f", as told of {_where(versions[0], several)}" if i else f" on {differences}"
                )
            spans = min(lost, len(version.spans)) if i < len(goes) - 1 else lost
            lost -= spans
            store.set_aside(number, f"{kind}: {message}")
            audit.set_aside(version, kind, message, spans if merged else spans + len(version.dropped))
        if merged and differences:
            audit.note(merged, "outvoted", f"annotators disagree, and the majority decides, on {differences}")
