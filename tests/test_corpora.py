"""From records to Docs and splits: every span accounted for, nothing taught that nobody annotated."""

import json
import time
from collections import Counter

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin
from spacy.training import Example

from spacy_domain.annotations import AnnotatedText, CharSpan
from spacy_domain.corpora.align import OnMisaligned, Outcome, align
from spacy_domain.corpora.audit import Audit
from spacy_domain.corpora.raw import read_raw_texts
from spacy_domain.corpora.splits import assign_split
from spacy_domain.project.errors import ProjectError

NLP = spacy.blank("en")


def record(text, *spans, **more):
    return AnnotatedText(text, [CharSpan(*span) for span in spans], "a.jsonl", 1, **more)


def entities(doc):
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_spans_that_fit():
    doc, account = align(record("call Zoë on friday", (5, 8, "PERSON"), (12, 18, "DATE")), NLP, OnMisaligned.stop)
    assert entities(doc) == [("Zoë", "PERSON"), ("friday", "DATE")]
    assert [aligned.outcome for aligned in account] == [Outcome.used, Outcome.used]
    assert all(token.ent_iob for token in doc)


def test_a_long_text_with_many_spans_that_overlap_takes_no_longer_than_its_spans():
    spans = [(start, start + size, "X") for start in range(0, 10_000, 5) for size in (9, 3)]
    long, start = record("word " * 10_000, *spans), time.process_time()
    _, account = align(long, NLP, OnMisaligned.snap)
    assert len(account) == 4000 and time.process_time() - start < 5


@pytest.mark.parametrize(
    ("on_misaligned", "expected", "outcome"),
    [
        (OnMisaligned.drop, [], Outcome.dropped),
        (OnMisaligned.snap, [("brown", "ANIMAL")], Outcome.repaired),
        (OnMisaligned.missing, [], Outcome.missing),
    ],
)
def test_span_that_cuts_through_a_token(on_misaligned, expected, outcome):
    doc, (aligned,) = align(record("the quick brown fox", (10, 13, "ANIMAL")), NLP, on_misaligned)
    assert entities(doc) == expected
    assert (aligned.outcome, aligned.kind) == (outcome, "misaligned")
    assert "'bro'" in aligned.message and "'brown'" in aligned.message
    assert (doc[2].ent_iob == 0) == (on_misaligned is OnMisaligned.missing)


def test_missing_is_not_a_negative_example():
    """Without this, training would learn that "brown" is no entity."""
    doc, _ = align(record("the quick brown fox", (10, 13, "ANIMAL")), NLP, OnMisaligned.missing)
    assert Example(NLP.make_doc(doc.text), doc).get_aligned_ner() == ["O", "O", None, "O"]


def test_white_space_around_a_span_is_cut_off():
    doc, (aligned,) = align(record("call  Zoë now", (4, 10, "PERSON")), NLP, OnMisaligned.stop)
    assert entities(doc) == [("Zoë", "PERSON")]
    assert (aligned.outcome, aligned.kind) == (Outcome.repaired, "white space")


def test_overlap_keeps_the_longest():
    doc, account = align(record("in New York City", (7, 11, "A"), (3, 11, "B"), (7, 16, "C")), NLP, OnMisaligned.drop)
    assert entities(doc) == [("York City", "C")]
    assert [aligned.kind for aligned in account] == ["overlap", "overlap", ""]
    doc, account = align(record("in New York City", (3, 11, "B"), (7, 16, "C")), NLP, OnMisaligned.missing)
    assert entities(doc) == [("York City", "C")]
    assert [token.ent_iob for token in doc] == [2, 0, 3, 1]


def test_span_that_fits_goes_before_a_longer_one_that_does_not():
    doc, account = align(record("call Zoë on friday", (5, 8, "PERSON"), (2, 15, "X")), NLP, OnMisaligned.snap)
    assert entities(doc) == [("Zoë", "PERSON")]
    assert [aligned.kind for aligned in account] == ["", "overlap"]


def test_repeated_span_counts_once():
    doc, account = align(record("call Zoë", (5, 8, "PERSON"), (5, 8, "PERSON")), NLP, OnMisaligned.stop)
    assert entities(doc) == [("Zoë", "PERSON")]
    assert Counter(aligned.outcome for aligned in account) == {Outcome.used: 1, Outcome.dropped: 1}


TEXTS = st.text(
    st.sampled_from(" \n\t\u00a0\u200b\u0301aZé-'.,👩‍🚀שلا1") | st.characters(exclude_categories=["Cs"]), min_size=1
)


