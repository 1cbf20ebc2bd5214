"""Choose the raw texts from which the model would learn most, and propose their entities."""

from pathlib import Path

import spacy

from spacy_domain.annotations.formats import find_writer
from spacy_domain.loop.learner import Learner
from spacy_domain.loop.proposals import Proposers
from spacy_domain.loop.suggesting import Sources, list_new_texts, make_docs
from spacy_domain.loop.suggesting import suggest as choose
from spacy_domain.loop.suggestion import to_records, write_suggestions
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.outputs import replacing
from spacy_domain.project.terminal import Arg, Opt, msg, run

FEWEST = 10  # annotated texts with entities, to learn from
SHOWN = 3


def suggest(
    raw_text: Path = Arg(..., help="Texts without annotations, in any format"),
    output: Path = Arg(..., help="Where to write what review shows"),
    annotations: Path = Opt(Path("none"), help="What is annotated already; there may be none"),
    reviews: Path = Opt(Path("assets/reviews"), help="The folder of decisions of review; there may be none"),
    model: Path = Opt(Path("training/model-best"), help="The pipeline that is unsure; without one, recipe is trained"),
    recipe: Path = Opt(Path("configs/crf.cfg"), help="A recipe that trains in seconds"),
    base_model: str = Opt("blank:en", help="The pipeline to build on"),
    patterns: Path = Opt(Path("assets/patterns.jsonl"), help="Patterns, as entity_ruler reads them; there may be none"),
    number: int = Opt(200, min=1, help="How many texts to choose"),
    to: str = Opt("none", help="Another tool's format to write beside, or none: prodigy, doccano, label_studio, ..."),
) -> None:
    """Choose the raw texts from which the model would learn most, and propose their entities."""
    sources = Sources(raw_text, annotations, reviews)
    known = sources.read_annotated()
    labels = sorted({span.label for record in known for span in record.spans})
    proposers = Proposers(base_model, patterns, labels)
    texts = list_new_texts(sources, known, proposers.nlp)
    if not texts:
        remedy = "Set --vars.raw_text to more texts: a text a line in a .txt, say."
        raise ProjectError("No raw texts that are not annotated yet", remedy)
    nlp = None
    if model.is_dir():
        nlp, by = spacy.load(model), f"{model}"
    elif sum(bool(record.spans) for record in known) >= FEWEST:
        learner = Learner(recipe, base_model)
        learner.learn(make_docs(known, learner.nlp))
        nlp, by = learner.nlp, f"a model that learned from {len(known)} texts"
    found = choose(texts, nlp, proposers, number)
    write_suggestions(output, found)
    if to != "none":
        writer = find_writer(to)
        with replacing(output.with_name(f"suggestions-{to}{writer.suffix}")) as path:
            path.write_text("".join(writer.write(to_records(found))), encoding="utf-8", newline="\n")
    how = f"those that {by} is least sure of" if nlp else "those that stand for many others: there is no model yet"
    msg.good(f"{len(found)} of {len(texts)} texts, {how}: {output}")
    for one in found[:SHOWN]:
        print(f"  {one.text[:100]}")


if __name__ == "__main__":
    run(suggest)
