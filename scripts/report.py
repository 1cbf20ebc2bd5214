"""Write what was measured as a page to look at."""

from pathlib import Path

import srsly

from spacy_domain.project.about import read_about
from spacy_domain.project.freshness import is_fresh, made_of, refuse_stale
from spacy_domain.project.outputs import write_text
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.report.page import read_sources, render_report

# By what a study writes, the command that makes it anew
STUDIES = {
    "trials": "trials",
    "learning_curve": "learning-curve",
    "doubts": "check-annotations",
    "cross_validation": "cross-validate",
    "tune": "tune",
    "speed": "speed",
}


def report(
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
        if path.exists() and not is_fresh(path):
            notes.append(f"{path.as_posix()} was made of other data and is left out: spacy project run {command}")
        elif path.exists():
            studies[name] = path
    with made_of("report", metrics, errors, retention, audit, log, about, *studies.values()) as files:
        page = render_report(
            package,
            read_about(about, annotations).get("description", ""),
            read_sources([metrics, retention, audit, *studies.values()]),
            list(srsly.read_jsonl(errors)),
            list(srsly.read_jsonl(log)),
            notes,
            files,
        )
    write_text(output_file, page)
    for note in notes:
        msg.warn(note)
    msg.good(f"{output_file}: open it in a browser")


if __name__ == "__main__":
    run(report)
