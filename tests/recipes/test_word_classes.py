"""What is known of words that no annotation has: their class, for the languages that spaCy has tables of."""

from pathlib import Path

import numpy as np
import pytest
import spacy
import srsly
from dishes import make_project
from projects import ROOT, WORD_CLASSES, Project
from spacy.tokens import DocBin, Span
from spacy.training import Corpus
from spacy.util import load_config, load_language_data, registry
from spacy.vectors import Vectors

from spacy_domain.base.config import derive_config, write_config
from spacy_domain.base.strategy import Strategy
from spacy_domain.base.training import train_pipeline
from spacy_domain.project.errors import ProjectError
from spacy_domain.recipes.word_classes import (
    CLUSTERS,
    LEAST_LOG_PROBABILITY,
    PROBABILITIES,
    _list_vectors,
    _read_tables,
    has_word_classes,
    make_vectors,
)


@pytest.fixture(scope="session")
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


def test_frequent_words_are_those_of_the_whole_tables():
    """Tables are read as far as words are frequent enough."""
    probabilities, clusters = (
        load_language_data(registry.lookups.get("en")[name]) for name in (PROBABILITIES, CLUSTERS)
    )
    forms = _read_tables("en", LEAST_LOG_PROBABILITY)
    frequent = [form for form, probability in probabilities.items() if probability >= LEAST_LOG_PROBABILITY]
    assert forms.written == frequent and len(frequent) < len(probabilities) / 2
    assert forms.clusters == [clusters[form] for form in frequent]
    assert forms.log_probabilities == [probabilities[form] for form in frequent]


def test_words_of_a_kind_share_a_row(vectors):
    assert vectors.n_keys > 10 * len(vectors.data)


def test_typed_in_any_case_and_loaded_from_disk(vectors, tmp_path):
    nlp = spacy.blank("en")
    nlp.vocab.vectors = vectors
    nlp.to_disk(tmp_path / "saved")
    loaded = spacy.load(tmp_path / "saved")
    for words in ("Nike NIKE nike", "Paris PARIS paris", "iPhone IPHONE Iphone iphone", "McDonald mcdonald"):
        rows = {*vectors.find(keys=[token.orth for token in loaded(words)])}
        assert len(rows) == 1 and rows != {-1}
        assert all(
            np.array_equal(token.vector, loaded(words)[0].vector) and token.has_vector for token in loaded(words)
        )


def prepare_training(project, lang, texts):
    """A corpus of texts, some of which name Paris, and a config, in the project."""
    project.edit("configs/cnn.cfg", "[initialize]\n", f"[initialize]\n\n{WORD_CLASSES}")
    nlp = spacy.blank(lang)
    docs = [nlp(text) for text in texts]
    for doc in docs:
        doc.ents = [Span(doc, token.i, token.i + 1, label="CITY") for token in doc if token.text == "Paris"]
    (project.path / "corpus").mkdir()
    for part in ("train", "dev"):
        DocBin(docs=docs).to_disk(project.path / f"corpus/{part}.spacy")
    common = {"base_model": f"blank:{lang}", "strategy": Strategy.update, "gpu_id": -1}
    config = Path("training/config.cfg")
    write_config(config, Path("configs/cnn.cfg"), encoder="none", seed=0, **common)
    return config, common


def test_what_is_not_saved_is_told(tmp_path, monkeypatch):
    """spaCy forgets the attribute of vectors: a pipeline that relied on it is another one once it is loaded."""
    project = make_project(tmp_path / "project", steps=40)
    monkeypatch.chdir(project.path)

    def set_vectors(nlp):
        nlp.vocab.vectors = Vectors(data=np.ones((1, 8), dtype="float32"), keys=["paris"], attr="LOWER")
        return nlp

    spacy.registry.callbacks("test.vectors_by_lower.v1", func=lambda: set_vectors)
    config, common = prepare_training(project, "en", ["off to Paris", "off to Samba"] * 10)
    project.edit("training/config.cfg", "template.word_classes.v1", "test.vectors_by_lower.v1")
    embed = "components.tok2vec.model.embed"  # nothing but the vector tells the two apart
    overrides = {f"{embed}.attrs": ["SHAPE"], f"{embed}.rows": [10]}
    with pytest.raises(ProjectError, match="another after it was saved") as raised:
        train_pipeline(config, Path("training/trained"), **common, overrides=overrides)
    assert "was 100.0 in training" in raised.value.remedy


def train_in(lang, folder, monkeypatch):
    """Train for a few steps, in a language with tables or without; returns where the pipeline is."""
    project = make_project(folder, steps=2)
    monkeypatch.chdir(project.path)
    config, common = prepare_training(project, lang, ["ab nach Paris"] * 5)
    static = load_config(config)["components"]["tok2vec"]["model"]["embed"]["include_static_vectors"]
    assert static is has_word_classes(lang)
    return project.path / train_pipeline(config, Path("training/trained"), **common)


def test_a_language_with_tables(vectors, tmp_path, monkeypatch):
    """The table is the same each time; and a pipeline that has it does without the package that it is from."""
    _list_vectors.cache_clear()
    path = train_in("en", tmp_path / "project", monkeypatch)
    code = (
        "import sys; sys.modules['spacy_lookups_data'] = None; import spacy; nlp = spacy.load(sys.argv[1]); "
        "assert nlp('ab nach Paris')[2].has_vector"
    )
    Project(tmp_path).python("-c", code, path)
    trained = spacy.load(path).vocab.vectors
    assert trained.data.tobytes() == vectors.data.tobytes() and trained.key2row == vectors.key2row


def test_a_language_without_tables(tmp_path, monkeypatch):
    assert has_word_classes("de") and not has_word_classes("it")
    trained = spacy.load(train_in("it", tmp_path / "project", monkeypatch))
    assert not trained.vocab.vectors.n_keys and trained("ab nach Paris")


def test_a_base_brings_its_own_vectors_or_none(tmp_path):
    spacy.blank("en").to_disk(tmp_path / "base")
    config = derive_config(ROOT / "configs/cnn.cfg", str(tmp_path / "base"), Strategy.replace, "none", -1, 0)
    assert config["initialize"]["before_init"]["@callbacks"] == "spacy.copy_from_base_model.v1"
    assert config["components"]["tok2vec"]["model"]["embed"]["include_static_vectors"] is False


def test_loaded_it_is_what_it_was_in_training(short_run):
    nlp = spacy.load(short_run.path / "training/model-best")
    scores = nlp.evaluate(list(Corpus(short_run.path / "corpus/dev.spacy")(nlp)))
    assert scores["ents_f"] == pytest.approx(nlp.meta["performance"]["ents_f"], abs=1e-6)
    best = max(entry["scores"]["ents_f"] for entry in srsly.read_jsonl(short_run.path / "training/log.jsonl"))
    moved = nlp.meta["threshold"]
    assert moved or scores["ents_f"] == pytest.approx(best / 100, abs=1e-6)
    assert not moved or moved["f"] >= moved["f_before"]