@given(text=TEXTS.filter(str.strip), on_misaligned=st.sampled_from(OnMisaligned), data=st.data())
def test_every_span_of_any_text_is_accounted_for(text, on_misaligned, data):
    spans = []
    for _ in range(data.draw(st.integers(0, 6))):
        start = data.draw(st.integers(0, len(text) - 1))
        spans.append((start, data.draw(st.integers(start + 1, len(text))), data.draw(st.sampled_from("AB"))))
    given_record = record(text, *spans)
    doc, account = align(given_record, NLP, on_misaligned)
    audit = Audit()
    audit.add(given_record, "train", doc, account)
    counts = audit.to_dict()
    assert doc.text == text
    assert [aligned.span for aligned in account] == given_record.spans
    assert counts["spans"]["read"] == len(spans) == sum(counts["spans"][outcome.value] for outcome in Outcome)
    assert len(doc.ents) == counts["spans"]["used"] + counts["spans"]["repaired"] == sum(counts["labels"].values())
    assert len(counts["problems"]) == len(spans) - counts["spans"]["used"]
    kept = {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}
    for aligned in account:
        if aligned.outcome is Outcome.used:
            assert (aligned.span.start, aligned.span.end, aligned.span.label) in kept
    assert all(ent.text == ent.text.strip() for ent in doc.ents)


def test_docs_come_back_from_disk_as_they_were(tmp_path):
    doc, _ = align(record("the quick brown 👩‍🚀 fox", (10, 13, "X"), (4, 9, "Y")), NLP, OnMisaligned.missing)
    DocBin(docs=[doc]).to_disk(tmp_path / "a.spacy")
    (again,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert again.text == doc.text
    assert [(token.ent_iob_, token.ent_type_) for token in again] == [(t.ent_iob_, t.ent_type_) for t in doc]


@given(st.lists(st.text(min_size=1), unique=True, max_size=50), st.integers(0, 5))
def test_split_depends_on_the_group_alone(groups, seed):
    alone = {group: assign_split(record("some text", group=group), seed) for group in groups}
    other_text = {group: assign_split(record("other words", group=group), seed) for group in reversed(groups)}
    assert alone == other_text


def test_split_shares():
    counts = Counter(assign_split(record("x", group=str(number)), 0) for number in range(20_000))
    assert counts["train"] / 20_000 == pytest.approx(0.8, abs=0.01)
    assert counts["dev"] / 20_000 == pytest.approx(0.1, abs=0.01)


def test_same_text_goes_to_one_split_and_given_splits_stay():
    for number in range(50):
        text = f"call number {number}"
        assert assign_split(record(text), 0) == assign_split(record(f"  CALL number\t{number}! "), 0)
        assert assign_split(record(text, split="dev"), 0) == "dev"


def test_raw_texts_can_be_plain_text(tmp_path):
    """A text a line, whatever the line ends; a .txt with tokens and tags, or of brat, is read as what it is."""
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.txt").write_bytes("\ufeffCall Zoë… \r\n\r\n  T1 ☎️ now\r\nשלום".encode())
    (folder / "b.txt").write_text("Book O\nParis B-CITY\n\nGo O\nhome O\n", encoding="utf-8")
    (folder / "c.txt").write_text("See Rome.\nAnd Oslo.", encoding="utf-8")
    (folder / "c.ann").write_text("T1\tCITY 4 8\tRome\n", encoding="utf-8")
    expected = ["Call Zoë…", "T1 ☎️ now", "שלום", "Book Paris", "Go home", "See Rome.\nAnd Oslo."]
    assert list(read_raw_texts(folder, [], NLP)) == expected
    assert list(read_raw_texts(folder / "a.txt", [], NLP)) == expected[:3]
    (folder / "d.jsonl").touch()  # as assets/raw_text.jsonl comes
    assert list(read_raw_texts(folder, [], NLP)) == expected and not list(read_raw_texts(folder / "d.jsonl", [], NLP))
    (folder / "a.txt").write_bytes(b"fine\nCaf\xe9")
    with pytest.raises(ProjectError, match="Not UTF-8"):
        list(read_raw_texts(folder, [], NLP))


def test_raw_texts_that_are_held_out_are_left_out(tmp_path):
    """Also those that formats with tokens have with other white space."""
    path, held_out = tmp_path / "raw.jsonl", tmp_path / "test.spacy"
    DocBin(docs=[NLP("RT @ ann_ 3 : see you at 7 : 00 , the 3 rd of May …")]).to_disk(held_out)
    texts = [
        "see you",
        "RT @ann_3: see you at 7:00, the 3rd of May…",
        "rt @Ann_3 see you at 7:00 the 3rd of may",
        "See  you!",
    ]
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    assert list(read_raw_texts(path, [held_out], NLP)) == ["see you"]
