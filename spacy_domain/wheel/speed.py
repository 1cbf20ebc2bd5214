"""What a wheel costs: measured where it is installed, by spaCy's own benchmark."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..project.errors import ProjectError
from .build import run_pip

BATCHES = 50
LOAD = """
import sys, time
import psutil, spacy
start = time.perf_counter()
nlp = spacy.load(sys.argv[1])
seconds = time.perf_counter() - start
nlp(sys.argv[2])
print("LOADED", seconds, psutil.Process().memory_info().rss)
"""
MEAN = re.compile(r"Mean: ([\d.]+) words/s \(95% CI: (-?[\d.]+) \+?(-?[\d.]+)\)")


def measure_wheel(wheel: Path, corpus: Path, folder: Path, gpu_id: int) -> dict[str, Any]:
    """Install a wheel and measure it.

    wheel (Path): The wheel.
    corpus (Path): DocBins with texts to work on.
    folder (Path): An empty folder to install to.
    gpu_id (int): The GPU to use, -1 for the CPU.
    RETURNS (dict[str, Any]): "words_per_second" with its 95 % "interval" over batches, "load_seconds", "memory_mb" (of
        a process that has loaded it and worked on one text), "wheel_mb", "installed_mb", and the "machine".
    RAISES (ProjectError): If it cannot be measured.
    """
    run_pip("install", "--target", str(folder), "--no-compile", str(wheel))
    name = wheel.name.split("-")[0]
    benchmark = ["-m", "spacy", "benchmark", "speed", name, str(corpus.resolve()), "--gpu-id", str(gpu_id)]
    told = MEAN.search(_run(folder, *benchmark, "--batches", str(BATCHES)))
    loaded = re.search(r"LOADED ([\d.e-]+) (\d+)", _run(folder, "-c", LOAD, name, "a text to try it on"))
    if not told or not loaded:
        raise ProjectError("spaCy's benchmark did not say how fast the wheel is", "Look at what it prints, above.")
    mean, below, above = (float(number) for number in told.groups())
    files = [path for path in (folder / name).rglob("*") if path.is_file()]
    return {
        "words_per_second": mean,
        "interval": [mean + below, mean + above],
        "load_seconds": float(loaded[1]),
        "memory_mb": int(loaded[2]) / 1e6,
        "wheel_mb": wheel.stat().st_size / 1e6,
        "installed_mb": sum(path.stat().st_size for path in files) / 1e6,
        "machine": f"{'GPU' if gpu_id >= 0 else 'CPU'}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
    }


def _run(folder: Path, *arguments: str) -> str:
    path = os.pathsep.join([str(folder.resolve()), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    done = subprocess.run(
        [sys.executable, "-X", "utf8", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise ProjectError("The wheel could not be measured", f"See what Python said.\n{said}")
    return done.stdout
