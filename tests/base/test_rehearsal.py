"""What the base knew is rehearsed on other texts than those that measure it, and what was forgotten is told."""

import json
import re
from collections import Counter

import bases
import pytest
import spacy
from commands import run_command
from dishes import build, evaluate, fill_config, make_project, package, preprocess, read_json, train, write_dishes
from projects import copy_template
from spacy.tokens import DocBin

from spacy_domain.base.strategy import Strategy
from spacy_domain.corpora.normal_form import normal_form
from spacy_domain.scoring.retention import measure_retention
from spacy_domain.wheel.proof import WITHOUT_ENGINE

NLP = spacy.blank("en")


def test_update_keeps_what_the_base_knew_and_learns(built):
    project, told = built("own_tok2vec", "update")
    assert "What the base knew, by gold: 60 texts" in told and "For a network to rehearse:" in told
    kept, metrics = (read_json(project, f"metrics/{name}.json") for name in ("retention", "metrics"))
    assert kept["all"]["loss"] <= 0.01 and metrics["ents_per_type"]["DISH"]["f"] > 0.9
    assert kept["outside"]["all"]["share"] < 0.1, "of words that are no dish, few are taken for one"
    assert set(metrics["ents_per_type"]) == {"DISH"}, "the texts tell nothing about other labels"
    # a recognizer like any other: no code of ours is needed to load it
    code = f"{WITHOUT_ENGINE}import spacy; print(spacy.load('training/model-best').pipe_names)"
    assert "['tok2vec', 'tagger', 'ner']" in project.python("-I", "-c", code).stdout


def texts_of(*paths):
    files = [file for path in paths for file in (sorted(path.rglob("*.spacy")) if path.is_dir() else [path])]
    return [doc.text for file in files for doc in DocBin().from_disk(file).get_docs(NLP.vocab)]


def test_dev_and_test_texts_are_never_rehearsed(base, tmp_path):
    """Not even shouted, or with other punctuation."""
    project = make_project(tmp_path / "project")
    rows = map(json.loads, project.read("assets/dishes.jsonl").splitlines())
    shouted = "".join(json.dumps({"text": f"{row['text'].upper()}!!"}) + "\n" for row in rows)
    project.write("assets/raw.jsonl", project.read("assets/raw.jsonl") + shouted)
    preprocess(project, base("own_tok2vec"), "update")
    corpus = project.path / "corpus"
    held_out = {normal_form(text) for text in texts_of(corpus / "dev.spacy", corpus / "test.spacy")}
    rehearsed = [normal_form(text) for text in texts_of(corpus / "rehearsal/train")]
    assert rehearsed and not held_out & set(rehearsed)
    parts = [set(texts_of(corpus / "rehearsal" / part)) for part in ("train", "dev", "test")]
    assert all(parts) and not parts[0] & parts[1] and not parts[1] & parts[2] and not parts[0] & parts[2]


