"""Many records: repeats merge, near-duplicates stay together, nothing is lost on the way through the disk."""

import json
import random
import re
import time
from collections import Counter
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from spacy_domain.annotations import AnnotatedText, CharSpan
from spacy_domain.corpora.audit import Audit
from spacy_domain.corpora.duplicates import find_leaks, join_near_duplicates, note_leaks, sign_all
from spacy_domain.corpora.findings.borders import articles, punctuation
from spacy_domain.corpora.findings.labels import similar_labels
from spacy_domain.corpora.normal_form import NUMBER, normal_form
from spacy_domain.corpora.processes import Processes
from spacy_domain.corpora.repeats import merge, merge_repeats
from spacy_domain.corpora.serialization import load_record, to_row
from spacy_domain.corpora.splits import assign_split, fill_splits, keep_together
from spacy_domain.corpora.store import Store


def record(text, *spans, line=1, **more):
    return AnnotatedText(text, [CharSpan(*span) for span in spans], "a.jsonl", line, **more)


def fill(store, records, seed=0):
    store.add(to_row(one, assign_split(one, seed), "") for one in records)


def draw(store, seed=0):
    """Share the records out as preprocess does; returns for each the first one that it hangs together with."""
    forms = sign_all(store, Processes(several=False))
    alike = join_near_duplicates(store, forms)
    keep_together(store, forms.numbers, alike)
    fill_splits(store, seed)
    note_leaks(store, forms)
    return alike.firsts().tolist()


def alike(one, other):
    one, other = normal_form(one), normal_form(other)
    return NUMBER.findall(one) == NUMBER.findall(other) and fuzz.ratio(one, other) >= 95


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
    start = time.perf_counter()
    merged, differences = merge(versions)
    assert time.perf_counter() - start < 3
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
        note_leaks(store, sign_all(store, Processes(several=False)))
        assert len(list(find_leaks(store))) > 3
        store.drop_leaks()
        firsts = draw(store)
        assert list(find_leaks(store)) == []
        assert sum(first != row for row, first in enumerate(firsts)) > 50
        assert set(splits(store)) == {"train", "dev", "test"}


def typo(rng, text):
    place = rng.randrange(len(text) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice(
        [
            text[:place] + letter + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place:],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
        ]
    )


def changed_word(rng, text):
    words = text.split(" ")
    place = rng.randrange(len(words))
    return " ".join(words[:place] + rng.choice([[], [words[place], "so"]]) + words[place + 1 :])


def typos_at_both_ends(rng, text):
    first, *others, last = text.split(" ")
    return " ".join([typo(rng, first), *others, typo(rng, last)])


COPIES = {
    "case": lambda rng, text: text.upper(),
    "punctuation": lambda rng, text: text.replace(" ", ", ", 1) + "!",
    "typo": typo,
    "typos": lambda rng, text: typo(rng, typo(rng, text)),
    "typos in first and last word": typos_at_both_ends,
    "a word more or less": changed_word,
}


@pytest.mark.parametrize("kind", COPIES)
@pytest.mark.parametrize("shape", ["short", "long", "alike"])
def test_near_copies_are_found_anywhere_among_many(kind, shape):
    """More than 99 % of what is 95 % the same, among texts that begin alike, too."""
    rng = random.Random(f"{kind} {shape}")
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(2000)]
    beginning = " ".join(rng.choices(words, k=6)) + " " if shape == "alike" else ""
    lengths = (30, 60) if shape == "long" else (5, 10)
    texts = [beginning + " ".join(rng.choices(words, k=rng.randint(*lengths))) for _ in range(500)]
    copies = [COPIES[kind](rng, text) for text in texts]
    with Store() as store:
        fill(store, [record(text) for text in [*texts, *copies]])
        firsts = draw(store)
        parts = splits(store)
    near = [row for row, (text, copy) in enumerate(zip(texts, copies, strict=True)) if alike(text, copy)]
    found = [row for row in near if firsts[row] == firsts[row + 500] and parts[row] == parts[row + 500]]
    assert len(near) > 50 and len(found) >= 0.99 * len(near)


def test_other_numbers_make_another_text():
    texts = ["table 12 would like the ramen with extra noodles", "table 13 would like the ramen with extra noodles"]
    with Store() as store:
        fill(store, [record(text) for text in texts])
        assert draw(store) == [0, 1]


