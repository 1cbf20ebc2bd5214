"""Records -> CoNLL with tags B- and I-, as this project writes it: token, white space behind it, tag."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ...project.errors import Place, ProjectError
from ..formats import Writer, writers
from ..gaps import UNSPACED
from ..record import AnnotatedText
from ..tagged.spacing import escape

TOKEN = re.compile(r"\w+|[^\w\s]")


def write(records: Iterable[AnnotatedText]) -> Iterator[str]:
    """Write records, cut at white space, punctuation and the ends of spans.

    records (Iterable[AnnotatedText]): The records.
    YIELDS (str): The lines of one record.
    RAISES (ProjectError): If spans overlap, begin or end in white space, or have a label with white space.
    """
    for record in records:
        _refuse_what_tags_cannot_say(record)
        borders = {border for span in record.spans for border in (span.start, span.end)}
        borders |= {border for stretch in record.unknown for border in stretch}
        pieces = [(found.start(), found.end()) for found in TOKEN.finditer(record.text)]
        cuts = sorted(borders.union(*pieces))
        tokens = [(start, end) for start, end in pairwise(cuts) if not record.text[start].isspace()]
        about = {"group": record.group, "annotator": record.annotator}
        lines = [f"# {name} = {escape(value)}\n" for name, value in about.items() if value]
        ends = [*(start for start, _ in tokens[1:]), len(record.text)]
        for i, ((start, end), following) in enumerate(zip(tokens, ends, strict=True)):
            after = record.text[end:following]
            # What is read where nothing is said
            usual = after == " " and i + 1 < len(tokens) and not UNSPACED.search(record.text)
            spaces = "_" if usual else f"SpacesAfter={escape(after)}" if after else "SpaceAfter=No"
            if i == 0 and start:
                spaces = f"SpacesBefore={escape(record.text[:start])}|{spaces}"
            lines.append(f"{record.text[start:end]}\t{spaces}\t{_tag(record, start)}\n")
        yield "".join(lines) + "\n"


def _tag(record: AnnotatedText, start: int) -> str:
    for span in record.spans:
        if span.start <= start < span.end:
            return f"{'B' if start == span.start else 'I'}-{span.label}"
    return "-" if any(first <= start < behind for first, behind in record.unknown) else "O"


def _refuse_what_tags_cannot_say(record: AnnotatedText) -> None:
    spans = sorted(record.spans, key=lambda span: span.start)
    overlaps = any(span.end > following.start for span, following in pairwise(spans))
    padded = any(record.text[end].isspace() for span in spans for end in (span.start, span.end - 1))
    if overlaps or padded or any(len(span.label.split()) != 1 for span in spans):
        what = "spans overlap" if overlaps else "white space around a span" if padded else "white space in a label"
        place = Place(record.file, record.line, what, record.text[:80])
        raise ProjectError("Tags cannot say this", "Mend the record, or export to another format.", [place])


writers.register("iob", func=Writer(write, ".conll"))
