"""Parquet, as the Hugging Face Hub keeps data sets: each row is read as a JSON record of the same shape would be.

Traps: numbers of classes have their names in the file's metadata under "huggingface", as "datasets" writes it; that
library makes an object of lists of a list of objects. Needs pyarrow. The line of a record is the number of its row.
"""

import json
from collections.abc import Iterator
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
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        place = Place(str(path), None, "a Parquet file")
        remedy = 'Install it: python -m pip install -e ".[parquet]"'
        raise ProjectError("pyarrow is not installed", remedy, [place]) from None
    number, said = 0, set[str]()
    try:
        with parquet.ParquetFile(path) as file:
            features = _features(file.schema_arrow.metadata or {})
            for batch in file.iter_batches(batch_size=1000):
                for row in batch.to_pylist():
                    number += 1
                    value = Value(_plain(name_classes(row, features)), path, number, "")
                    for source, record in read_value(value):
                        if source.remark and source.remark not in said:
                            record.notes.append(source.remark)
                        said.add(source.remark)
                        yield record
    except (pyarrow.ArrowException, OSError) as error:
        place = Place(str(path), number + 1, str(error).splitlines()[0][:200])
        raise ProjectError("Broken Parquet", "Fetch the file anew.", [place]) from None


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
