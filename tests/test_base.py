"""Building on an existing pipeline: three topologies, three strategies, and nothing else changed."""

import json
import re
import shutil
from pathlib import Path

import bases
import pytest
import spacy
from conftest import STEPS, copy_template, limit_steps
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span

from scripts.evaluate import evaluate
from scripts.fill_config import fill_config
from scripts.preprocess import preprocess
from scripts.train import train
from spacy_domain.base.location import BaseFolder, find_missing_packages, other_spacy
from spacy_domain.base.pipeline import find_ner, find_upstream, listener_paths
from spacy_domain.base.rehearsal import add_entities
from spacy_domain.base.strategy import Strategy
from spacy_domain.corpora.align import OnMisaligned
from spacy_domain.corpora.checks import OnLeakage
from spacy_domain.corpora.normal_form import normal_form
from spacy_domain.recipes.components import BASE_ENTITIES, join_base_entities, set_base_entities_aside
from spacy_domain.scoring.retention import measure_retention

TRANSFORMERS = ("transformer", "curated_transformer")
TOPOLOGIES = [
    "own_tok2vec",
    "shared_tok2vec",
    *(pytest.param(name, marks=pytest.mark.transformer) for name in TRANSFORMERS),
]
NLP = spacy.blank("en")
STRATEGIES = ("update", "replace", "separate")
DISHES = ["ramen", "pho", "tacos", "injera", "pierogi", "jollof", "dal", "sushi"]


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Make a base of a topology, once."""
    made = {}

    def get(topology):
        if topology not in made:
            folder = tmp_path_factory.mktemp("bases")
            arguments = [folder / "bert"] if topology in TRANSFORMERS else []
            made[topology] = bases.make_base(getattr(bases, topology), folder / topology, *arguments)
        return made[topology]

    return get


def write_dishes(project):
    """160 texts with DISH, some with what the base knows."""
    rows = []
    for number in range(160):
        dish, city = DISHES[number % 8], bases.CITIES[number // 8 % 8]
        text = f"please bring {dish} number {number}" + (f" when we went to {city}" if number % 2 else "")
        start = text.index(dish)
        rows.append({"text": text, "spans": [{"start": start, "end": start + len(dish), "label": "DISH"}]})
    project.write("assets/dishes.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    raw = (" ".join(words) for words, _, _ in bases.sentences(400, seed=7))
    project.write("assets/raw.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in raw))
    gold = []
    for words, ents, _ in bases.sentences(60, seed=9):
        starts = [len(" ".join(words[:n])) + (n > 0) for n in range(len(words))]
        spans = [{"start": starts[n], "end": starts[n] + len(words[n]), "label": label} for n, label in ents]
        gold.append({"text": " ".join(words), "spans": spans})
    project.write("assets/gold.jsonl", "".join(json.dumps(row) + "\n" for row in gold))


def build_on(base_path, folder, strategy, *more, **env):
    project = copy_template(folder)
    limit_steps(project, 60, 30)
    write_dishes(project)
    overrides = [
        "--vars.annotations=assets/dishes.jsonl",
        "--vars.raw_text=assets/raw.jsonl",
        "--vars.retention=assets/gold.jsonl",
        "--vars.on_leakage=allow",
        "--vars.name=dishes",
        f"--vars.base_model={base_path}",
        f"--vars.strategy={strategy}",
        *more,
    ]
    return project, overrides


def entities(nlp, texts):
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in nlp.pipe(texts)]


def build(base_path, project, strategy, monkeypatch, recipe="cnn"):
    """preprocess to evaluate, in this process: with torch, every further one takes seconds to start."""
    monkeypatch.chdir(project.path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (project.path / "corpus").mkdir()
    project.write("corpus/environment.json", "{}")
    common = {"base_model": str(base_path), "strategy": Strategy(strategy)}
    preprocess(
        Path("assets/dishes.jsonl"),
        Path("corpus"),
        **common,
        raw_text=Path("assets/raw.jsonl"),
        rehearsal=1.0,
        on_misaligned=OnMisaligned.stop,
        on_leakage=OnLeakage.allow,
        format_name="auto",
        offsets="auto",
        max_broken=0.1,
        split_seed=0,
    )
    settings = {"encoder": "none", "gpu_id": -1, "seed": 0}
    fill_config(Path(f"configs/{recipe}.cfg"), Path("training/config.cfg"), **common, **settings)
    environment = Path("corpus/environment.json")
    train(
        Path("training/config.cfg"),
        Path("training"),
        corpus=Path("corpus"),
        **common,
        environment=environment,
        gpu_id=-1,
    )
    evaluate(
        Path("training/model-best"),
        Path("corpus/test.spacy"),
        Path("metrics"),
        train=Path("corpus/train.spacy"),
        dev=Path("corpus/dev.spacy"),
        **common,
        previous_model="none",
        raw=Path("corpus/rehearsal/test"),
        retention=Path("assets/gold.jsonl"),
        max_retention_loss=1.0,
        min_agreement=0.0,
        gpu_id=-1,
    )
    return spacy.load(project.path / "training/model-best")


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_topologies_and_strategies(base, tmp_path, monkeypatch, topology, strategy):
    path = base(topology)
    project, _ = build_on(path, tmp_path / "project", strategy)
    model, before = build(path, project, strategy, monkeypatch), spacy.load(path)
    texts = [json.loads(line)["text"] for line in project.read("assets/gold.jsonl").splitlines()]
    tags = [[[token.tag_ for token in doc] for doc in nlp.pipe(texts)] for nlp in (before, model)]
    assert tags[0] == tags[1]
    old = {"CITY", "FIRM"}
    labels = {label for name in model.pipe_names if "ner" in name for label in model.get_pipe(name).labels}
    assert labels == ({"DISH"} if strategy == "replace" else {"DISH"} | old)
    kept = json.loads(project.read("metrics/retention.json"))
    assert kept["other_components"]["identical"] and kept["other_components"]["texts"] > 0
    if strategy == "replace":
        assert kept["by"] is None
    else:
        assert kept["by"] == "gold" and set(kept["labels"]) == old and kept["texts"] == 60
        if topology not in TRANSFORMERS:  # two thin layers of random weights are no transformer
            assert kept["all"]["before"]["f"] > 0.9
    if strategy == "separate":
        for file in ("model", "moves", "cfg"):
            same = (path / "ner" / file).read_bytes()
            assert (project.path / "training/model-best/ner" / file).read_bytes() == same, "byte for byte"
    found = [[(ent.text, ent.label_) for ent in doc.ents] for doc in model.pipe(texts)]
    model.add_pipe("entity_confidence")
    docs = list(model.pipe(texts))
    assert [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs] == found
    sure = [ent._.confidence for doc in docs for ent in doc.ents]
    assert all(0 < confidence <= 1 for confidence in sure) and (
        sure or strategy == "replace" or topology in TRANSFORMERS
    )


@pytest.mark.parametrize("strategy, after", [("update", "ner"), ("replace", "ner"), ("separate", "join_base_entities")])
def test_rule_for_seen_entities_gives_way_to_what_the_base_finds(base, tmp_path, monkeypatch, strategy, after):
    path = base("own_tok2vec")
    project, _ = build_on(path, tmp_path / "project", strategy)
    project.edit("configs/cnn.cfg", '"ner"]', '"ner","seen_entities"]')
    model = build(path, project, strategy, monkeypatch)
    names = model.pipe_names
    assert names.index("seen_entities") == names.index(after) + 1
    patterns = model.get_pipe("seen_entities").patterns
    assert {pattern["label"] for pattern in patterns} == {"DISH"} and {"label": "DISH", "pattern": "ramen"} in patterns
    if strategy != "replace":
        kept = json.loads(project.read("metrics/retention.json"))
        assert kept["all"]["after"]["f"] > kept["all"]["before"]["f"] - 0.05
    if strategy != "separate":  # there, the base takes it for a firm
        assert [(ent.text, ent.label_) for ent in model("RAMEN").ents] == [("RAMEN", "DISH")]


def test_update_keeps_what_the_base_knew_and_learns(base, tmp_path):
    project, overrides = build_on(base("own_tok2vec"), tmp_path / "project", "update")
    limit_steps(project, 150, 30)
    output = " ".join(project.run("all", *overrides).stdout.split())
    assert "What the base knew, by gold: 60 texts" in output and "To rehearse:" in output
    kept, metrics = (json.loads(project.read(f"metrics/{name}.json")) for name in ("retention", "metrics"))
    assert kept["all"]["loss"] <= 0.01 and metrics["ents_per_type"]["DISH"]["f"] > 0.9
    assert set(metrics["ents_per_type"]) == {"DISH"}, "the texts tell nothing about other labels"
    # a recognizer like any other: no code of ours is needed to load it
    done = project.python("-I", "-c", "import spacy; print(spacy.load('training/model-best').pipe_names)")
    assert "['tok2vec', 'tagger', 'ner']" in done.stdout


def texts_of(*paths):
    files = [file for path in paths for file in (sorted(path.rglob("*.spacy")) if path.is_dir() else [path])]
    return [doc.text for file in files for doc in DocBin().from_disk(file).get_docs(NLP.vocab)]


def test_dev_and_test_texts_are_never_rehearsed(base, tmp_path):
    """Not even shouted, or with other punctuation."""
    project, overrides = build_on(base("own_tok2vec"), tmp_path / "project", "update")
    rows = map(json.loads, project.read("assets/dishes.jsonl").splitlines())
    shouted = "".join(json.dumps({"text": f"{row['text'].upper()}!!"}) + "\n" for row in rows)
    project.write("assets/raw.jsonl", project.read("assets/raw.jsonl") + shouted)
    project.run("preflight", *overrides)
    project.run("preprocess", *overrides)
    corpus = project.path / "corpus"
    held_out = {normal_form(text) for text in texts_of(corpus / "dev.spacy", corpus / "test.spacy")}
    rehearsed = [normal_form(text) for text in texts_of(corpus / "rehearsal/train")]
    assert rehearsed and not held_out & set(rehearsed)
    parts = [set(texts_of(corpus / "rehearsal" / part)) for part in ("train", "dev", "test")]
    assert all(parts) and not parts[0] & parts[1] and not parts[1] & parts[2] and not parts[0] & parts[2]


def test_without_raw_text_the_user_is_told(base, tmp_path):
    project, overrides = build_on(base("own_tok2vec"), tmp_path / "project", "update")
    project.write("assets/raw.jsonl", "")
    project.run("preflight", *overrides)
    words = " ".join(project.run("preprocess", *overrides).stdout.split())
    assert "Without raw texts the base will" in words and "--vars.raw_text" in words


def test_official_way_forgets_and_is_refused(base, tmp_path):
    """What spaCy does without rehearsal: the new label drives the old ones out, and evaluate says so."""
    project, overrides = build_on(base("own_tok2vec"), tmp_path / "project", "update")
    project.run("preflight", *overrides)
    project.run("preprocess", *overrides)
    project.run("fill-config", *overrides)
    config = project.read("training/config.cfg")
    config = re.sub(r"\[initialize.after_init\]\n(.+\n)+", "", config)
    config = config.replace('"corpus/rehearsal/train"', '"corpus/train.spacy"')
    project.write("training/config.cfg", config.replace('"corpus/rehearsal/dev"', '"corpus/dev.spacy"'))
    project.run("train", *overrides)
    done = project.run("evaluate", *overrides, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "The model forgot too much" in words and "Traceback" not in done.stderr
    assert "CITY: F" in words and "--vars.strategy=separate" in words
    kept = json.loads(project.read("metrics/retention.json"))
    assert kept["all"]["loss"] > 0.5


def test_without_gold_agreement_is_measured_and_named_so(base, tmp_path):
    project, overrides = build_on(base("own_tok2vec"), tmp_path / "project", "separate")
    overrides.remove("--vars.retention=assets/gold.jsonl")
    output = " ".join(project.run("all", *overrides).stdout.split())
    assert "What the base knew, by agreement with the base" in output
    kept = json.loads(project.read("metrics/retention.json"))
    assert kept["by"] == "agreement with the base" and kept["all"]["before"]["f"] == 1


def test_where_the_base_finds_nothing_no_figure_is_given(base):
    nlp = spacy.load(base("own_tok2vec"))
    raw = [nlp("well well")]
    assert not raw[0].ents
    kept = measure_retention(nlp, nlp, Strategy.update, [], raw, [], {"DISH"})
    assert kept["compared"] and kept["by"] is None and "all" not in kept


def test_a_label_that_was_annotated_anew_is_not_held_against_the_base(base, tmp_path, monkeypatch):
    project, _ = build_on(base("own_tok2vec"), tmp_path / "project", "separate")
    project.write("assets/dishes.jsonl", project.read("assets/dishes.jsonl").replace('"DISH"', '"CITY"'))
    project.write("assets/gold.jsonl", "")
    build(base("own_tok2vec"), project, "separate", monkeypatch)
    kept = json.loads(project.read("metrics/retention.json"))
    assert kept["by"] == "agreement with the base" and set(kept["labels"]) == {"FIRM"}


def test_changed_base_runs_everything(base, tmp_path):
    path = tmp_path / "base"
    shutil.copytree(base("own_tok2vec"), path)
    project, overrides = build_on(path, tmp_path / "project", "separate")
    project.run_all(*overrides)
    bases.make_base(bases.own_tok2vec, path, steps=41)
    done = project.run("evaluate", "--force", *overrides, check=False)
    assert done.returncode == 1 and "is not what training/model-best was made of" in " ".join(done.stdout.split())
    assert project.run_all(*overrides) == set(STEPS)
    assert project.run_all(*overrides) == set()


def test_building_twice_in_the_same_way(base, tmp_path):
    """What was built is a base again: its labels stay, another joins them."""
    project, overrides = build_on(base("own_tok2vec"), tmp_path / "project", "separate", "--vars.max_retention_loss=1")
    project.run_all(*overrides)
    shutil.copytree(project.path / "training/model-best", tmp_path / "first")
    dishes = project.read("assets/dishes.jsonl").replace('"DISH"', '"MEAL"')
    project.write("assets/dishes.jsonl", dishes)
    overrides = [*overrides[:-2], f"--vars.base_model={tmp_path / 'first'}", "--vars.strategy=separate"]
    project.run_all(*overrides, "--vars.max_retention_loss=1")
    meta = json.loads(project.read("training/model-best/meta.json"))
    assert {"CITY", "FIRM", "DISH", "MEAL"} <= {label for labels in meta["labels"].values() for label in labels}


def no_ner(nlp):
    bases.own_tok2vec(nlp)
    nlp.remove_pipe("ner")


def with_ruler(nlp):
    bases.own_tok2vec(nlp)
    nlp.add_pipe("entity_ruler")
    config = nlp.config.copy()  # spaCy takes all other patterns away when a pipeline is initialized
    patterns = [{"label": "ID", "pattern": [{"TEXT": {"REGEX": "^[0-9]+$"}}]}]
    config["initialize"]["components"]["entity_ruler"] = {"patterns": patterns}
    nlp.config = config


def disabled_components(nlp):
    bases.shared_tok2vec(nlp)
    nlp.add_pipe("senter", config={"model": bases.tagger_config(bases.EMBED)["model"]})
    nlp.disable_pipe("senter")


def static_vectors(nlp):
    import numpy as np
    from spacy.vectors import Vectors

    words = [*bases.CITIES, *bases.FIRMS, *DISHES]
    nlp.vocab.vectors = Vectors(data=np.eye(len(words), 16, dtype="f"), keys=words)
    for word in words:
        nlp.vocab[word]
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": bases.WIDTH,
        "attrs": ["NORM"],
        "rows": [500],
        "include_static_vectors": True,
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": bases.WIDTH,
        "depth": 1,
        "window_size": 1,
        "maxout_pieces": 2,
    }
    tok2vec = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    nlp.add_pipe("ner", config=bases.ner_config(tok2vec))


ODD = {
    "no recognizer": (no_ner, "update"),
    "a ruler": (with_ruler, "update"),
    "a ruler, and another recognizer": (with_ruler, "separate"),
    "disabled": (disabled_components, "replace"),
    "vectors": (static_vectors, "replace"),
    "vectors, updated": (static_vectors, "update"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_bases(tmp_path, monkeypatch, kind):
    make, strategy = ODD[kind]
    path = bases.make_base(make, tmp_path / "base", steps=10)
    project, _ = build_on(path, tmp_path / "project", strategy)
    model = build(path, project, strategy, monkeypatch)
    if make is with_ruler:
        assert "ID" in {ent.label_ for doc in model.pipe(f"it was {n} late" for n in range(50)) for ent in doc.ents}
    before, config = spacy.load(path), project.read("training/model-best/config.cfg")
    meta = json.loads(project.read("training/model-best/meta.json"))
    assert "DISH" in json.dumps(meta["labels"])
    assert set(before.component_names) - {"ner"} <= set(meta["pipeline"]) | set(meta["disabled"])
    assert meta["disabled"] == before.disabled
    if make is static_vectors:
        assert meta["vectors"]["vectors"] == len(before.vocab.vectors)
        assert "include_static_vectors = true" in config


def test_vectors_alone_go_to_the_recipes_network(tmp_path, monkeypatch):
    """Like en_vectors_*: no components, but vectors."""
    nlp = spacy.blank("en")
    static_vectors(nlp)
    nlp.remove_pipe("ner")
    nlp.to_disk(tmp_path / "base")
    project, _ = build_on(tmp_path / "base", tmp_path / "project", "replace")
    build(tmp_path / "base", project, "replace", monkeypatch)
    assert "include_static_vectors = true" in project.read("training/model-best/config.cfg")


def test_custom_factory(tmp_path):
    code = (
        "from spacy.language import Language\n\n\n@Language.component('shout')\ndef shout(doc):\n"
        "    doc.spans['shout'] = [doc[:1]]\n    return doc\n"
    )
    exec(code)

    def make(nlp):
        bases.own_tok2vec(nlp)
        nlp.add_pipe("shout")

    path = bases.make_base(make, tmp_path / "base", steps=10)
    project, overrides = build_on(path, tmp_path / "project", "separate", "--vars.max_retention_loss=1")
    done = project.run("all", *overrides, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Cannot load" in words and "shout" in words and "spacy_domain/recipes/components.py" in words
    project.write(
        "spacy_domain/recipes/components.py", project.read("spacy_domain/recipes/components.py") + "\n\n" + code
    )
    assert project.run_all(*overrides) == set(STEPS)


def test_missing_package_behind_a_factory(base, tmp_path):
    path = tmp_path / "base"
    shutil.copytree(base("own_tok2vec"), path)
    meta = json.loads((path / "meta.json").read_text())
    meta |= {"requirements": ["no-such-package>=3"], "spacy_version": ">=3.2.0,<3.3.0"}
    (path / "meta.json").write_text(json.dumps(meta))
    project, overrides = build_on(path, tmp_path / "project", "update")
    done = project.run("preflight", *overrides, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and 'python -m pip install "no-such-package>=3"' in words
    meta["requirements"] = []
    (path / "meta.json").write_text(json.dumps(meta))
    words = " ".join(project.run("preflight", *overrides).stdout.split())
    assert "was made for spaCy >=3.2.0,<3.3.0" in words


def test_transformers_behind_a_config_are_seen(tmp_path):
    (tmp_path / "config.cfg").write_text('[components.transformer]\nfactory = "curated_transformer"\n')
    folder = BaseFolder("base", tmp_path, {"lang": "en", "spacy_version": ">=3.8.0,<3.9.0"})
    missing = set(find_missing_packages(folder))
    assert missing <= {"spacy-curated-transformers<1.0", "torch>=2.6"}
    assert other_spacy(folder) is None
    (tmp_path / "config.cfg").write_text('[components.x]\nfactory = "ner"\n')
    assert find_missing_packages(folder) == []


def test_what_a_pipeline_is_made_of(base):
    own, shared = spacy.load(base("own_tok2vec")), spacy.load(base("shared_tok2vec"))
    assert (find_ner(own), find_upstream(own, "ner"), listener_paths(own, "ner")) == ("ner", None, [])
    assert (find_upstream(shared, "ner"), listener_paths(shared, "ner")) == ("tok2vec", ["model.tok2vec"])
    assert find_ner(spacy.blank("en")) is None


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
@settings(max_examples=300, deadline=None)
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
@settings(max_examples=300, deadline=None)
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
