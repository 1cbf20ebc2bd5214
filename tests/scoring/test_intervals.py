"""Intervals hold what they promise, comparisons say no more than the data, forgiving scores are nervaluate's."""

import json
from collections import Counter
from time import process_time

import numpy as np
import pytest
import spacy
from spacy.scorer import Scorer
from spacy.tokens import Doc, Span
from spacy.training import Corpus, Example
from spacy.util import fix_random_seed, minibatch

from spacy_domain.scoring.calibration import fit_temperature, judge, reliability
from spacy_domain.scoring.intervals import compare_f, count_by_doc, find_groups, score_f, score_intervals
from spacy_domain.scoring.matching import match_plain, score_matches
from spacy_domain.scoring.measure import tell_comparison
from spacy_domain.scoring.mistakes import count_confusions, find_mistakes
from spacy_domain.scoring.shipping import decide
from spacy_domain.scoring.slices import score_lengths, score_seen, score_sources
from spacy_domain.studies.extrapolation import expect_gain
from spacy_domain.studies.optimism import find_optimism

NLP = spacy.blank("en")
SMALL = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "width": 32,
    "depth": 2,
    "embed_size": 2000,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
    "pretrained_vectors": None,
}
WORDS = ["call", "Zoë", "next", "friday", "at", "noon"]


def make_doc(spans, **user_data):
    doc = Doc(NLP.vocab, words=WORDS, user_data=user_data)
    doc.set_ents([Span(doc, *span) for span in spans], default="outside")
    return doc


def make_example(gold, predicted, **user_data):
    return Example(make_doc(predicted), make_doc(gold, **user_data))


def simulate(chance, documents, right, extra):
    """Correct, missed and spurious entities of documents that are harder or easier than others."""
    gold = chance.poisson(2.5, documents)
    ease = np.clip(chance.normal(right, 0.15, documents), 0, 1)
    correct = chance.binomial(gold, ease)
    return np.stack([correct, gold - correct, chance.poisson(extra, documents)], axis=1).astype(float)


def test_intervals_cover_at_their_rate():
    """Of 95 % intervals, drawn again and again, 95 % hold the F of all documents there could be."""
    chance = np.random.default_rng(1)
    truth = score_f(*simulate(chance, 400_000, 0.75, 0.6).sum(axis=0))
    held, trials = 0, 400
    for _ in range(trials):
        low, high = score_intervals({"": simulate(chance, 120, 0.75, 0.6)}, np.arange(120))[""]["f"]
        held += low <= truth <= high
    assert 0.925 <= held / trials <= 0.975


def test_intervals_of_documents_that_belong_together_are_wider():
    """Four paraphrases of one document are one piece of evidence, and the interval says so."""
    counts = np.repeat(simulate(np.random.default_rng(2), 60, 0.7, 0.5), 4, axis=0)
    alone = score_intervals({"": counts}, np.arange(240))[""]["f"]
    together = score_intervals({"": counts}, np.repeat(np.arange(60), 4))[""]["f"]
    assert together[1] - together[0] == pytest.approx(2 * (alone[1] - alone[0]), rel=0.15)


@pytest.mark.parametrize(("documents", "right"), [(1, 20), (3, 20), (1, 0), (40, 1)])
def test_no_interval_is_a_point(documents, right):
    """One document, drawn again and again, gives one score, and so do many without a mistake: that proves nothing."""
    counts = np.array([[right, 20 - right if right != 1 else 0, 0]] * documents, dtype=float)
    found = score_intervals({"": counts}, np.arange(documents))[""]
    f = score_f(*counts.sum(axis=0))
    assert found["f"][0] <= f <= found["f"][1] and found["f"][1] - found["f"][0] > 0.02
    assert found["r"][0] < 0.95 if right else found["r"][1] > 0.1


