"""The service beside raw spaCy and beside the usual endpoint, in one run: throughput, latency and memory."""

import http.client
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import spacy
import typer
from wasabi import msg

ROOT = Path(__file__).resolve().parent.parent
BATCH = 64
# One `nlp(text)` a request in a plain function: the shape of spaCy's own template, explosion/projects' fastapi
NAIVE = """
import sys
import spacy
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

nlp = spacy.load(sys.argv[1])
app = FastAPI()


class Article(BaseModel):
    text: str


@app.post("/v1/entities")
def entities(article: Article):
    doc = nlp(article.text)
    return {"ents": [{"text": ent.text, "label": ent.label_, "start": ent.start_char, "end": ent.end_char}
                     for ent in doc.ents]}


uvicorn.run(app, port=int(sys.argv[2]), log_level="warning")
"""


def main(
    model: str = typer.Argument("en_event_scheduling", help="An installed package's name, or a folder"),
    texts: Path = typer.Argument(ROOT / "assets/events.jsonl", help='A JSON object with "text" a line'),
    number: int = typer.Option(20_000, help="How many texts for each measurement of speed"),
    requests: int = typer.Option(200_000, help="How many requests of new words for memory"),
    clients: int = typer.Option(32, help="How many clients that send one text at a time"),
    repeats: int = typer.Option(3, help="How often to measure; the median counts"),
    workers: int = typer.Option(1, help="Worker processes of the service"),
) -> None:
    """Measure all three, taking turns."""
    lines = [json.loads(line)["text"] for line in texts.read_text(encoding="utf-8").splitlines()]
    many = [lines[n % len(lines)] for n in range(number)]
    path = str(Path(model).resolve()) if Path(model).is_dir() else model
    options = [f"--workers={workers}", "--recycle=100000000"]
    with (
        tempfile.TemporaryDirectory() as folder,
        server([sys.executable, "-m", "scripts.serve", path, "--port=8411", *options], 8411) as service,
        server([sys.executable, write(Path(folder) / "naive.py", NAIVE), path, "8412"], 8412),
    ):
        nlp = spacy.load(path)
        measures: dict[str, Callable[[], tuple[float, float]]] = {
            "nlp.pipe": lambda: pipe(nlp, many),
            "service, batches": lambda: ask(8411, [{"texts": many[n : n + BATCH]} for n in range(0, number, BATCH)], 2),
            "naive, single texts": lambda: ask(8412, [{"text": text} for text in many], clients),
            "service, single texts": lambda: ask(8411, [{"text": text} for text in many], clients),
        }
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in measures}
        for name, measure in [*measures.items()] * repeats:  # in turns: the machine may be slower at times
            runs[name].append(measure())
        rows = []
        for name, found in runs.items():
            seconds, p99 = sorted(found)[len(found) // 2]
            rows.append((name, f"{number / seconds:,.0f}", f"{p99 * 1e3:.1f}" if p99 else ""))
        msg.table(rows, header=("", "texts/s", "p99 ms"), divider=True, aligns=("l", "r", "r"))
        grow(8411, service, requests, clients)


def pipe(nlp: Any, texts: list[str]) -> tuple[float, float]:
    """RETURNS (tuple[float, float]): Seconds of `nlp.pipe` over texts, and 0."""
    start = time.perf_counter()
    for doc in nlp.pipe(texts, batch_size=BATCH):
        [(ent.text, ent.label_, ent.start_char, ent.end_char) for ent in doc.ents]
    return time.perf_counter() - start, 0.0


def ask(port: int, bodies: list[dict[str, Any]], clients: int) -> tuple[float, float]:
    """Send requests, each client one after the other over one connection.

    port (int): The server's port.
    bodies (list[dict[str, Any]]): The requests.
    clients (int): How many clients.
    RETURNS (tuple[float, float]): Seconds for all, and the 99th percentile of one.
    """
    rest = iter([json.dumps(body) for body in bodies])

    def work(_: int) -> list[float]:
        connection, taken = http.client.HTTPConnection("127.0.0.1", port), []
        for body in rest:
            start = time.perf_counter()
            connection.request("POST", "/v1/entities", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"status {answer.status}")
            taken.append(time.perf_counter() - start)
        return taken

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = sorted(second for seconds in pool.map(work, range(clients)) for second in seconds)
    return time.perf_counter() - start, taken[int(len(taken) * 0.99)]


def grow(port: int, process: psutil.Process, requests: int, clients: int) -> None:
    """Send requests of words that were never seen, and print what became of the workers' memory."""
    choose = random.Random(0)
    steps = 10
    for step in range(steps + 1):
        size = sum(child.memory_info().rss for child in process.children()) / 1e6
        msg.text(f"{step * requests // steps:,} requests of new words: {size:.1f} MB")
        if step < steps:
            words = (f"{choose.getrandbits(64):x}" for _ in range(10 * requests // steps))
            ask(port, [{"text": " ".join(next(words) for _ in range(10))} for _ in range(requests // steps)], clients)


@contextmanager
def server(command: list[str], port: int) -> Iterator[psutil.Process]:
    """A server process, from when it answers."""
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        while True:
            try:
                ask(port, [{"text": "Ready?"}], 1)
                break
            except OSError:
                if process.poll() is not None:
                    raise
                time.sleep(0.2)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def write(path: Path, text: str) -> str:
    """RETURNS (str): Where a text was written to."""
    path.write_text(text, encoding="utf-8")
    return str(path)


if __name__ == "__main__":
    typer.run(main)
