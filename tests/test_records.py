"""Many records: repeats merge, near-duplicates stay together, nothing is lost on the way through the disk."""

import json
import random
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.annotations import AnnotatedText, CharSpan
from scripts.corpora.audit import Audit
from scripts.corpora.duplicates import find_leaks, find_near_duplicates
from scripts.corpora.repeats import merge, merge_repeats
from scripts.corpora.splits import assign_split, keep_together
from scripts.corpora.store import Store, load_record, to_row


def record(text, *spans, line=1, **more):
    return AnnotatedText(text, [CharSpan(*span) for span in spans], "a.jsonl", line, **more)


def fill(store, records, seed=0):
    store.add(to_row(one, assign_split(one, seed), "") for one in records)


def splits(store):
    return [split for (split,) in store.sql.execute("SELECT split FROM records ORDER BY id")]


TEXT = "Paris met Helen in Troy"
PARIS, HELEN, TROY = (0, 5, "PERSON"), (10, 15, "PERSON"), (19, 23, "PLACE")


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


def similar_texts(count, seed=0):
    rng = random.Random(seed)
    words = re.findall(
        r"\w+", "please move the budget review with Anna from Monday to Friday and tell Omar why it is late"
    )
    texts = []
    for number in range(count):
        if texts and rng.random() < 0.3:
            text = rng.choice(texts)
            place = rng.randrange(len(text))
            texts.append(rng.choice([text + "!", text.upper(), text[:place] + text[place + 1 :]]))
        else:
            texts.append(" ".join(rng.sample(words, 11)) + f" {number}")
    return texts


def test_near_duplicates_share_a_split():
    texts = similar_texts(400)
    with Store() as store:
        fill(store, [record(text) for text in texts])
        find_near_duplicates(store)
        assert len(list(find_leaks(store))) > 3
        keep_together(store)
        assert list(find_leaks(store)) == []
        found = dict(store.sql.execute("SELECT id, earlier FROM near_duplicates"))
        assert len(found) > 50
        assert set(splits(store)) == {"train", "dev", "test"}


def test_other_numbers_make_another_text():
    texts = ["table 12 would like the ramen with extra noodles", "table 13 would like the ramen with extra noodles"]
    with Store() as store:
        fill(store, [record(text) for text in texts])
        find_near_duplicates(store)
        assert list(store.sql.execute("SELECT * FROM near_duplicates")) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 120))
def test_adding_data_behind_moves_nothing(seed, cut):
    rng = random.Random(seed)
    records = [record(text, group=rng.choice(["", "", "a", "b", "c"])) for text in similar_texts(150, seed)]
    assigned = []
    for part in (records[:cut], records):
        with Store() as store:
            fill(store, part)
            find_near_duplicates(store)
            keep_together(store)
            assigned.append(splits(store))
    before, after = assigned
    assert after[: len(before)] == before
    groups = {}
    for one, split in zip(records, after, strict=True):
        assert not one.group or groups.setdefault(one.group, split) == split


def preprocess(project, annotations, *options, check=True):
    return project.python(
        "-m", "scripts.preprocess", annotations, "corpus", "--base-model=blank:en", *options, check=check
    )


