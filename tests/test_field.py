"""What people bring: files wrapped, mixed, cut, folded and zipped. Every span is read, or named with its place, or the
file is refused; the counts here are taken from the files by a few lines of their own."""

import csv
import io
import json
import re
import zipfile
from collections import Counter

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span
from test_formats import EXPECTED, found, jsonl, label_studio, samples, spans, write

from spacy_domain.annotations import Unit, find_unit, list_files, list_parts, read_annotations, read_part
from spacy_domain.annotations.formats import JsonFormat, known_formats
from spacy_domain.annotations.offsets import _borders
from spacy_domain.annotations.text import read_chunks
from spacy_domain.corpora.raw import read_raw_texts
from spacy_domain.project.errors import ProjectError

LABEL = "(PERSON|PLACE|DATE)"
RECORDS = [
    {"text": text, "entities": [{"start": s, "end": e, "label": label} for s, e, label, _ in ones]}
    for text, ones in spans()
]
TRAIN_DATA = [[text, {"entities": [[s, e, label] for s, e, label, _ in ones]}] for text, ones in spans()]
DOCCANO = [{"text": text, "label": [[s, e, label] for s, e, label, _ in ones]} for text, ones in spans()]
CHARACTERS = Unit.characters


def read_leniently(path, **options):
    return [record for part in list_parts(path, **options) for record in read_part(part)]


def total(records):
    return sum(len(record.spans) + len(record.dropped) for record in records)


def unread(records):
    return sum((Counter(record.unread) for record in records), Counter())


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"data": RECORDS}, indent=1),
        json.dumps({"name": "my corpus", "project": {"documents": RECORDS}}),
        json.dumps({str(number): record for number, record in enumerate(RECORDS)}),
        json.dumps({"examples": RECORDS}),
        json.dumps(RECORDS[:2]) + "\n" + json.dumps(RECORDS[2:]),
        json.dumps(RECORDS[:-1], indent=1) + json.dumps(RECORDS[-1]),
        "\n".join(json.dumps(record, indent=2) for record in RECORDS),
        json.dumps(RECORDS[:2]) + "\n" + json.dumps(RECORDS[2:4]) + "\n" + json.dumps(RECORDS[4:]) + "\n",
        jsonl(TRAIN_DATA),
        json.dumps([[text, annotations["entities"]] for text, annotations in TRAIN_DATA]),
        jsonl([*DOCCANO[:2], *RECORDS[2:4], TRAIN_DATA[4]]),
        jsonl([{**row, "annotations": {"entities": row["entities"]}, "entities": None} for row in RECORDS]),
        jsonl(
            [{"text": r["text"], "ner": [{**e, "start": float(e["start"])} for e in r["entities"]]} for r in RECORDS]
        ),
        jsonl([{"text": r["text"], "ner": [{**e, "end": str(e["end"])} for e in r["entities"]]} for r in RECORDS]),
    ],
)
def test_wrapped_mixed_and_one_behind_the_other(tmp_path, content):
    assert found(write(tmp_path / "a.json", content), unit=CHARACTERS) == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        f'"""A script."""\nimport random\n\nLABEL = "X"\nDATA = {TRAIN_DATA!r}\n\n\ndef main():\n    pass\n',
        f"import spacy\nDATA = {RECORDS!r}\n",
        f"DATA = []\nDATA += {[(text, [tuple(e) for e in a['entities']]) for text, a in TRAIN_DATA]!r}\n",
    ],
)
def test_scripts(tmp_path, content):
    assert found(write(tmp_path / "a.py", content)) == EXPECTED


def test_a_list_with_rubbish_behind_it_is_refused(tmp_path):
    path = write(tmp_path / "a.json", json.dumps(RECORDS) + "\n}}")
    with pytest.raises(ProjectError, match="Broken JSON") as caught:
        found(path, unit=CHARACTERS)
    assert caught.value.places[0].line == 2


def test_a_first_text_longer_than_any_block(tmp_path):
    long = {"text": "word " * 20_000 + "Ana", "label": [[100_000, 100_003, "PERSON"]]}
    assert total(read_leniently(write(tmp_path / "a.jsonl", jsonl([long, *DOCCANO])), unit=CHARACTERS)) == 10


