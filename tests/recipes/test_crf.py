"""The recipe crf: a conditional random field as a component."""

import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product

import numpy as np
import pytest
import spacy
import srsly
from bases import examples, make_base, own_tok2vec
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import CONFIG, ROOT
from spacy.tokens import DocBin, Span
from spacy.training import Corpus, Example
from spacy.vectors import Vectors

from spacy_domain.base.config import derive_config, write_config
from spacy_domain.base.strategy import Strategy
from spacy_domain.base.training import train_pipeline
from spacy_domain.project.errors import ProjectError
from spacy_domain.recipes import crf, crf_many_labels
from spacy_domain.recipes.confidence import EntityConfidence
from spacy_domain.recipes.crf_fitting import create_fit
from spacy_domain.recipes.crf_lattice import Lattice, follows, starts_text
from spacy_domain.recipes.word_classes import create_crf_classes
from spacy_domain.scoring.calibration import judge
from spacy_domain.service.recognizer import Recognizer

FIT = create_fit(c1=0.05, c2=0.05, max_iterations=50, min_count=1)


def learn(texts, nlp=None, fit=FIT, **config):
    """A pipeline that learned from (text, [(start, end, label)]): characters."""
    nlp = nlp or spacy.blank("en")
    golds = []
    for text, spans in texts:
        doc = nlp.make_doc(text)
        doc.ents = [doc.char_span(*span) for span in spans]
        golds.append(Example(nlp.make_doc(text), doc))
    nlp.add_pipe("crf", config=config).initialize(lambda: golds, nlp=nlp, fit=fit)
    return nlp


CITIES = ["Paris", "Oslo", "Lima", "New York"]
TRAVELS = [(f"off to {city} now", [(7, 7 + len(city), "CITY-NAME")]) for city in CITIES] + [("it was so late", [])]


@pytest.fixture(scope="module")
def trained():
    return learn(TRAVELS)


def found(doc):
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_many_labels_are_learned_with_one_tag_each(monkeypatch):
    """With two, many texts with 150 labels took hours. Entities of more than one token stay whole; those of one that
    may stand side by side are told apart."""
    monkeypatch.setattr(crf_many_labels, "WORK", 0)
    texts = []
    for number in range(66):
        for name in (f"kol{number}", f"mer{number} dun{number}"):
            text = f"set{number} it to {name} and ban{number} {name} now"
            starts = [text.index(name), text.rindex(name)]
            texts.append((text, [(start, start + len(name), f"FIELD_{number}") for start in starts]))
    beside = ("call Ana Bob and Eva", [(5, 8, "PERSON"), (9, 12, "PERSON"), (17, 20, "PERSON")])
    nlp = learn([*texts, beside])
    merged = crf_many_labels.find_merged([nlp(text) for text, _ in [*texts, beside]], nlp.get_pipe("crf").labels)
    assert len(merged) == 66, "all but PERSON"
    for text, spans in [*texts[::7], beside]:
        assert found(nlp(text)) == [(text[start:end], label) for start, end, label in spans]
    (doc,) = [nlp.get_pipe("crf").score_entities([nlp.make_doc(texts[1][0])])[0]]
    assert all(right[1] < 0 for (right,) in doc.values()), "likely, as they were learned"


def test_learns_the_example_from_annotations_to_a_wheel(full_run, tmp_path):
    """It is the recipe that the project comes with."""
    assert CONFIG["vars"]["recipe"] == "crf"
    assert srsly.read_json(full_run.path / "metrics/metrics.json")["ents_f"] > 0.78
    assert "Fitting" not in full_run.read("metrics/report.html")
    (row,) = srsly.read_jsonl(full_run.path / "training/log.jsonl")
    assert row["losses"]["crf"] > 0 and row["scores"]["ents_f"] > 0.7
    (wheel,) = (full_run.path / "packages").glob("*.whl")
    assert wheel.stat().st_size < 4e6
    folder = tmp_path / "installed"
    full_run.python("-m", "pip", "install", "--no-deps", "--no-index", "--target", folder, wheel)
    (meta,) = folder.glob("*.dist-info/METADATA")
    needs = [line for line in meta.read_text(encoding="utf-8").splitlines() if line.startswith("Requires-Dist")]
    assert len(needs) == 1 and needs[0].startswith("Requires-Dist: spacy"), "spaCy and nothing else"


def test_confidence_says_how_often_it_is_right(full_run):
    nlp = spacy.load(full_run.path / "training/model-best")
    temperature = srsly.read_json(full_run.path / "metrics/metrics.json")["confidence"]["temperature"]
    gold = list(Corpus(full_run.path / "corpus/test.spacy")(nlp))
    judged = judge(nlp, [Example(nlp(eg.text), eg.reference) for eg in gold], temperature)
    assert len(judged) > 150 and judged.min() >= 0 and judged.max() <= 1
    sure, right = judged.mean(axis=0)
    assert sure == pytest.approx(right, abs=0.1)
    surest = judged[np.argsort(judged[:, 0])]
    assert surest[-50:, 1].mean() > surest[:50, 1].mean() + 0.15


