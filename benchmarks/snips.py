"""Draw samples of SNIPS, utterances to assistants: how do scores grow with the number of annotated texts?"""

import json
import random
from pathlib import Path

import typer
from others import read_conll

SIZES = (100, 300, 1000, 3000, 13084)  # texts to train on; the last are all
DATASETS = {f"snips_{size}": size for size in SIZES}
LEAST_DEV, DEV_SHARE = 50, 0.2  # who has few texts to train on has few to choose by


def snips(
    source: Path = typer.Argument(..., help="Folder with train.txt, dev.txt and test.txt, as they were published"),
    output_dir: Path = typer.Argument(..., help="Where to write a folder for each size"),
) -> None:
    """Write train.jsonl, dev.jsonl and test.jsonl for each size. A larger sample holds the smaller ones; the test texts
    are always all of them."""
    parts = {part: list(read_conll(source / f"{part}.txt")) for part in ("train", "dev", "test")}
    for part in ("train", "dev"):
        random.Random(0).shuffle(parts[part])
    for name, size in DATASETS.items():
        dev = max(LEAST_DEV, round(DEV_SHARE * size))
        for part, count in (("train", size), ("dev", dev), ("test", len(parts["test"]))):
            path = output_dir / name / f"{part}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in parts[part][:count]]
            path.write_text("".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    typer.run(snips)
