"""The threshold of a recognizer, ours or spaCy's: moved where F on dev gains from it, and nowhere else."""

import pytest
import spacy
from spacy.tokens import Span
from spacy.training import Corpus
from spacy.util import fix_random_seed, minibatch

from spacy_domain.base.folds import learn_in_folds
from spacy_domain.base.threshold import find_bias, move_threshold


@pytest.fixture(scope="module", params=["crf", "ner"])
def trained(request, short_run, tmp_path_factory):
    """A pipeline, its recognizer, and texts that it did not learn from."""
    if request.param == "crf":
        return short_run.path / "training" / "model-best", "crf", short_run.path / "corpus" / "dev.spacy"
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    train = list(Corpus(short_run.path / "corpus" / "train.spacy")(nlp))
    optimizer = nlp.initialize(lambda: train)
    for _ in range(4):
        for batch in minibatch(train, 16):
            nlp.update(batch, sgd=optimizer, drop=0.2)
    path = tmp_path_factory.mktemp("network") / "model"
    nlp.to_disk(path)
    return path, "ner", short_run.path / "corpus" / "dev.spacy"


def labels_of(nlp):
    return set(nlp.pipe_labels[nlp.pipe_names[0]])


def load(trained, reluctance):
    path, name, dev = trained
    nlp = spacy.load(path)
    bias, places = find_bias(nlp.get_pipe(name), labels_of(nlp))
    bias[places] -= reluctance
    return nlp, name, list(Corpus(dev)(nlp))


def test_reluctant_recognizer_finds_entities_again(trained, tmp_path):
    nlp, name, dev = load(trained, 6)
    before = nlp.evaluate(dev)
    assert move_threshold(nlp, name, dev, labels_of(nlp)).by >= 2
    after = nlp.evaluate(dev)
    assert after["ents_f"] > before["ents_f"]
    assert after["ents_r"] > before["ents_r"]
    nlp.to_disk(tmp_path / "moved")
    assert spacy.load(tmp_path / "moved").evaluate(dev)["ents_f"] == after["ents_f"]


def test_nothing_moves_without_gain(trained):
    nlp, name, dev = load(trained, 0)
    move_threshold(nlp, name, dev, labels_of(nlp))
    weights = find_bias(nlp.get_pipe(name), labels_of(nlp))[0].tolist()
    assert move_threshold(nlp, name, dev, labels_of(nlp)).by == 0
    assert find_bias(nlp.get_pipe(name), labels_of(nlp))[0].tolist() == weights


def test_dev_without_entities_moves_nothing(trained):
    nlp, name, dev = load(trained, 0)
    for example in dev:
        example.reference.set_ents([])
    assert move_threshold(nlp, name, dev, labels_of(nlp)).by == 0


def test_what_raw_texts_made_rarer_is_made_up_for_unless_it_is_found_outside(trained):
    nlp, name, dev = load(trained, 0)
    raw = [example.predicted.copy() for example in dev]
    for example in dev:  # so that dev tells nothing
        example.reference.set_ents([])
    labels = labels_of(nlp)
    assert move_threshold(nlp, name, dev, labels, raw, labels, rarer=2.2).by == 0, "it finds some in what is no domain"
    assert move_threshold(nlp, name, dev, labels, rarer=2.2).by == 2.0


@pytest.fixture
def crf(short_run, monkeypatch):
    """The pipeline of the shipped example's texts, in its project: the config names corpora from there."""
    monkeypatch.chdir(short_run.path)
    return spacy.load("training/model-best")


def spans(doc):
    return {(ent.start, ent.end, ent.label_) for ent in doc.ents}


def test_a_few_dev_texts_alone_do_not_decide(crf):
    """By chance they have the surest entities alone: by them, the fewer are found the better."""
    bias, places = find_bias(crf.get_pipe("crf"), labels_of(crf))
    trained = bias.copy()
    dev = list(Corpus("corpus/dev.spacy")(crf))[:8]
    bias[places] -= 3
    for example in dev:
        surest = crf(example.predicted.copy()).ents
        example.reference.ents = [Span(example.reference, ent.start, ent.end, ent.label) for ent in surest]
    bias[:] = trained
    assert move_threshold(crf, "crf", dev, labels_of(crf)).by < 0
    bias[:] = trained
    folds = list(learn_in_folds(crf, "crf", dev))
    assert move_threshold(crf, "crf", dev, labels_of(crf), folds=folds).by >= 0


def test_texts_of_a_fold_are_read_by_what_has_not_learned_them(crf):
    train = {example.text: example for example in Corpus("corpus/train.spacy")(crf)}
    folds = list(learn_in_folds(crf, "crf", ()))
    assert sorted(one.text for fold in folds for one in fold.examples) == sorted(train)
    of_folds = [doc for fold in folds for doc in fold.recognizer.pipe(one.predicted.copy() for one in fold.examples)]
    right, learned = (
        sum(len(spans(doc) & spans(train[doc.text].reference)) for doc in docs) for docs in (of_folds, crf.pipe(train))
    )
    assert right < learned
    dev = list(Corpus("corpus/dev.spacy")(crf))
    assert not list(learn_in_folds(crf, "crf", dev * 50)), "dev tells enough"