def test_the_service_finds_what_the_pipeline_finds(full_run):
    recognizer = Recognizer(str(full_run.path / "training/model-best"))
    text = "Move my meeting with Anna to Friday at 3 PM"
    (ents,) = recognizer.find([text], [True])
    assert [(ent.start, ent.end, ent.label) for ent in ents] == [
        (ent.start_char, ent.end_char, ent.label_) for ent in recognizer.nlp(text).ents
    ]
    assert ents and all(0 < ent.confidence <= 1 for ent in ents)
    assert "DATE" in recognizer.describe()["labels"]


def test_the_same_texts_make_the_same_bytes(trained, tmp_path):
    assert learn(TRAVELS).get_pipe("crf").to_bytes() == trained.get_pipe("crf").to_bytes()


def test_few_entities_leave_out_no_weight(trained):
    """With fewer than `few`, all that was seen has a weight; from there on, what matters little has none."""
    entities = sum(len(spans) for _, spans in TRAVELS)
    settings = {"c1": 0.05, "c2": 0.05, "max_iterations": 50, "min_count": 1}
    sizes = [
        len(learn(TRAVELS, fit=create_fit(**settings, few=few)).get_pipe("crf").weights.values)
        for few in (entities + 1, entities)
    ]
    assert sizes[0] > 1.5 * sizes[1] and sizes[1] == len(trained.get_pipe("crf").weights.values)


def test_what_is_saved_loaded_pickled_or_in_other_processes_is_the_same(trained, tmp_path):
    texts = ["off to Lima now", "off to Bergen now", "New York is late", "", "it was so late"] * 20
    wanted = [found(doc) for doc in trained.pipe(texts)]
    assert wanted[0] == [("Lima", "CITY-NAME")]
    trained.to_disk(tmp_path / "saved")
    loaded = spacy.load(tmp_path / "saved")
    assert loaded.get_pipe("crf").labels == ("CITY-NAME",)
    for nlp in (loaded, pickle.loads(pickle.dumps(loaded))):
        assert [found(doc) for doc in nlp.pipe(texts, batch_size=7)] == wanted
    assert [found(doc) for doc in loaded.pipe(texts, n_process=2, batch_size=10)] == wanted
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: found(loaded(text)), texts)) == wanted


def test_what_is_unknown_is_not_learned_as_outside():
    nlp = spacy.blank("en")
    golds = []
    for city, known in [(city, city != "Paris") for city in CITIES for _ in range(5)]:
        doc = nlp.make_doc(f"{city} is late")
        ent = doc[: len(doc) - 2]
        if known:
            doc.set_ents([Span(doc, ent.start, ent.end, "CITY")], default="outside")
        else:
            doc.set_ents([], missing=[ent], default="outside")
        golds.append(Example(doc, doc))
    nlp.add_pipe("crf").initialize(lambda: golds, nlp=nlp, fit=FIT)
    assert found(nlp("Paris is late")) == [("Paris", "CITY")], "as O it would be none"
    for example in golds:
        example.reference.set_ents(list(example.reference.ents), default="outside")
    nlp.get_pipe("crf").initialize(lambda: golds, nlp=nlp, fit=FIT)
    assert found(nlp("Paris is late")) == []


def test_nothing_to_learn(trained):
    nlp = spacy.blank("en")
    nlp.add_pipe("crf")
    nlp.initialize()
    assert found(nlp("off to Paris now")) == []
    unknown = nlp.make_doc("off to Paris now")
    nlp.get_pipe("crf").initialize(lambda: [Example(unknown, unknown)], nlp=nlp, fit=FIT)
    assert found(nlp("off to Paris now")) == [] and nlp.get_pipe("crf").labels == ()


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "off to \u200b Lima \U0001f600", "e\u0301 " * 50, "a" * 5000, "off to Lima " * 3000]
)
def test_any_text(trained, text):
    doc = trained(text)
    assert doc.text == text
    assert len(list(EntityConfidence(trained).pipe([doc]))) == 1
    assert len(doc.ents) == text.count("Lima")
    assert all(0 < ent._.confidence < 1 for ent in doc.ents)


def test_entities_that_are_there_stay(trained):
    nlp = trained
    doc = nlp.make_doc("off to Paris now and off to Lima now")
    doc.set_ents([Span(doc, 2, 3, "BAND")], blocked=[doc[7:8]])
    (doc,) = nlp.get_pipe("crf").pipe([doc])
    assert found(doc) == [("Paris", "BAND")]
    assert found(nlp(doc.text)) == [("Paris", "CITY-NAME"), ("Lima", "CITY-NAME")]


