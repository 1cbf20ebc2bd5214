"""JSONL as Prodigy writes it, which is also this project's own: {"text", "spans": [{"start", "end", "label"}]}.

Optional: "group" keeps records in one split; Prodigy's "answer" puts a record aside unless it is "accept".
"""

import json
from collections.abc import Iterator
from pathlib import Path

from ..errors import Place, ProjectError, excerpt
from .formats import Format, formats
from .lighttag import EXAMPLES
from .record import AnnotatedText, make_record
from .text import read_lines


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return head.startswith("{") and not EXAMPLES.search(head)


def read(path: Path) -> Iterator[AnnotatedText]:
    """Read a file with one record a line.

    path (Path): The file.
    YIELDS (AnnotatedText): The records, rejected ones included.
    RAISES (ProjectError): If a line is no JSON object or no record.
    """
    for number, line in read_lines(path):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            column = getattr(error, "pos", 0)
            reason = f"{getattr(error, 'msg', 'nested too deeply')} in column {column + 1}"
            raise ProjectError(
                "Broken JSON",
                "Mend the line: each holds one JSON object.",
                [Place(str(path), number, reason, excerpt(line, column, column + 1))],
            ) from None
        if not isinstance(record, dict):
            raise ProjectError(
                "Not a record",
                'Each line holds one JSON object with "text" and "spans".',
                [Place(str(path), number, f"found a {type(record).__name__}", line[:80])],
            )
        answer = record.get("answer", "accept")
        yield make_record(
            record.get("text"),
            record.get("spans") or [],
            file=str(path),
            line=number,
            group=record.get("group"),
            rejected="" if answer == "accept" else f"the annotator's answer is {answer!r}",
        )


formats.register("prodigy", func=Format('JSONL with "text" and "spans" (Prodigy)', sniff, read))
