"""Annotated labels that the base has under another name are told, before anything is trained."""

import json

import bases
import pytest
import spacy
from dishes import make_project, preprocess, read_json
from spacy.tokens import Doc, Span

from spacy_domain.base.alike_labels import find_alike, tell_alike

NLP = spacy.blank("xx")


@pytest.mark.parametrize(
    "annotated, base",
    [
        ("Person", "PERSON"),
        ("PER", "PERSON"),
        ("PERSONS", "PER"),
        ("LOCATION", "LOC"),
        ("Loc", "LOC"),
        ("ORGANISATION", "ORG"),
        ("work-of-art", "WORK_OF_ART"),
        ("Events", "EVENT"),
        ("DISH", None),
        ("CAR", None),  # CARDINAL begins with it
        ("💶", None),
    ],
)
def test_labels_that_are_spelled_alike(annotated, base):
    doc = Doc(NLP.vocab, words=["one"], ents=[f"B-{annotated}"])
    theirs = {"PERSON", "LOC", "ORG", "WORK_OF_ART", "EVENT", "CARDINAL"} - ({"PERSON"} if base == "PER" else set())
    found = find_alike([doc], [Doc(NLP.vocab, words=["one"])], theirs | ({base} if base else set()))
    assert found == ({annotated: (base, 0, 1)} if base else {})


def test_a_label_that_both_have_is_no_other_name():
    doc = Doc(NLP.vocab, words=["one"], ents=["B-LOC"])
    assert find_alike([doc], [doc], {"LOC", "LOCATION"}) == {} and tell_alike({}, {}) is None


@pytest.mark.parametrize("same, told", [(8, True), (7, False)])
def test_labels_of_which_the_base_reads_most_alike(same, told):
    gold = [Doc(NLP.vocab, words=["a", "b"], ents=["B-TOWN", "O"]) for _ in range(10)]
    read = [Doc(NLP.vocab, words=["a", "b"]) for _ in range(10)]
    for number, doc in enumerate(read):
        doc.ents = [Span(doc, 0, 1 if number < same else 2, "GPE")]
    assert find_alike(gold, read, {"GPE"}) == ({"TOWN": ("GPE", 8, 10)} if told else {})


def test_labels_that_tell_apart_what_the_base_does_not_are_not_one():
    gold = [Doc(NLP.vocab, words=["a", "b"], ents=["B-TOWN", "B-LAND"]) for _ in range(10)]
    assert find_alike(gold, [Doc(NLP.vocab, words=["a", "b"], ents=["B-GPE", "B-GPE"])] * 10, {"GPE"}) == {}
    known = [Doc(NLP.vocab, words=["a", "b"], ents=["B-TOWN", "B-GPE"]) for _ in range(10)]
    assert find_alike(known, [Doc(NLP.vocab, words=["a", "b"], ents=["B-GPE", "B-GPE"])] * 10, {"GPE"}) == {}


@pytest.mark.parametrize("label, told", [("LOCATION", False), ("Loc", True)])
def test_a_long_form_is_none_where_the_base_has_another_label_for_most(label, told):
    """The places of a calendar are cities and countries, GPE, where LOC is for mountains."""
    gold = [Doc(NLP.vocab, words=["a"], ents=[f"B-{label}"]) for _ in range(4)]
    read = [Doc(NLP.vocab, words=["a"], ents=[f"B-{one}"]) for one in ("GPE", "GPE", "LOC", "GPE")]
    assert find_alike(gold, read, {"GPE", "LOC"}) == ({label: ("LOC", 1, 4)} if told else {})


def write_cities(project, label):
    """40 texts with DISH, and cities under a name that the base has not."""
    rows = []
    for number in range(40):
        dish, city = ("ramen", "pho", "dal")[number % 3], bases.CITIES[number % 8]
        text = f"please bring {dish} number {number} when we went to {city}"
        spans = [(text.index(dish), dish, "DISH"), (text.index(city), city, label)]
        rows.append(
            {"text": text, "spans": [{"start": n, "end": n + len(word), "label": one} for n, word, one in spans]}
        )
    project.write("assets/dishes.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("label", ["City", "TOWN"])
def test_preprocess_tells_them_with_the_var_that_makes_them_one(base, tmp_path, label):
    project = make_project(tmp_path / "project")
    write_cities(project, label)
    said = " ".join(preprocess(project, base("own_tok2vec"), "separate").stdout.split())
    assert f"--vars.on_shared_labels={label}=CITY." in said and f"{label} is CITY, it seems" in said
    done = preprocess(project, base("own_tok2vec"), "separate", f"--on-shared-labels={label}=CITY")
    assert "it seems" not in done.stdout
    assert set(read_json(project, "corpus/audit.json")["shared_labels"]) == {"CITY"}
    # Whose labels go, has none
    assert "it seems" not in preprocess(project, base("own_tok2vec"), "replace").stdout


def test_names_that_were_given_on_purpose_stay_in_the_var_and_are_not_told():
    alike = {"Person": ("PERSON", 3, 4), "PLACE": ("GPE", 5, 5)}
    told, remedy = tell_alike(alike, {"DATE": "WHEN", "Town": "PLACE"})
    assert "PLACE" not in told and "--vars.on_shared_labels=DATE=WHEN,Town=PLACE,Person=PERSON." in remedy
    assert tell_alike({"PLACE": ("GPE", 5, 5)}, {"Town": "PLACE"}) is None