def test_many_long_texts_take_the_memory_of_few(trained, monkeypatch):
    monkeypatch.setattr(crf, "AT_ONCE", 1000)
    text = "it was so late " * 100 + "off to Lima now"
    peaks = []
    for number in (2, 40):
        docs = [trained.make_doc(text) for _ in range(number)]
        trained.get_pipe("crf").predict(docs)
        tracemalloc.start()
        found = trained.get_pipe("crf").predict(docs)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found == [[(402, 403, "CITY-NAME")]] * number
    assert peaks[1] < 2 * peaks[0]


def test_batches_change_nothing(trained):
    texts = [f"off to {city} now" for city in CITIES] + ["now"] * 3
    alone = [found(trained(text)) for text in texts]
    assert [found(doc) for doc in trained.pipe(texts, batch_size=100)] == alone


def test_more_words_than_are_kept_change_nothing(trained, monkeypatch):
    docs = [trained.make_doc(f"so {word}{number} was off to Lima") for number in range(30) for word in ("Ana", "bo-x")]
    pipe = trained.get_pipe("crf")
    together = pipe.score_tags(docs)[0]
    monkeypatch.setattr(crf, "KEPT_WORDS", 20)
    one_by_one = [pipe.score_tags([doc])[0] for doc in docs]
    assert np.array_equal(np.concatenate(one_by_one), together)


def test_vectors_tell_words_apart():
    nlp = spacy.blank("en")
    chance = np.random.default_rng(0)
    words = {"X": [f"w{number}x" for number in range(30)], "Y": [f"v{number}y" for number in range(30)]}
    rows = {word: chance.normal(size=8) + 3 * (kind == "X") for kind, some in words.items() for word in some}
    nlp.vocab.vectors = Vectors(data=np.array(list(rows.values()), dtype="float32"), keys=list(rows))
    texts = [(f"so {word} it", [(3, 3 + len(word), kind)]) for kind, some in words.items() for word in some[:20]]
    only = {"vectors": {"@misc": "template.crf_vectors.v1", "window": 0, "dimensions": 4}}
    nlp = learn(texts, nlp, features=only)
    right = [found(nlp(f"so {word} it")) == [(word, kind)] for kind, some in words.items() for word in some[20:]]
    assert sum(right) >= 18


scores = st.integers(1, 3).flatmap(
    lambda labels: st.tuples(
        st.lists(st.integers(0, 5), min_size=1, max_size=4),
        st.just(1 + 2 * labels),
        st.integers(0, 2**32 - 1),
    )
)


