"""Where to move a threshold to with few texts: nowhere, by the dev texts, or by parts of the training texts, too."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus, Example
from spacy.training.initialize import init_nlp
from spacy.util import load_config
from wasabi import msg

from spacy_domain.base.config import write_config
from spacy_domain.base.folds import learn_in_folds
from spacy_domain.base.strategy import Strategy
from spacy_domain.base.threshold import find_bias, move_threshold

RECIPE = Path(__file__).resolve().parents[1] / "configs/crf.cfg"
WAYS = ("as it is", "dev", "folds")
TESTED = 500  # texts: of the corpus, those that were not drawn


def main(
    corpora: list[Path] = typer.Argument(
        ..., help="Training corpora, DocBins, or folders of such, in folders that are named as they are"
    ),
    output: Path = typer.Option("benchmarks/results/few.json", help="JSON to add the numbers to"),
    lang: str = typer.Option("en", help="Their language"),
    texts: str = typer.Option("40,60,100,200,400", help="How many texts to have, of which a tenth is for dev"),
    seeds: str = typer.Option("0,1,2", help="Seeds: each draws other texts"),
) -> None:
    """Draw few texts of a corpus, train, move the threshold in each way, and write F on others of its texts."""
    rows = json.loads(output.read_text()) if output.exists() else []
    done = {(row["dataset"], row["texts"], row["seed"]) for row in rows}
    for path, number, seed in product(corpora, map(int, texts.split(",")), map(int, seeds.split(","))):
        name = path.parent.name
        if (name, number, seed) in done:
            continue
        docs = [example.reference for example in Corpus(path)(spacy.blank(lang))]
        random.Random(f"{number} {seed}").shuffle(docs)
        drawn, tested = docs[:number], docs[number : number + TESTED]
        scores = dict(measure(drawn[number // 10 :], drawn[: number // 10], tested, lang))
        rows.append({"dataset": name, "texts": number, "seed": seed, "f": scores})
        output.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
        msg.info(f"{name} {number} {seed}: " + ", ".join(f"{way} {100 * f:.1f}" for way, f in scores.items()))
    print("\n".join(make_table(rows)))


def measure(train: Sequence[Doc], dev: Sequence[Doc], tested: Sequence[Doc], lang: str) -> Iterator[tuple[str, float]]:
    """YIELDS (tuple[str, float]): A way, and F of what it gives on texts that nothing was chosen on."""
    with TemporaryDirectory() as folder:
        config, path = Path(folder) / "config.cfg", Path(folder) / "train.spacy"
        write_config(config, RECIPE, f"blank:{lang}", Strategy.update, "", -1, 0)
        DocBin(docs=train).to_disk(path)
        nlp = init_nlp(load_config(config, overrides={"paths.train": str(path)}))
        examples = pair(nlp, dev)
        bias, _ = find_bias(nlp.get_pipe("crf"), set(nlp.pipe_labels["crf"]))
        trained = bias.copy()
        for way in WAYS:
            bias[:] = trained
            if way != WAYS[0]:
                folds = list(learn_in_folds(nlp, "crf", examples)) if way == "folds" else []
                move_threshold(nlp, "crf", examples, set(nlp.pipe_labels["crf"]), folds=folds)
            yield way, nlp.evaluate(pair(nlp, tested))["ents_f"] or 0.0


def pair(nlp: Language, docs: Sequence[Doc]) -> list[Example]:
    """RETURNS (list[Example]): Texts without entities, and with them."""
    return [
        Example(Doc(nlp.vocab, [token.text for token in doc], [bool(token.whitespace_) for token in doc]), doc)
        for doc in docs
    ]


def make_table(rows: list[dict]) -> Iterator[str]:
    """YIELDS (str): The lines of a table: F in each way, the mean of datasets and seeds, by number of texts."""
    found = defaultdict(list)
    for row in rows:
        for way in WAYS:
            found[row["texts"], way].append(100 * row["f"][way])
    yield "| texts | " + " | ".join(WAYS) + " |"
    yield "|---" * (1 + len(WAYS)) + "|"
    for number in sorted({row["texts"] for row in rows}):
        yield f"| {number} | " + " | ".join(f"{np.mean(found[number, way]):.1f}" for way in WAYS) + " |"


if __name__ == "__main__":
    typer.run(main)
