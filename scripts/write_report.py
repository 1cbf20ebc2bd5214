"""Write what was measured as a page to look at."""

from pathlib import Path

import srsly

from .about import read_about
from .cli import Arg, Opt, msg, run
from .outputs import replacing
from .provenance import find_differences, made_of, refuse_stale
from .report.page import read_sources, render_report

# By what a study writes, the command that makes it anew
STUDIES = {"trials": "trials", "learning_curve": "learning-curve", "doubts": "check-annotations", "speed": "speed"}


def write_report(
    metrics_dir: Path = Arg(..., help="Where metrics.json, errors.jsonl and retention.json are, and folder studies"),
    output_file: Path = Arg(..., help="Where to write the page"),
    audit: Path = Opt(..., help="What became of the annotations"),
    log: Path = Opt(..., help="The training log"),
    about: Path = Opt(..., help="JSON with a description"),
    annotations: Path = Opt(..., help="The annotations that the model was trained on"),
    package: str = Opt(..., help="Name and version of the package"),
) -> None:
    """Write what was measured as a page to look at."""
    metrics, errors, retention = (metrics_dir / name for name in ("metrics.json", "errors.jsonl", "retention.json"))
    for path in (metrics, retention):
        refuse_stale(path, "evaluate")
    studies, notes = {}, []
    for name, command in STUDIES.items():
        path = metrics_dir / "studies" / f"{name}.json"
        if path.exists() and find_differences(path):
            notes.append(f"{path.as_posix()} was made of other data and is left out: spacy project run {command}")
        elif path.exists():
            studies[name] = path
    with made_of(metrics, errors, retention, audit, log, about, *studies.values()) as files:
        page = render_report(
            package,
            read_about(about, annotations).get("description", ""),
            read_sources([metrics, retention, audit, *studies.values()]),
            list(srsly.read_jsonl(errors)),
            list(srsly.read_jsonl(log)),
            notes,
            files,
        )
        with replacing(output_file) as path:
            path.write_text(page, encoding="utf-8", newline="\n")
    for note in notes:
        msg.warn(note)
    msg.good(f"{output_file}: open it in a browser")


if __name__ == "__main__":
    run(write_report)
