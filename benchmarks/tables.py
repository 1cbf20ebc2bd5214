"""Write what was measured into README.md, as tables, and whether the bounds hold."""

from pathlib import Path
from statistics import mean

import typer
from arms import ARMS
from bounds import BOUNDS
from measured import Measured

START, END = "<!-- What tables.py wrote -->", "<!-- Until here -->"


def tables(
    results: Path = typer.Argument(..., help="What compare.py wrote"),
    readme: Path = typer.Argument(..., help="Where to put the tables, between its two markers"),
) -> None:
    """Put the tables in the place of what is between the markers."""
    measured = Measured(results)
    text = readme.read_text(encoding="utf-8")
    before, after = text.split(START)[0], text.split(END)[1]
    readme.write_text(f"{before}{START}\n\n{render(measured)}\n\n{END}{after}", encoding="utf-8", newline="\n")


def render(measured: Measured) -> str:
    """RETURNS (str): All tables, in Markdown."""
    parts = ["### Bounds", bounds_table(measured)]
    for dataset in measured.datasets:
        parts += [f"### {dataset}", dataset_table(measured, dataset)]
    if missing := reasons(measured):
        parts += ["### Not run", missing]
    return "\n\n".join([*parts, "### Where and when", origins(measured)])


def bounds_table(measured: Measured) -> str:
    """RETURNS (str): Each bound, what was measured, and whether it holds."""
    rows = []
    for bound in BOUNDS:
        found, holds = bound(measured)
        verdict = {True: "holds", False: "does not hold", None: "not measured"}[holds]
        rows.append((bound.__doc__, found, verdict))
    return markdown(("bound", "measured", ""), rows)


def dataset_table(measured: Measured, dataset: str) -> str:
    """RETURNS (str): What each arm does on a dataset."""
    rows = []
    for arm in ARMS:
        found = measured.rows(arm, dataset)
        if not found:
            continue
        scores = [100 * row["test"]["f"] for row in found]
        rows.append(
            (
                arm,
                len(found),
                f"{mean(scores):.1f} ({min(scores):.1f} to {max(scores):.1f})",
                f"{mean(row['train']['cpu_seconds'] for row in found):,.0f}",
                f"{mean(row['train']['memory_mb'] for row in found):,.0f}",
                f"{mean(row['predict']['words_per_second'] for row in found):,.0f}",
                f"{mean(row['predict']['memory_mb'] for row in found):,.0f}",
                f"{mean(row['model_mb'] for row in found):.1f}",
            )
        )
    names = ("", "seeds", "F", "CPU seconds", "MB to train", "words per second", "MB to predict", "MB on disk")
    return markdown(names, rows)


def reasons(measured: Measured) -> str:
    """RETURNS (str): What could not run, and why, and what nobody has run yet."""
    rows = [(row["arm"], row["cannot"]) for row in measured.all if "cannot" in row]
    rows += [(arm, "not yet") for arm in ARMS if not any(row["arm"] == arm for row in measured.all)]
    return "\n".join(f"- `{arm}`: {why}" for arm, why in dict.fromkeys(rows))


def origins(measured: Measured) -> str:
    """RETURNS (str): Machines, dates and versions, each with the arms that it holds for."""
    arms: dict[tuple[str, str], list[str]] = {}
    for row in measured.all:
        if "cannot" in row:
            continue
        versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items())
        arms.setdefault((row["machine"], versions), []).append(f"{row['arm']} {row['date']}")
    rows = [(", ".join(sorted(set(names))), machine, versions) for (machine, versions), names in arms.items()]
    return markdown(("arm and date", "machine", "versions"), rows)


def markdown(names: tuple[str, ...], rows: list[tuple]) -> str:
    """RETURNS (str): A table."""
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


if __name__ == "__main__":
    typer.run(tables)
