"""The service beside raw spaCy and beside the usual endpoint, in one run: throughput, latency and memory."""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil
import typer
from wasabi import msg

ROOT = Path(__file__).resolve().parent.parent
BATCH = 64
SERVICE, NAIVE = 8411, 8412  # ports
WARM_UP = 5_000  # requests before memory is looked at
CORES: list[int] = psutil.Process().cpu_affinity() if hasattr(psutil.Process, "cpu_affinity") else []
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Raw spaCy, in a process of its own as the servers are
PIPE_PROGRAM = f"""
import json
import sys
import time
import spacy

nlp = spacy.load(sys.argv[1])
texts = json.load(sys.stdin)


def find(texts):
    for doc in nlp.pipe(texts, batch_size={BATCH}):
        [(ent.text, ent.label_, ent.start_char, ent.end_char) for ent in doc.ents]


find(texts[:2000])
start, cpu = time.perf_counter(), time.process_time()
find(texts)
print(time.perf_counter() - start, time.process_time() - cpu)
"""
# One `nlp(text)` a request in a plain function: the shape of spaCy's own template, explosion/projects' fastapi
NAIVE_PROGRAM = """
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


class Measured(NamedTuple):
    """What one measurement found.

    seconds (float): How long it took.
    cpu (float): CPU seconds of what was measured.
    client_cpu (float): CPU seconds of the client.
    p99 (float): The 99th percentile of a request's seconds; 0 where there is none.
    """

    seconds: float
    cpu: float
    client_cpu: float
    p99: float


def main(
    model: str = typer.Argument("en_event_scheduling", help="An installed package's name, or a folder"),
    texts: Path = typer.Argument(ROOT / "assets/events.jsonl", help='A JSON object with "text" a line'),
    number: int = typer.Option(20_000, help="How many texts for each measurement of speed"),
    clients: int = typer.Option(32, help="How many clients that send one text at a time"),
    repeats: int = typer.Option(3, help="How often to measure; the medians count"),
    workers: int = typer.Option(1, help="Worker processes of the service"),
    all_cores: bool = typer.Option(False, help="Let the system choose the cores, as it does for a service"),
    memory: int = typer.Option(0, help="Watch memory instead, over so many requests of new words"),
) -> None:
    """Measure speed, taking turns, or memory. What is measured has a core of its own where there are two."""
    if all_cores:
        CORES.clear()
    path = str(Path(model).resolve()) if Path(model).is_dir() else model
    os.environ.update(ONE_THREAD)
    service = [sys.executable, "-m", "scripts.serve", path, f"--port={SERVICE}", f"--workers={workers}"]
    service.append("--recycle=1000000000")
    if memory:
        with server(service, SERVICE) as process:
            grow(process, memory, clients)
        return
    lines = [json.loads(line)["text"] for line in texts.read_text(encoding="utf-8").splitlines()]
    many = [lines[n % len(lines)] for n in range(number)]
    batches = [{"texts": many[n : n + BATCH]} for n in range(0, number, BATCH)]
    singles = [{"text": text} for text in many]
    with (
        tempfile.TemporaryDirectory() as folder,
        server(service, SERVICE) as one,
        server([sys.executable, write(Path(folder) / "naive.py", NAIVE_PROGRAM), path, str(NAIVE)], NAIVE) as other,
    ):
        measures: dict[str, Callable[[], Measured]] = {
            "nlp.pipe": lambda: pipe(path, many),
            "service, 64 texts a request": lambda: ask(one, SERVICE, batches, 2),
            "naive, a text a request": lambda: ask(other, NAIVE, singles, clients),
            "service, a text a request": lambda: ask(one, SERVICE, singles, clients),
        }
        runs: dict[str, list[Measured]] = {name: [] for name in measures}
        for name, measure in [*measures.items()] * repeats:  # in turns: the machine may be slower at times
            runs[name].append(measure())
    found = {name: Measured(*map(median, zip(*several, strict=True))) for name, several in runs.items()}
    rows = [
        (
            name,
            f"{number / one.seconds:,.0f}",
            f"{one.cpu / number * 1e6:.0f}",
            f"{one.client_cpu / number * 1e6:.0f}",
            f"{one.p99 * 1e3:.1f}" if one.p99 else "",
        )
        for name, one in found.items()
    ]
    header = ("", "texts/s", "CPU us/text", "client's", "p99 ms")
    msg.table(rows, header=header, divider=True, aligns=("l", "r", "r", "r", "r"))
    raw, batched, naive, single = found.values()
    msg.text(
        f"64 texts a request: {raw.seconds / batched.seconds:.0%} of nlp.pipe's texts/s, "
        f"{raw.cpu / batched.cpu:.0%} of its texts a CPU second; "
        f"a text a request: {naive.seconds / single.seconds:.1f} times the naive endpoint's texts/s"
    )


def pipe(model: str, texts: list[str]) -> Measured:
    """RETURNS (Measured): `nlp.pipe` over texts; loading and the first two thousand texts are not counted."""
    command = [sys.executable, "-c", PIPE_PROGRAM, model]
    with core(first=True):
        done = subprocess.run(command, input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=True)
    seconds, cpu = map(float, done.stdout.split())
    return Measured(seconds, cpu, 0, 0)


def ask(process: psutil.Process, port: int, bodies: list[dict[str, Any]], clients: int) -> Measured:
    """Send requests, each client one after the other over one connection.

    process (psutil.Process): The server.
    port (int): Its port.
    bodies (list[dict[str, Any]]): The requests.
    clients (int): How many clients.
    RETURNS (Measured): What it took.
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

    cpu, own, start = cpu_of(process), time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = sorted(second for seconds in pool.map(work, range(clients)) for second in seconds)
    seconds = time.perf_counter() - start
    return Measured(seconds, cpu_of(process) - cpu, time.process_time() - own, taken[int(len(taken) * 0.99)])


