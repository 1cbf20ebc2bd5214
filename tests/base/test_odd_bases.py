"""Bases of other kinds: without recognizer, with rules, vectors, disabled components, code of their own."""

import json
import shutil

import bases
import pytest
import spacy
from dishes import DISHES, build, evaluate, fill_config, make_project, preprocess, read_json, train, write_dishes
from packaging.specifiers import SpecifierSet
from projects import copy_template
from spacy.attrs import NORM
from spacy.language import Language
from spacy.tokens import Span

from spacy_domain.base.location import BaseFolder
from spacy_domain.base.packages import find_missing_packages, other_spacy
from spacy_domain.base.pipeline import find_ner, find_upstream, listener_paths
from spacy_domain.base.start import check_strategy
from spacy_domain.base.strategy import Strategy


def test_a_changed_base_is_noticed(base, tmp_path):
    """By evaluate, and by all commands that start from it."""
    path = tmp_path / "base"
    shutil.copytree(base("own_tok2vec"), path)
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    overrides = ["--vars.annotations=assets/dishes.jsonl", "--vars.raw_text=assets/raw.jsonl"]
    overrides += [f"--vars.base_model={path}", "--vars.lang=xx", "--vars.strategy=separate", "--vars.on_leakage=allow"]
    limits = ["--vars.max_retention_loss=1", "--vars.min_agreement=0"]
    steps = ["preprocess", "fill-config", "train", "evaluate"]
    for step in ("preflight", *steps):
        project.run_here(step, *overrides, *limits)
    assert not project.would_run(*overrides, *limits) & {*steps}
    bases.make_base(bases.own_tok2vec, path, steps=1, lang="xx")
    done = project.run_here("evaluate", *overrides, *limits, check=False, force=True)
    assert done.returncode == 1 and "is not the base that training/model-best was made of" in one_line(done.stdout)
    assert {*steps} <= project.would_run(*overrides, *limits)


def one_line(said):
    return " ".join(said.split())


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
def test_odd_bases(tmp_path, kind):
    make, strategy = ODD[kind]
    path = bases.make_base(make, tmp_path / "base", steps=10, lang="xx")
    project = make_project(tmp_path / "project", steps=40 if make is with_ruler else 4)
    model = build(path, project, strategy)
    if make is with_ruler:
        assert "ID" in {ent.label_ for doc in model.pipe(f"it was {n} late" for n in range(50)) for ent in doc.ents}
    before, config = spacy.load(path), project.read("training/model-best/config.cfg")
    meta = read_json(project, "training/model-best/meta.json")
    assert "DISH" in json.dumps(meta["labels"])
    assert set(before.component_names) - {"ner"} <= set(meta["pipeline"]) | set(meta["disabled"])
    assert meta["disabled"] == before.disabled
    if make is static_vectors:
        assert meta["vectors"]["vectors"] == len(before.vocab.vectors)
        assert "include_static_vectors = true" in config


def without_recognizer(path, folder):
    """The same base, with its recognizer disabled."""
    nlp = spacy.load(path)
    nlp.disable_pipe("ner")
    nlp.to_disk(folder)
    return folder


def test_a_recognizer_that_is_disabled_finds_nothing_to_keep(base, tmp_path):
    """It stays as it is, and needs no raw text; a new one takes another name."""
    path = without_recognizer(base("own_tok2vec"), tmp_path / "base")
    project = make_project(tmp_path / "project", steps=4)
    model = build(path, project, "update")
    assert model.disabled == ["ner"] and model.pipe_names == ["tok2vec", "tagger", "ner_2"]
    assert {"CITY", "FIRM"} == set(model.pipe_labels["ner"]) and set(model.pipe_labels["ner_2"]) == {"DISH"}
    check_strategy(str(path), Strategy.update, project.path / "configs/cnn.cfg", project.path / "none.txt")


def with_much(nlp):
    """Two recognizers, and rules behind them, one of which has the name that the recipe's recognizer has."""
    bases.own_tok2vec(nlp)
    nlp.add_pipe("ner", name="other", config=bases.ner_config(bases.EMBED))
    nlp.rename_pipe("ner", "first")
    nlp.add_pipe("entity_ruler", name="crf")
    config = nlp.config.copy()
    config["initialize"]["components"]["crf"] = {"patterns": [{"label": "TIME", "pattern": "late"}]}
    nlp.config = config


@pytest.fixture(scope="module")
def much(tmp_path_factory):
    return bases.make_base(with_much, tmp_path_factory.mktemp("much") / "base", steps=40, lang="xx")


def found(nlp, project):
    texts = [row["text"] for row in map(json.loads, project.read("assets/gold.jsonl").splitlines())]
    return [{(ent.text, ent.start_char, ent.label_) for ent in doc.ents} for doc in nlp.pipe(texts)]


