"""Whose entity stands where the base's and new ones meet, as properties of any spans."""

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_domain.base.rehearsal import add_entities
from spacy_domain.recipes.components import BASE_ENTITIES, JoinEntities, set_base_entities_aside

NLP = spacy.blank("en")
PIECES = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3), st.sampled_from(["A", "B", "C"])), max_size=5)


def spans_of(doc, pieces):
    """Spans that do not overlap."""
    found, end = [], 0
    for start, length, label in sorted(pieces):
        if start >= end and start + length <= len(doc):
            found.append(Span(doc, start, start + length, label))
            end = start + length
    return found


@given(PIECES, PIECES, st.sets(st.integers(0, 9)), st.sets(st.sampled_from(["A", "B", "C"])))
@settings(max_examples=150, deadline=None)
def test_merging_gold_and_predicted_entities(gold, predicted, unknown, annotated):
    """Gold wins, room is filled, and what neither claims stays as it was."""
    doc = Doc(NLP.vocab, words=list("abcdefghij"))
    gold_spans = spans_of(doc, gold)
    taken = {token.i for span in gold_spans for token in span}
    doc.set_ents(gold_spans, missing=[doc[n : n + 1] for n in unknown - taken])
    before = [(token.ent_iob_, token.ent_type_) for token in doc]
    other = Doc(NLP.vocab, words=list("abcdefghij"))
    new = spans_of(other, predicted)
    add_entities(doc, new, annotated)
    kept = {(span.start, span.end, span.label_) for span in doc.ents}
    assert {(span.start, span.end, span.label_) for span in gold_spans} <= kept
    for span in new:
        free = not any(token.i in taken for token in span)
        assert ((span.start, span.end, span.label_) in kept) == (free and span.label_ not in annotated) or not free
    claimed = {n for start, end, _ in kept for n in range(start, end)}
    for token in doc:
        if token.i not in claimed:
            assert (token.ent_iob_, token.ent_type_) == before[token.i]


@given(PIECES, PIECES, st.sets(st.sampled_from(["A", "B", "C"])))
@settings(max_examples=150, deadline=None)
def test_the_base_keeps_what_it_found_but_for_redefined_labels(old, new, redefined):
    doc = Doc(NLP.vocab, words=list("abcdefghij"))
    doc.ents = old_spans = spans_of(doc, old)
    doc = set_base_entities_aside(doc)
    assert not doc.ents and all(token.ent_iob == 0 for token in doc)
    doc.ents = new_spans = spans_of(doc, new)
    kept = [span for span in old_spans if span.label_ not in redefined]
    taken = {token.i for span in kept for token in span}
    doc = JoinEntities(NLP, sorted(redefined), surer=False)(doc)
    assert set(doc.ents) == {
        *kept,
        *(span for span in new_spans if not taken.intersection(range(span.start, span.end))),
    }
    assert list(doc.spans[BASE_ENTITIES]) == old_spans


class Sure:
    """A recognizer that finds one entity, and how sure it is of it."""

    def __init__(self, start, end, label, confidence):
        self.found, self.confidence = (start, end, label), confidence

    def __call__(self, doc):
        if not doc.ents:
            doc.ents = [Span(doc, *self.found)]
        return doc

    def score_entities(self, docs):
        start, end, label = self.found
        choices = [np.array([0.0, np.log(1 / self.confidence - 1)])]
        return [{(start, end, doc.vocab.strings[label]): choices} for doc in docs]


@pytest.mark.parametrize(
    "strategy, base, new, stays",
    [
        ("separate", 0.2, 0.9, "CITY"),
        ("surer", 0.2, 0.9, "DISH"),
        ("surer", 0.9, 0.2, "CITY"),
    ],
)
def test_where_both_find_something_the_rule_says_what_stays(strategy, base, new, stays):
    nlp = spacy.blank("en")

    @Language.factory("city")
    def city(nlp: Language, name: str):
        return Sure(0, 2, "CITY", base)

    @Language.factory("dish")
    def dish(nlp: Language, name: str):
        return Sure(1, 3, "DISH", new)

    for factory in ("city", "set_base_entities_aside", "dish"):
        nlp.add_pipe(factory)
    nlp.add_pipe("join_entities", config={"surer": strategy == "surer"})
    doc = nlp("one two three four")
    assert [ent.label_ for ent in doc.ents] == [stays]
    assert [ent.label_ for ent in doc.spans[BASE_ENTITIES]] == ["CITY"]
