"""annotate beside spaCy's own apply, whole command beside whole command, in turns: seconds, CPU seconds, memory."""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import typer
from wasabi import msg

ROOT = Path(__file__).resolve().parent.parent
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def main(
    model: Path = typer.Argument(..., help="The pipeline's folder"),
    texts: Path = typer.Argument(ROOT / "assets/utterances.jsonl", help="Texts to draw from"),
    short: int = typer.Option(200_000, help="How many short texts"),
    long: int = typer.Option(2_000, help="How many long texts, of a hundred short ones each"),
    unseen: int = typer.Option(0, help="Instead: how many texts of words that were never seen, to watch the memory"),
    turns: int = typer.Option(3, help="How often to measure each; the median counts"),
    only: str = typer.Option("", help="Commands to measure, with commas between; all if empty"),
) -> None:
    """Measure annotate and apply on the same texts."""
    drawn = [json.loads(line)["text"] for line in texts.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        if unseen:
            watch_memory(Path(folder), model.resolve(), unseen)
            return
        for name, number, size in (("short", short, 1), ("long", long, 100)):
            if number:
                chance = random.Random(0)
                rows = (" ".join(chance.choices(drawn, k=size)) for _ in range(number))
                write(Path(folder) / f"{name}.jsonl", rows)
                compare(Path(folder), name, number, model.resolve(), turns, only.split(",") if only else [])


def write(path: Path, texts) -> None:
    """Write texts as JSONL."""
    with path.open("w", encoding="utf-8") as file_:
        file_.writelines(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))


def list_commands(texts: str, model: Path) -> dict[str, list[str]]:
    """RETURNS (dict[str, list[str]]): What is measured, by name; each writes to the file or folder "out"."""
    annotate = ["scripts.annotate", texts, "out", f"--model={model}", "--no-confidence"]
    apply = ["spacy", "apply", str(model), texts, "out"]
    return {
        "annotate, 1 worker": [*annotate, "--workers=1"],
        "annotate, 2 workers": [*annotate, "--workers=2"],
        "annotate, Ray, 2 workers": [*annotate, "--workers=2", "--engine=ray"],
        "spacy apply -n 2": [*apply, "-n", "2"],
        "spacy apply -n 2 -b 256": [*apply, "-n", "2", "-b", "256"],
    }


def compare(folder: Path, name: str, number: int, model: Path, turns: int, only: list[str]) -> None:
    """Measure all commands in turns, and print a row for each."""
    commands = list_commands(f"{name}.jsonl", model)
    chosen = {one: words for one, words in commands.items() if not only or any(part in one for part in only)}
    found: dict[str, list[tuple[float, float, float]]] = {one: [] for one in chosen}
    for _ in range(turns):
        for one, words in chosen.items():
            found[one].append(measure([sys.executable, "-m", *words], folder))
    rows = []
    for one, measured in found.items():
        seconds, cpu, memory = (statistics.median(column) for column in zip(*measured, strict=True))
        rows.append((one, f"{seconds:.1f}", f"{number / seconds:,.0f}", f"{cpu:.1f}", f"{memory:,.0f}"))
    header = (f"{number:,} {name} texts", "seconds", "texts/s", "CPU seconds", "MB")
    msg.table(rows, header=header, aligns=list("lrrrr"), divider=True)


def measure(command: list[str], folder: Path) -> tuple[float, float, float]:
    """RETURNS (tuple[float, float, float]): Seconds, CPU seconds, and the peak of all its processes' memory in MB."""
    for path in folder.glob("out*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before, start, peak = os.times(), time.perf_counter(), 0.0
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, sum_memory(process.pid))
        time.sleep(0.1)
    seconds, after = time.perf_counter() - start, os.times()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu, peak


def sum_memory(pid: int) -> float:
    """RETURNS (float): The memory of a process and of those that it started, in MB."""
    total = 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            total += process.memory_info().rss
    except psutil.Error:
        pass
    return total / 1e6


def watch_memory(folder: Path, model: Path, number: int) -> None:
    """Annotate texts of words that were never seen, and print the memory of all processes ten times on the way."""
    chance = random.Random(0)
    write(
        folder / "texts.jsonl",
        ((" ".join("".join(chance.choices(SYLLABLES, k=5)) for _ in range(10))) for _ in range(number)),
    )
    command = [sys.executable, "-m", *list_commands("texts.jsonl", model)["annotate, 1 worker"], "--shard-mb=1"]
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL
    )
    due, aligns = number / 10, ("r", "r")
    msg.row(("texts", "MB"), widths=(10, 8), aligns=aligns)
    while process.poll() is None:
        done = sum(json.loads(path.read_bytes())["read"] for path in (folder / "out/manifests").glob("*.json"))
        if done >= due:
            due = done + number / 10
            msg.row((f"{done:,}", f"{sum_memory(process.pid):,.1f}"), widths=(10, 8), aligns=aligns)
        time.sleep(0.2)


if __name__ == "__main__":
    typer.run(main)