def test_few_documents_tell_nothing_apart():
    """Five can all be in favour of one pipeline by chance, of two that are alike; so there is no interval either."""
    good, poor = np.array([[2.0, 0, 0]] * 5), np.array([[0, 2.0, 0]] * 5)
    found = compare_f(good, poor, np.arange(5))
    assert found["verdict"] == "cannot tell with 5 documents" and found["interval"] is None
    assert tell_comparison(found) == "cannot tell with 5 documents (F +100.0)"
    assert compare_f(good[:1], poor[:1], np.arange(1))["verdict"] == "cannot tell with 1 document"
    same = np.array([[1.0, 0, 0]] * 50)
    found = compare_f(np.concatenate([good, same]), np.concatenate([poor, same]), np.arange(55))
    assert found["verdict"] == "cannot tell with 55 documents", "of 50 documents both make the same"
    more = expect_gain([2, 4, 6, 8, 10], [poor] * 5, np.arange(5))
    assert more["verdict"] == "cannot tell with 5 documents" and more["interval"] is None
    assert compare_f(np.repeat(good, 2, axis=0), np.repeat(poor, 2, axis=0), np.arange(10))["verdict"] == "better"


def test_a_search_in_which_nothing_was_found_has_numbers():
    """Its result is written as JSON, which has no NaN: here one text alone has entities, and they are never found."""
    counts = np.zeros((8, 3))
    counts[3] = 0, 2, 0
    found = find_optimism([counts, counts], np.arange(8))
    assert (found["expected"], found["gain"]) == (0, 0) and json.loads(json.dumps(found, allow_nan=False))


def test_groups_are_those_of_the_data():
    examples = [make_example([], [], **({"group": name} if name else {})) for name in ("a", None, "b", "a", None)]
    assert find_groups(examples).tolist() == [0, 1, 2, 0, 3]


@pytest.mark.parametrize(("documents", "verdict"), [(400, "better"), (12, "cannot tell with 12 documents")])
def test_verdicts(documents, verdict):
    chance = np.random.default_rng(3)
    model, other = simulate(chance, documents, 0.8, 0.5), simulate(chance, documents, 0.7, 0.5)
    groups = np.arange(documents)
    found = compare_f(model, other, groups)
    assert found["verdict"] == verdict
    assert found["interval"][0] <= found["difference"] <= found["interval"][1]
    assert found["f"] == pytest.approx(score_f(*other.sum(axis=0)))
    opposite = compare_f(other, model, groups)
    assert opposite["difference"] == pytest.approx(-found["difference"])
    assert opposite["verdict"] == verdict.replace("better", "worse")


@pytest.mark.parametrize(("texts", "decision"), [(1000, "ship"), (40, "cannot tell")])
def test_ship_or_not(texts, decision):
    """With twice as many texts as it says, the same two models are told apart for sure; by label, too."""
    gold = [(1, 2, "X")]
    good = [make_example(gold, gold if n % 10 else []) for n in range(texts)]
    poor = [make_example(gold, gold if n % 7 else []) for n in range(texts)]
    found = decide(good, poor)
    assert found["decision"] == decision and set(found["labels"]) == {"X"}
    assert decide(poor, good)["decision"] == decision.replace("ship", "do not ship")
    assert decide(good, good) == {**decide(good, good), "decision": "cannot tell", "more_texts": None}
    if decision == "cannot tell":
        enough = 2 * (40 + found["more_texts"]) // 40
        assert found["more_texts"] > 40 and decide(good * enough, poor * enough)["decision"] == "ship"
    else:
        assert found["more_texts"] is None


def test_verdicts_on_equal_pipelines_are_rarely_wrong():
    """Two pipelines of one quality are told apart in about one case of twenty."""
    chance = np.random.default_rng(4)
    groups = np.arange(100)
    told = [
        compare_f(simulate(chance, 100, 0.7, 0.5), simulate(chance, 100, 0.7, 0.5), groups)["verdict"]
        for _ in range(200)
    ]
    assert sum(not verdict.startswith("cannot") for verdict in told) <= 20