def test_what_hangs_together_by_several_ways_stays_in_one_split():
    """By group, by likeness, and by a text of one group that is nearly the same as one of another."""
    texts = ["please move the budget review with Anna", "tell Omar why the tax thing is so late", "play some old jazz"]
    for seed in range(30):
        records = [
            record(texts[0], group="a"),
            record(texts[1], group="b"),
            record(texts[2], group="b"),
            record(texts[1].upper() + "!", group="c"),  # not the first of its group
            record("sing along", group="c"),
            record(texts[0] + "?", group="d"),
            record("sing a song", group="d"),
        ]
        with Store() as store:
            fill(store, records, seed)
            draw(store, seed)
            one, *rest = splits(store)
            assert {rest[4], rest[5]} == {one} == {assign_split(records[0], seed)}
            assert set(rest[:4]) == {assign_split(records[1], seed)}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 120))
def test_adding_data_behind_moves_what_it_connects_alone(seed, cut):
    """A set that a new record connects with an earlier one moves there; nothing else moves, and nothing leaks."""
    rng = random.Random(seed)
    records = [record(text, group=rng.choice(["", "", "", "", "a", "b"])) for text in similar_texts(150, seed)]
    drawn = []
    for part in (records[:cut], records):
        with Store() as store:
            fill(store, part)
            draw(store)
            together = dict(store.sql.execute("SELECT id, first FROM sets"))
            firsts = [together.get(number, number) for number in range(1, len(part) + 1)]
            drawn.append((splits(store), firsts))
    (before, firsts_before), (after, firsts) = drawn
    for row, split in enumerate(after):
        assert split == assign_split(records[firsts[row] - 1], 0)
        assert row >= cut or firsts[row] < firsts_before[row] or split == before[row]
    for row, one in enumerate(records):
        for number, other in enumerate(records[:row]):
            if (one.group and one.group == other.group) or alike(one.text, other.text):
                assert after[row] == after[number]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(10, 30), st.integers(0, 10))
def test_ten_texts_with_entities_give_each_split_one(seed, count, blank):
    rng = random.Random(seed)
    words = ["".join(rng.choices("aeioudstrn", k=6)) for _ in range(300)]
    records = [record(" ".join(rng.sample(words, 6)), *[(0, 6, "X")] * (row < count)) for row in range(count + blank)]
    with Store() as store:
        fill(store, records, seed)
        draw(store, seed)
        parts = splits(store)
    assert set(parts[:count]) == {"train", "dev", "test"}
    # as drawn, but for those that were needed
    moved = [split for one, split in zip(records, parts, strict=True) if split != assign_split(one, seed)]
    drawn = {assign_split(one, seed) for one in records[:count]}
    assert sorted(moved) == sorted({"train", "dev", "test"} - drawn)


