"""What looks wrong is found in time that grows with the data, and no faster."""

import time
from itertools import islice

from records import fill, record

from spacy_domain.corpora.audit import Audit
from spacy_domain.corpora.findings.borders import articles, punctuation
from spacy_domain.corpora.findings.labels import similar_labels
from spacy_domain.corpora.store import Store


def test_a_label_an_entity_is_compared_with_few_others():
    audit = Audit()
    audit.labels["train"].update({f"LABEL {number * 7919}": 1 for number in range(20_000)})
    audit.labels["train"].update({"PERSON": 9, "PERSONS": 8})
    start = time.process_time()
    assert any("PERSONS (8)" in finding.message for finding in islice(similar_labels(audit), 10_000))
    assert time.process_time() - start < 5


def test_labels_without_letters_are_not_alike():
    audit = Audit()
    audit.labels["train"].update({"🍕": 5, "🎉": 5, "+": 5, "-": 5})
    assert not list(similar_labels(audit))


def test_what_looks_wrong_is_found_in_time_that_grows_with_the_data():
    """Thousands of labels, of which each begins with an article, ends in punctuation, and is missed elsewhere."""
    with Store() as store:
        fill(store, [record(f"the thing {number}, see the thing", line=number) for number in range(20_000)])
        store.entities.add((row + 1, 0, 10, f"L{row % 5000}", f"the thing {row},") for row in range(20_000))
        store.entities.index()
        start = time.process_time()
        found = [list(islice(search, 100)) for search in (articles(store, "en"), punctuation(store))]
        assert time.process_time() - start < 1
    for (first, *_), kind in zip(found, ("article", "punctuation"), strict=True):
        assert (first.kind, first.count) == (kind, 4) and first.message.startswith("L0 ")
        assert [place.line for place in first.places] == [0, 5000, 10_000, 15_000]
