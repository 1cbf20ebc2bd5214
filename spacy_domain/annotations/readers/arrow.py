"""Arrow, as save_to_disk of Hugging Face's "datasets" writes it, and Feather: rows as in Parquet.

A stream has its schema first, and each piece begins with four bytes 0xFF; a file begins with ARROW1.
https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..formats import Format, formats
from ..record import FileRecord
from ..text import Beginning
from .parquet import read_rows, using_pyarrow

FILE, STREAM = b"ARROW1", b"\xff\xff\xff\xff"


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it begins as Arrow does.
    """
    stream = beginning.path.suffix.lower() == ".arrow" and beginning.start.startswith(STREAM)
    return stream or beginning.start.startswith(FILE)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records of its rows.
    RAISES (ProjectError): If pyarrow is not installed, or the file is broken.
    """
    with using_pyarrow(path, "Arrow"):
        from pyarrow import OSFile, ipc

        with OSFile(str(path)) as source:
            is_file = source.read(len(FILE)) == FILE
            source.seek(0)
            with ipc.open_file(source) if is_file else ipc.open_stream(source) as reader:
                batches: Iterator[Any] = (
                    (reader.get_batch(i) for i in range(reader.num_record_batches)) if is_file else iter(reader)
                )
                yield from read_rows(path, batches, reader.schema)


formats.register("arrow", func=Format("Arrow, with rows as JSON records have them", fits, read))