def test_fewer_than_ten_texts_stay_as_drawn():
    records = [record(f"{word} moved to Lima", (0, len(word), "X")) for word in ["Ana", "Zoë", "Li", "Omar", "Jo"]]
    with Store() as store:
        fill(store, records)
        draw(store)
        assert splits(store) == [assign_split(one, 0) for one in records]


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
    """Train does without the copy, and dev without that of test, so that test stays as it was published."""
    copied = {**PEOPLE[7], "text": PEOPLE[7]["text"].upper() + "!!"}
    copied_from_dev = {**PEOPLE[101], "text": PEOPLE[101]["text"] + "."}
    for split, rows in {
        "train": PEOPLE[:100],
        "dev": PEOPLE[100:140],
        "test": [*PEOPLE[140:], copied, copied_from_dev],
    }.items():
        project.write(f"assets/mine/{split}.jsonl", jsonl(rows))
    done = preprocess(project, "assets/mine")
    audit = json.loads(project.read("corpus/audit.json"))
    assert [split["records"] for split in audit["splits"].values()] == [99, 39, 42]
    assert audit["records"] == {"read": 182, "used": 180, "set_aside": 2}
    assert audit["spans"] == {"read": 182, "used": 180, "repaired": 0, "missing": 0, "dropped": 2}
    leaks = [problem for problem in audit["problems"] if problem["kind"] == "leak"]
    assert [(problem["file"], problem["line"]) for problem in leaks] == [
        ("assets/mine/dev.jsonl", 2),
        ("assets/mine/train.jsonl", 8),
    ]
    assert "nearly the same as assets/mine/test.jsonl:41, which is in test" in leaks[1]["message"]
    rejected = [json.loads(line) for line in project.read("corpus/rejected.jsonl").splitlines()]
    assert {row["text"] for row in rejected} == {PEOPLE[7]["text"], PEOPLE[101]["text"]}
    assert "2 set aside" in done.stdout and "2 leak" in done.stdout
    corpora = [project.path / f"corpus/{split}.spacy" for split in ("train", "dev", "test")]
    for corpus in corpora:
        corpus.unlink()
    done = preprocess(project, "assets/mine", "--on-leakage=stop", check=False)
    assert done.returncode == 1 and "2 text(s) are in two splits" in done.stdout
    assert "train.jsonl:8: nearly the same as" in done.stdout and "--vars.on_leakage=allow" in done.stdout
    assert not any(corpus.exists() for corpus in corpora)
    preprocess(project, "assets/mine", "--on-leakage=allow")
    audit = json.loads(project.read("corpus/audit.json"))
    assert [split["records"] for split in audit["splits"].values()] == [100, 40, 42]
    assert audit["files"]["assets/mine/test.jsonl"] == {"read": 42, "used": 42}
    (finding,) = [finding for finding in audit["findings"] if finding["kind"] == "near-duplicates"]
    assert finding["count"] == 2


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


def test_few_entities_to_measure_with_are_told(project):
    """Ten texts are enough to run, and the audit says how little that is."""
    names = ["Hiro", "Petra", "Elena", "Jonas", "Mateo", "Omar", "Nadia", "Anna", "Lind", "Keller"]
    rows = [
        {"text": f"{name} moved to Lima {number} times", "spans": [{"start": 0, "end": len(name), "label": "PERSON"}]}
        for number, name in enumerate(names)
    ]
    project.write("assets/mine.jsonl", jsonl(rows))
    preprocess(project, "assets/mine.jsonl")
    audit = json.loads(project.read("corpus/audit.json"))
    assert all(split["spans"] for split in audit["splits"].values())
    found = {finding["message"]: finding["suggestion"] for finding in audit["findings"]}
    counts = {name: audit["splits"][name]["spans"] for name in ("dev", "test")}
    for name, count in counts.items():
        entities = "1 entity" if count == 1 else f"{count} entities"
        assert "guess" in found[f"{name} has {entities}"]


def test_a_label_an_entity_is_compared_with_few_others():
    audit = Audit()
    audit.labels["train"].update({f"LABEL {number * 7919}": 1 for number in range(20_000)})
    audit.labels["train"].update({"PERSON": 9, "PERSONS": 8})
    start = time.perf_counter()
    assert any("PERSONS (8)" in finding.message for finding in islice(similar_labels(audit), 10_000))
    assert time.perf_counter() - start < 5


def test_what_looks_wrong_is_found_in_time_that_grows_with_the_data():
    """Thousands of labels, of which each begins with an article, ends in punctuation, and is missed elsewhere."""
    with Store() as store:
        fill(store, [record(f"the thing {number}, see the thing", line=number) for number in range(20_000)])
        store.entities.add((row + 1, 0, 10, f"L{row % 5000}", f"the thing {row},") for row in range(20_000))
        store.entities.index()
        start = time.perf_counter()
        found = [list(islice(search, 100)) for search in (articles(store, "en"), punctuation(store))]
        assert time.perf_counter() - start < 1
    for (first, *_), kind in zip(found, ("article", "punctuation"), strict=True):
        assert (first.kind, first.count) == (kind, 4) and first.message.startswith("L0 ")
        assert [place.line for place in first.places] == [0, 5000, 10_000, 15_000]


def test_full_disk_while_storing_is_named_as_such(tmp_path):
    with pytest.raises(OSError, match="No space left"), Store(tmp_path / "store") as store:
        store.sql.execute("PRAGMA max_page_count = 20")
        fill(store, [record(f"{'long text ' * 50}{number}") for number in range(1000)])
    assert not (tmp_path / "store").exists()
