"""Draw samples of corpora of other kinds: utterances with 54 labels, German court decisions, scientific abstracts."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import typer

SIZES = {"train": 1000, "dev": 200, "test": 1000}  # texts
LANGUAGES = {"ler": "de"}  # the others are English


def others(
    source: Path = typer.Argument(..., help="Folder with hwu64, ler and ncbi, as they were published"),
    output_dir: Path = typer.Argument(..., help="Where to write a folder for each"),
) -> None:
    """Write train.jsonl, dev.jsonl and test.jsonl for each: train and dev from what was published to train on, or, of
    the large one, to choose by."""
    readers: dict[str, tuple[str, Callable[[Path], Iterator[dict]]]] = {
        "hwu64": ("json", read_rasa),
        "ler": ("conll", read_conll),
        "ncbi": ("txt", read_conll),
    }
    for name, (suffix, read) in readers.items():
        train, test = (list(read(source / name / f"{part}.{suffix}")) for part in ("train", "test"))
        for rows in (train, test):
            random.Random(0).shuffle(rows)
        end = SIZES["train"] + SIZES["dev"]
        parts = {"train": train[: SIZES["train"]], "dev": train[SIZES["train"] : end], "test": test[: SIZES["test"]]}
        for part, rows in parts.items():
            path = output_dir / name / f"{part}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
            path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_rasa(path: Path) -> Iterator[dict]:
    """YIELDS (dict): "text" and "spans" of each utterance."""
    for row in json.loads(path.read_text(encoding="utf-8"))["rasa_nlu_data"]["common_examples"]:
        spans = [{"start": one["start"], "end": one["end"], "label": one["entity"]} for one in row["entities"]]
        yield {"text": row["text"], "spans": spans}


def read_conll(path: Path) -> Iterator[dict]:
    """Read a token and a tag a line, and a blank line between texts; a lone word, SNIPS' intent, is none of these.

    path (Path): The file.
    YIELDS (dict): "text", its tokens with single spaces between them, and "spans".
    """
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        text, spans = "", []
        for token, *_, tag in (words for words in map(str.split, block.splitlines()) if len(words) > 1):
            start = len(text) + bool(text)
            text = f"{text} {token}" if text else token
            if tag.startswith("B-"):
                spans.append({"start": start, "end": len(text), "label": tag[2:]})
            elif tag.startswith("I-"):
                spans[-1]["end"] = len(text)
        yield {"text": text, "spans": spans}


if __name__ == "__main__":
    typer.run(others)
