"""Building on an existing pipeline: each topology, each strategy, and nothing else changed."""

import json

import pytest
import spacy
from dishes import read_json

TRANSFORMERS = ("transformer", "curated_transformer")
TOPOLOGIES = [
    "own_tok2vec",
    "shared_tok2vec",
    *(pytest.param(name, marks=pytest.mark.transformer) for name in TRANSFORMERS),
]
OLD = {"CITY", "FIRM"}


def entities(docs):
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs]


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("strategy", ("update", "replace", "separate"))
def test_topologies_and_strategies(base, built, topology, strategy):
    path, (project, _) = base(topology), built(topology, strategy)
    folder = project.path / "training/model-best"
    model, before = spacy.load(folder), spacy.load(path)
    texts = [json.loads(line)["text"] for line in project.read("assets/gold.jsonl").splitlines()]
    tags = [[[token.tag_ for token in doc] for doc in nlp.pipe(texts)] for nlp in (before, model)]
    assert tags[0] == tags[1]
    labels = {label for name in model.pipe_names if "ner" in name for label in model.get_pipe(name).labels}
    assert labels == ({"DISH"} if strategy == "replace" else {"DISH"} | OLD)
    kept = read_json(project, "metrics/retention.json")
    assert kept["other_components"]["identical"] and kept["other_components"]["texts"] > 0
    if strategy == "replace":
        assert kept["by"] is None
    else:
        assert kept["by"] == "gold" and set(kept["labels"]) == OLD and kept["texts"] == 60
        if topology not in TRANSFORMERS:  # two thin layers of random weights are no transformer
            assert kept["all"]["before"]["f"] > 0.9
    if strategy == "separate":
        for file in ("model", "moves", "cfg"):
            assert (folder / "ner" / file).read_bytes() == (path / "ner" / file).read_bytes(), "byte for byte"
    found = entities(model.pipe(texts))
    model.add_pipe("entity_confidence")
    docs = list(model.pipe(texts))
    assert entities(docs) == found
    sure = [ent._.confidence for doc in docs for ent in doc.ents if ent.label_ in OLD]  # of a rule's, there is none
    assert all(0 < confidence <= 1 for confidence in sure)
    assert sure or strategy == "replace" or topology in TRANSFORMERS


@pytest.mark.parametrize(
    "strategy, after", [("update", "ner"), ("replace", "ner"), ("separate", "combine_recognizers")]
)
def test_rule_for_seen_entities_gives_way_to_what_the_base_finds(built, strategy, after):
    project, _ = built("shared_tok2vec", strategy)
    model = spacy.load(project.path / "training/model-best")
    names = model.pipe_names
    assert names.index("seen_entities") == names.index(after) + 1
    patterns = model.get_pipe("seen_entities").patterns
    assert {pattern["label"] for pattern in patterns} == {"DISH"} and {"label": "DISH", "pattern": "ramen"} in patterns
    if strategy != "replace":
        kept = read_json(project, "metrics/retention.json")
        assert kept["all"]["after"]["f"] > kept["all"]["before"]["f"] - 0.05
    if strategy == "replace":  # else the base, or what it has become, takes it for a firm or a city
        assert entities([model("RAMEN")]) == [[("RAMEN", "DISH")]]
