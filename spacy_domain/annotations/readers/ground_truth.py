"""The manifest of SageMaker Ground Truth, which Amazon Comprehend takes, too: a JSON object a line.

{"source": TEXT, JOB: {"annotations": {"entities": [{"startOffset", "endOffset", "label"}]}}, "JOB-metadata": {...}}.
Traps: the job's name is the user's choice, and a line may have several jobs, each of which is an annotator here;
"source-ref" names a file instead of the text; a line whose labelling failed has no job; what does not say
"human-annotated": "yes" was labelled by a model.
"""

from collections.abc import Iterator
from typing import Any

from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..offsets import Reading, Unit
from ..record import FileRecord, FileSpan
from .beside import read_beside

METADATA = "-metadata"
KIND = "groundtruth/text-span"


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a line of such a manifest.

    data (Any): The value.
    RETURNS (bool): Whether it has a source, and a job that labels entities.
    """
    if not isinstance(data, dict) or not ("source" in data or "source-ref" in data):
        return False
    about = [value for key, value in data.items() if key.endswith(METADATA) and isinstance(value, dict)]
    return bool(_jobs(data)) or any(one.get("type") == KIND for one in about)


def _jobs(data: dict[str, Any]) -> list[str]:
    return [key for key, value in data.items() if isinstance(value, dict) and _is_job(value.get("annotations"))]


def _is_job(annotations: Any) -> bool:
    return isinstance(annotations, dict) and "entities" in annotations


def read(value: Value) -> Iterator[FileRecord]:
    """Read a line: one record for each job.

    value (Value): The line.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is not as it should be, or its text is not there.
    """
    data = as_object(value.data, value)
    text = data.get("source")
    if text is None:
        text = read_beside(value.path, str(data.get("source-ref")), value.line)
    jobs = _jobs(data)
    for job in jobs:
        record = FileRecord(text, [], value.line, annotator=job)
        for found in as_list(data[job]["annotations"]["entities"], value, "entities"):
            entity = as_object(found, value)
            record.spans.append(FileSpan(entity.get("startOffset"), entity.get("endOffset"), entity.get("label")))
        about = data.get(job + METADATA)
        if isinstance(about, dict) and about.get("human-annotated", "yes") != "yes":
            record.notes.append(f"{job} was labelled by a model, not by people")
        yield record
    if not jobs:
        yield FileRecord(text, [], value.line, rejected="nobody annotated it")


formats.register(
    "ground_truth",
    func=JsonFormat("manifest of SageMaker Ground Truth", fits, read, reading=Reading(Unit.utf16)),
)
