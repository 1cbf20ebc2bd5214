"""Annotating what `suggest` chooses, against random texts: gold stands in for the annotator (on POSIX)."""

import json
import random
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import typer
from spacy.tokens import Doc
from spacy.training import Example
from wasabi import msg

from spacy_domain.annotations import AnnotatedText, read_annotations
from spacy_domain.corpora.align import OnMisaligned, align
from spacy_domain.loop.choice import choose
from spacy_domain.loop.learner import Learner
from spacy_domain.loop.queue import count_corrections
from spacy_domain.loop.suggesting import drop_near_duplicates
from spacy_domain.loop.uncertainty import find_entropies
from spacy_domain.scoring.intervals import count_by_doc, score_f

RECIPE = Path(__file__).resolve().parents[1] / "configs/crf.cfg"
WAYS = ("random", "suggest")
LEARNED = 3  # times from random texts


def main(
    train: Path = typer.Argument(..., help="Annotated texts to choose from"),
    test: Path = typer.Argument(..., help="Annotated texts to score on"),
    output: Path = typer.Argument(..., help="JSON to add the numbers to"),
    seeds: str = typer.Option("0,1,2,3,4", help="Seeds: each draws another pool, and an order of it"),
    texts: int = typer.Option(300, help="How many texts to annotate"),
    step: int = typer.Option(30, help="After how many to learn again"),
    pool: int = typer.Option(3000, help="How many texts to choose from"),
) -> None:
    """Simulate both ways, and write F, texts, words, entities and corrections after each step.

    `suggest` ends once it is as good as all random texts, which are learned from less often: they stay the same.
    """
    learner = Learner(RECIPE, "blank:en")
    gold, tested = read(train), make_docs(read(test), learner)
    rows = json.loads(output.read_text()) if output.exists() else []
    done = {(row["dataset"], row["seed"], row["way"]): row["steps"] for row in rows}
    for seed, way in product(map(int, seeds.split(",")), WAYS):
        if (train.parent.name, seed, way) in done:
            continue
        order = list(gold)
        random.Random(seed).shuffle(order)
        docs = make_docs(order[:pool], learner)
        if way == "random":
            steps = simulate(learner, docs, tested, way, texts, texts // LEARNED)
        else:
            enough = done[train.parent.name, seed, "random"][-1]["f"]
            steps = simulate(learner, docs, tested, way, texts, step, enough)
        done[train.parent.name, seed, way] = steps
        rows.append({"dataset": train.parent.name, "seed": seed, "way": way, "steps": steps})
        output.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
        msg.info(f"{train.parent.name} {seed} {way}: {[round(100 * one['f'], 1) for one in steps]}")
    for (dataset, seed, way), steps in done.items():
        if way == "suggest":
            print(make_row(dataset, seed, done[dataset, seed, "random"][-1], steps))


def read(path: Path) -> list[AnnotatedText]:
    """RETURNS (list[AnnotatedText]): Gold, without near-duplicates."""
    records = {record.text: record for record in read_annotations(path) if not record.rejected}
    return [records[text] for text in drop_near_duplicates(list(records), [])]


def make_docs(records: Sequence[AnnotatedText], learner: Learner) -> list[Doc]:
    """RETURNS (list[Doc]): Gold as Docs."""
    return [align(record, learner.nlp, OnMisaligned.snap)[0] for record in records]


def simulate(
    learner: Learner, rest: list[Doc], tested: Sequence[Doc], way: str, texts: int, step: int, enough: float = 1.0
) -> list[dict[str, Any]]:
    """Annotate texts in steps.

    learner (Learner): What learns.
    rest (list[Doc]): Gold Docs to choose from, in random order.
    tested (Sequence[Doc]): Gold Docs to score on.
    way (str): How to choose.
    texts (int): How many.
    step (int): After how many to learn again.
    enough (float): The F to end at.
    RETURNS (list[dict[str, Any]]): "texts", "entities" and "corrections" so far, and "f".
    """
    known: list[Doc] = []
    found, corrections, learned = [], 0, False
    while len(known) < min(texts, len(known) + len(rest)):
        waiting = rest[:step] if way == "random" else rest
        read_as = learner.read(waiting) if learned else [learner.nlp.make_doc(doc.text) for doc in waiting]
        if way == "random":
            places = list(range(len(waiting)))
        else:
            entropies = find_entropies(learner.nlp, read_as) if learned else [np.zeros(len(doc)) for doc in rest]
            places = choose(read_as, entropies, step)
        corrections += sum(count_corrections(entities(read_as[i]), entities(rest[i])) for i in places)
        known += [rest[i] for i in places]
        chosen = set(places)
        rest = [doc for i, doc in enumerate(rest) if i not in chosen]
        learner.learn(known)
        learned = True
        examples = list(map(Example, learner.read(tested), tested))
        f = float(np.nan_to_num(score_f(*count_by_doc(examples)[""].sum(axis=0))))
        count = sum(len(doc.ents) for doc in known)
        words = sum(map(len, known))
        found.append(
            {"texts": len(known), "words": words, "entities": count, "corrections": corrections, "f": round(f, 4)}
        )
        if f >= enough:
            break
    return found


def make_row(dataset: str, seed: int, random_: dict[str, Any], steps: Sequence[dict[str, Any]]) -> str:
    """RETURNS (str): The row of the table in README.md."""
    whats = ("texts", "entities", "corrections")
    taken = [" | ".join(f"{one[what]:.0f}" for what in whats) for one in (random_, reach(steps, random_["f"]))]
    return f"| {dataset}, {seed} | {100 * random_['f']:.1f} | {taken[0]} | {taken[1]} |"


def reach(steps: Sequence[dict[str, Any]], f: float) -> dict[str, Any]:
    """RETURNS (dict[str, Any]): What it took to reach an F; between two steps, in proportion. Not a number if nothing
    reached it."""
    before = dict.fromkeys(steps[0], 0.0)
    for one in steps:
        if one["f"] >= f:
            share = (f - before["f"]) / (one["f"] - before["f"])
            return {what: before[what] + share * (one[what] - before[what]) for what in one}
        before = one
    return dict.fromkeys(steps[0], float("nan"))


def entities(doc: Doc) -> set[tuple[int, int, str]]:
    """RETURNS (set[tuple[int, int, str]]): First token, token behind the last, and label of its entities."""
    return {(ent.start, ent.end, ent.label_) for ent in doc.ents}


if __name__ == "__main__":
    typer.run(main)
