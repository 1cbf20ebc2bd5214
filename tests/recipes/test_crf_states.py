"""A conditional random field that sees the states of a network which is not trained. (Those of a transformer, which the
recipe frozen takes, are in tests/test_transformer.py.)"""

import pickle

import pytest
import spacy
from bases import CITIES, EMBED
from spacy.training import Example

from spacy_domain.recipes.crf_fitting import create_fit

FIT = create_fit(c1=0.02, c2=0.02, max_iterations=50, min_count=1)
STATES = {"@architectures": "template.crf_states.v1", "dimensions": 24, "tok2vec": EMBED}
TEXTS = ["", " ", "\n \n", *(f"we went to {city} on day {day}" for city in CITIES for day in range(3))]


def learn(**config):
    """A pipeline that learned the cities, from a network with random weights alone."""
    nlp = spacy.blank("en")
    golds = [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in TEXTS]
    for gold in golds:
        gold.reference.ents = [
            spacy.tokens.Span(gold.reference, token.i, token.i + 1, "CITY")
            for token in gold.reference
            if token.text in CITIES
        ]
    crf = nlp.add_pipe("crf", config={"features": {}, "model": STATES, **config})
    spacy.util.fix_random_seed(0)
    crf.initialize(lambda: golds, nlp=nlp, fit=FIT)
    return nlp


@pytest.fixture(scope="module")
def trained():
    return learn()


def found(nlp, **batches):
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in nlp.pipe(TEXTS, **batches)]


def test_what_is_known_of_a_word_is_its_state(trained):
    cities = [[(word, "CITY") for word in text.split() if word in CITIES] for text in TEXTS]
    assert found(trained) == cities, "whatever the order in which training read the texts"
    assert found(trained, batch_size=1) == cities
    assert [doc.ents for doc in trained.pipe(["", " "])] == [(), ()]


def test_the_network_rests():
    before = []
    nlp = learn(features={"word": {"@misc": "template.crf_word.v1", "window": 0}})
    crf = nlp.get_pipe("crf")
    before = crf.to_bytes()
    gold = nlp("we went to Oslo")
    nlp.update([Example(nlp.make_doc(gold.text), gold)], sgd=nlp.resume_training())
    assert crf.to_bytes() == before


def test_saved_loaded_and_pickled_it_is_the_same(trained, tmp_path):
    trained.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert found(loaded) == found(trained)
    pickled = pickle.loads(pickle.dumps(trained.get_pipe("crf")))
    assert pickled.to_bytes() == trained.get_pipe("crf").to_bytes() == loaded.get_pipe("crf").to_bytes()


def test_how_sure_it_is_follows_from_states(trained):
    trained.add_pipe("entity_confidence")
    sure = [ent._.confidence for doc in trained.pipe(TEXTS) for ent in doc.ents]
    trained.remove_pipe("entity_confidence")
    assert len(sure) == 3 * len(CITIES) and all(0.5 < one < 1 for one in sure)
