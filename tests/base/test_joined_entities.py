"""Whose entity stands where the base's and new ones meet, as properties of any spans."""

import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from spacy_domain.base.rehearsal import add_entities
from spacy_domain.recipes.components import BASE_ENTITIES, join_base_entities, set_base_entities_aside

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


@given(PIECES, PIECES)
@settings(max_examples=150, deadline=None)
def test_separate_entities_give_way_where_the_rule_says_so_and_nowhere_else(old, new):
    doc = Doc(NLP.vocab, words=list("abcdefghij"))
    doc.ents = old_spans = spans_of(doc, old)
    doc = set_base_entities_aside(doc)
    assert not doc.ents and all(token.ent_iob == 0 for token in doc)
    doc.ents = new_spans = spans_of(doc, new)
    taken = {token.i for span in new_spans for token in span}
    kept = [span for span in old_spans if not taken.intersection(range(span.start, span.end))]
    doc = join_base_entities(doc)
    assert set(doc.ents) == {*new_spans, *kept}
    assert list(doc.spans[BASE_ENTITIES]) == old_spans
