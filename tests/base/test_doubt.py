"""What raw texts leave open: annotated words where they are rare, labels of both as far as annotators agree."""

import spacy
from spacy.tokens import Doc

from spacy_domain.base.doubt import find_doubt

NLP = spacy.blank("en")


def read(text, *entities):
    words = text.split()
    iob = ["O"] * len(words)
    for word, label in entities:
        iob[words.index(word)] = f"B-{label}"
    return Doc(NLP.vocab, words=words, ents=iob)


def annotate():
    return [
        read("add the review on my calendar", ("add", "ACTION"), ("review", "EVENT")),
        read("add lunch with Priya there on Friday", ("add", "ACTION"), ("Priya", "PERSON"), ("Friday", "DATE")),
    ] * 10


def predict():
    """As annotated, but that no day is found, and half of the persons are none."""
    docs = [read("add the review on my calendar"), read("add lunch with Priya there on Friday", ("Priya", "PERSON"))]
    return [*docs, read("add the review on my calendar", ("add", "PERSON")), docs[1]] * 5


def leave_open(raw):
    annotated = annotate()
    doubt = find_doubt(annotated, predict(), raw)
    return [doubt.leave_open(doc) for doc in raw], doubt


def test_annotated_words_are_no_entity_where_they_are_frequent():
    """A verb of all recipes is known to be none in most of them; a word that they hardly have may be one."""
    raw = [read(f"then add it in pot number {n}") for n in range(300)] + [read("nobody left a review of it")]
    docs, doubt = leave_open(raw)
    add = [token.ent_iob_ for doc in docs for token in doc if token.text == "add"]
    assert {"O", ""} == set(add) and add.count("O") > add.count("") / 2
    assert 0.1 < doubt.words["add"] < 0.8 and docs[-1][3].ent_iob_ == "" and doubt.words["review"] == 1
    pot = [token.ent_iob_ for doc in docs for token in doc if token.text == "pot"]
    assert 0.4 < pot.count("O") / len(pot) < 0.6, "no more than half of the others are learned"


def test_a_label_of_both_is_the_bases_in_raw_texts_as_often_as_annotators_agreed():
    raw = [read(f"Angela met {n} in Paris on Monday", ("Angela", "PERSON"), ("Paris", "GPE")) for n in range(300)]
    raw += [read(f"see Monday {n}", ("Monday", "DATE")) for n in range(50)]
    docs, doubt = leave_open(raw)
    assert doubt.labels == {"ACTION": 0, "EVENT": 0, "DATE": 0, "PERSON": 2 / 3}
    found = [[token.ent_type_ or token.ent_iob_ for token in doc] for doc in docs]
    persons = [row[0] for row in found[:300]]
    assert set(persons) == {"PERSON", ""} and 0.55 < persons.count("PERSON") / 300 < 0.8
    assert {row[4] for row in found[:300]} == {"GPE"} and {row[1] for row in found[300:]} == {""}


def test_few_annotations_are_held_against_few_words():
    raw = [read(f"nothing of this is in text number {n}") for n in range(2000)]
    annotated = [read("my cat is old", ("cat", "ANIMAL"))] * 20
    doubt = find_doubt(annotated, annotated, raw)
    known = [token.ent_iob_ for doc in raw for token in doubt.leave_open(doc)]
    assert 0.8 * 800 < known.count("O") < 1.2 * 800