@settings(max_examples=60, deadline=None)
@given(scores)
def test_the_best_way_and_all_others(case):
    """Against trying them all: entities are whole, the best way is best, probabilities are shares of all ways."""
    lengths, count, seed = case
    lengths = [min(length, 4 if count > 5 else 5) for length in lengths]
    chance = np.random.default_rng(seed)
    values, transitions = chance.normal(size=(sum(lengths), count)) * 2, chance.normal(size=(count, count))
    lattice = Lattice(values, np.array(lengths, dtype="int64"), transitions)
    best, sums, first = lattice.find_best(), lattice.sum_up(), 0
    may, may_start = follows(count), starts_text(count)
    for length in lengths:
        if length:
            ways = [
                way
                for way in product(range(count), repeat=length)
                if may_start[way[0]] and all(may[pair] for pair in pairwise(way))
            ]
            total = np.array(
                [
                    sum(values[first + place, tag] for place, tag in enumerate(way))
                    + sum(transitions[pair] for pair in pairwise(way))
                    for way in ways
                ]
            )
            assert tuple(best[first : first + length]) == ways[int(total.argmax())]
            shares = np.exp(total - total.max())
            shares /= shares.sum()
            for start, end, begin in product(range(length), range(1, length + 1), range(1, count, 2)):
                if start < end:
                    entity = (begin, *[begin + 1] * (end - start - 1))
                    here = [way[start:end] == entity and (end == length or way[end] != begin + 1) for way in ways]
                    got = sums.find_probability(first + start, first + end, begin, first + length - 1)
                    assert got == pytest.approx(shares[np.array(here)].sum(), abs=1e-9)
        first += length


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return make_base(own_tok2vec, tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def corpora(tmp_path, monkeypatch):
    """Texts with FIRM alone, in a project, to learn beside a base that knows CITY and FIRM."""
    nlp = spacy.blank("en")
    monkeypatch.chdir(tmp_path)
    for folder in ("beside", "dev"):
        (tmp_path / "corpus/rehearsal" / folder).mkdir(parents=True)
    for part, seed in (("train", 1), ("dev", 2)):
        docs = [example.reference for example in examples(nlp, 40, seed)]
        for doc in docs:
            doc.ents = [Span(doc, ent.start, ent.end, "BUSINESS") for ent in doc.ents if ent.label_ == "FIRM"]
        DocBin(docs=docs).to_disk(tmp_path / f"corpus/{part}.spacy")
        if part == "train":  # without raw texts, it is all that there is to learn
            DocBin(docs=docs).to_disk(tmp_path / "corpus/rehearsal/beside/00000.spacy")


@pytest.mark.parametrize("strategy", [Strategy.separate, Strategy.replace])
def test_beside_a_base_or_in_its_place(base, corpora, strategy, tmp_path):
    config = tmp_path / "config.cfg"
    write_config(config, ROOT / "configs/crf.cfg", str(base), strategy, "none", -1, 0)
    no_tables = {"initialize.components.crf.classes": None}  # which take seconds to read
    nlp = spacy.load(train_pipeline(config, tmp_path / "fit", str(base), strategy, -1, no_tables))
    doc = nlp("we went to Acme we went to Paris")
    labels = {label for _, label in found(doc)}
    # Beside it, what the base finds stays
    assert ("Acme", "FIRM" if strategy is Strategy.separate else "BUSINESS") in found(doc)
    assert "BUSINESS" in nlp.get_pipe(nlp.pipe_names[-2 if strategy is Strategy.separate else -1]).labels
    assert ("CITY" in labels) == (strategy is Strategy.separate)
    assert doc[0].tag_, "the base's tagger goes on"
    # The model is a base itself, with whatever recipe
    nlp.to_disk(tmp_path / "again")
    recipes = {recipe: ROOT / f"configs/{recipe}.cfg" for recipe in ("crf", "cnn")}
    settings = (str(tmp_path / "again"), Strategy.update, "none", -1, 0)
    assert derive_config(recipes["crf"], *settings)["nlp"]["pipeline"] == ["crf"]
    if strategy is Strategy.replace:  # else there is a network, too, which can go on
        with pytest.raises(ProjectError, match="cannot go on"):
            derive_config(recipes["cnn"], *settings)


def test_what_a_crf_found_no_network_goes_on_from(base, project):
    project.write("assets/raw_text.jsonl", '{"text": "we went to Paris"}\n')
    nlp = spacy.blank("en")
    nlp.add_pipe("crf")
    nlp.to_disk(project.path / "mine")
    settings = ["--vars.recipe=cnn", f"--vars.base_model={project.path / 'mine'}"]
    done = project.run_here("preflight", *settings, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "cannot go on" in words and "--vars.strategy to separate" in words
    assert "--vars.recipe=crf" in words


def test_a_language_without_tables_is_told_and_does_without(project):
    assert len(create_crf_classes([4])(spacy.blank("xx")).words) == 0
    for lang in ("de", "it"):
        project.run_here("preflight", f"--vars.lang={lang}")
        told = project.run_here("fill-config", f"--vars.lang={lang}").stdout
        assert ("No tables of words for it" in told) == (lang == "it")


@pytest.mark.parametrize(
    ("lang", "text", "names", "new"),
    [
        ("fr", "je vais a {} demain", ["Lyon", "Paris", "Brest", "Nantes"], "Rennes"),
        ("zh", "我 明天 去 {} 玩", ["北京市", "南京市", "天津市", "重庆市"], "上海市"),
        ("ar", "أنا في {} اليوم", ["بيروت", "عمان", "تونس", "دمشق"], "بغداد"),
        ("de", "das {} entschied", ["Amtsgericht", "Landgericht", "Kammergericht"], "Finanzgericht"),
    ],
)
def test_other_languages(lang, text, names, new):
    start = text.index("{}")
    nlp = learn([(text.format(name), [(start, start + len(name), "NAME")]) for name in names], spacy.blank(lang))
    assert found(nlp(text.format(new))) == [(new, "NAME")]


def test_words_that_share_letters():
    """Wherever in the word: neither its beginning nor its end tells it."""
    words = {"X": ["abxyzcd", "efxyzgh", "ikxyzlm", "noxyzpq"], "Y": ["abuvwcd", "efuvwgh", "ikuvwlm", "nouvwpq"]}
    texts = [(f"so {word} it", [(3, 10, kind)]) for kind, some in words.items() for word in some]
    only = {"parts": {"@misc": "template.crf_parts.v1", "window": 0, "length": 3}}
    nlp = learn(texts, features=only)
    assert found(nlp("so rsxyztu it")) == [("rsxyztu", "X")] and found(nlp("so rsuvwtu it")) == [("rsuvwtu", "Y")]