def cpu_of(process: psutil.Process) -> float:
    """RETURNS (float): CPU seconds of a process and its children so far."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def grow(process: psutil.Process, requests: int, clients: int) -> None:
    """Send requests of ten words that were never seen, and print what becomes of the memory of server and workers."""
    choose = random.Random(0)

    def send(number: int) -> float:
        words = ((f"{choose.getrandbits(64):x}" for _ in range(10)) for _ in range(number))
        ask(process, SERVICE, [{"text": " ".join(some)} for some in words], clients)
        return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6

    first = send(WARM_UP)
    msg.text(f"after {WARM_UP:,} requests: {first:.1f} MB")
    for step in range(1, 11):
        size = send(requests // 10)
        msg.text(f"and {step * requests // 10:,} more: {size:.1f} MB, {size / first - 1:+.1%}")


@contextmanager
def core(first: bool) -> Iterator[None]:
    """Meanwhile, this process and those that it starts run on the first core, or on the others, if there are any."""
    this = psutil.Process()
    if len(CORES) > 1:
        before = this.cpu_affinity()
        this.cpu_affinity(CORES[:1] if first else CORES[1:])
    yield
    if len(CORES) > 1:
        this.cpu_affinity(before)


@contextmanager
def server(command: list[str], port: int) -> Iterator[psutil.Process]:
    """A server process, from when it answers."""
    with socket.socket() as other:
        if not other.connect_ex(("127.0.0.1", port)):
            raise typer.BadParameter(f"another server listens on port {port}, and would be measured: end it")
    with core(first=True):
        process = subprocess.Popen(command, cwd=ROOT)
    try:
        while True:
            try:
                ask(psutil.Process(process.pid), port, [{"text": "Ready?"}], 1)
                break
            except OSError:
                if process.poll() is not None:
                    raise
                time.sleep(0.2)
        with core(first=False):
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