@pytest.mark.parametrize("delimiter", ",;\t")
def test_rows(tmp_path, delimiter):
    """Label Studio's CSV: a record a row, its spans as JSON in a cell."""
    file = io.StringIO()
    table = csv.writer(file, delimiter=delimiter)
    table.writerow(["annotation_id", "id", "label", "lead_time", "text"])
    for number, (text, ones) in enumerate(spans("utf-16")):
        values = [{"start": s, "end": e, "text": surface, "labels": [label]} for s, e, label, surface in ones]
        table.writerow([number, number, json.dumps(values) if values else "", 1.5, text])
    assert found(write(tmp_path / "a.csv", file.getvalue())) == EXPECTED


def test_hypertext_and_dialogues_of_label_studio(tmp_path):
    tasks = label_studio("utf-16")
    for task in tasks:
        for result in task["annotations"][0]["result"]:
            value = result["value"]
            value["globalOffsets"] = {"start": value["start"], "end": value["end"]}
            value |= {"start": "/text()[1]", "end": "/text()[1]", "hypertextlabels": value.pop("labels")}
    assert found(write(tmp_path / "a.json", json.dumps(tasks))) == EXPECTED
    values = [
        {"start": str(n), "end": str(n), "startOffset": s, "endOffset": e, "text": surface, "paragraphlabels": [label]}
        for n, (_, ones) in enumerate(spans("utf-16"))
        for s, e, label, surface in ones
    ]
    between = {"start": "0", "end": "1", "startOffset": 0, "endOffset": 1, "text": "x", "paragraphlabels": ["PERSON"]}
    results = [{"type": "paragraphlabels", "value": value} for value in [*values, between]]
    task = {
        "data": {"dialogue": [{"author": "a", "text": t} for t, _ in EXPECTED]},
        "annotations": [{"result": results}],
    }
    path = write(tmp_path / "b.json", json.dumps([task]))
    assert found(path) == EXPECTED
    records = read_leniently(path)
    assert len(records[0].dropped) == 1 and {record.group for record in records} == {"b.json:1"}


def test_what_a_reader_passes_over_is_counted(tmp_path):
    """Spans under a key of no format, relations, categories, and what a machine proposed."""
    span = {"start": 0, "end": 3, "label": "PERSON"}
    row = {
        "text": "Ana left Lima",
        "spans": [span],
        "places": [{"start": 9, "end": 13, "label": "PLACE"}],
        "relations": [{"label": "LEFT", "head_span": span, "child_span": {"start": 9, "end": 13, "label": "PLACE"}}],
        "prediction": [[0, 3, "ORG"]],
        "labels": ["travel"],
    }
    (record,) = read_leniently(write(tmp_path / "a.jsonl", jsonl([row])))
    assert total([record]) == 2 and record.dropped == ["PLACE from 9 to 13, under places, was not read"]
    assert record.unread == {
        "span(s) under places": 1,
        "span(s) under prediction: proposed, not annotated": 1,
        "categories under labels": 1,
    }