def test_the_same_pipeline_is_not_better_than_itself():
    counts = simulate(np.random.default_rng(5), 50, 0.7, 0.5)
    found = compare_f(counts, counts, np.arange(50))
    assert found["difference"] == 0 and found["verdict"] == "cannot tell with 50 documents"


def test_nervaluate_takes_ends_as_inclusive():
    """Two neighbours: with exclusive ends, nervaluate sees an overlap where there is none."""
    gold, predicted = [(1, 2, "PERSON")], [(2, 4, "PERSON")]
    example = make_example(gold, predicted)
    assert score_matches([example])["type"]["f"] == 0
    exclusive = [[{"label": "PERSON", "start": 5, "end": 9}]], [[{"label": "PERSON", "start": 9, "end": 20}]]
    trapped = match_plain(*exclusive)["type"]["f"]
    assert trapped == 1, "nervaluate has changed: spacy_domain/scoring/matching.py subtracts one from ends"


def test_ways_of_matching():
    examples = [
        make_example([(1, 2, "PERSON"), (2, 4, "DATE")], [(1, 2, "PERSON"), (3, 4, "DATE")]),
        make_example([(2, 4, "DATE")], [(2, 4, "TIME")]),
    ]
    found = {name: scores["f"] for name, scores in score_matches(examples).items()}
    assert found == pytest.approx({"strict": 1 / 3, "exact": 2 / 3, "partial": 2.5 / 3, "type": 2 / 3})
    assert found["strict"] == pytest.approx(Scorer().score(examples)["ents_f"])


def test_a_book_is_scored_as_its_chapters_are():
    """Entities that overlap meet, wherever in a text they are; time grows with its length, not the square."""
    words = WORDS * 1500
    gold = [(start, start + 2, "DATE") for start in range(2, len(words), 6)]
    predicted = [(start + 1, start + 3, "DATE") for start, _, _ in gold[:-1]] + [(0, 1, "TIME")]
    docs = [Doc(NLP.vocab, words=words), Doc(NLP.vocab, words=words)]
    for doc, spans in zip(docs, (predicted, gold), strict=True):
        doc.set_ents([Span(doc, *span) for span in spans])
    book = Example(*docs)
    started = process_time()
    found = score_matches([book])
    assert found["strict"]["f"] == 0
    assert found["type"]["f"] == pytest.approx(1499 / 1500) and found["partial"]["f"] == pytest.approx(1499 / 3000)
    mistakes = list(find_mistakes(book))
    assert Counter(mistake["kind"] for mistake in mistakes) == {"boundary": 1499, "missed": 1, "spurious": 1}
    assert count_confusions([book]) == {"": {"TIME": 1}, "DATE": {"": 1, "DATE": 1499}}
    assert process_time() - started < 5  # it took half a minute, each entity held against each


def test_parts_of_a_corpus():
    examples = [
        make_example([(1, 2, "PERSON"), (2, 4, "DATE")], [(1, 2, "PERSON")], source="a/one.jsonl:3"),
        make_example([(2, 4, "DATE")], [(2, 4, "DATE"), (5, 6, "TIME")], source="a/two.jsonl:1"),
    ]
    seen = score_seen(examples, {("zoë", "PERSON"), ("next friday", "TIME")})
    assert (seen["seen"]["gold"], seen["seen"]["r"], seen["unseen"]["gold"], seen["unseen"]["r"]) == (1, 1, 2, 0.5)
    assert seen["unseen"]["p"] == 0.5
    assert score_lengths(examples) == [
        {"tokens": "6 to 10", "texts": 2, "gold": 3, "p": pytest.approx(2 / 3), "r": pytest.approx(2 / 3)}
        | {"f": pytest.approx(2 / 3)}
    ]
    assert [(part["file"], part["gold"]) for part in score_sources(examples)] == [
        ("a/one.jsonl", 2),
        ("a/two.jsonl", 1),
    ]
    assert count_confusions(examples) == {"": {"TIME": 1}, "DATE": {"": 1, "DATE": 1}, "PERSON": {"PERSON": 1}}


