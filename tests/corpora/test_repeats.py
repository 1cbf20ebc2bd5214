"""Repeats of a text merge, a majority decides, and nothing is lost on the way through the disk."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import HELEN, PARIS, TEXT, TROY, fill, record

from spacy_domain.annotations import CharSpan
from spacy_domain.corpora.audit import Audit
from spacy_domain.corpora.repeats import merge, merge_repeats
from spacy_domain.corpora.serialization import load_record
from spacy_domain.corpora.store import Store


def test_exact_repeats_merge():
    merged, differences = merge([record(TEXT, PARIS, TROY), record(TEXT, TROY, PARIS, line=2)])
    assert merged.spans == [CharSpan(*PARIS), CharSpan(*TROY)] and differences == ""


def test_majority_decides_stretch_by_stretch():
    versions = [
        record(TEXT, (0, 5, "PLACE"), TROY, annotator="ana", line=1),
        record(TEXT, PARIS, HELEN, TROY, annotator="ben", line=2),
        record(TEXT, PARIS, HELEN, annotator="eva", line=3),
    ]
    merged, differences = merge(versions)
    assert set(merged.spans) == {CharSpan(*PARIS), CharSpan(*HELEN), CharSpan(*TROY)}
    assert "ana in line 1: 'Paris' PLACE, ben in line 2: 'Paris' PERSON" in differences
    assert "eva in line 3: no entity" in differences


def test_without_majority_there_is_no_record():
    merged, differences = merge([record(TEXT, PARIS), record(TEXT, (0, 5, "PLACE"), line=2)])
    assert merged is None and "line 1: 'Paris' PERSON, line 2: 'Paris' PLACE" in differences
    # two say that it is an entity, so "none" has no majority either
    assert merge([record(TEXT, PARIS), record(TEXT, (0, 5, "PLACE")), record(TEXT)])[0] is None


def test_whoever_was_not_asked_has_no_vote():
    """Binary answers: each knows about one span and leaves the rest unknown."""
    everything = [(0, len(TEXT))]
    merged, differences = merge([record(TEXT, PARIS, unknown=everything), record(TEXT, TROY, unknown=everything)])
    assert merged.spans == [CharSpan(*PARIS), CharSpan(*TROY)] and differences == ""
    assert merged.unknown == everything
    assert merge([record(TEXT, PARIS, unknown=everything), record(TEXT, PARIS, HELEN)])[0].unknown == []


def test_many_versions_of_a_text_are_told_once():
    """Thousands of versions of one text: who said what stands with the first, and names a few."""
    labels = ["PLACE", "PERSON", "ROBOT"]
    records = [record(TEXT, (0, 5, labels[line % 3]), line=line + 1, annotator="ana") for line in range(3000)]
    audit = Audit()
    with Store() as store:
        fill(store, records)
        merge_repeats(store, audit)
    first, *others = [problem["message"] for problem in audit.problems]
    assert "ana in line 1: 'Paris' PLACE, ana in line 2: 'Paris' PERSON, ana in line 3: 'Paris' ROBOT" in first
    assert "and 2994 more" in first
    assert len(others) == 2999 and all("as told of line 1" in message for message in others)
    assert sum(map(len, others)) < 300_000
    assert audit.spans.total() == 3000 and audit.records_set_aside == 3000


def test_merging_takes_time_as_there_are_spans():
    """Not as many times versions: 100 of 600 spans each, of which the last is disputed, and a binary answer each."""
    words = [(5 * number, 5 * number + 4, "X") for number in range(600)]
    text = "abcd " * 600
    versions = [record(text, *words[:-1], (*words[-1][:2], f"Y{line}"), line=line) for line in range(100)]
    versions += [record(text, words[line], unknown=[(0, len(text))], line=line) for line in range(600)]
    start = time.process_time()
    merged, differences = merge(versions)
    assert time.process_time() - start < 3
    assert merged is None and differences.count(";") == 0 and "and 95 more" in differences


def test_versions_in_several_files_are_told_by_file():
    one, other = record(TEXT, PARIS, annotator="ana"), record(TEXT, (0, 5, "PLACE"))
    other.file = "b.jsonl"
    assert "ana in a.jsonl:1: 'Paris' PERSON, b.jsonl:1: 'Paris' PLACE" in merge([one, other])[1]


@given(st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), max_size=4), min_size=1, max_size=4))
def test_what_nobody_annotated_stays_unknown(versions):
    text = "x" * 20
    unknown = [[(start, start + length) for start, length in version] for version in versions]
    merged, _ = merge([record(text, unknown=stretches) for stretches in unknown])
    places = [{place for stretch in stretches for place in range(*stretch)} for stretches in unknown]
    assert {place for stretch in merged.unknown for place in range(*stretch)} == set.intersection(*places)
    assert all(one[1] < other[0] for one, other in pairwise(merged.unknown))


SPANS = st.lists(st.sampled_from([PARIS, HELEN, TROY, (0, 5, "PLACE"), (0, 15, "PERSON")]), unique=True, max_size=4)


@given(st.lists(st.tuples(st.sampled_from(["a b c d e f g h", TEXT, "hello"]), SPANS), min_size=1, max_size=12))
def test_no_span_is_lost_in_merging(rows):
    records = [
        record(text, *spans if text == TEXT else [], line=i, dropped=["x"] * (i % 2))
        for i, (text, spans) in enumerate(rows)
    ]
    audit = Audit()
    with Store() as store:
        fill(store, records)
        merge_repeats(store, audit)
        kept = [load_record(data) for chunk in store.chunks() for _, _, data in chunk]
    spans = sum(len(one.spans) + len(one.dropped) for one in kept) + audit.spans.total()
    assert spans == sum(len(one.spans) + len(one.dropped) for one in records)
    assert len(kept) + audit.records_set_aside == len(records)
    assert len({one.text for one in kept}) == len(kept)


TEXTS = st.text(min_size=1).filter(str.strip)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.lists(st.tuples(st.integers(0, 9), st.text(min_size=1, max_size=3))), TEXTS)))
def test_records_come_back_from_the_store_as_they_were(rows):
    records = [
        record(
            text,
            *((start, start + 1, label) for start, label in spans),
            line=i,
            group=group,
            annotator=group,
            unknown=[(0, i)],
            dropped=[group],
            notes=[text],
        )
        for i, (text, spans, group) in enumerate(rows)
    ]
    with Store() as store:
        fill(store, records)
        assert [store.get(number + 1) for number in range(len(records))] == records


def test_full_disk_while_storing_is_named_as_such(tmp_path):
    with pytest.raises(OSError, match="No space left"), Store(tmp_path / "store") as store:
        store.sql.execute("PRAGMA max_page_count = 20")
        fill(store, [record(f"{'long text ' * 50}{number}") for number in range(1000)])
    assert not (tmp_path / "store").exists()
