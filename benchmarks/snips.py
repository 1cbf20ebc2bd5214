"""Draw samples of SNIPS, utterances to assistants: how do scores grow with the number of annotated texts?"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import typer

SIZES = (100, 300, 1000, 3000, 13084)  # texts to train on; the last are all
DATASETS = {f"snips_{size}": size for size in SIZES}
LEAST_DEV, DEV_SHARE = 50, 0.2  # who has few texts to train on has few to choose by


def snips(
    source: Path = typer.Argument(..., help="Folder with train.txt, dev.txt and test.txt, as they were published"),
    output_dir: Path = typer.Argument(..., help="Where to write a folder for each size"),
) -> None:
    """Write train.jsonl, dev.jsonl and test.jsonl for each size. A larger sample holds the smaller ones; the test texts
    are always all of them."""
    parts = {part: list(read(source / f"{part}.txt")) for part in ("train", "dev", "test")}
    for part in ("train", "dev"):
        random.Random(0).shuffle(parts[part])
    for name, size in DATASETS.items():
        dev = max(LEAST_DEV, round(DEV_SHARE * size))
        for part, count in (("train", size), ("dev", dev), ("test", len(parts["test"]))):
            path = output_dir / name / f"{part}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in parts[part][:count]]
            path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read(path: Path) -> Iterator[dict]:
    """Read utterances: a token and a tag a line, the intent on a line of its own, a blank line.

    path (Path): The file.
    YIELDS (dict): "text", its tokens with single spaces between them, and "spans".
    """
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        text, spans = "", []
        for line in block.splitlines()[:-1]:
            token, tag = line.split()
            start = len(text) + bool(text)
            text = f"{text} {token}" if text else token
            if tag.startswith("B-"):
                spans.append({"start": start, "end": len(text), "label": tag[2:]})
            elif tag.startswith("I-"):
                spans[-1]["end"] = len(text)
        yield {"text": text, "spans": spans}


if __name__ == "__main__":
    typer.run(snips)