def test_counts_by_document():
    examples = [
        make_example([(1, 2, "PERSON")], [(2, 4, "DATE")]),
        make_example([(1, 2, "PERSON")], [(1, 2, "PERSON")]),
    ]
    counts = {label: rows.tolist() for label, rows in count_by_doc(examples).items()}
    assert counts == {
        "": [[0, 1, 1], [1, 0, 0]],
        "PERSON": [[0, 1, 0], [1, 0, 0]],
        "DATE": [[0, 0, 1], [0, 0, 0]],
    }


@pytest.mark.parametrize(
    ("right", "verdict"),
    [
        ([0.3, 0.45, 0.55, 0.65, 0.75], "more annotated texts of this kind would help"),
        ([0.3, 0.8, 0.8, 0.8, 0.8], "more annotated texts of this kind would bring little"),
    ],
)
def test_gain_of_more_texts(right, verdict):
    chance = np.random.default_rng(6)
    gold = chance.poisson(2.5, 3000)
    counts = []
    for share in right:
        correct = chance.binomial(gold, share)
        counts.append(np.stack([correct, gold - correct, np.zeros(3000)], axis=1).astype(float))
    found = expect_gain([200, 400, 600, 800, 1000], counts, np.arange(3000))
    assert found["verdict"] == verdict
    assert found["interval"][0] <= found["gain"] <= found["interval"][1]


def predict(nlp, project, split):
    examples = list(Corpus(project.path / f"corpus/{split}.spacy")(nlp))
    for example, doc in zip(examples, nlp.pipe([eg.predicted for eg in examples]), strict=True):
        example.predicted = doc
    return examples


def test_confidence_of_a_network_means_what_it_says(full_run):
    """On texts that neither training nor the temperature has seen, and better than the scores as they come: a network
    that knows its texts by heart is too sure."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner", config={"model": {"tok2vec": SMALL}})
    train = list(Corpus(full_run.path / "corpus/train.spacy", limit=200)(nlp))
    optimizer = nlp.initialize(lambda: train)
    for _ in range(10):
        for batch in minibatch(train, 16):
            nlp.update(batch, sgd=optimizer)
    temperature, test = fit_temperature(nlp, predict(nlp, full_run, "dev")), predict(nlp, full_run, "test")
    fitted, raw = (reliability(judge(nlp, test, value))["error"] for value in (temperature, 1.0))
    assert temperature > 1.2 and fitted < 0.1 and fitted < 0.7 * raw


def test_confidence_means_what_it_says(full_run):
    """On texts that neither training nor the temperature has seen. (The probabilities of a random field are less wrong
    as they come than those of a network: there is less to gain.)"""
    nlp = spacy.load(full_run.path / "training/model-best")
    dev, test = (predict(nlp, full_run, split) for split in ("dev", "test"))
    temperature = fit_temperature(nlp, dev)
    fitted, raw = (reliability(judge(nlp, test, value))["error"] for value in (temperature, 1.0))
    assert temperature > 1.2 and fitted < 0.1 and fitted < raw
    metrics = json.loads(full_run.read("metrics/metrics.json"))["confidence"]
    assert metrics["temperature"] == temperature and metrics["error"] == pytest.approx(fitted)
    nlp.add_pipe("entity_confidence")
    texts = ["", " ", "dentist at 3 pm", "nothing"]
    alone = [[ent._.confidence for ent in nlp(text).ents] for text in texts]
    together = [[ent._.confidence for ent in doc.ents] for doc in nlp.pipe(texts)]
    assert alone == [pytest.approx(found, abs=1e-4) for found in together] and alone[0] == [] and alone[2]
    sure, unsure = (
        [right for confidence, right in judge(nlp, test, temperature) if (confidence > 0.8) == is_sure]
        for is_sure in (True, False)
    )
    assert np.mean(sure) > np.mean(unsure) + 0.15
