"""Several annotations of one text -> one: exact repeats merge, and where annotators differ the majority decides."""

from collections import Counter
from dataclasses import replace

from ..annotations import AnnotatedText, CharSpan
from .audit import Audit
from .store import Store

Stretch = tuple[int, int]


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
    for stretch in _stretches(versions):
        readings = [_reading(version, stretch) for version in versions]
        votes = Counter(reading for reading in readings if reading is not None)
        (winner, count), *others = votes.most_common()
        if others:
            differences.append(_who_said_what(first.text, stretch, versions, readings))
            undecided = undecided or 2 * count <= votes.total()
        spans += [span for span in first.spans if span in winner] or sorted(winner, key=lambda span: span.start)
    if undecided:
        return None, "; ".join(differences)
    merged = replace(
        first,
        spans=spans,
        unknown=_unknown_to_all(versions),
        dropped=[message for version in versions for message in version.dropped],
        notes=[note for version in versions for note in version.notes],
    )
    return merged, "; ".join(differences)


def _stretches(versions: list[AnnotatedText]) -> list[Stretch]:
    found: list[Stretch] = []
    for start, end in sorted({(span.start, span.end) for version in versions for span in version.spans}):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _reading(version: AnnotatedText, stretch: Stretch) -> frozenset[CharSpan] | None:
    """What one annotator says of a stretch; None if nothing was said."""
    inside = frozenset(span for span in version.spans if stretch[0] <= span.start and span.end <= stretch[1])
    unknown = any(start < stretch[1] and stretch[0] < end for start, end in version.unknown)
    return None if unknown and not inside else inside


def _unknown_to_all(versions: list[AnnotatedText]) -> list[Stretch]:
    """The characters that no version annotates, as stretches."""
    shared = set.intersection(
        *({i for start, end in version.unknown for i in range(start, end)} for version in versions)
    )
    found: list[Stretch] = []
    for i in sorted(shared):
        if found and found[-1][1] == i:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def _who_said_what(
    text: str, stretch: Stretch, versions: list[AnnotatedText], readings: list[frozenset[CharSpan] | None]
) -> str:
    said = []
    for version, reading in zip(versions, readings, strict=True):
        if reading is not None:
            who = f"{version.annotator} in line {version.line}" if version.annotator else f"line {version.line}"
            spans = sorted(reading, key=lambda span: (span.start, span.end, span.label))
            what = ", ".join(f"{text[span.start : span.end]!r} {span.label}" for span in spans) or "no entity"
            said.append(f"{who}: {what}")
    return f"{text[slice(*stretch)]!r} ({', '.join(said)})"


def merge_repeats(store: Store, audit: Audit) -> None:
    """Merge the records that have the same text, within a given split, and set aside those on which nobody can agree.

    store (Store): The records.
    audit (Audit): Where each record that goes is accounted for.
    """
    store.find_shared("text_digest")
    repeated = store.sql.execute(
        "SELECT GROUP_CONCAT(id) FROM records JOIN shared USING (id) GROUP BY text_digest, given_split "
        "HAVING COUNT(*) > 1 ORDER BY MIN(id)"
    ).fetchall()
    for (listed,) in repeated:
        numbers = sorted(map(int, listed.split(",")))
        versions = [store.get(number) for number in numbers]
        merged, differences = merge(versions)
        if merged:
            store.update(numbers[0], merged)
        # The spans of all versions were read; those of the merged record are accounted for where it is used.
        lost = sum(len(version.spans) for version in versions) - len(merged.spans if merged else [])
        goes = list(zip(numbers, versions, strict=True))[1 if merged else 0 :]
        for i, (number, version) in enumerate(goes):
            kind = "repeat" if merged else "conflict"
            message = (
                f"the text of line {versions[0].line} again" if merged else f"annotators disagree on {differences}"
            )
            spans = min(lost, len(version.spans)) if i < len(goes) - 1 else lost
            lost -= spans
            store.set_aside(number, f"{kind}: {message}")
            audit.set_aside(version, kind, message, spans if merged else spans + len(version.dropped))
        if merged and differences:
            audit.note(merged, "outvoted", f"annotators disagree, and the majority decides, on {differences}")
