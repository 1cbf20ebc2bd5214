"""Labels that a base's entity recognizer has, and the annotations have, too: whose reading of them counts.

What is decided here, once, is what the corpora hold. For all that follows, a label that a corpus has means what the
annotations say, and all others of the base's mean what the base says.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Corpus

from ..project.errors import ProjectError
from .alike_labels import LOOKED_AT, find_alike
from .location import FIND_ENTITIES
from .outside import list_unknown
from .pipeline import find_labels, find_ner, list_before, list_pipes, load_base
from .strategy import Strategy

READINGS = ("same", "annotated", "base")


class OnSharedLabels(StrEnum):
    """What to do with labels that the base's entity recognizer has, and the annotations have, too.

    redefine: they mean what the annotations say, everywhere; what the base says of them no longer counts.
    keep: they mean what the base says; what annotations say of them is not learned, and not scored.
    """

    redefine = "redefine"
    keep = "keep"


def parse_rule(rule: str) -> tuple[OnSharedLabels, dict[str, str]]:
    """Read what to do with labels of both.

    rule (str): "redefine", "keep", or new names for annotated labels: "DATE=WHEN,TIME=CLOCK".
    RETURNS (tuple[OnSharedLabels, dict[str, str]]): What to do with labels that both have then, and new names.
    RAISES (ProjectError): If it is none of these.
    """
    if rule in [*OnSharedLabels]:
        return OnSharedLabels(rule), {}
    pairs = [[name.strip() for name in pair.split("=")] for pair in rule.split(",")]
    names = dict(pair for pair in pairs if len(pair) == 2 and all(pair))
    if len(names) < len(pairs):
        raise ProjectError(
            f"on_shared_labels cannot be {rule!r}",
            "Set --vars.on_shared_labels to redefine, to keep, or to new names for your labels: DATE=WHEN,TIME=CLOCK.",
        )
    return OnSharedLabels.redefine, names


class Readings(NamedTuple):
    """How base and annotations read the same texts.

    shared (dict[str, Counter]): By label that both have: entities that are the "same", those of the "annotated" alone
        and those of the "base" alone.
    alike (dict[str, tuple[str, int, int]]): As `find_alike` gives it.
    """

    shared: dict[str, Counter]
    alike: dict[str, tuple[str, int, int]]


def settle_shared(
    base_model: str, strategy: Strategy, corpora: Sequence[Path], on_shared: OnSharedLabels, names: Mapping[str, str]
) -> Readings:
    """Have the labels that base and annotations share mean what was decided.

    base_model (str): The base pipeline, as in `load_base`.
    strategy (Strategy): What becomes of its entity recognizer.
    corpora (Sequence[Path]): The annotated corpora, changed in place.
    on_shared (OnSharedLabels): What these labels will mean.
    names (Mapping[str, str]): New names for annotated labels.
    RETURNS (Readings): As `compare_readings` gives it, for the labels under their new names.
    """
    rename_labels(corpora, names)
    readings = compare_readings(base_model, strategy, corpora)
    if on_shared is OnSharedLabels.keep:
        leave_to_base(corpora, set(readings.shared))
    return readings


def compare_readings(base_model: str, strategy: Strategy, corpora: Iterable[Path]) -> Readings:
    """Count where base and annotations differ, for the labels that both have, and find those that may be the same.

    base_model (str): The base pipeline, as in `load_base`.
    strategy (Strategy): What becomes of its entity recognizer.
    corpora (Iterable[Path]): The annotated corpora.
    RETURNS (Readings): What was found; nothing where another recognizer takes the base's place, and its labels go.
    """
    if strategy is Strategy.replace:
        return Readings({}, {})
    nlp = load_base(base_model)
    if find_ner(nlp) is None:
        return Readings({}, {})
    examples = [example for path in corpora for example in Corpus(path)(nlp)]
    labels = find_labels(nlp)
    shared = {ent.label_ for example in examples for ent in example.reference.ents} & labels
    found: dict[str, Counter] = {label: Counter(dict.fromkeys(READINGS, 0)) for label in sorted(shared)}
    if not shared:
        examples = examples[:LOOKED_AT]
    with nlp.select_pipes(enable=list_before(nlp, list_pipes(nlp, FIND_ENTITIES)[-1])):
        predicted = list(nlp.pipe([example.predicted for example in examples]))
    for example, doc in zip(examples, predicted, strict=True):
        gold, read = (_entities(one, shared) for one in (example.reference, doc))
        for kind, ents in zip(READINGS, (gold & read, gold - read, read - gold), strict=True):
            for *_, label in ents:
                found[label][kind] += 1
    return Readings(found, find_alike((example.reference for example in examples), predicted, labels))


def tell_shared(shared: Iterable[str], on_shared: OnSharedLabels) -> tuple[str, str]:
    """RETURNS (tuple[str, str]): What labels of both will mean, in words, and what else they could."""
    who, other = ("annotations say", "keep") if on_shared is OnSharedLabels.redefine else ("base says", "redefine")
    rename = ",".join(f"{label}=NEW_{label}" for label in shared)
    remedy = f"Or the other way: --vars.on_shared_labels={other}. Or give yours other names, and both are kept: "
    return f"They will mean what the {who}, in all texts", f"{remedy}--vars.on_shared_labels={rename}"


def _entities(doc: Doc, labels: set[str]) -> set[tuple[int, int, str]]:
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents if ent.label_ in labels}


def rename_labels(corpora: Iterable[Path], names: Mapping[str, str]) -> None:
    """Give annotated labels other names.

    corpora (Iterable[Path]): The annotated corpora, changed in place: DocBins, or folders of them.
    names (Mapping[str, str]): The new names, by label.
    RAISES (ProjectError): If nothing is annotated with one of the labels.
    """
    found: set[str] = set()

    def rename(doc: Doc) -> Doc:
        found.update(ent.label_ for ent in doc.ents)
        ents = [Span(doc, ent.start, ent.end, names.get(ent.label_, ent.label_)) for ent in doc.ents]
        doc.set_ents(ents, missing=list_unknown(doc))
        return doc

    if names:
        _change(corpora, rename)
    if missing := sorted(set(names) - found):
        raise ProjectError(
            f"Nothing is annotated with {', '.join(missing)}, which on_shared_labels gives another name",
            f"The labels are: {', '.join(sorted(found))}.",
        )


def leave_to_base(corpora: Iterable[Path], labels: set[str]) -> None:
    """Have the tokens of entities with some labels be unknown.

    corpora (Iterable[Path]): The annotated corpora, changed in place: DocBins, or folders of them.
    labels (set[str]): The labels.
    RAISES (ProjectError): If no other label is left.
    """
    if not labels:
        return
    others = 0

    def leave(doc: Doc) -> Doc:
        nonlocal others
        theirs = [ent for ent in doc.ents if ent.label_ in labels]
        ours = [ent for ent in doc.ents if ent.label_ not in labels]
        others += len(ours)
        doc.set_ents(ours, missing=[*list_unknown(doc), *theirs])
        return doc

    _change(corpora, leave)
    if not others:
        raise ProjectError(
            f"There is nothing to learn: all labels are the base's, too ({', '.join(sorted(labels))})",
            "Have them mean what the annotations say (--vars.on_shared_labels=redefine), or give them other names.",
        )


def _change(corpora: Iterable[Path], change: Callable[[Doc], Doc]) -> None:
    vocab = Language().vocab
    for path in corpora:
        for file in sorted(path.glob("*.spacy")) if path.is_dir() else [path]:
            docbin = DocBin().from_disk(file)
            changed = DocBin(docbin.attrs, store_user_data=docbin.store_user_data)
            for doc in docbin.get_docs(vocab):
                changed.add(change(doc))
            changed.to_disk(file)
