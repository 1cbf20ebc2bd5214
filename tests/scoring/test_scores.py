"""Scores are spaCy's own; counts and mistakes agree with them."""

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.scorer import Scorer
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example

from spacy_domain.project.errors import ProjectError
from spacy_domain.scoring.baseline import dictionary_lookup
from spacy_domain.scoring.measure import predict
from spacy_domain.scoring.mistakes import compare, cut, find_mistakes
from spacy_domain.scoring.scores import load_examples, score

NLP = spacy.blank("en")
SCORER = Scorer()  # which makes a pipeline of its own
WORDS = ["call", "Zoë", "next", "friday", "at", "noon"]


def make_doc(spans, missing=()):
    doc = Doc(NLP.vocab, words=WORDS)
    doc.set_ents(
        [Span(doc, start, end, label) for start, end, label in spans],
        missing=[doc[token : token + 1] for token in missing],
        default="outside",
    )
    return doc


@st.composite
def entities(draw):
    borders = sorted(draw(st.sets(st.integers(0, len(WORDS)), max_size=6)))
    pairs = list(zip(borders[::2], borders[1::2], strict=False))
    return [(start, end, draw(st.sampled_from(["PERSON", "DATE"]))) for start, end in pairs]


@settings(deadline=None)
@given(st.lists(st.tuples(entities(), entities(), st.sets(st.integers(0, len(WORDS) - 1))), min_size=1, max_size=5))
def test_counts_agree_with_spacys_scorer(cases):
    examples = []
    for gold, predicted, missing in cases:
        free = [token for token in missing if not any(start <= token < end for start, end, _ in gold)]
        examples.append(Example(make_doc(predicted), make_doc(gold, free)))
    correct, missed, spurious = (sum(len(compare(example)[part]) for example in examples) for part in range(3))
    scores = SCORER.score(examples)
    if correct + missed + spurious == 0:
        assert not scores["ents_f"]
    else:
        assert scores["ents_p"] == pytest.approx(correct / (correct + spurious + 1e-100))
        assert scores["ents_r"] == pytest.approx(correct / (correct + missed + 1e-100))
    for example in examples:
        mistakes = list(find_mistakes(example))
        _, missed_here, spurious_here = compare(example)
        assert sum(1 for mistake in mistakes if mistake["gold"]) == len(missed_here)
        assert sum(1 for mistake in mistakes if mistake["predicted"]) == len(spurious_here)


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ([(1, 2, "PERSON")], [(1, 2, "PERSON")], []),
        ([(1, 2, "PERSON")], [], ["missed"]),
        ([], [(1, 2, "PERSON")], ["spurious"]),
        ([(2, 4, "DATE")], [(3, 4, "DATE")], ["boundary"]),
        ([(2, 4, "DATE")], [(2, 4, "PERSON")], ["label"]),
        ([(2, 4, "DATE")], [(3, 5, "PERSON")], ["label and boundary"]),
        ([(2, 4, "DATE")], [(2, 3, "PERSON"), (3, 4, "DATE")], ["boundary", "spurious"]),
    ],
)
def test_kinds_of_mistakes(gold, predicted, kinds):
    assert [mistake["kind"] for mistake in find_mistakes(Example(make_doc(predicted), make_doc(gold)))] == kinds


def test_mistakes_in_a_long_text_come_with_the_passage_alone():
    words = [*["word"] * 3000, "next", "friday", *["word"] * 3000]
    gold, predicted = Doc(NLP.vocab, words=words), Doc(NLP.vocab, words=words)
    gold.set_ents([Span(gold, 3000, 3002, "DATE")])
    predicted.set_ents([Span(predicted, 3001, 3002, "DATE")])
    (whole,) = find_mistakes(Example(predicted, gold))
    passage = cut(whole)
    for side, found in (("gold", "next friday"), ("predicted", "friday")):
        start, end = passage[side]["start"], passage[side]["end"]
        assert passage["text"][start:end] == passage[side]["text"] == found
        assert passage["text_start"] + start == whole[side]["start"]
    assert len(passage["text"]) < 1100 and passage["kind"] == "boundary"
    short = {"text": "friday", "gold": None, "predicted": {"start": 0, "end": 6}}
    assert cut(short) == short


def test_dictionary_finds_training_entities_in_any_case():
    doc, other = make_doc([(1, 2, "PERSON"), (2, 4, "DATE")]), make_doc([(3, 4, "DATE")])
    lookup = dictionary_lookup(NLP, [doc, other])
    found = [(ent.text, ent.label_) for ent in lookup("See ZOË NEXT Friday, not friday or Ana").ents]
    assert found == [("ZOË", "PERSON"), ("NEXT Friday", "DATE"), ("friday", "DATE")]


def test_scores_and_counts_of_a_pipeline(tmp_path):
    DocBin(docs=[make_doc([(1, 2, "PERSON")]), make_doc([(1, 2, "PERSON"), (2, 4, "DATE")])]).to_disk(
        tmp_path / "a.spacy"
    )
    lookup = dictionary_lookup(NLP, [make_doc([(1, 2, "PERSON")])])
    scores = score(lookup, load_examples(lookup, tmp_path / "a.spacy"), {"PERSON", "DATE"})
    assert scores["counts"] == {
        "DATE": {"gold": 1, "predicted": 0, "correct": 0},
        "PERSON": {"gold": 2, "predicted": 2, "correct": 2},
    }
    assert (scores["ents_p"], scores["ents_r"]) == (1.0, pytest.approx(2 / 3))
    assert scores["speed"] > 0


def test_corpus_without_entities_is_refused(tmp_path):
    DocBin(docs=[make_doc([])]).to_disk(tmp_path / "a.spacy")
    with pytest.raises(ProjectError, match="No entities"):
        load_examples(NLP, tmp_path / "a.spacy")


def test_a_pipeline_that_has_a_label_but_for_no_entities_is_not_compared(tmp_path):
    """A base may have a spancat or textcat with labels that are annotated, and no recognizer. Rules are compared."""
    DocBin(docs=[make_doc([(1, 2, "PERSON")])]).to_disk(tmp_path / "test.spacy")
    for factory in ("spancat", "textcat_multilabel"):
        nlp = spacy.blank("en")
        nlp.add_pipe(factory).add_label("PERSON")
        nlp.initialize()
        assert predict(nlp, tmp_path / "test.spacy", {"PERSON"}) == []
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "friday"}])
    assert len(predict(nlp, tmp_path / "test.spacy", {"PERSON"})) == 1
