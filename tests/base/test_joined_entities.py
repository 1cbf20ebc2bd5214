"""Whose entity stands where the base's and new ones meet, as properties of any spans."""

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.lookups import Table
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_domain.base.domain_words import weigh_words
from spacy_domain.base.joining import find_filling, find_least
from spacy_domain.base.rehearsal import add_entities
from spacy_domain.recipes.joined_entities import (
    BASE_ENTITIES,
    WORDS,
    JoinEntities,
    find_evidence,
    set_base_entities_aside,
)

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


@given(PIECES, PIECES, st.sets(st.sampled_from(["A", "B", "C"])), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_base_keeps_what_it_found_but_for_redefined_labels(old, new, redefined, fills):
    doc = Doc(NLP.vocab, words=list("abcdefghij"))
    doc.ents = old_spans = spans_of(doc, old)
    doc = set_base_entities_aside(doc)
    assert not doc.ents and all(token.ent_iob == 0 for token in doc)
    doc.ents = new_spans = spans_of(doc, new)
    kept = [span for span in old_spans if span.label_ not in redefined]
    taken = {token.i for span in kept for token in span}
    filling = ["A"] if fills else []
    doc = JoinEntities(NLP, sorted(redefined), filling=filling)(doc)
    kept += [span for span in new_spans if not taken.intersection(range(span.start, span.end))]
    taken |= {token.i for span in kept for token in span}
    more = [span for span in old_spans if span.label_ in redefined.intersection(filling)]
    assert set(doc.ents) == {*kept, *(span for span in more if not taken.intersection(range(span.start, span.end)))}
    assert list(doc.spans[BASE_ENTITIES]) == old_spans


class Sure:
    """A recognizer that finds one entity, and how sure it is of it."""

    def __init__(self, start, end, label, confidence):
        self.found, self.confidence = (start, end, label), confidence  # by the text

    def __call__(self, doc):
        if not doc.ents:
            doc.ents = [Span(doc, *self.found)]
        return doc

    def score_entities(self, docs):
        start, end, label = self.found
        return [
            {(start, end, doc.vocab.strings[label]): [np.array([0.0, np.log(1 / self.confidence(doc.text) - 1)])]}
            for doc in docs
        ]


@pytest.mark.parametrize(
    "settings, base, new, stays",
    [
        ({}, 0.2, 0.9, "CITY"),
        ({"surer": True}, 0.2, 0.9, "DISH"),
        ({"surer": True}, 0.9, 0.2, "CITY"),
        ({"least": 2.0}, 0.5, 0.9, "DISH"),
        ({"least": 2.0}, 0.9, 0.9, "CITY"),
        ({"least": 2.0}, 0.1, 0.8, "DISH"),
        ({"least": 0.0}, 1.0, 0.99, "CITY"),
    ],
)
def test_where_both_find_something_the_rule_says_what_stays(settings, base, new, stays):
    nlp = two_recognizers(base, lambda text: new)
    nlp.add_pipe("combine_recognizers", config=settings)
    doc = nlp("one two three four")
    assert [ent.label_ for ent in doc.ents] == [stays]
    assert [ent.label_ for ent in doc.spans[BASE_ENTITIES]] == ["CITY"]
    for factory in ("join_entities", "merge_recognizers"):  # as pipelines of earlier versions have it
        if factory == "merge_recognizers" or "least" not in settings:
            nlp.remove_pipe(nlp.pipe_names[-1])
            nlp.add_pipe(factory, config=settings)
            assert [ent.label_ for ent in nlp("one two three four").ents] == [stays]


def two_recognizers(base, confidence):
    nlp = spacy.blank("en")

    @Language.factory("city")
    def city(nlp: Language, name: str):
        return Sure(0, 2, "CITY", lambda text: base)

    @Language.factory("dish")
    def dish(nlp: Language, name: str):
        return Sure(1, 3, "DISH", confidence)

    for factory in ("city", "set_base_entities_aside", "dish"):
        nlp.add_pipe(factory)
    return nlp


def test_the_new_one_wins_where_it_is_surer_than_nearly_all_raw_texts_let_it_be():
    """Of 400 cities, 1 may be lost: to what is surer than all but 1 dish in their place."""
    nlp = two_recognizers(0.5, lambda text: int(text.split()[-1]) / 1000)
    for redefined, least in (([], np.log(0.948 / 0.052)), (["CITY"], 0.0)):
        outside = [Example(doc, doc.copy()) for doc in (nlp.make_doc(f"one two three {n}") for n in range(550, 950))]
        assert find_least(nlp, redefined, outside, Table(WORDS)) == pytest.approx(least)


DOMAIN, OTHERS = ["one two three soup"], ["one two three law"]


def test_in_a_text_of_the_domain_less_has_to_speak_for_a_new_entity(tmp_path):
    """Its words tell which one that is, in the pipeline that is saved and loaded, too."""
    nlp = two_recognizers(0.5, lambda text: 0.8)
    join = nlp.add_pipe("combine_recognizers", config={"least": 1.5})
    join.words = weigh_words(map(nlp.make_doc, DOMAIN), map(nlp.make_doc, OTHERS))
    expected = {"soup": "DISH", "law": "CITY", "nothing": "CITY"}
    nlp.to_disk(tmp_path / "pipeline")
    loaded = [spacy.load(tmp_path / "pipeline") for _ in range(2)]
    loaded[1].get_pipe("combine_recognizers").words = Table(WORDS)
    loaded[1].from_bytes(nlp.to_bytes())
    for one in (nlp, *loaded):
        assert {word: one(f"one two three {word}").ents[0].label_ for word in expected} == expected
    doc = nlp.make_doc("never seen before")
    assert join.measure_likeness(doc) == 0.0 < join.measure_likeness(nlp.make_doc("SOUP " * 2))


def test_in_a_text_unlike_the_domain_more_has_to_speak_for_a_new_entity():
    """Also where the base finds nothing: "put" begins many a command to a calendar, and is in every recipe."""
    nlp = two_recognizers(0.9, lambda text: 0.6)
    nlp.remove_pipe("city")
    join = nlp.add_pipe("combine_recognizers", config={"alone": 0.0})
    join.words = weigh_words(map(nlp.make_doc, DOMAIN), map(nlp.make_doc, OTHERS))
    found = {text: len(nlp(text).ents) for text in ("one two three soup", "one two three four", "one two law law law")}
    assert list(found.values()) == [1, 1, 0]


def test_raw_texts_that_are_unlike_the_domain_do_not_lower_what_is_needed_elsewhere():
    """Texts of yet another kind may be like neither: what wins over the base there has nothing against it."""
    nlp = two_recognizers(0.5, lambda text: int(text.split()[-1]) / 1000)
    for domain, others, more in ((DOMAIN, OTHERS, 0.0), (OTHERS, DOMAIN, np.log(7 / 5) / np.sqrt(3))):
        outside = [Example(doc, doc.copy()) for doc in (nlp.make_doc(f"one two law {n}") for n in range(550, 950))]
        words = weigh_words(map(nlp.make_doc, domain), map(nlp.make_doc, others))
        assert find_least(nlp, [], outside, words) == pytest.approx(np.log(0.948 / 0.052) + more)


def test_how_many_texts_there_are_of_each_kind_tells_nothing():
    words = weigh_words(map(NLP.make_doc, ["the soup", "the"] * 3), map(NLP.make_doc, ["the law", "the"] * 300))
    assert words["the"] == pytest.approx(0.0)
    assert words["soup"] > 2 and words["law"] < -2


def test_words_of_one_kind_of_texts_tell_nothing():
    for domain, others in ((DOMAIN, []), ([], OTHERS)):
        assert not len(weigh_words(map(NLP.make_doc, domain), map(NLP.make_doc, others)))


@pytest.mark.parametrize("likely, labels", [(0.4, []), (0.6, ["DISH"])])
def test_a_new_entity_alone_in_its_text_has_to_be_likely(likely, labels):
    """However low the threshold is that the domain has, and where the base finds nothing."""
    nlp = two_recognizers(0.9, lambda text: likely)
    nlp.remove_pipe("city")
    for config, found in (({}, ["DISH"]), ({"alone": 0.0}, labels), ({"alone": 0.0, "least": 9.0}, labels)):
        nlp.add_pipe("combine_recognizers", config=config)
        assert [ent.label_ for ent in nlp("one two three four").ents] == found
        nlp.remove_pipe("combine_recognizers")


def test_what_speaks_for_an_entity_is_more_where_the_text_has_another():
    class Two:
        def score_entities(self, docs):
            odds = [3.0, 1.0, -2.0]
            return [
                {(n, n + 1, token.orth): [np.array([0.0, -odds[n]])] for n, token in enumerate(doc)} for doc in docs
            ]

    assert list(find_evidence(Two(), NLP.make_doc("DISH")).values()) == pytest.approx([3.0])
    doc = NLP.make_doc("DISH CITY DISH")
    assert list(find_evidence(Two(), doc).values()) == pytest.approx([4.0, 4.0, 1.0])
    assert list(find_evidence(Two(), doc, {"DISH"}).values()) == pytest.approx([4.0, 1.0, -1.0])


def test_names_in_a_row_do_not_speak_for_one_another():
    """What the base has a name for is no company; what it has none for is."""

    class Three:
        def score_entities(self, docs):
            return [{(n, n + 1, token.orth): [np.array([0.0, -2.0])] for n, token in enumerate(doc)} for doc in docs]

    nlp = two_recognizers(0.5, lambda text: 0.5)
    nlp.remove_pipe("dish")
    Language.component("three", func=lambda doc: doc)
    nlp.add_pipe("three")
    nlp._components[-1] = ("three", Three())
    for base, weight in (([0, 1, 2], 2.0), ([0, 1], 4.0), ([0], 4.0)):
        doc = nlp.make_doc("DISH DISH DISH")
        doc.spans[BASE_ENTITIES] = [Span(doc, n, n + 1, "CITY") for n in base]
        doc.ents = [Span(doc, n, n + 1, "DISH") for n in range(3)]
        join = JoinEntities(nlp, [])
        assert set(join.find_clashing(doc)) == {ent for ent in doc.ents if ent.start in base}
        weights = join.weigh(doc, join.find_clashing(doc)).values()
        assert list(weights) == pytest.approx([weight - np.log(1e6) / 2] * len(base), abs=1e-3)


@pytest.mark.parametrize("annotated", [True, False])
def test_the_base_fills_what_is_left_unless_dev_speaks_against_it(annotated):
    """Every text has a dish, and the base says CITY beside it: rightly, or not."""

    @Language.component("rightly")
    def city(doc):
        doc.ents = [Span(doc, 0, 1, "CITY")]
        return doc

    nlp = two_recognizers(0.5, lambda text: 0.9)
    nlp.remove_pipe("city")
    nlp.add_pipe("rightly", first=True)
    dev = [Example(doc, doc.copy()) for doc in (nlp.make_doc("one two three four") for _ in range(20))]
    for example in dev:
        own = [Span(example.reference, 0, 1, "CITY")] if annotated else []
        example.reference.ents = [*own, Span(example.reference, 1, 3, "DISH")]
    dev[0].reference.ents = [Span(dev[0].reference, 0, 1, "CITY")]  # a label that was annotated, at any rate
    assert find_filling(nlp, {"redefined": ["CITY"]}, dev, Table(WORDS)) == (["CITY"] if annotated else [])


def test_ids_stay_with_the_entities_that_have_them():
    """Of a knowledge base, or of a rule: what takes the place of an entity is not the same thing."""
    doc = Doc(NLP.vocab, words=list("abcdef"))
    linked = [(0, 2, "A", "Q1", "rule-1"), (3, 5, "B", "Q2", "rule-2")]
    doc.ents = [Span(doc, *place, kb_id=kb_id, span_id=rule) for *place, kb_id, rule in linked]
    doc = set_base_entities_aside(doc)
    doc.set_ents([Span(doc, 1, 3, "C")], default="missing")
    doc = JoinEntities(NLP, redefined=["A"])(doc)
    assert [(e.text, e.label_, e.kb_id_, e.ent_id_) for e in doc.ents] == [
        ("b c", "C", "", ""),
        ("d e", "B", "Q2", "rule-2"),
    ]
    assert [token.ent_id_ for token in doc] == ["", "", "", "rule-2", "rule-2", ""]
    assert [token.ent_kb_id_ for token in doc] == ["", "", "", "Q2", "Q2", ""]
