"""Scores by spaCy's scorer, and the counts behind them."""

from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Corpus, Example

from ..project.errors import ProjectError
from .mistakes import compare


def load_examples(nlp: Language, corpus: Path) -> list[Example]:
    """Read a corpus to score a pipeline on.

    nlp (Language): The pipeline.
    corpus (Path): DocBins with gold entities.
    RETURNS (List[Example]): Gold Docs, and the same texts to be predicted.
    RAISES (ProjectError): If there is no entity: spaCy would report scores of null and success.
    """
    examples = list(Corpus(corpus)(nlp))
    if not any(example.reference.ents for example in examples):
        raise ProjectError(
            f"No entities in {corpus}", "Scores need some: annotate more texts and run preprocess again."
        )
    return examples


def keep_labels(doc: Doc, labels: set[str]) -> Doc:
    """Leave only entities with certain labels in a Doc.

    doc (Doc): The Doc, changed in place.
    labels (set[str]): The labels.
    RETURNS (Doc): The same Doc. Tokens that were unknown stay so.
    """
    unknown = [doc[token.i : token.i + 1] for token in doc if not token.ent_iob]
    doc.set_ents([ent for ent in doc.ents if ent.label_ in labels], missing=unknown)
    return doc


def score(nlp: Language, examples: list[Example], labels: set[str]) -> dict[str, Any]:
    """Predict and score, with spaCy's own scorer and keys.

    nlp (Language): The pipeline.
    examples (List[Example]): What to score it on; the predictions are left in them.
    labels (set[str]): The labels that were annotated: the texts tell nothing about others that the pipeline may find.
    RETURNS (Dict[str, Any]): "ents_p", "ents_r", "ents_f" (none of the three where no component finds entities),
        "ents_per_type", "token_acc", "speed" (words per second) and
        whatever else the components score, and "counts": by label, how many are "gold", "predicted" and "correct".
    """
    start = perf_counter()
    for example, doc in zip(examples, nlp.pipe([example.predicted for example in examples]), strict=True):
        example.predicted = keep_labels(doc, labels)
    speed = sum(len(example.predicted) for example in examples) / (perf_counter() - start)
    scores = Scorer(nlp).score(examples)
    counts: dict[str, Counter] = {"gold": Counter(), "predicted": Counter(), "correct": Counter()}
    for example in examples:
        correct, missed, spurious = compare(example)
        counts["correct"].update(ent.label_ for ent in correct)
        counts["gold"].update(ent.label_ for ent in (*correct, *missed))
        counts["predicted"].update(ent.label_ for ent in (*correct, *spurious))
    found = sorted(counts["gold"] | counts["predicted"])
    by_label = scores.get("ents_per_type") or {}
    return {
        **{name: value for name, value in scores.items() if value is not None},
        "ents_per_type": {label: by_label[label] for label in sorted(by_label)},
        "speed": speed,
        "counts": {label: {name: counts[name][label] for name in counts} for label in found},
    }
