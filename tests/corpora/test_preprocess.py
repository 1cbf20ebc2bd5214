"""preprocess, and its audit: what became of every record and span, and what looks wrong."""

import json
from collections import Counter

import pytest
from commands import run_command
from samples import jsonl, read_all, write


def test_what_was_set_aside_and_what_was_not_read_is_told(project):
    rows = [{"text": f"Ana moved to Lima, {number} of them", "spans": ANA_AND_LIMA} for number in range(20)]
    rows[4] = {"text": "Ana left", "spans": [{"start": 0, "end": 30, "label": "PERSON"}]}
    rows[7] = {**rows[7], "relations": [{"label": "TO", "head": 0, "child": 1}]}
    project.write("assets/mine/a.jsonl", jsonl(rows))
    project.write("assets/mine/annotation.conf", "[entities]\n")
    done = preprocess(project, "assets/mine", "--on-leakage=allow", "--split-seed=1", check=False)
    audit = json.loads(project.read("corpus/audit.json"))
    assert audit["records"] == {"read": 20, "used": 19, "set_aside": 1}
    assert audit["spans"]["read"] == 39 and audit["spans"]["dropped"] == 1
    (problem,) = audit["problems"]
    assert (problem["kind"], problem["line"]) == ("broken", 5) and "Offset outside of the text" in problem["message"]
    assert audit["unread"] == {
        "assets/mine/annotation.conf": {"file(s): holds no annotations, by its name": 1},
        "assets/mine/a.jsonl": {"object(s) with labels and no offsets under relations": 1},
    }
    assert "1 file(s): holds no annotations, by its name (assets/mine/annotation.conf)" in done.stdout
    assert "1 object(s) with labels and no offsets under relations (assets/mine/a.jsonl)" in done.stdout
    (rejected,) = [json.loads(line) for line in project.read("corpus/rejected.jsonl").splitlines()]
    assert rejected["text"] == "Ana left" and rejected["spans"][0]["end"] == 30
    assert rejected["source"] == "assets/mine/a.jsonl:5" and "Offset outside" in rejected["problem"]
    # Added as it is, it is set aside again; mended, it is used
    unmended = {"raw": '{"text": "', "what_to_do": "Mend it", "source": "a.jsonl:1", "problem": "Broken JSON"}
    rows = [rejected, unmended, {**rejected, "spans": [{**rejected["spans"][0], "end": 3}]}]
    again, still, mended = read_all(write(project.path / "mended.jsonl", jsonl(rows)))
    assert again.broken and still.broken and still.text == "" and not mended.rejected
    assert [(span.start, span.end) for span in mended.spans] == [(0, 3)]


def test_too_many_records_that_make_no_sense_end_the_run(project):
    rows = [{"text": f"Ana moved to Lima, {number} of them", "spans": ANA_AND_LIMA} for number in range(8)]
    project.write("assets/mine/a.jsonl", jsonl([*rows, {"text": "", "spans": []}, {"text": "Ana", "spans": [{}]}]))
    done = preprocess(project, "assets/mine", check=False)
    assert done.returncode == 1 and "2 of 10 records make no sense" in done.stdout and "max_broken" in done.stdout
    assert "a.jsonl:9: " in done.stdout and "a.jsonl:10: " in done.stdout


def test_texts_without_spaces_need_their_language(project):
    """English's tokenizer takes a sentence for a word: the offsets are right, and to widen them teaches nonsense."""
    texts = [f"昨天李雷在浙商银行的大会上发言，共{number}人参加" for number in range(20)]
    rows = [{"text": text, "spans": [{"start": 2, "end": 4, "label": "NAME"}]} for text in texts]
    project.write("assets/mine.jsonl", jsonl(rows))
    words = " ".join(preprocess(project, "assets/mine.jsonl", "--on-leakage=allow", check=False).stdout.split())
    assert "20 span(s) cannot be used" in words and "set --vars.lang to their language (zh, ja, th ...)" in words
    snap = preprocess(project, "assets/mine.jsonl", "--on-leakage=allow", "--on-misaligned=snap")
    assert "set --vars.lang to their language" in " ".join(snap.stdout.split())
    options = ("--on-leakage=allow", "--base-model=blank:zh")
    assert "cannot be used" not in preprocess(project, "assets/mine.jsonl", *options).stdout


def test_texts_of_one_group_cannot_be_parted(project):
    """Not even where near-duplicates may be, so that is not what to do."""
    project.write("assets/mine.jsonl", jsonl([{**row, "group": "letters"} for row in PEOPLE]))
    words = " ".join(preprocess(project, "assets/mine.jsonl", check=False).stdout.split())
    assert "No entities in the dev and the test split" in words
    assert "The texts are of 1 group(s), and a group stays in one split" in words and "on_leakage" not in words


def test_spans_within_spans_are_no_wrong_offsets(project):
    rows = [{"text": f"The mayor of Lima {number}", "spans": NESTED} for number in range(20)]
    project.write("assets/mine.jsonl", jsonl(rows))
    done = preprocess(project, "assets/mine.jsonl", "--on-leakage=allow", check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "20 of them overlap with others, and a token has one label" in words
    assert "Mend the offsets" not in words


NESTED = [{"start": 4, "end": 17, "label": "ROLE"}, {"start": 13, "end": 17, "label": "PLACE"}]
ANA_AND_LIMA = [{"start": 0, "end": 3, "label": "PERSON"}, {"start": 13, "end": 17, "label": "PLACE"}]


def preprocess(project, annotations, *options, check=True):
    return run_command(project, "preprocess", annotations, "corpus", "--base-model=blank:en", *options, check=check)


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


@pytest.mark.parametrize("given", [("train", "test"), ("train",)])
def test_a_split_that_no_record_names_is_drawn_from_train(project, given):
    rows = [{**row, "split": given[-1] if i >= 150 else "train"} for i, row in enumerate(PEOPLE)]
    project.write("assets/mine.jsonl", jsonl(rows))
    done = preprocess(project, "assets/mine.jsonl")
    counts = {name: split["records"] for name, split in json.loads(project.read("corpus/audit.json"))["splits"].items()}
    assert 8 <= counts["dev"] <= 28 and (counts["test"] == 30 if "test" in given else 8 <= counts["test"] <= 28)
    assert ("it is of dev: this split is drawn from train" if "test" in given else "split anew") in done.stdout


def test_spans_of_a_shape_that_nobody_knows_are_shown(project):
    project.write("assets/mine.jsonl", jsonl([{"text": row["text"], "marks": ["0-4 PERSON"]} for row in PEOPLE]))
    done = preprocess(project, "assets/mine.jsonl", check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "in a shape that is not known" in words
    assert "mine.jsonl:1: the first record" in words and '"marks": ["0-4 PERSON"]' in words


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
    assert article["message"] == "ANIMAL is 'the' and nothing else once" and article["places"][0]["text"].startswith(
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
