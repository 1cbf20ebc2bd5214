"""What a recognizer that goes on learning rehearses: its own entities, in the annotated texts and in raw ones.

(Pseudo-rehearsal: Robins 1995, Catastrophic forgetting, rehearsal and pseudorehearsal, Connection Science 7.)
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Corpus

from ..project.errors import ProjectError
from .docbin_folder import write_docbins
from .doubt import find_doubt
from .location import FIND_ENTITIES
from .outside import find_words, list_unknown, mark_outside, measure_likeness
from .pipeline import find_ner, list_before, list_pipes, load_base
from .strategy import NO_RAW_TEXT, Strategy

HELD_OUT = 500  # raw texts to score steps and set the threshold on, and as many to compare with the base on
SAMPLE = 20_000  # raw texts to choose from
LEAST_WORDS = 100_000  # of raw texts, however few the annotations are
PARTS = ("train", "dev", "beside", "outside", "test")


def write_rehearsal(
    folder: Path,
    base_model: str,
    strategy: Strategy,
    network: bool,
    train: Path,
    dev: Path,
    raw_texts: Iterable[str],
    ratio: float,
    outside: int,
    seed: int,
) -> dict[str, int]:
    """Write what to rehearse, as folders of DocBins with the base's entities: "train" (the training corpus, where the
    annotations leave room, and raw texts), "dev" (the dev corpus, and other raw texts with as many entities), "beside"
    (for a recognizer beside the base's: the training corpus, and raw texts in which new labels are not), "outside"
    (more of these) and "test" (raw texts that are in none of the others).

    folder (Path): A folder to write to.
    base_model (str): The base pipeline; if it has no entity recognizer, all parts are empty.
    strategy (Strategy): What becomes of its entity recognizer.
    network (bool): Whether a network learns. Unless one is updated, "train" and "dev" are empty.
    train (Path): The training corpus.
    dev (Path): The dev corpus.
    raw_texts (Iterable[str]): Raw texts, none of which is in dev or test.
    ratio (float): Words of raw texts in "train" for each word of the training corpus, if there are as many. Where that
        is less than 100,000 words, there are as many as that, and the training corpus is there several times.
    outside (int): How many raw texts "beside" has, at most.
    seed (int): Seed of the choice among them, where there are more.
    RETURNS (dict[str, int]): How many texts each part has, how many of them are raw ones, as "raw" of "train" and
        "unannotated" of "beside", how many annotated texts "train" has, each once or more, as "annotated", and how much
        raw texts are like those of the domain, in percent, as "likeness".
    RAISES (ProjectError): If the recognizer is to be updated, and no raw text is left to rehearse on.
    """
    nlp = load_base(base_model)
    ner = find_ner(nlp)
    if ner is None:
        return {**{part: _write(folder, part, iter(())) for part in PARTS}, "raw": 0, "unannotated": 0, "likeness": 0}
    # A network learns to find what it finds itself; beside it, what rules find counts, too
    last = ner if network and strategy is Strategy.update else list_pipes(nlp, FIND_ENTITIES)[-1]
    with nlp.select_pipes(enable=list_before(nlp, last)):
        texts = _sample(raw_texts, SAMPLE, seed)
        held_out = min(HELD_OUT, len(texts) // 10)
        for_test, for_dev, pool = texts[:held_out], texts[held_out : 2 * held_out], texts[2 * held_out :]
        counts = {"test": _write(folder, "test", nlp.pipe(for_test)), "raw": 0}
        annotated = [example.reference for example in Corpus(train)(nlp)]
        words, labels = find_words(annotated)
        read = list(nlp.pipe(for_dev))
        counts["likeness"] = round(100 * measure_likeness(read, [eg.reference for eg in Corpus(dev)(nlp)], words))
        outside_docs = mark_outside((doc.copy() for doc in read), words, labels)
        counts |= {"outside": _write(folder, "outside", iter(outside_docs))}
        docs = chain(annotated, mark_outside(nlp.pipe(pool[:outside]), words, labels))
        counts |= {"beside": _write(folder, "beside", docs), "unannotated": len(pool[:outside])}
        if strategy is Strategy.update and not pool:
            raise ProjectError(*NO_RAW_TEXT)
        if strategy is Strategy.update and network:
            return counts | _write_update(folder, nlp, train, dev, read, pool, ratio)
        return counts | {part: _write(folder, part, iter(())) for part in ("train", "dev")}


def _write_update(
    folder: Path, nlp: Language, train: Path, dev: Path, raw: list[Doc], pool: list[str], ratio: float
) -> dict[str, int]:
    texts = list(_predict(nlp, train))
    labels = {ent.label_ for doc, _ in texts for ent in doc.ents}
    wanted = ratio * sum(len(doc) for doc, _ in texts)
    pool = list(_until(pool, nlp, max(wanted, LEAST_WORDS)))
    tokens = [nlp.make_doc(text) for text in pool]
    doubt = find_doubt([doc for doc, _ in texts], (predicted for _, predicted in texts), tokens)
    times = max(1, round(sum(map(len, tokens)) / wanted)) if wanted else 1
    joined = [add_entities(doc, predicted.ents, labels) for doc, predicted in texts]
    docs = chain((doc for doc in joined for _ in range(times)), map(doubt.leave_open, nlp.pipe(pool)))
    counts = {"train": _write(folder, "train", docs), "raw": len(pool), "annotated": len(joined)}
    # As many entities with old labels as with new ones: both weigh the same in the F that training tells of
    entities = sum(len(example.reference.ents) for example in Corpus(dev)(nlp))
    known_in_dev = list(_until_entities(map(replace(doubt, known=1.0).leave_open, raw), entities))
    held_out_docs = (_leave_room(doc, predicted.ents, labels) for doc, predicted in _predict(nlp, dev))
    return counts | {"dev": _write(folder, "dev", chain(held_out_docs, known_in_dev))}


def _until(texts: Iterable[str], nlp: Language, words: float) -> Iterator[str]:
    for text in texts:
        if words <= 0:
            return
        words -= len(nlp.make_doc(text))
        yield text


def _until_entities(docs: Iterable[Doc], entities: int) -> Iterator[Doc]:
    for doc in docs:
        if entities <= 0:
            return
        entities -= len(doc.ents)
        yield doc


def _predict(nlp: Language, corpus: Path) -> Iterator[tuple[Doc, Doc]]:
    """The texts of a corpus: as annotated, and as the base reads them."""
    docs = ((example.predicted, example.reference) for example in Corpus(corpus)(nlp))
    return ((annotated, predicted) for predicted, annotated in nlp.pipe(docs, as_tuples=True))


def add_entities(doc: Doc, entities: Iterable[Span], annotated: set[str]) -> Doc:
    """Add predicted entities to annotated ones, which win where they overlap.

    doc (Doc): A Doc with the annotated entities; its tokens may be unknown to them.
    entities (Iterable[Span]): The predicted entities of the same tokens.
    annotated (set[str]): The labels that annotators looked for: what they left without one has none.
    RETURNS (Doc): The same Doc. Tokens that neither claims stay what they are, outside or unknown.
    """
    new = _beside(doc, entities, annotated)
    claimed = {token.i for ent in new for token in ent}
    doc.set_ents([*doc.ents, *new], missing=[span for span in list_unknown(doc) if span.start not in claimed])
    return doc


def _leave_room(doc: Doc, entities: Iterable[Span], annotated: set[str]) -> Doc:
    """Have the tokens that predicted entities alone claim be unknown."""
    doc.set_ents(list(doc.ents), missing=[*list_unknown(doc), *_beside(doc, entities, annotated)])
    return doc


def _beside(doc: Doc, entities: Iterable[Span], annotated: set[str]) -> list[Span]:
    """Predicted entities with labels that were not annotated, where no annotated entity is."""
    taken = {token.i for ent in doc.ents for token in ent}
    return [
        Span(doc, ent.start, ent.end, ent.label_)
        for ent in entities
        if ent.label_ not in annotated and not taken.intersection(range(ent.start, ent.end))
    ]


def _sample(texts: Iterable[str], size: int, seed: int) -> list[str]:
    """Choose texts with equal chances, holding few at a time (reservoir sampling: Vitter 1985, algorithm R)."""
    chance = random.Random(seed)
    rest = iter(texts)
    chosen = list(islice(rest, size))
    for number, text in enumerate(rest, size):
        place = chance.randrange(number + 1)
        if place < size:
            chosen[place] = text
    chance.shuffle(chosen)
    return chosen


def _write(folder: Path, part: str, docs: Iterator[Doc]) -> int:
    return write_docbins(folder / part, docs, f"Rehearsal {part}")
