"""What export writes: a file for each that is read. (test_formats.py has what is in them.)"""

from pathlib import Path

import pytest
import srsly

from scripts.export import export
from spacy_domain.annotations import read_annotations
from spacy_domain.annotations.exporting import name_outputs


def write(folder, names):
    """A text in each file, which says which file it is of."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        row = {"text": f"Ann wrote {name}", "spans": [{"start": 0, "end": 3, "label": "NAME"}]}
        path.write_text(srsly.json_dumps([row] if path.suffix == ".json" else row) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "names",
    [
        ["batch.2024-01.jsonl", "batch.2024-02.jsonl"],
        ["a.jsonl", "a.ndjson", "b.jsonl"],
        ["batch.01", "batch.02"],
        ["a.jsonl.jsonl", "a.jsonl"],
        ["train.1.jsonl", "train.2.jsonl", "dev.jsonl", "test.jsonl"],
    ],
)
def test_no_two_files_are_written_to_one(tmp_path, names):
    write(tmp_path / "in", names)
    export(tmp_path / "in", tmp_path / "out", "prodigy", "prodigy", "auto")
    written = sorted((tmp_path / "out").iterdir())
    assert len(written) == len(names)
    texts = {record.text for path in written for record in read_annotations(path)}
    assert texts == {f"Ann wrote {name}" for name in names}


def test_a_file_by_itself_and_a_file_that_is_alone(tmp_path):
    write(tmp_path, ["batch.2024-01.jsonl"])
    export(tmp_path / "batch.2024-01.jsonl", tmp_path / "out", "table", "auto", "auto")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["batch.2024-01.csv"]


def test_folders_below_stay(tmp_path):
    files = [tmp_path / name for name in ("one/a.jsonl", "two/a.jsonl", "a.jsonl")]
    names = name_outputs(files, tmp_path, ".iob")
    assert names == [Path("one/a.iob"), Path("two/a.iob"), Path("a.iob")]


def test_names_that_windows_takes_for_one(tmp_path):
    names = name_outputs([tmp_path / "A.jsonl", tmp_path / "a.json"], tmp_path, ".iob")
    assert len({str(name).lower() for name in names}) == 2
