"""The threshold of a recognizer: moved where F on dev gains from it, and nowhere else."""

import spacy
from spacy.training import Corpus

from spacy_domain.base.threshold import move_threshold


def load(path, reluctance):
    nlp = spacy.load(path / "training" / "model-best")
    ner = nlp.get_pipe("ner")
    outside = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)].index("O")
    ner.model.get_ref("upper").get_param("b")[outside] += reluctance
    return nlp, list(Corpus(path / "corpus" / "dev.spacy")(nlp))


def test_reluctant_recognizer_finds_entities_again(short_run, tmp_path):
    nlp, dev = load(short_run.path, 6)
    before = nlp.evaluate(dev)
    assert move_threshold(nlp, "ner", dev) >= 2
    after = nlp.evaluate(dev)
    assert after["ents_f"] > before["ents_f"]
    assert after["ents_r"] > before["ents_r"]
    nlp.to_disk(tmp_path / "moved")
    assert spacy.load(tmp_path / "moved").evaluate(dev)["ents_f"] == after["ents_f"]


def test_nothing_moves_without_gain(short_run):
    nlp, dev = load(short_run.path, 0)
    move_threshold(nlp, "ner", dev)
    weights = nlp.get_pipe("ner").model.to_bytes()
    assert move_threshold(nlp, "ner", dev) == 0
    assert nlp.get_pipe("ner").model.to_bytes() == weights


def test_dev_without_entities_moves_nothing(short_run):
    nlp, dev = load(short_run.path, 0)
    for example in dev:
        example.reference.set_ents([])
    assert move_threshold(nlp, "ner", dev) == 0
