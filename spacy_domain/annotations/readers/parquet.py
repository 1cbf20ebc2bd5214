"""Parquet, as the Hugging Face Hub keeps data sets: each row is read as a JSON record of the same shape would be.

Traps: numbers of classes have their names in the file's metadata under "huggingface", as "datasets" writes it; that
library makes an object of lists of a list of objects. Needs pyarrow. The line of a record is the number of its row.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..json_records import read_value
from ..json_values import Value
from ..record import FileRecord
from ..tagged.tag_names import name_classes
from ..text import Beginning
from ..unread import BORDERS

MAGIC = b"PAR1"


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it begins as Parquet does.
    """
    return beginning.start.startswith(MAGIC)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records of its rows.
    RAISES (ProjectError): If pyarrow is not installed, or the file is broken.
    """
    with using_pyarrow(path, "Parquet"):
        from pyarrow import parquet

        with parquet.ParquetFile(path) as file:
            yield from read_rows(path, file.iter_batches(batch_size=1000), file.schema_arrow)


@contextmanager
def using_pyarrow(path: Path, what: str) -> Iterator[None]:
    """Say what to do where pyarrow is not installed, or finds that a file is broken.

    path (Path): The file.
    what (str): What kind of file it is, by name.
    RAISES (ProjectError): If either is so.
    """
    try:
        import pyarrow
    except ImportError:
        remedy = 'Install it: python -m pip install -e ".[parquet]"'
        raise ProjectError(
            "pyarrow is not installed", remedy, [Place(str(path), None, f"needed to read {what}")]
        ) from None
    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        place = Place(str(path), None, str(error).splitlines()[0][:200])
        raise ProjectError(f"Broken {what}", "Fetch the file anew.", [place]) from None


def read_rows(path: Path, batches: Iterable[Any], schema: Any) -> Iterator[FileRecord]:
    """Read rows.

    path (Path): Their file.
    batches (Iterable[pyarrow.RecordBatch]): The rows.
    schema (pyarrow.Schema): Their columns, with what "datasets" says of them.
    YIELDS (FileRecord): Their records.
    """
    features, said, number = _features(schema.metadata or {}), set[str](), 0
    for batch in batches:
        for row in batch.to_pylist():
            number += 1
            value = Value(_plain(name_classes(row, features)), path, number, "")
            for source, record in read_value(value):
                if source.remark and source.remark not in said:
                    record.notes.append(source.remark)
                said.add(source.remark)
                yield record


def _features(metadata: dict[bytes, bytes]) -> Any:
    try:
        return json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON would have it: other values than JSON's as texts, spans as a list of objects."""
    data: dict[str, Any] = json.loads(json.dumps(row, default=str))
    for key, value in data.items():
        if (
            isinstance(value, dict)
            and not BORDERS.isdisjoint(value)
            and all(isinstance(v, list) for v in value.values())
        ):
            data[key] = [dict(zip(value, one, strict=False)) for one in zip(*value.values(), strict=False)]
    return data


formats.register("parquet", func=Format("Parquet, with rows as JSON records have them", fits, read))