def test_all_that_a_base_finds_is_kept_and_measured(much, tmp_path):
    """By its first recognizer, by another and by rules."""
    project = make_project(tmp_path / "project")
    model = build(much, project, "separate", "crf")
    before, after = found(spacy.load(much), project), found(model, project)
    assert all(old <= new for old, new in zip(before, after, strict=True)) and "TIME" in str(before)
    assert read_json(project, "metrics/retention.json")["kept_labels"] == ["CITY", "FIRM", "TIME"]


def test_replace_takes_the_place_of_all_recognizers_and_of_no_rule(much, tmp_path):
    project = make_project(tmp_path / "project")
    model = build(much, project, "replace", "crf")
    assert model.pipe_names == ["tok2vec", "tagger", "first", "crf"]
    assert {label for ents in found(model, project) for *_, label in ents} <= {"DISH", "TIME"}
    kept = read_json(project, "metrics/retention.json")
    assert kept["kept_labels"] == ["TIME"] and kept["all"]["entities"] > 0


def test_what_a_base_was_built_of_by_us_is_replaced_whole(built, tmp_path):
    """Nothing is left that would merge two recognizers."""
    before, _ = built("own_tok2vec", "separate")
    project = make_project(tmp_path / "project", steps=10)
    model = build(before.path / "training/model-best", project, "replace", "crf")
    assert model.pipe_names == ["tok2vec", "tagger", "ner"]


def test_a_network_does_not_go_on_from_one_of_several(much, tmp_path):
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    settings = ["--vars.recipe=cnn", "--vars.lang=xx", f"--vars.base_model={much}", "--vars.raw_text=assets/raw.jsonl"]
    said = one_line(project.run_here("preflight", *settings, check=False).stdout)
    assert "one of several entity recognizers" in said and "has first, other" in said and "--vars.recipe=crf" in said


def with_cleaner(nlp):
    """As spaCy's docs have it: what recognizers listened to is cleared away in the end."""
    bases.shared_tok2vec(nlp)
    nlp.add_pipe("doc_cleaner")


@pytest.mark.parametrize("strategy", ["update", "surer"])
def test_what_a_base_clears_away_is_there_until_the_end(tmp_path, strategy):
    path = bases.make_base(with_cleaner, tmp_path / "base", steps=20, lang="xx")
    project = make_project(tmp_path / "project")
    model = build(path, project, strategy, "crf")
    assert model.pipe_names[-2:] == ["combine_recognizers", "doc_cleaner"]
    before, after = found(spacy.load(path), project), found(model, project)
    assert all(old <= new for old, new in zip(before, after, strict=True)) and any(before)
    model.add_pipe("entity_confidence")  # behind it, nobody can tell of the base's
    doc = model("please bring ramen number 3 when we went to Paris")
    assert doc.tensor is None and {ent._.confidence is None for ent in doc.ents if ent.label_ != "DISH"} == {True}


def test_what_is_made_of_entities_follows_those_that_take_their_place(tmp_path):
    """Like merge_entities, an entity_linker, or a component that notes who is mentioned."""

    @Language.component("notes_mentions")
    def note(doc):
        doc.spans["mentions"] = list(doc.ents)
        return doc

    def make(nlp):
        bases.own_tok2vec(nlp)
        nlp.add_pipe("notes_mentions")

    path = bases.make_base(make, tmp_path / "base", steps=20, lang="xx")
    project = make_project(tmp_path / "project")
    model = build(path, project, "replace", "crf")
    assert model.pipe_names == ["tok2vec", "tagger", "ner", "notes_mentions"]
    others = read_json(project, "metrics/retention.json")["other_components"]
    assert others["identical"] is False and set(others["with_entities"]) == {"spans"}
    assert "but for what they make of entities (spans in " in one_line(evaluate(project, path, "replace").stdout)


def test_entities_of_a_component_of_unknown_kind_stay_and_are_told(tmp_path):
    """It is no recognizer to be updated or replaced, and F is 0 where it has claimed everything."""

    @Language.component("finds_orders", assigns=["doc.ents"])
    def find(doc):
        doc.ents = [Span(doc, token.i, token.i + 2, "ORDER") for token in doc[:-1] if token.text == "bring"]
        return doc

    def make(nlp):
        no_ner(nlp)
        nlp.add_pipe("finds_orders")

    path = bases.make_base(make, tmp_path / "base", steps=1, lang="xx")
    project = make_project(tmp_path / "project")
    build(path, project, "update", "crf")
    said = one_line(evaluate(project, path, "update").stdout)
    counts = read_json(project, "metrics/retention.json")["in_the_way"]
    assert counts["covered"] == counts["entities"] > 0
    assert f"in the place of {counts['covered']} of the {counts['entities']} that are annotated" in said