def test_where_nothing_is_understood_the_keys_are_named(tmp_path):
    rows = [{"text": "Ana left", "verdicts": {"who": [[0, 3]]}, "entities": [{"who": "Ana"}]}]
    with pytest.raises(ProjectError) as caught:
        found(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert "text, verdicts, entities" in caught.value.places[0].message


def test_span_groups_and_categories_of_a_docbin(tmp_path):
    doc = Doc(spacy.blank("en").vocab, ["Ana", "left", "Lima"])
    doc.ents = [Span(doc, 0, 1, "PERSON")]
    doc.spans["sc"] = [Span(doc, 0, 1, "PERSON"), Span(doc, 2, 3, "PLACE")]
    doc.cats["travel"] = 1.0
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    (record,) = read_leniently(tmp_path / "a.spacy")
    assert total([record]) == 2 and len(record.spans) == 1 and "'Lima' (PLACE)" in record.dropped[0]
    assert record.unread == {"span(s) in doc.spans['sc']": 1, "categories in doc.cats": 1}


def brat(folder, text, *lines):
    write(folder / "a.txt", text)
    write(folder / "a.ann", "".join(f"{line}\n" for line in lines))
    return read_leniently(folder)


def test_brat_counts_line_ends_in_one_way_or_the_other(tmp_path):
    text = "one\r\ntwo\r\nthen Ana came\r\nto Lima"
    for shift in (0, 2):  # as they are, or CR LF as one
        folder = tmp_path / str(shift)
        folder.mkdir()
        (record,) = brat(
            folder,
            text,
            f"T1\tPERSON {15 - shift} {18 - shift}\tAna",
            f"T2\tPLACE {28 - shift - shift // 2} {32 - shift - shift // 2}\tLima",
        )
        assert [record.text[s.start : s.end] for s in record.spans] == ["Ana", "Lima"]


def test_brat_spans_over_line_ends_and_what_else_it_holds(tmp_path):
    (record,) = brat(
        tmp_path,
        "New\nYork and Ana",
        "T1\tPLACE 0 3;4 8\tNew York",
        "T2\tPERSON 13 16\tAna",
        "T3\tPERSON",
        "R1\tIN Arg1:T2 Arg2:T1",
        "E1\tGO:T2",
        "garbage",
    )
    assert [record.text[s.start : s.end] for s in record.spans] == ["New\nYork", "Ana"] and total([record]) == 3
    assert record.unread == {"relation(s)": 1, "event(s)": 1, "line(s) that are no annotation of brat's": 2}


@pytest.mark.parametrize(
    ("text", "start", "end", "surface", "covered"),
    [
        ("Hiro  Romero left", 0, 12, "Hiro Romero", "Hiro  Romero"),  # white space folded
        ("Then Ana came", 0, 3, "Ana", "Ana"),  # it is there once
        ("Anabel saw Ana", 3, 6, "Ana", "Ana"),  # as a word, it is there once
        ("then\u00a0Ana came", 5, 8, "Ana", "Ana"),
    ],
)
def test_the_surface_decides(tmp_path, text, start, end, surface, covered):
    row = {"text": text, "entities": [{"start": start, "end": end, "label": "X", "text": surface}]}
    ((_, ((read, _),)),) = found(write(tmp_path / "a.jsonl", jsonl([row])))
    assert read == covered


def test_of_several_places_the_one_that_is_shifted_like_the_others(tmp_path):
    text = "Ana and Eva met Ana in Lima"
    rows = [
        {"text": text, "entities": [{"start": at - 4, "end": at, "label": "X", "text": s} for s, at in places]}
        for places in ([("Lima", 23), ("Ana", 16)], [("Ana", 16)])
    ]
    sure, unsure = read_leniently(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert [(span.start, span.end) for span in sure.spans] == [(23, 27), (16, 19)] and len(sure.notes) == 2
    assert "there several times" in unsure.rejected and len(unsure.dropped) == 1


def test_a_long_text_is_measured_once_for_all_its_spans(tmp_path):
    words = [f"Žena{number}🎉" for number in range(2000)]
    text, results = " ".join(words), []
    for word in words[::5]:
        start = len(text[: text.index(word)].encode("utf-16-le")) // 2
        end = start + len(word.encode("utf-16-le")) // 2
        results.append({"value": {"start": start, "end": end, "text": word, "labels": ["X"]}})
    path = write(tmp_path / "a.json", json.dumps([{"data": {"text": text}, "annotations": [{"result": results}]}]))
    _borders.cache_clear()
    (record,) = read_annotations(path)
    assert [record.text[s.start : s.end] for s in record.spans] == words[::5]
    assert _borders.cache_info().misses < 10


BAD = {
    "blank text": {"text": " ", "label": [[0, 1, "PERSON"]]},
    "no text": {"label": [[0, 1, "PERSON"]], "data": None},
    "offset outside": {"text": "Ana", "label": [[0, 9, "PERSON"]]},
    "no label": {"text": "Ana", "label": [[0, 3, ""], [0, 3, "PERSON"]]},
    "other surface": {"text": "Ana", "label": [[0, 3, "PERSON"]], "surfaces": ["Eva"]},
    "no record": ["Ana"],
    "other keys": {"sentence": 5, "marks": [[0, 3, "PERSON"]]},
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_record_is_set_aside_and_the_others_are_read(tmp_path, kind):
    path = write(tmp_path / "a.jsonl", jsonl([*DOCCANO[2:4], BAD[kind], *DOCCANO[2:4]]))
    records = read_leniently(path)
    assert [bool(record.broken) for record in records] == [False, False, True, False, False]
    spans_there = {"no label": 2, "no record": 0}.get(kind, 1)
    assert total(records) == 8 + spans_there == 8 + len(records[2].dropped)
    assert records[2].line == 3 and records[2].rejected
    with pytest.raises(ProjectError):
        list(read_annotations(path))


def test_a_cut_character_at_the_end_of_a_block(tmp_path):
    path = write(tmp_path / "a.txt", b"a" * 65_535 + "é".encode()[:1])
    with pytest.raises(ProjectError, match="Not UTF-8"):
        list(read_chunks(path))


# Folders and archives


def test_folders_in_folders_archives_and_what_lies_beside(tmp_path):
    write(tmp_path / "a.jsonl", jsonl(RECORDS[:1]))
    (tmp_path / "more").mkdir()
    write(tmp_path / "more" / "b.json", json.dumps(RECORDS[1:3]))
    with zipfile.ZipFile(tmp_path / "more" / "c.zip", "w") as archive:
        archive.writestr("admin.jsonl", jsonl(DOCCANO[3:]))
        archive.writestr("__MACOSX/._admin.jsonl", "x")
    for name in ("annotation.conf", "README.md", "LICENSE"):
        write(tmp_path / name, "x")
    records = list(read_annotations(tmp_path, unit=CHARACTERS))
    assert sorted(record.text for record in records) == sorted(text for text, _ in EXPECTED) and total(records) == 9
    assert str(tmp_path / "more" / "c.zip" / "admin.jsonl") in {record.file for record in records}
    assert [name.rpartition("/")[2].rpartition("\\")[2] for name in list_files(tmp_path).left] == [
        "LICENSE",
        "README.md",
        "annotation.conf",
    ]


def test_an_error_in_an_archive_names_the_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("admin.jsonl", jsonl(DOCCANO[2:4]) + '{"text": \n')
    with pytest.raises(ProjectError) as caught:
        list(read_annotations(tmp_path / "x.zip", unit=CHARACTERS))
    assert caught.value.places[0].file == str(tmp_path / "x.zip" / "admin.jsonl")


def test_a_broken_archive(tmp_path):
    write(tmp_path / "x.zip", b"PK\x03\x04nothing")
    with pytest.raises(ProjectError, match="Broken archive"):
        list(read_annotations(tmp_path / "x.zip"))


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["mine_train.jsonl", "mine_dev.jsonl", "mine_test.jsonl"], ["dev", "test", "train"]),
        (["train/a.jsonl", "validation/a.jsonl", "test/a.jsonl"], ["test", "train", "dev"]),
        (["en-train-01.jsonl", "en-train-02.jsonl", "en-test.jsonl"], ["test", "train+dev", "train+dev"]),
        (["eng.train.jsonl", "eng.testa.jsonl", "eng.testb.jsonl"], ["dev", "test", "train"]),
        (["restraint.jsonl", "contest.jsonl"], ["", ""]),
        (["latest.jsonl", "test-drive.jsonl"], ["", ""]),
    ],
)
def test_splits_in_names(tmp_path, names, splits):
    for number, name in enumerate(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, jsonl([{**RECORDS[2], "text": RECORDS[2]["text"] + str(number)}]))
    assert [file.split for file in list_files(tmp_path).read] == splits