def jsonl(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def call(name, number, **more):
    text = f"{name} wants to be called back on extension {number}"
    return {"text": text, "spans": [{"start": 0, "end": len(name), "label": "PERSON"}], **more}


PEOPLE = [call(name, number) for number in range(60) for name in ("Zoë", "Ana", "Li")]


def test_who_said_what_and_what_became_of_it(project):
    rows = [
        *PEOPLE,
        call("Zoë", 3),
        call("Ana", 4, _annotator_id="ben", spans=[]),
        call("Li", 5, _annotator_id="ben", spans=[{"start": 0, "end": 2, "label": "ORG"}]),
        call("Li", 5, _annotator_id="eva"),
    ]
    project.write("assets/mine.jsonl", jsonl(rows))
    done = preprocess(project, "assets/mine.jsonl")
    audit = json.loads(project.read("corpus/audit.json"))
    assert audit["records"] == {"read": 184, "used": 179, "set_aside": 5}
    assert audit["files"] == {"assets/mine.jsonl": {"read": 184, "used": 179}}
    assert audit["spans"] == {"read": 183, "used": 179, "repaired": 0, "missing": 0, "dropped": 4}
    assert Counter(problem["kind"] for problem in audit["problems"]) == {"repeat": 3, "conflict": 2, "outvoted": 1}
    said = next(problem["message"] for problem in audit["problems"] if problem["kind"] == "outvoted")
    assert "ben in line 183: 'Li' ORG" in said and "eva in line 184: 'Li' PERSON" in said
    rejected = [json.loads(line) for line in project.read("corpus/rejected.jsonl").splitlines()]
    assert [(row["text"], len(row["spans"]), row["source"]) for row in rejected] == [
        (call("Ana", 4)["text"], 1, "assets/mine.jsonl:14"),
        (call("Ana", 4)["text"], 0, "assets/mine.jsonl:182"),
    ]
    assert "5 set aside" in done.stdout and "2 conflict" in done.stdout
    # Mended and fed back
    project.write("assets/mended.jsonl", jsonl([*PEOPLE[:13], *PEOPLE[14:], rejected[0]]))
    preprocess(project, "assets/mended.jsonl")
    assert json.loads(project.read("corpus/audit.json"))["records"] == {"read": 180, "used": 180, "set_aside": 0}


def test_leakage_between_given_splits(project):
    copied = {**PEOPLE[7], "text": PEOPLE[7]["text"].upper() + "!!"}
    for split, rows in {"train": PEOPLE[:100], "dev": PEOPLE[100:140], "test": [*PEOPLE[140:], copied]}.items():
        project.write(f"assets/mine/{split}.jsonl", jsonl(rows))
    done = preprocess(project, "assets/mine", check=False)
    assert done.returncode == 1 and "1 text(s) are in two splits" in done.stdout
    assert "train.jsonl:8: nearly the same as" in done.stdout and "--vars.on_leakage=allow" in done.stdout
    assert not (project.path / "corpus/train.spacy").exists()
    preprocess(project, "assets/mine", "--on-leakage=allow")
    audit = json.loads(project.read("corpus/audit.json"))
    assert [split["records"] for split in audit["splits"].values()] == [100, 40, 41]
    assert audit["files"]["assets/mine/test.jsonl"] == {"read": 41, "used": 41}
    (finding,) = [finding for finding in audit["findings"] if finding["kind"] == "near-duplicates"]
    assert finding["count"] == 1


@pytest.mark.parametrize("missing", ["dev", "test"])
def test_a_missing_split_is_drawn_from_train(project, missing):
    other = "test" if missing == "dev" else "dev"
    project.write("assets/mine/train.jsonl", jsonl(PEOPLE[:150]))
    project.write(f"assets/mine/{other}.jsonl", jsonl(PEOPLE[150:]))
    done = preprocess(project, "assets/mine")
    counts = {name: split["records"] for name, split in json.loads(project.read("corpus/audit.json"))["splits"].items()}
    assert counts[other] == 30 and counts["train"] + counts[missing] == 150 and 8 <= counts[missing] <= 26
    assert f"train.jsonl is split into train and {missing}" in done.stdout


FOX = [
    (
        "the quick brown fox jumped over the lazy dog.",
        {"entities": [(0, 3, "ANIMAL"), (10, 13, "ANIMAL"), (26, 29, "ANIMAL")]},
    ),
    ("a cat sits on the mat.", {"entities": [(2, 5, "ANIMAL")]}),
]


def test_a_well_known_tutorials_data(project):
    """Two of its spans cut through tokens and one is an article; what was meant is named."""
    project.write("assets/fox.py", f"TRAIN_DATA = {FOX!r}\n")
    done = preprocess(project, "assets/fox.py", check=False)
    assert done.returncode == 1 and "2 span(s) cannot be used as they are" in done.stdout
    assert "'bro' (10-13, ANIMAL) cuts through 'brown'; 'brown' (10-15) may be meant" in done.stdout
    assert "' ov' (26-29, ANIMAL) cuts through 'over'; 'over' (27-31) may be meant" in done.stdout
    audit = json.loads(project.read("corpus/audit.json"))
    assert audit["spans"] == {"read": 4, "used": 2, "repaired": 0, "missing": 0, "dropped": 2}
    assert [problem["suggestion"].split("'")[1] for problem in audit["problems"]] == ["brown", "over"]
    (article,) = [finding for finding in audit["findings"] if finding["kind"] == "article"]
    assert article["message"] == "ANIMAL begins with 'the' once" and article["places"][0]["text"].startswith(
        "the quick"
    )


FAULTS = {
    "several labels": ({"start": 0, "end": 3, "label": "ORG"}, "'zoë' is PERSON"),
    "one-off label": ({"start": 0, "end": 3, "label": "ROBOT"}, "ROBOT is there once"),
    "similar labels": ({"start": 0, "end": 3, "label": "Person"}, "Person (1) and PERSON"),
    "punctuation": ({"start": 0, "end": 3, "label": "PERSON", "after": ","}, "PERSON ends in punctuation once"),
    "article": ({"start": 0, "end": 3, "label": "PERSON", "before": "the "}, "PERSON begins with 'the' once"),
    "missed": (None, "'zoë' is an entity 60 times and none once"),
    "very long text": ({"start": 0, "end": 3, "label": "PERSON", "tail": " la" * 2000}, "1 text(s) have more than"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_looks_wrong_is_found(project, kind):
    span, message = FAULTS[kind]
    more = dict(span or {})
    text = more.pop("before", "") + "Zoë" + more.pop("after", "")
    if span:
        more["end"] = len(text)
    text += " hung up" + more.pop("tail", "")
    project.write("assets/mine.jsonl", jsonl([*PEOPLE, {"text": text, "spans": [more] if span else []}]))
    done = preprocess(project, "assets/mine.jsonl")
    findings = json.loads(project.read("corpus/audit.json"))["findings"]
    (finding,) = [finding for finding in findings if finding["kind"] == kind]
    assert message in finding["message"] and finding["suggestion"]
    if kind not in ("one-off label", "similar labels"):
        assert (finding["places"][0]["file"], finding["places"][0]["line"]) == ("assets/mine.jsonl", 181)
    assert kind in done.stdout


def test_full_disk_while_storing_is_named_as_such(tmp_path):
    with pytest.raises(OSError, match="No space left"), Store(tmp_path / "store") as store:
        store.sql.execute("PRAGMA max_page_count = 20")
        fill(store, [record(f"{'long text ' * 50}{number}") for number in range(1000)])
    assert not (tmp_path / "store").exists()