def test_without_raw_text_no_base_is_updated(base, tmp_path):
    """Neither by preflight nor, where raw texts are but those of dev and test, by preprocess; the others need none."""
    path, project = base("own_tok2vec"), copy_template(tmp_path / "project")
    settings = ["--vars.recipe=cnn", "--vars.lang=xx", f"--vars.base_model={path}"]
    project.write("assets/blank.txt", "\n\n")
    done = project.run_here("preflight", *settings, "--vars.raw_text=assets/blank.txt", check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "assets/blank.txt: holds no text" in words
    assert "python -m weasel assets --extra" in words and "--vars.strategy=separate" in words
    done = project.run_here("preflight", *settings, "--vars.raw_text=assets/raw_en", check=False)
    assert done.returncode == 1 and "Run: python -m weasel assets --extra" in " ".join(done.stdout.split())
    project.run_here("preflight", *settings, "--vars.strategy=separate")
    project = make_project(tmp_path / "dishes")
    project.write("assets/raw.jsonl", "\n".join(project.read("assets/dishes.jsonl").splitlines()[:3]))
    preprocess(project, path, "update")
    held_out = texts_of(project.path / "corpus/dev.spacy", project.path / "corpus/test.spacy")
    project.write("assets/raw.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in held_out))
    done = preprocess(project, path, "update", check=False)
    assert done.returncode == 1 and "there is none" in " ".join(done.stdout.split())


def test_raw_texts_are_labelled_for_a_network_alone(base, tmp_path):
    """And the two ways are told apart: with a network, preprocess runs again."""
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    project.write("configs/mine.cfg", '[recipe]\nextends = "crf"\n')
    settings = ["--vars.lang=xx", f"--vars.base_model={base('own_tok2vec')}", "--vars.on_leakage=allow"]
    settings += ["--vars.annotations=assets/dishes.jsonl", "--vars.raw_text=assets/raw.jsonl"]
    told = {}
    for recipe in ("crf", "mine", "cnn"):
        project.run_here("preflight", *settings, f"--vars.recipe={recipe}")
        told[recipe] = project.run_here("preprocess", *settings, f"--vars.recipe={recipe}").stdout
        assert bool(texts_of(project.path / "corpus/rehearsal/train")) == (recipe == "cnn")
        assert texts_of(project.path / "corpus/rehearsal/beside") and texts_of(project.path / "corpus/rehearsal/test")
    assert "For a network" in told["cnn"] and "For a network" not in told["crf"]
    assert "nothing changed" in told["mine"]


def test_raw_texts_of_the_domain_are_told(base, tmp_path):
    """New labels are in them, and would be learned not to be."""
    project = make_project(tmp_path / "project")
    told = "as often as annotated texts"
    assert told not in preprocess(project, base("own_tok2vec"), "replace").stdout
    rows = map(json.loads, project.read("assets/dishes.jsonl").splitlines())
    texts = [f"{number} times: {row['text']}" for number, row in enumerate(rows)]
    project.write("assets/raw.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
    assert told in " ".join(preprocess(project, base("own_tok2vec"), "replace").stdout.split())


def test_rehearsal_does_not_shrink_with_the_annotations(base, tmp_path):
    """All raw texts that are not held out, however few are annotated; which are there as often as it takes."""
    project = make_project(tmp_path / "project")
    project.write("assets/dishes.jsonl", "\n".join(project.read("assets/dishes.jsonl").splitlines()[:49]))
    told = preprocess(project, base("own_tok2vec"), "update").stdout
    texts = Counter(texts_of(project.path / "corpus/rehearsal/train"))
    annotated = set(texts_of(project.path / "corpus/train.spacy"))
    assert (
        f"For a network to rehearse: {len(annotated)} annotated texts, {len(set(texts) - annotated)} raw ones" in told
    )
    assert len(set(texts) - annotated) > 100 and {texts[text] for text in annotated} == {texts.most_common(1)[0][1]}
    words = [sum(len(text.split()) * texts[text] for text in part) for part in (annotated, set(texts) - annotated)]
    assert 0.8 < words[0] / words[1] < 1.25


def test_official_way_forgets_and_is_refused(base, built, tmp_path):
    """What spaCy does without rehearsal: the new label drives the old ones out, evaluate says so, and there is no
    wheel."""
    path, project = base("own_tok2vec"), built("own_tok2vec", "update")[0].copy(tmp_path / "project")
    config = project.read("training/config.cfg")
    config = re.sub(r"\[initialize.after_init\]\n(.+\n)+", "", config)
    config = config.replace('"corpus/rehearsal/train"', '"corpus/train.spacy"').replace("= 120", "= 60")
    project.write("training/config.cfg", config.replace('"corpus/rehearsal/dev"', '"corpus/dev.spacy"'))
    train(project, path, "update")
    told = evaluate(project, path, "update", max_retention_loss=0.01).stdout
    assert "The model forgot too much" in told and "will make no wheel" in told
    done = package(project, path)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "The model forgot too much" in words
    assert "CITY: F" in words and "--vars.strategy=separate" in words
    assert read_json(project, "metrics/retention.json")["all"]["loss"] > 0.5


def test_without_gold_agreement_is_measured_and_named_so(base, built, tmp_path):
    project = built("own_tok2vec", "separate")[0].copy(tmp_path / "project")
    project.write("assets/gold.jsonl", "")
    told = evaluate(project, base("own_tok2vec"), "separate").stdout
    assert "What the base knew, by agreement with the base" in " ".join(told.split())
    kept = read_json(project, "metrics/retention.json")
    assert kept["by"] == "agreement with the base" and kept["all"]["before"]["f"] == 1


def test_where_the_base_finds_nothing_no_figure_is_given(base):
    nlp = spacy.load(base("own_tok2vec"))
    raw = [nlp("well well")]
    assert not raw[0].ents
    kept = measure_retention(nlp, nlp, Strategy.update, [], raw, [], {"DISH"})
    assert kept["compared"] and kept["by"] is None and "all" not in kept


def test_a_label_that_was_annotated_anew_is_not_held_against_the_base(base):
    nlp = spacy.load(base("own_tok2vec"))
    raw = list(nlp.pipe(["we went to Paris it was late we went to Acme", "we went to Oslo we went to Stark"]))
    assert {ent.label_ for doc in raw for ent in doc.ents} == {"CITY", "FIRM"}
    kept = measure_retention(nlp, nlp, Strategy.separate, [], raw, [], {"CITY"})
    assert kept["by"] == "agreement with the base" and set(kept["labels"]) == {"FIRM"}


def write_places(project):
    """40 texts with DISH, where CITY is what the base would not call so, and not what it would."""
    rows = []
    for number in range(40):
        dish, place = ("ramen", "pho", "dal")[number % 3], ("harbour", "market")[number % 2]
        text = f"please bring {dish} number {number} to the {place} when we went to Paris"
        spans = [(text.index(dish), dish, "DISH"), (text.index(place), place, "CITY")]
        rows.append(
            {"text": text, "spans": [{"start": n, "end": n + len(word), "label": one} for n, word, one in spans]}
        )
    project.write("assets/dishes.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def docs_of(path):
    files = sorted(path.rglob("*.spacy")) if path.is_dir() else [path]
    return [doc for file in files for doc in DocBin().from_disk(file).get_docs(NLP.vocab)]


@pytest.mark.parametrize("on_shared", ["redefine", "keep"])
def test_labels_in_both_are_told_and_mean_what_the_var_says(base, tmp_path, on_shared):
    project = make_project(tmp_path / "project")
    write_places(project)
    done = preprocess(project, base("own_tok2vec"), "update", f"--on-shared-labels={on_shared}")
    counts = read_json(project, "corpus/audit.json")["shared_labels"]
    assert set(counts) == {"CITY"} and counts["CITY"]["annotated"] == 40 and counts["CITY"]["base"] > 20
    (row,) = re.findall(r"CITY +0 +40 +(\d+)", done.stdout)
    assert int(row) == counts["CITY"]["base"] and "--vars.on_shared_labels=" in done.stdout
    annotated = docs_of(project.path / "corpus/train.spacy")
    rehearsed = docs_of(project.path / "corpus/rehearsal/train")
    places = [token for doc in (*annotated, *rehearsed) for token in doc if token.text in ("harbour", "market")]
    raw = [doc for doc in rehearsed if "please" not in doc.text]
    cities = [token for doc in raw for token in doc if token.text in bases.CITIES]
    said = {(token.ent_type_, token.ent_iob_) for token in places}, {token.ent_type_ for token in cities}
    if on_shared == "redefine":  # nowhere is learned what the base says of it
        assert said == ({("CITY", "B")}, {""}) and all(token.ent_iob == 0 for token in cities)
    else:
        assert said[0] == {("", "")} and "CITY" in said[1]
        assert {ent.label_ for doc in annotated for ent in doc.ents} == {"DISH"}


def test_labels_in_both_can_have_other_names(base, tmp_path):
    project = make_project(tmp_path / "project")
    write_places(project)
    preprocess(project, base("own_tok2vec"), "separate", "--on-shared-labels=CITY=PLACE, DISH=MEAL")
    docs = docs_of(project.path / "corpus/train.spacy")
    assert {ent.label_ for doc in docs for ent in doc.ents} == {"PLACE", "MEAL"}
    assert read_json(project, "corpus/audit.json")["shared_labels"] == {}
    for rule, told in (("TOWN=PLACE", "annotated with TOWN"), ("both", "cannot be 'both'"), ("CITY=", "cannot be")):
        done = preprocess(project, base("own_tok2vec"), "separate", f"--on-shared-labels={rule}", check=False)
        assert done.returncode == 1 and told in " ".join(done.stdout.split())


def test_a_kept_label_alone_leaves_nothing_to_learn(base, tmp_path):
    project = make_project(tmp_path / "project")
    project.write("assets/dishes.jsonl", project.read("assets/dishes.jsonl").replace('"DISH"', '"FIRM"'))
    done = preprocess(project, base("own_tok2vec"), "separate", "--on-shared-labels=keep", check=False)
    assert done.returncode == 1 and "all labels are the base's, too (FIRM)" in " ".join(done.stdout.split())


def test_building_twice_in_the_same_way(built, tmp_path):
    """What was built is a base again: its labels stay, another joins them."""
    project = make_project(tmp_path / "project", steps=4)
    project.write("assets/dishes.jsonl", project.read("assets/dishes.jsonl").replace('"DISH"', '"MEAL"'))
    first = built("own_tok2vec", "separate")[0].path / "training/model-best"
    labels = build(first, project, "separate").pipe_labels
    assert {"CITY", "FIRM", "DISH", "MEAL"} <= {label for names in labels.values() for label in names}


def test_corpora_for_another_strategy_are_not_trained_on(built, tmp_path):
    """Whoever calls commands one by one may have left out preprocess: what to rehearse is empty then."""
    before, _ = built("own_tok2vec", "separate")
    project = before.copy(tmp_path / "project")
    path = spacy.util.load_config(project.path / "training/config.cfg")["components"]["ner"]["source"]
    fill_config(project, path, "update")
    settings = ["--corpus=corpus", f"--base-model={path}", "--strategy=update"]
    done = run_command(project, "train", "training/config.cfg", "training", *settings, check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "There is nothing to train on" in words and "corpus/rehearsal/train" in words
