"""Labels that a base's entity recognizer has, and the annotations have, too: whose reading of them counts.

What is decided here, once, is what the corpora hold. For all that follows, a label that a corpus has means what the
annotations say, and all others of the base's mean what the base says.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus

from ..project.errors import ProjectError
from .pipeline import find_ner, list_before, load_base
from .strategy import Strategy

READINGS = ("same", "annotated", "base")


class OnSharedLabels(StrEnum):
    """What to do with labels that the base's entity recognizer has, and the annotations have, too.

    redefine: they mean what the annotations say, everywhere; what the base says of them no longer counts.
    keep: they mean what the base says; what annotations say of them is not learned, and not scored.
    """

    redefine = "redefine"
    keep = "keep"


def compare_readings(base_model: str, strategy: Strategy, corpora: Iterable[Path]) -> dict[str, Counter]:
    """Count where base and annotations differ, for the labels that both have.

    base_model (str): The base pipeline, as in `load_base`.
    strategy (Strategy): What becomes of its entity recognizer.
    corpora (Iterable[Path]): The annotated corpora.
    RETURNS (dict[str, Counter]): By label: entities that are the "same", those of the "annotated" alone and those of
        the "base" alone. Empty if none is shared, or another recognizer takes the base's place, and its labels go.
    """
    if strategy is Strategy.replace:
        return {}
    nlp = load_base(base_model)
    ner = find_ner(nlp)
    if ner is None:
        return {}
    examples = [example for path in corpora for example in Corpus(path)(nlp)]
    shared = {ent.label_ for example in examples for ent in example.reference.ents} & set(nlp.pipe_labels[ner])
    found: dict[str, Counter] = {label: Counter(dict.fromkeys(READINGS, 0)) for label in sorted(shared)}
    if not shared:
        return {}
    with nlp.select_pipes(enable=list_before(nlp, ner)):
        for example, doc in zip(examples, nlp.pipe([example.predicted for example in examples]), strict=True):
            gold, predicted = (_entities(one, shared) for one in (example.reference, doc))
            for kind, ents in zip(READINGS, (gold & predicted, gold - predicted, predicted - gold), strict=True):
                for *_, label in ents:
                    found[label][kind] += 1
    return found


def _entities(doc: Doc, labels: set[str]) -> set[tuple[int, int, str]]:
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents if ent.label_ in labels}


def leave_to_base(corpora: Iterable[Path], labels: set[str]) -> None:
    """Have the tokens of entities with some labels be unknown.

    corpora (Iterable[Path]): The annotated corpora, changed in place: DocBins, or folders of them.
    labels (set[str]): The labels.
    RAISES (ProjectError): If no other label is left.
    """
    if not labels:
        return
    others, vocab = 0, Language().vocab
    for path in corpora:
        for file in sorted(path.glob("*.spacy")) if path.is_dir() else [path]:
            docbin = DocBin().from_disk(file)
            changed = DocBin(docbin.attrs, store_user_data=docbin.store_user_data)
            for doc in docbin.get_docs(vocab):
                unknown = [doc[token.i : token.i + 1] for token in doc if not token.ent_iob]
                theirs = [ent for ent in doc.ents if ent.label_ in labels]
                ours = [ent for ent in doc.ents if ent.label_ not in labels]
                others += len(ours)
                doc.set_ents(ours, missing=[*unknown, *theirs])
                changed.add(doc)
            changed.to_disk(file)
    if not others:
        raise ProjectError(
            f"There is nothing to learn: all labels are the base's, too ({', '.join(sorted(labels))})",
            "Have them mean what the annotations say (--vars.on_shared_labels=redefine), or give them other names.",
        )
