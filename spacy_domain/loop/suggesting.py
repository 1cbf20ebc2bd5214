"""Raw texts -> the ones to annotate next, with what can be proposed for them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz
from spacy.language import Language
from spacy.tokens import Doc

from ..annotations import AnnotatedText, CharSpan
from ..corpora.align import OnMisaligned, align
from ..corpora.minhash import find_candidates, sign
from ..corpora.normal_form import NUMBER, normal_form
from ..corpora.raw import read_raw_texts
from ..corpora.repeats import merge
from .choice import choose
from .forms import form_of
from .proposals import Proposers, join
from .suggestion import Suggestion
from .texts import has_content, read_known
from .uncertainty import find_entropies

LOOKED_AT = 20_000  # raw texts that the model reads, drawn by chance
SIMILAR = 95  # per cent, as in corpora/duplicates.py
ORDER = ("patterns", "model", "base")


@dataclass(frozen=True)
class Sources:
    """Where texts and annotations are; each may be missing.

    raw_text (Path): Texts without annotations.
    annotations (Path): Texts that were annotated by whatever means.
    reviews (Path): The folder of decisions.
    """

    raw_text: Path
    annotations: Path
    reviews: Path

    def read_annotated(self) -> list[AnnotatedText]:
        """RETURNS (list[AnnotatedText]): What is annotated, each text once; where annotators differ and there is no
        majority, the last one counts."""
        same = self.reviews.resolve() in (self.annotations.resolve(), *self.annotations.resolve().parents)
        paths = [self.annotations] if same else [self.annotations, self.reviews]
        versions: dict[str, list[AnnotatedText]] = {}
        for path in paths:
            for record in read_known(path):
                versions.setdefault(record.text, []).append(record)
        return [merge(some)[0] or some[-1] for some in versions.values()]


def make_docs(records: Iterable[AnnotatedText], nlp: Language) -> list[Doc]:
    """RETURNS (list[Doc]): Records as Docs with entities; spans are widened to whole tokens."""
    return [align(record, nlp, OnMisaligned.snap)[0] for record in records]


def list_new_texts(sources: Sources, known: Sequence[AnnotatedText], nlp: Language, seed: int = 0) -> list[str]:
    """List raw texts that tell something new, in random order.

    sources (Sources): Where they are.
    known (Sequence[AnnotatedText]): What is annotated already.
    nlp (Language): The pipeline whose tokenizer the model will use.
    seed (int): Seed of the order.
    RETURNS (list[str]): Texts that are nearly the same as none that is annotated, nor as one another.
    """
    texts = list(read_raw_texts(sources.raw_text, (), nlp)) if has_content(sources.raw_text) else []
    random.Random(seed).shuffle(texts)
    done = {form_of(record.text): record.text for record in known}
    texts = [text for text in texts[:LOOKED_AT] if form_of(text) not in done]
    return drop_near_duplicates(texts, list(done.values()))


def drop_near_duplicates(texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """Leave out texts that are nearly the same as an earlier one.

    texts (Sequence[str]): The texts.
    known (Sequence[str]): Texts that count as earlier ones.
    RETURNS (list[str]): The others, in their order.
    """
    forms = [normal_form(text) or " " for text in (*known, *texts)]
    if not texts:
        return []
    signatures = sign(forms, [" ".join(NUMBER.findall(form)) for form in forms])
    dropped = np.zeros(len(forms), dtype=bool)
    for ones, others in find_candidates(signatures, np.arange(len(forms))):
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            first, later = sorted((one, other))
            if later >= len(known) and not dropped[later] and not dropped[first]:
                dropped[later] = fuzz.ratio(forms[one], forms[other], score_cutoff=SIMILAR) > 0
    return [text for text, gone in zip(texts, dropped[len(known) :], strict=True) if not gone]


def suggest(texts: Sequence[str], nlp: Language | None, proposers: Proposers, number: int) -> list[Suggestion]:
    """Choose texts to annotate next.

    texts (Sequence[str]): Texts to choose from.
    nlp (Optional[Language]): A pipeline that has learned something; None if there is none yet.
    proposers (Proposers): What proposes entities beside it.
    number (int): How many to choose.
    RETURNS (list[Suggestion]): The suggestions, the best first.
    """
    if nlp:
        docs = list(nlp.pipe(texts))
        entropies: list[Any] = find_entropies(nlp, docs)
    else:
        docs = [proposers.nlp.make_doc(text) for text in texts]
        entropies = [np.zeros(len(doc)) for doc in docs]
    places = choose(docs, entropies, number)
    proposed = proposers.propose([texts[i] for i in places])
    found = []
    for i, proposal in zip(places, proposed, strict=True):
        if nlp:
            proposal["model"] = [CharSpan(ent.start_char, ent.end_char, ent.label_) for ent in docs[i].ents]
        spans, source = join(proposal, ORDER, docs[i])
        found.append(Suggestion(texts[i], spans, source, float(entropies[i].sum())))
    return found