def test_a_file_beside_splits_is_an_error_and_a_lone_word_is_told(tmp_path):
    for name in ("mine_train.jsonl", "mine_test.jsonl", "more.jsonl"):
        write(tmp_path / name, jsonl(RECORDS))
    with pytest.raises(ProjectError, match="Files beside the splits"):
        list_files(tmp_path)
    (tmp_path / "mine_train.jsonl").unlink()
    assert "mine_test.jsonl" in list_files(tmp_path).note


def test_splits_in_records(tmp_path):
    path = write(
        tmp_path / "a.json", json.dumps({"train": RECORDS[:2], "validation": RECORDS[2:3], "test": RECORDS[3:]})
    )
    assert [r.split for r in read_annotations(path, unit=CHARACTERS)] == ["train", "train", "dev", "test", "test"]
    path = write(tmp_path / "b.jsonl", jsonl([{**RECORDS[2], "split": "test"}, RECORDS[3]]))
    assert [r.split for r in read_annotations(path)] == ["test", ""]


# Mutation with a memory

COUNTS = {
    "pipes.iob": rf"\|[BU]-{LABEL}",
    "tokens.conll": rf"\tB-{LABEL}",
    "table.csv": rf",{LABEL}\r?\n",
    "train_data.py": f"'{LABEL}'",
    "v2.json": rf'"[BU]-{LABEL}"',
    "tutorial.json": '"(action|domain|hoa|event|date)"',
    "label_studio.json": f'"{LABEL}"',
}
FILES = samples()


