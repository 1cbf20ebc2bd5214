"""What is known of words that no annotation has: their class, for the languages that spaCy has tables of."""

from pathlib import Path

import numpy as np
import pytest
import spacy
from conftest import ROOT, WORD_CLASSES, copy_template, limit_steps
from spacy.tokens import DocBin
from spacy.util import load_config

from scripts.base.config import derive_config
from scripts.base.fit import fit
from scripts.base.strategy import Strategy
from scripts.base.word_classes import make_vectors
from scripts.fill_config import fill_config


@pytest.fixture(scope="module")
def vectors():
    return make_vectors("en")


def look_up(vectors, word):
    (vector,) = vectors.data[vectors.find(keys=[spacy.strings.get_string_id(word)])]
    return vector


def similarity(vectors, one, other):
    a, b = look_up(vectors, one), look_up(vectors, other)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize(
    "word, alike, different",
    [("tuesday", "friday", "london"), ("london", "paris", "friday"), ("nike", "gucci", "table"), ("she", "he", "of")],
)
def test_words_of_a_kind_are_alike(vectors, word, alike, different):
    assert similarity(vectors, word, alike) > similarity(vectors, word, different) + 0.1


def test_the_same_table_each_time(vectors):
    again = make_vectors("en")
    assert again.to_bytes() == vectors.to_bytes()
    assert vectors.n_keys > 10 * len(vectors.data), "words of a kind share a row"


def test_typed_in_any_case(vectors):
    nlp = spacy.blank("en")
    nlp.vocab.vectors = vectors
    keys = nlp("Nike NIKE nike").to_array("LOWER")
    assert len({*vectors.find(keys=keys)}) == 1 and vectors.attr == spacy.attrs.LOWER


@pytest.mark.parametrize("lang, known", [("en", True), ("de", True), ("fr", False)])
def test_languages_with_tables_and_without(tmp_path, monkeypatch, lang, known):
    project = copy_template(tmp_path / "project")
    limit_steps(project, 10, 5)
    project.edit("configs/cnn.cfg", "[initialize]\n", f"[initialize]\n\n{WORD_CLASSES}")
    monkeypatch.chdir(project.path)
    nlp = spacy.blank(lang)
    docs = [nlp("ab nach Paris") for _ in range(5)]
    for doc in docs:
        doc.ents = [doc.char_span(8, 13, label="CITY")]
    (project.path / "corpus").mkdir()
    for part in ("train", "dev"):
        DocBin(docs=docs).to_disk(f"corpus/{part}.spacy")
    common = {"base_model": f"blank:{lang}", "strategy": Strategy.update, "gpu_id": -1}
    fill_config(Path("configs/cnn.cfg"), Path("training/config.cfg"), encoder="none", seed=0, **common)
    config = load_config("training/config.cfg")
    assert config["components"]["tok2vec"]["model"]["embed"]["include_static_vectors"] is known
    trained = spacy.load(fit(Path("training/config.cfg"), Path("training/fit"), **common))
    assert bool(trained.vocab.vectors.n_keys) is known
    assert trained("ab nach Paris")


def test_a_base_brings_its_own_vectors_or_none(tmp_path):
    spacy.blank("en").to_disk(tmp_path / "base")
    config = derive_config(ROOT / "configs/cnn.cfg", str(tmp_path / "base"), Strategy.replace, "none", -1, 0)
    assert config["initialize"]["before_init"]["@callbacks"] == "spacy.copy_from_base_model.v1"
    assert config["components"]["tok2vec"]["model"]["embed"]["include_static_vectors"] is False


def test_the_model_needs_no_tables(full_run):
    code = (
        "import sys; sys.modules['spacy_lookups_data'] = None; import spacy; nlp = spacy.load(sys.argv[1]); "
        "print(nlp.vocab.vectors.n_keys, [ent.text for ent in nlp('Move my call to 3 PM').ents])"
    )
    keys = int(full_run.python("-c", code, "training/model-best").stdout.split()[0])
    assert keys > 100_000
