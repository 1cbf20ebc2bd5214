"""How the pipelines of a study do on texts that none of them has seen."""

from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.training import Corpus

from ..project.errors import Place, ProjectError
from ..scoring.intervals import count_by_doc
from ..scoring.scores import load_examples, score


class HeldOut(NamedTuple):
    """What to score a pipeline on.

    corpus (Path): The corpus.
    annotated (set[str]): The labels that were annotated.
    texts (Optional[Set[str]]): The texts of the corpus that it has not seen; None for all of them.
    """

    corpus: Path
    annotated: set[str]
    texts: frozenset[str] | None = None


def refuse_learned(train: Path, corpus: Path) -> None:
    """Refuse to score on texts that are learned from, as they are where there are too few to keep some.

    train (Path): The training corpus.
    corpus (Path): What would be scored on.
    RAISES (ProjectError): If training has all of its texts.
    """
    learned, scored = ({example.text for example in Corpus(path)(spacy.blank("xx"))} for path in (train, corpus))
    if scored <= learned:
        raise ProjectError(
            "There are no texts to score on but those that are trained on",
            "Annotate at least ten texts with entities, better 50, and some of them are kept. With fewer, run "
            "cross-validate: it reads each by a pipeline that never saw it.",
            [Place(str(corpus), None, f"all of its {len(scored)} texts are in {train}, too")],
        )


def score_held_out(model: Path, what: HeldOut) -> dict[str, Any]:
    """Score a pipeline.

    model (Path): Its folder.
    what (HeldOut): What to score it on.
    RETURNS (dict[str, Any]): "p", "r" and "f", and "counts": correct, missed and spurious entities by document.
    """
    nlp = spacy.load(model)
    examples = [eg for eg in load_examples(nlp, what.corpus) if what.texts is None or eg.text in what.texts]
    scores = score(nlp, examples, what.annotated)
    return {**{key: scores[f"ents_{key}"] or 0.0 for key in "prf"}, "counts": count_by_doc(examples)[""].tolist()}