def with_splitter(nlp):
    nlp.add_pipe("token_splitter", config={"min_length": 5, "split_length": 2})
    bases.own_tok2vec(nlp)


def with_merged_entities(nlp):
    bases.own_tok2vec(nlp)
    nlp.add_pipe("merge_entities")


def test_a_base_that_changes_the_tokens_of_entities_is_refused_before_training(tmp_path):
    """They would never be found, and F be near 0; what joins the base's own entities is no hindrance."""
    path = bases.make_base(with_splitter, tmp_path / "base", steps=1, lang="xx")
    project = make_project(tmp_path / "project")
    done = preprocess(project, path, "separate", check=False)
    assert done.returncode == 1 and "token_splitter of the base changes the tokens of" in one_line(done.stdout)
    assert not (project.path / "corpus/train.spacy").exists()
    other = bases.make_base(with_merged_entities, tmp_path / "other", steps=20, lang="xx")
    assert "changes the tokens" not in preprocess(project, other, "separate").stdout


@pytest.mark.parametrize("var", ["base_model", "previous_model"])
def test_what_training_writes_over_is_nothing_to_start_from(base, tmp_path, var):
    """By the time it is compared or built on again, it is another."""
    project = copy_template(tmp_path / "project")
    shutil.copytree(base("own_tok2vec"), project.path / "training/model-best")
    (project.path / "link").symlink_to("training/model-best", target_is_directory=True)
    for path in ("training/model-best", "link"):
        settings = [f"--vars.{var}={path}", "--vars.lang=xx", "--vars.strategy=replace"]
        done = project.run_here("preflight", *settings, check=False)
        assert done.returncode == 1 and f"The {var.replace('_', ' ')} lies in training/" in one_line(done.stdout)


def test_a_wheel_that_would_take_the_place_of_its_base_is_told(tmp_path, monkeypatch):
    """Once it is installed, the next run would build on it, and what comes of that on that one."""
    bases.install_base(bases.own_tok2vec, tmp_path / "installed", "xx_menus", steps=1, lang="xx")
    monkeypatch.syspath_prepend(tmp_path / "installed")
    project = copy_template(tmp_path / "project")
    settings = ["--vars.base_model=xx_menus", "--vars.lang=xx", "--vars.strategy=replace"]
    told = "The wheel will have its base's name, xx_menus"
    assert told in one_line(project.run_here("preflight", *settings, "--vars.name=menus").stdout)
    assert told not in one_line(project.run_here("preflight", *settings, "--vars.name=dishes").stdout)


FAILS = """
import spacy

if "fails.v1" not in spacy.registry.tokenizers:

    @spacy.registry.tokenizers("fails.v1")
    def make():
        def create(nlp):
            raise RuntimeError("there is no dictionary")

        return create
"""


