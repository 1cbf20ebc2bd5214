"""UIE of PaddleNLP: {"content", "prompt": "PER", "result_list": [{"text", "start", "end"}]}, a question a line.

Each label is a question about a text, and an empty list is the answer that the text has none of it. The lines are in
any order, so all of a file are put together by their texts. A question about a relation ("Anaの生地", "X的Y") begins
with words of the text, and what answers it is no entity of that name.
https://github.com/PaddlePaddle/PaddleNLP/tree/release/2.8/model_zoo/uie
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...project.errors import ProjectError
from ..formats import Format, formats
from ..json_values import begins_like_json, read_values
from ..record import FileRecord, FileSpan
from ..text import Beginning

KEYS = {"content", "prompt", "result_list"}
OF = ("的", "の", " of ")  # between what a relation is of and its name


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first value has a text, a question and answers.
    """
    if not all(f'"{key}"' in beginning.text for key in KEYS) or not begins_like_json(beginning):
        return False
    try:
        return _is_question(next(read_values(beginning.path), None))
    except ProjectError:
        return False


def _is_question(value: Any) -> bool:
    data = getattr(value, "data", None)
    return isinstance(data, dict) and data.keys() >= KEYS


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): A record a text, and one, with its error, a value that is no question.
    RAISES (ProjectError): If the JSON is broken.
    """
    texts: dict[str, FileRecord] = {}
    for value in read_values(path):
        data = value.data
        answers = data.get("result_list") if _is_question(value) else None
        if not isinstance(answers, list) or not isinstance(data["content"], str) or not isinstance(data["prompt"], str):
            error = ProjectError("No question of UIE", "Mend it, or delete it.", [value.place("found")])
            yield FileRecord(None, [], value.line, error=error, raw=data)
            continue
        record = texts.setdefault(data["content"], FileRecord(data["content"], [], value.line))
        if _is_of_relation(data["prompt"], data["content"]):
            record.unread["answer(s) about a relation"] += len(answers)
            continue
        for answer in answers:
            found = answer if isinstance(answer, dict) else {}
            span = FileSpan(found.get("start"), found.get("end"), data["prompt"], found.get("text"))
            if span not in record.spans:
                record.spans.append(span)
    yield from texts.values()


def _is_of_relation(prompt: str, text: str) -> bool:
    return any(mark in prompt and prompt.partition(mark)[0] in text for mark in OF)


TITLE = "questions about texts, of UIE"
formats.register("uie", func=Format(TITLE, fits, read, certain=True, before_json=True))
