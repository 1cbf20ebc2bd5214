"""TRAIN_DATA of spaCy v2, and any other records, as Python pickles them: read as the same in JSON would be.

Traps: loading a pickle runs whatever code it names, so one that names any (a DataFrame, a class of its own) is refused;
lists, tuples, objects, texts and numbers need none. https://docs.python.org/3/library/pickle.html#restricting-globals
The line of a record is its number.
"""

import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from ...project.errors import Place, ProjectError
from ..formats import Format, formats, refuse_format
from ..json_records import find_format, read_value, unpack
from ..json_values import Value
from ..record import FileRecord
from ..text import Beginning
from .train_data_py import to_json

PROTOCOLS = tuple(bytes([0x80, number]) for number in range(2, 6))
REMEDY = (
    "Write it as JSON with the program that pickled it: json.dump(TRAIN_DATA, open('train.json', 'w')), or "
    "frame.to_json('train.jsonl', orient='records', lines=True) for a DataFrame of pandas."
)


class _Plain(pickle.Unpickler):
    """Takes what needs no code."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it names {module}.{name}, and loading it would run that")


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it begins as pickles do.
    """
    return beginning.start.startswith(PROTOCOLS)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is broken, names code, or holds no records.
    """
    try:
        data = to_json(_Plain(io.BytesIO(path.read_bytes())).load())
    except Exception as error:  # of any kind: its bytes may say anything
        place = Place(str(path), None, str(error)[:200])
        raise ProjectError("A pickle that cannot be read", REMEDY, [place]) from None
    items = data if isinstance(data, list) and not find_format(unpack(data)) else [data]
    if not any(isinstance(one, (dict, list)) for one in items):
        raise refuse_format(path, f"a pickle of a {type(data).__name__}", str(data))
    for number, item in enumerate(items, 1):
        yield from (record for _, record in read_value(Value(item, path, number, "")))


formats.register("pickled", func=Format("lists and texts as Python pickles them", fits, read, certain=True))