def test_a_base_that_cannot_be_loaded_is_refused_before_anything_runs(base, tmp_path):
    """Whatever it is that fails: its code may be anybody's."""
    path = tmp_path / "base"
    shutil.copytree(base("own_tok2vec"), path)
    config = (path / "config.cfg").read_text(encoding="utf-8")
    (path / "config.cfg").write_text(config.replace("spacy.Tokenizer.v1", "fails.v1"), encoding="utf-8")
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    settings = ["--vars.lang=xx", f"--vars.base_model={path}", "--vars.raw_text=assets/raw.jsonl"]
    done = project.run_here("preflight", *settings, check=False)
    assert (
        done.returncode == 1 and "fails.v1" in one_line(done.stdout) and "scripts/functions.py" in one_line(done.stdout)
    )
    project.write("scripts/functions.py", FAILS)
    done = project.run("preflight", *settings, check=False, anew=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr + done.stdout
    assert "Cannot load" in done.stdout and "there is no dictionary" in one_line(done.stdout)


def test_a_base_of_an_older_spacy_makes_a_pipeline_of_this_one(base, tmp_path):
    """Otherwise its wheel would require a spaCy that it was not made with."""
    path = tmp_path / "base"
    shutil.copytree(base("own_tok2vec"), path)
    meta = json.loads((path / "meta.json").read_text()) | {"spacy_version": ">=3.1.0,<3.2.0"}
    (path / "meta.json").write_text(json.dumps(meta))
    model = build(path, make_project(tmp_path / "project", steps=4), "separate")
    assert spacy.__version__ in SpecifierSet(model.meta["spacy_version"])


def test_vectors_alone_go_to_the_recipes_network(tmp_path):
    """Like en_vectors_*: no components, but vectors."""
    nlp = spacy.blank("xx")
    static_vectors(nlp)
    nlp.remove_pipe("ner")
    nlp.to_disk(tmp_path / "base")
    project = make_project(tmp_path / "project", steps=4)
    build(tmp_path / "base", project, "replace")
    assert "include_static_vectors = true" in project.read("training/model-best/config.cfg")


def test_the_tokenizers_settings_come_along(tmp_path):
    """Like ja_ginza, whose tokenizer splits otherwise than that of a blank pipeline."""
    settings = {"nlp": {"tokenizer": {"use_pyvi": False}}}
    spacy.blank("vi", config=settings).to_disk(tmp_path / "base")
    project = make_project(tmp_path / "project", steps=4)
    model = build(tmp_path / "base", project, "separate")
    assert model.config["nlp"]["tokenizer"]["use_pyvi"] is False and len(model("please bring pho")) == 3


def test_callbacks_that_change_the_language_come_along(tmp_path):
    """What words look like depends on them."""

    @spacy.registry.callbacks("shouts.v1")
    def make():
        def change(nlp):
            nlp.vocab.lex_attr_getters[NORM] = str.upper
            return nlp

        return change

    nlp = spacy.blank("xx", config={"nlp": {"after_creation": {"@callbacks": "shouts.v1"}}})
    nlp.to_disk(tmp_path / "base")
    project = make_project(tmp_path / "project", steps=4)
    preprocess(project, tmp_path / "base", "update")
    fill_config(project, tmp_path / "base", "update")
    train(project, tmp_path / "base", "update")
    trained = spacy.util.load_config(project.path / "training/config.cfg")["nlp"]
    assert trained["after_creation"] == {"@callbacks": "shouts.v1"} and trained["before_creation"] is None
    assert spacy.load(project.path / "training/model-best")("ramen")[0].norm_ == "RAMEN"


def test_callbacks_that_need_components_have_them(tmp_path):
    """Where the tokenizer alone is wanted, too. They stay in the pipeline; what began the base's training is over."""

    @spacy.registry.callbacks("asks_the_tagger.v1")
    def make():
        def ask(nlp):
            nlp.meta["asked"] = nlp.get_pipe("tagger").name
            return nlp

        return ask

    @spacy.registry.callbacks("begins.v1")
    def make_beginning():
        raise RuntimeError("the base was trained long ago")

    path = bases.make_base(bases.own_tok2vec, tmp_path / "base", steps=10, lang="xx")
    config = spacy.util.load_config(path / "config.cfg")
    config["nlp"]["after_pipeline_creation"] = {"@callbacks": "asks_the_tagger.v1"}
    config["initialize"] |= {moment: {"@callbacks": "begins.v1"} for moment in ("before_init", "after_init")}
    config.to_disk(path / "config.cfg")
    model = build(path, make_project(tmp_path / "project", steps=4), "separate", "crf")
    assert model.config["nlp"]["after_pipeline_creation"] == {"@callbacks": "asks_the_tagger.v1"}
    assert model.meta["asked"] == "tagger"


def test_custom_factory(tmp_path):
    """Every command finds what the project registers in scripts/functions.py."""
    code = (
        "from spacy.language import Language\n\n\n@Language.component('shout')\ndef shout(doc):\n"
        "    doc.spans['shout'] = [doc[:1]]\n    return doc\n"
    )
    exec(code)

    def make(nlp):
        bases.own_tok2vec(nlp)
        nlp.add_pipe("shout")

    path = bases.make_base(make, tmp_path / "base", steps=1, lang="xx")
    project = copy_template(tmp_path / "project")
    fill = ["-m", "scripts.fill_config", "configs/cnn.cfg", "training/config.cfg", f"--base-model={path}"]
    done = project.python(*fill, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Cannot load" in words and "shout" in words and "scripts/functions.py" in words
    project.write("scripts/functions.py", project.read("scripts/functions.py") + "\n\n" + code)
    project.python(*fill)
    assert "shout" in json.loads((path / "meta.json").read_text())["pipeline"]


def test_missing_package_behind_a_factory(base, tmp_path):
    path = tmp_path / "base"
    shutil.copytree(base("own_tok2vec"), path)
    meta = json.loads((path / "meta.json").read_text())
    meta |= {"requirements": ["no-such-package>=3"], "spacy_version": ">=3.2.0,<3.3.0"}
    (path / "meta.json").write_text(json.dumps(meta))
    project = copy_template(tmp_path / "project")
    overrides = ["--vars.lang=xx", "--vars.strategy=replace", f"--vars.base_model={path}"]
    done = project.run_here("preflight", *overrides, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and 'python -m pip install "no-such-package>=3"' in words
    meta["requirements"] = []
    (path / "meta.json").write_text(json.dumps(meta))
    words = " ".join(project.run_here("preflight", *overrides).stdout.split())
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
