"""Measure the wheel: words per second, load time, memory, size."""

from pathlib import Path
from tempfile import TemporaryDirectory

from spacy_domain.project.freshness import made_of, refuse_stale
from spacy_domain.project.gpu import use_gpu
from spacy_domain.project.outputs import write_json
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.wheel.speed import measure_wheel


def speed(
    wheel: Path = Arg(..., help="The wheel"),
    corpus: Path = Arg(..., help="The corpus whose texts to work on"),
    output_file: Path = Arg(..., help="Where to write the figures"),
    gpu_id: int = Opt(-1, help="GPU to use, -1 for CPU"),
) -> None:
    """Measure the wheel: words per second, load time, memory, size."""
    use_gpu(gpu_id)
    refuse_stale(wheel, "package")
    with made_of("speed", wheel, corpus) as files, TemporaryDirectory() as folder:
        found = measure_wheel(wheel, corpus, Path(folder), gpu_id)
    write_json(output_file, {**found, "provenance": {"files": files}})
    low, high = found["interval"]
    msg.good(f"{found['words_per_second']:,.0f} words a second ({low:,.0f} to {high:,.0f}) on {found['machine']}")
    msg.good(f"{found['load_seconds']:.2f} s to load, {found['memory_mb']:,.0f} MB of memory")
    msg.good(f"{found['wheel_mb']:.1f} MB as a wheel, {found['installed_mb']:.1f} MB installed")


if __name__ == "__main__":
    run(speed)
