"""What training has seen annotated, for a rule to find it again; recipes name this reader with `@`."""

from collections import Counter, defaultdict
from pathlib import Path

import spacy
from spacy.matcher import PhraseMatcher
from spacy.training import Corpus
from spacy.training.corpus import walk_corpus
from spacy.util import filter_spans, registry

# How often entities with annotated labels are in texts of other kinds, at most, as a share of in annotated ones
MOST_ANNOTATED = 0.1


@registry.readers("template.seen_entities.v1")
def read_seen_entities(corpus: Path, precision: float, raw: Path | None = None) -> list[dict[str, str]]:
    """List the entities of the training corpus that mean the same nearly wherever they are read, in any case.

    corpus (Path): The training corpus.
    precision (float): How often the words have to be an entity with that label, of all times that they occur in the
        corpus, from 0 to 1. Where the annotations leave open what they are, they are not counted.
    raw (Optional[Path]): Texts without annotations, perhaps beside those of the corpus. What is there more often than
        entities may, by MOST_ANNOTATED, is none the other times: a rule sees no more than the words.
    RETURNS (list[dict[str, str]]): Patterns for spaCy's `entity_ruler`, to match by LOWER.
    """
    vocab = spacy.blank("xx").vocab
    docs = list(Corpus(corpus).read_docbin(vocab, walk_corpus(corpus, ".spacy")))
    matcher = PhraseMatcher(vocab, attr="LOWER")
    for doc in docs:
        for ent in doc.ents:
            matcher.add(ent.text.lower(), [ent.as_doc()])
    right: defaultdict[str, Counter] = defaultdict(Counter)
    all_times: Counter = Counter()
    for doc in docs:
        labels = {(ent.start, ent.end): ent.label_ for ent in doc.ents}
        for match in filter_spans(matcher(doc, as_spans=True)):
            if all(token.ent_iob for token in match):
                all_times[match.label_] += 1
                if (match.start, match.end) in labels:
                    right[match.label_][labels[match.start, match.end]] += 1
    known, in_raw, words = {doc.text for doc in docs}, Counter[str](), 0
    for doc in Corpus(raw).read_docbin(vocab, walk_corpus(raw, ".spacy")) if raw else ():
        if doc.text not in known:
            in_raw.update(match.label_ for match in filter_spans(matcher(doc, as_spans=True)))
            words += len(doc)
    may_be = MOST_ANNOTATED * words / max(1, sum(map(len, docs)))
    patterns = []
    for text, counts in sorted(right.items()):
        label, times = counts.most_common(1)[0]
        if times >= precision * (all_times[text] + max(0.0, in_raw[text] - may_be * counts.total())):
            patterns.append({"label": label, "pattern": text})
    return patterns
