"""The files that preprocess leaves: each whole or not at all."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import srsly
from spacy.tokens import DocBin

from ..annotations import SPLITS, AnnotatedText
from ..project.outputs import replacing, write_jsonl
from .audit import Audit
from .docbins import ATTRIBUTES
from .findings import Finding
from .store import Store


class Corpora:
    """The DocBins of all splits: a file for each split, or a folder of them where there are many texts.

    output_dir (Path): Where train.spacy, dev.spacy and test.spacy will be.
    """

    def __init__(self, output_dir: Path):
        self.output_dir = output_dir
        self.folder = output_dir / ".docbins"
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> "Corpora":
        shutil.rmtree(self.folder, ignore_errors=True)
        for split in SPLITS:
            (self.folder / split).mkdir(parents=True)
        return self

    def __exit__(self, *exception: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, docbins: dict[str, bytes]) -> None:
        """Write what one chunk of the data has for each split.

        docbins (dict[str, bytes]): The DocBins.
        """
        for split, docbin in docbins.items():
            (self.folder / split / f"{self.counts[split]:05}.spacy").write_bytes(docbin)
            self.counts[split] += 1

    def finished(self, repeat_train: bool = False) -> dict[Path, Path]:
        """List what is there now.

        repeat_train (bool): Whether dev and test are to be the training corpus: there are too few texts to split.
        RETURNS (dict[Path, Path]): Files or folders, by what they will be.
        """
        found = {}
        for split in SPLITS[1:] if repeat_train else ():
            shutil.copytree(self.folder / SPLITS[0], self.folder / split, dirs_exist_ok=True)
            self.counts[split] = self.counts[SPLITS[0]]
        for split in SPLITS:
            if not self.counts[split]:
                self.add({split: DocBin(attrs=ATTRIBUTES).to_bytes()})
            source = self.folder / split
            target = self.output_dir / f"{split}.spacy"
            found[target] = source / "00000.spacy" if self.counts[split] == 1 else source
        return found


def write_audit(
    path: Path,
    audit: Audit,
    store: Store,
    findings: list[Finding],
    files: dict[str, str],
    shared: dict[str, Counter] | None = None,
) -> None:
    """Write the audit: the problems, of which there may be many, a line each.

    path (Path): The file to write.
    audit (Audit): The counts.
    store (Store): The problems.
    findings (list[Finding]): What else there is to look at.
    files (dict[str, str]): Digests of what the corpora were made of and, where they are fit for use, of themselves.
    shared (Optional[dict[str, Counter]]): Of labels that the base has, too: where it and the annotations differ.
    """
    found = [finding.to_dict() for finding in findings]
    data = {**audit.to_dict(), "shared_labels": shared or {}, "findings": found, "provenance": {"files": files}}
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file_:
        for number, (key, value) in enumerate(data.items()):
            file_.write(f"{',' if number else '{'}\n  {srsly.json_dumps(key)}: ")
            if key == "problems":
                for row, problem in enumerate(store.problems.read()):
                    file_.write(f"{',' if row else '['}\n    {srsly.json_dumps(problem)}")
                file_.write("\n  ]" if store.problems.count() else "[]")
            else:
                file_.write(srsly.json_dumps(value, indent=2).replace("\n", "\n  "))
        file_.write("\n}\n")


def write_rejected(path: Path, store: Store) -> None:
    """Write the records that were set aside, save for mere repeats, ready to be mended and read again.

    path (Path): The file to write.
    store (Store): The records.
    """
    write_jsonl(path, ({**_row(record), "problem": reason} for record, reason in store.read_rejected()))


def _row(record: AnnotatedText) -> dict[str, Any]:
    """What there is of a record: what the file has there, if nobody could make sense of it."""
    source = {"source": f"{record.file}:{record.line}"}
    if record.broken:
        return {**srsly.json_loads(record.broken), **source}
    return {
        "text": record.text,
        "spans": [
            {"start": s.start, "end": s.end, "label": s.label, "text": record.text[s.start : s.end]}
            for s in record.spans
        ],
        **({"group": record.group} if record.group else {}),
        **({"_annotator_id": record.annotator} if record.annotator else {}),
        **source,
    }