def count(name, content):
    """The spans in a file, by the marks that its format has for them."""
    return len(re.findall(COUNTS.get(name, f'"{LABEL}"'), content))


def ten_times(name, content):
    if name.endswith((".jsonl", ".csv", ".conll", ".iob")):
        first, rest = content.split("\n", 1) if name.endswith(".csv") else ("", content)
        between = "\n" if name.endswith((".conll", ".iob")) else ""
        return first + "\n" * bool(first) + between.join([rest.rstrip("\n") + "\n"] * 10)
    return "\n".join([content] * 10) if name.endswith(".json") else content


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("more", ["", "bom", "crlf", "ten times", "beside another"])
def test_every_span_is_read_whatever_the_file_looks_like(tmp_path, name, more):
    content = ten_times(name, FILES[name]) if more == "ten times" else FILES[name]
    expected = count(name, content)
    raw = content.replace("\n", "\r\n").encode() if more == "crlf" else content.encode()
    write(tmp_path / name, b"\xef\xbb\xbf" + raw if more == "bom" else raw)
    other = ""
    if more == "beside another":
        other = sorted(FILES)[sorted(FILES).index(name) - 1]
        write(tmp_path / other, FILES[other])
        expected += count(other, FILES[other])
    files = [tmp_path / file for file in (name, other) if file]
    records = [
        record
        for file in files
        for record in read_annotations(file, unit=None if "studio" in file.name else CHARACTERS)
    ]
    assert expected > 0 and total(records) == expected and not any(record.dropped for record in records)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_span_goes_without_a_word(tmp_path_factory, data):
    """Keys renamed, another value behind the first: all spans are accounted for, or the file is refused."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = FILES[name]
    keys = sorted(set(re.findall(r'"(\w+)":', content)))
    # One key of offsets, or two others: with both gone, nothing tells a span from anything else
    names = data.draw(st.sampled_from([["start"], ["end"], [key for key in keys if key not in ("start", "end")]]))
    for _ in range(data.draw(st.integers(0, 2 if len(names) > 1 else 1))):
        if set(names) <= set(keys) and names:
            keys = names
            old, new = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from([*keys, "extra", "items", "value"]))
            content = content.replace(f'"{old}":', f'"{new}":')
    other = data.draw(st.sampled_from(["", *sorted(FILES)]))
    behind = FILES[other] if other.endswith((".json", ".jsonl")) and name.endswith((".json", ".jsonl")) else ""
    expected = count(name, content) + (count(other, behind) if behind else 0)
    path = write(tmp_path_factory.getbasetemp() / f"mutated-{name}", content.rstrip("\n") + "\n" + behind)
    try:
        records = read_leniently(path, unit=CHARACTERS)
    except ProjectError as error:
        assert error.title and error.remedy
        return
    lost = expected - total(records)
    unaccounted = lost - sum(unread(records).values()) - sum(1 for record in records if record.broken) * 9
    assert unaccounted <= 0, (lost, unread(records))


def test_standoff_of_bionlps_shared_tasks(tmp_path):
    """Given entities, those to be found, and a file of relations beside them are one document."""
    write(tmp_path / "a.txt", "E-selectin binds Ana")
    write(tmp_path / "a.a1", "T1\tProtein 0 10\tE-selectin\n")
    write(tmp_path / "a.a2", "T2\tBinding 11 16\tbinds\nE1\tBinding:T2 Theme:T1\n")
    write(tmp_path / "a.rel", "R1\tPart Arg1:T1 Arg2:T2\n")
    write(tmp_path / "empty.jsonl", "")
    (record,) = read_annotations(tmp_path)
    assert [record.text[s.start : s.end] for s in record.spans] == ["E-selectin", "binds"]
    assert sorted(list_files(tmp_path).left.values()) == ["is empty", "lies beside annotations of the same name"]


def preprocess(project, *options, check=True):
    return project.python(
        "-m", "scripts.preprocess", "assets/mine", "corpus", "--base-model=blank:en", *options, check=check
    )


def test_what_was_set_aside_and_what_was_not_read_is_told(project):
    rows = [{"text": f"Ana moved to Lima, {number} of them", "spans": ANA_AND_LIMA} for number in range(20)]
    rows[4] = {"text": "Ana left", "spans": [{"start": 0, "end": 30, "label": "PERSON"}]}
    rows[7] = {**rows[7], "relations": [{"label": "TO", "head": 0, "child": 1}]}
    project.write("assets/mine/a.jsonl", jsonl(rows))
    project.write("assets/mine/annotation.conf", "[entities]\n")
    done = preprocess(project, "--on-leakage=allow", "--split-seed=1", check=False)
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
    again, still, mended = read_leniently(write(project.path / "mended.jsonl", jsonl(rows)))
    assert again.broken and still.broken and still.text == "" and not mended.rejected
    assert [(span.start, span.end) for span in mended.spans] == [(0, 3)]


def test_too_many_records_that_make_no_sense_end_the_run(project):
    rows = [{"text": f"Ana moved to Lima, {number} of them", "spans": ANA_AND_LIMA} for number in range(8)]
    project.write("assets/mine/a.jsonl", jsonl([*rows, {"text": "", "spans": []}, {"text": "Ana", "spans": [{}]}]))
    done = preprocess(project, check=False)
    assert done.returncode == 1 and "2 of 10 records make no sense" in done.stdout and "max_broken" in done.stdout
    assert "a.jsonl:9: " in done.stdout and "a.jsonl:10: " in done.stdout and "Traceback" not in done.stderr


ANA_AND_LIMA = [{"start": 0, "end": 3, "label": "PERSON"}, {"start": 13, "end": 17, "label": "PLACE"}]


def test_every_record_has_the_marks_of_one_format():
    """Else it would be read as whatever comes first."""
    known = known_formats(JsonFormat)
    for name, content in FILES.items():
        if name.endswith((".json", ".jsonl")):
            values = (
                [json.loads(line) for line in content.splitlines()] if name.endswith("l") else [json.loads(content)]
            )
            for value in values if isinstance(values[0], dict) else values[0]:
                fitting = [key for key, format_ in known.items() if key != "records" and format_.fits(value)]
                empty = not re.search(LABEL, json.dumps(value)) and name != "tutorial.json"
                assert len(fitting) == 1 or (empty and not fitting), (name, fitting)


def test_raw_texts_may_be_called_as_they_like(tmp_path):
    """Names of splits mean nothing among raw texts, and a record that makes no sense still has a text."""
    write(tmp_path / "train.txt", "Call Ana.\n")
    write(tmp_path / "more.jsonl", jsonl([{"text": "Call Eva.", "spans": [{"start": 0, "end": 99, "label": "X"}]}]))
    assert sorted(read_raw_texts(tmp_path, [], spacy.blank("en"))) == ["Call Ana.", "Call Eva."]


def test_an_unknown_unit_of_offsets_is_named():
    assert find_unit("auto") is None and find_unit("utf-16") is Unit.utf16
    with pytest.raises(ProjectError, match="Unknown unit of offsets 'words'") as caught:
        find_unit("words")
    assert "utf-8" in caught.value.remedy
