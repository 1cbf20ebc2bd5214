"""preprocess beside the loop that spaCy's templates use, in one run: seconds, records per second, peak memory."""

import json
import random
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
OPTIONS = ["--base-model=blank:en", "--raw-text=assets/raw_text.jsonl", "--rehearsal=1"]
LABELS = ["PERSON", "PLACE", "PRODUCT"]


def main(
    counts: list[int] = typer.Argument(..., help="How many texts; each is measured"),
    output: Path = typer.Option(None, help="Where to write the numbers, as JSON"),
    repeats: int = typer.Option(1, help="How often to measure; the fastest counts"),
) -> None:
    """Measure preprocess and the loop in turn, on the same texts."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "texts.jsonl"
            write_texts(data, count)
            loop = [sys.executable, str(ROOT / "benchmarks/preprocess_loop.py"), str(data), f"{folder}/loop.spacy"]
            ours = [sys.executable, "-m", "scripts.preprocess", str(data), f"{folder}/corpus", *OPTIONS]
            seconds: dict[str, float] = {}
            memory: dict[str, float] = {}
            for _ in range(repeats):
                for name, command in {"loop": loop, "preprocess": ours}.items():
                    taken, peak = measure(command)
                    seconds[name] = min(taken, seconds.get(name, taken))
                    memory[name] = max(peak, memory.get(name, 0))
        rows.append({"texts": count, "seconds": seconds, "memory_mb": memory})
        msg.info(f"{count} texts: {json.dumps(rows[-1])}, ratio {seconds['loop'] / seconds['preprocess']:.2f}")
    if output:
        output.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def write_texts(path: Path, count: int) -> None:
    """Write short texts with one or two entities each, no two of them alike.

    path (Path): The file to write.
    count (int): How many texts.
    """
    rng = random.Random(0)
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(20_000)]
    with path.open("w", encoding="utf-8") as file_:
        for _ in range(count):
            chosen = rng.choices(words, k=rng.randint(6, 14))
            spans, position = [], 0
            entity = rng.randrange(len(chosen))
            for number, word in enumerate(chosen):
                if number == entity:
                    spans.append({"start": position, "end": position + len(word), "label": rng.choice(LABELS)})
                position += len(word) + 1
            file_.write(json.dumps({"text": " ".join(chosen) + ".", "spans": spans}) + "\n")


def measure(command: list[str]) -> tuple[float, float]:
    """Run a command.

    command (list[str]): The command.
    RETURNS (tuple[float, float]): Seconds, and the peak memory of it and its children together, in MB, looked at twenty
        times a second (memory that they share counts once).
    """
    peak, start = 0, time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            root = psutil.Process(process.pid)
            peak = max(peak, sum(_memory(child) for child in [root, *root.children(recursive=True)]))
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"exit code {process.returncode}: {' '.join(command)}")
    return time.perf_counter() - start, peak / 2**20


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except (psutil.NoSuchProcess, psutil.AccessDenied, AttributeError):
        return 0


if __name__ == "__main__":
    typer.run(main)
