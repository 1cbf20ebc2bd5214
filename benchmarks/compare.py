"""Train arms on datasets with several seeds, score and measure them (on POSIX): a small JSON for each."""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import spacy
import typer
from arms import ARMS, CANNOT_RUN, TEACHERS
from origin import machine, versions
from processes import FailedError, run
from spacy.scorer import get_ner_prf
from spacy.training import Corpus, Example
from wasabi import msg


def compare(
    corpora: Path = typer.Argument(..., help="Folder with a folder for each dataset, as prepare.py makes them"),
    results: Path = typer.Argument(..., help="Where to write the results"),
    arms: str = typer.Option("all", help="What to compare, with commas"),
    datasets: str = typer.Option("all", help="What on, with commas"),
    seeds: str = typer.Option("0,1,2", help="Seeds to train with, with commas"),
    jobs: int = typer.Option(1, help="How many to run at once"),
    models: Path = typer.Option("models", help="Where to keep the models that others learn from"),
) -> None:
    """Run what has no result yet, or could not run here before."""
    corpora = corpora.resolve()
    chosen = choose(arms, list(ARMS), "arms")
    where = choose(datasets, sorted(path.name for path in corpora.iterdir() if path.is_dir()), "datasets")
    # All arms with one seed, then with the next: whoever stops it early has something to compare
    todo = [
        (arm, corpora / dataset, int(seed), path, models.resolve() / dataset)
        for seed, dataset, arm in product(seeds.split(","), where, chosen)
        if not is_measured(path := results / dataset / f"{arm}-{seed}.json")
    ]
    msg.info(f"{len(todo)} to run")
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for work in as_completed([pool.submit(measure, *each) for each in todo]):
            try:
                row = work.result()
            except FailedError as error:
                failed += 1
                msg.fail(str(error))
                print(error.printed)
                continue
            name = f"{row['dataset']}, {row['arm']}, seed {row['seed']}"
            if "cannot" in row:
                msg.warn(f"{name}: {row['cannot']}")
            else:
                score, seconds = 100 * row["test"]["f"], row["train"]["cpu_seconds"]
                msg.good(f"{name}: F {score:.1f} after {seconds:.0f} CPU seconds")
    sys.exit(1 if failed else 0)


def choose(names: str, known: list[str], what: str) -> list[str]:
    """RETURNS (list[str]): The names in a list with commas; all that are known for "all"."""
    chosen = known if names == "all" else names.split(",")
    if unknown := sorted(set(chosen) - set(known)):
        raise typer.BadParameter(f"no {what} {', '.join(unknown)}; there are {', '.join(known)}")
    return chosen


def is_measured(path: Path) -> bool:
    """RETURNS (bool): Whether there is a result, other than that it could not run."""
    return path.exists() and "cannot" not in json.loads(path.read_text(encoding="utf-8"))


def measure(arm: str, corpus: Path, seed: int, path: Path, models: Path) -> dict[str, Any]:
    """Train, predict, score, and write what was measured.

    arm (str): A name in ARMS.
    corpus (Path): Folder with train.spacy, dev.spacy and test.spacy.
    seed (int): The seed.
    path (Path): Where to write it.
    models (Path): Where models of this dataset are, or will be, that others learn from.
    RETURNS (dict[str, Any]): The same; "cannot" tells why it could not run.
    RAISES (FailedError): If training or prediction fails.
    """
    row: dict[str, Any] = {"dataset": corpus.name, "arm": arm, "seed": seed, "date": date.today().isoformat()}
    with TemporaryDirectory() as folder:
        model, predicted = Path(folder) / "model", Path(folder) / "predicted"
        model.mkdir()
        predicted.mkdir()
        teacher = models / f"{TEACHERS[arm]}-{seed}" if arm in TEACHERS else None
        more = [f"--teacher={teacher}"] if teacher and teacher.exists() else []
        said, usage = run("arms.train", arm, corpus, model, f"--seed={seed}", *more)
        if usage.pop("exit_code") == CANNOT_RUN:
            row["cannot"] = said.splitlines()[-1]
        else:
            row["train"], row["model_mb"] = usage, size(model)
            if teacher and more:  # it had to be trained, too
                spent = json.loads(path.with_name(f"{teacher.name}.json").read_text(encoding="utf-8"))["train"]
                usage["cpu_seconds"] = round(usage["cpu_seconds"] + spent["cpu_seconds"], 1)
                usage["memory_mb"] = max(usage["memory_mb"], spent["memory_mb"])
            said, usage = run("arms.predict", arm, model, corpus, predicted)
            row["predict"] = {"memory_mb": usage["memory_mb"], **json.loads(said.splitlines()[-1])}
            row |= {split: score(corpus / f"{split}.spacy", predicted / f"{split}.spacy") for split in ("dev", "test")}
            if arm in TEACHERS.values():
                shutil.copytree(model, models / f"{arm}-{seed}", dirs_exist_ok=True)
    row["corpus"] = {split: digest(corpus / f"{split}.spacy") for split in ("train", "dev", "test")}
    row["machine"], row["versions"] = machine(), versions()
    write_json(path, row)
    return row


def size(folder: Path) -> float:
    """RETURNS (float): Megabytes of all files in a folder."""
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 2)


def score(gold: Path, predicted: Path) -> dict[str, Any]:
    """Score entities with spaCy's scorer: right are those with the right start, end and label.

    gold (Path): DocBin with the right ones.
    predicted (Path): DocBin with those that were found, in the same texts.
    RETURNS (dict[str, Any]): "p", "r" and "f" from 0 to 1, and the same by "labels".
    """
    nlp = spacy.blank("en")
    pairs = zip(read(predicted, nlp), read(gold, nlp), strict=True)
    scores = get_ner_prf([Example(found, right) for found, right in pairs])
    names = ("p", "r", "f")
    return {
        **{name: round(scores[f"ents_{name}"], 4) for name in names},
        "labels": {
            label: {name: round(found[name], 4) for name in names}
            for label, found in sorted(scores["ents_per_type"].items())
        },
    }


def read(corpus: Path, nlp: spacy.Language) -> Iterable[spacy.tokens.Doc]:
    """RETURNS (Iterable[Doc]): The Docs of a DocBin."""
    return (example.reference for example in Corpus(corpus)(nlp))


def digest(corpus: Path) -> str:
    """RETURNS (str): MD5 of texts and entities. The bytes of a DocBin tell besides where its texts were read."""
    found = hashlib.md5()
    for doc in read(corpus, spacy.blank("en")):
        ents = [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
        found.update(json.dumps([doc.text, ents]).encode())
    return found.hexdigest()


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all.

    path (Path): The file.
    data (dict[str, Any]): What to write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8", newline="\n")
    unfinished.replace(path)


if __name__ == "__main__":
    typer.run(compare)
