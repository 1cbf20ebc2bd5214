"""What was found in exports that people publish: each input is of our own making, and of the kind that did not hold."""

import io
import json
import os
import pickle

import pytest
from samples import DOCCANO, EXPECTED, TEXTS, TRAIN_DATA, label_studio
from tagged_texts import EXPECTED as TAGGED
from tagged_texts import SENTENCES, accounted, conll, entities, found, notes, plain, read, write

from spacy_domain.annotations import list_files
from spacy_domain.project.errors import ProjectError

FIRST_NAME, OLD_PLACE = "first name", "old place"
SPACED = [[(t, tag.replace("PER", FIRST_NAME).replace("LOC", OLD_PLACE)) for t, tag in one] for one in SENTENCES]
FEW = [[("nothing", "O")] * 40] * 3


@pytest.mark.parametrize("row", ["{1} {2}", "{0} {1} {2}", "{1} -X- _ {2}"], ids=["plain", "numbered", "label studio"])
@pytest.mark.parametrize("others", [[], FEW], ids=["dense", "sparse"])
def test_labels_with_spaces_in_a_file_split_at_spaces(tmp_path, row, others):
    lines = conll(lambda i, token, tag: row.format(i + 1, token, tag), sentences=others + SPACED * 5)
    first = found(write(tmp_path / "a.conll", lines))[len(others)]
    assert first == ("Hiro Romero moved to Lima .", [("Hiro Romero", FIRST_NAME), ("Lima", OLD_PLACE)])
    assert accounted(read(tmp_path / "a.conll")) == lines.count(" B-")


# Bank of Gent in Rome: an organization with a place in it, of which the tags are in no order
NESTED = [("the", "O"), ("Bank", "B-ORG"), ("of", "I-ORG"), ("Gent", "B-LOC I-ORG"), ("fell", "O"), ("Rome", "B-LOC")]


@pytest.mark.parametrize(("between", "table"), [(" ", False), ("|", False), ("|", True)])
def test_several_tags_of_a_token_are_nested_entities(tmp_path, between, table):
    rows = [(token, tag.replace(" ", between)) for token, tag in NESTED]
    if table:
        content = "Sentence #,Word,Tag\n" + "".join(f"{i},{t},{g}\n" for i in range(9) for t, g in rows)
    else:
        content = "\n".join("".join(f"{t} {g}\n" for t, g in rows) for _ in range(9))
    records = read(write(tmp_path / "a.csv" if table else tmp_path / "a.conll", content))
    assert [entities(record) for record in records] == [[("Bank of Gent", "ORG"), ("Rome", "LOC")]] * 9
    assert records[0].dropped == ["'Gent' (LOC) in tag 2 of their tokens, another layer, was not read"]
    assert accounted(records) == content.count("B-")


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_word_an_object_in_json(tmp_path, wrapped):
    def rows(**about):
        words = [(i, *pair) for i, one in enumerate(SENTENCES[:2]) for pair in one]
        return [{**{key: make(i) for key, make in about.items()}, "Word": t, "Tag": g} for i, t, g in words]

    for about in ({}, {"sentence_id": str}, {"Sentence #": lambda i: f"Sentence: {i}"}):
        data = {"train": rows(**about)} if wrapped else rows(**about)
        assert found(write(tmp_path / "a.json", json.dumps(data))) == TAGGED[:2]


def test_tokens_with_an_empty_list_of_spans_are_a_text_without_entities(tmp_path):
    of_spert = {"tokens": ["Ana", "left"], "entities": [{"type": "PER", "start": 0, "end": 1}], "orig_id": 1}
    of_datasaur = {"id": 0, "content": "Ana left.", "tokens": ["Ana", "left", "."], "labels": [], "metadata": []}
    rows = [of_spert, {**of_spert, "entities": []}, of_datasaur]
    assert found(write(tmp_path / "a.json", json.dumps(rows))) == [
        ("Ana left", [("Ana", "PER")]),
        ("Ana left", []),
        ("Ana left.", []),
    ]


def long_table(names, row):
    """Words in a table of more rows than a text may have, with a stop in an entity."""
    words = [*SENTENCES[0], ("St", "B-LOC"), (".", "I-LOC"), ("Ives", "I-LOC"), ("!", "O")] * 60
    return [names, *(row(i, *pair) for i, pair in enumerate(words))]


def test_a_long_table_of_words_with_nothing_between_texts_is_cut_behind_stops(tmp_path):
    lines = long_table("Token,Tag", lambda i, token, tag: f"{token},{tag}")
    records = read(write(tmp_path / "a.csv", "\n".join(lines)))
    assert [record.text for record in records[:2]] == ["Hiro Romero moved to Lima .", "St . Ives !"]
    assert entities(records[1]) == [("St . Ives", "LOC")]
    assert accounted(records) == sum(",B-" in line for line in lines)
    assert "were cut behind what ends a sentence" in notes(records)


@pytest.mark.parametrize("names", ["", "Word\tTag\n\n"], ids=["", "names"])
def test_a_stop_in_an_entity_ends_no_text_in_a_long_file_without_blank_lines(tmp_path, names):
    lines = [names, *long_table("", lambda i, token, tag: f"{token}\t{tag}")[1:]]
    records = read(write(tmp_path / "a.conll", "\n".join(lines)))
    assert [record.text for record in records[:2]] == ["Hiro Romero moved to Lima .", "St . Ives !"]
    assert accounted(records) == sum("\tB-" in line for line in lines)


@pytest.mark.parametrize("name", ["id", "Unnamed: 0", "text"])
def test_a_table_of_words_may_call_its_numbers_of_sentences_anything(tmp_path, name):
    rows = [f"{i},{token},{tag}\n" for i, one in enumerate(SENTENCES * 5) for token, tag in one]
    records = read(write(tmp_path / "a.csv", "".join([f"{name},token,ner_tag\n", *rows])))
    assert [record.text for record in records[:2]] == ["Hiro Romero moved to Lima .", "Petra left New York today ."]
    assert len(records) == 15


def test_marks_without_labels_in_a_table_without_names(tmp_path):
    rows = "\r\n".join("\r\n".join(f"{token},{tag[0]}" for token, tag in one) + "\r\n,\r\n" for one in SENTENCES * 5)
    records = read(write(tmp_path / "a.csv", rows))
    assert entities(records[0]) == [("Hiro Romero", "ENTITY"), ("Lima", "ENTITY")]


def test_a_file_of_one_label_without_marks_may_have_few_tokens_without_it(tmp_path):
    sentence = [("I", "O"), *[(word, "procedure") for word in ("opening", "a", "shop", "in", "town")]]
    records = read(write(tmp_path / "a.txt", conll(lambda i, t, tag: f"{t} {tag}", sentences=[sentence] * 9)))
    assert entities(records[0]) == [("opening a shop in town", "procedure")]


def storage(tasks):
    """What Label Studio puts into a storage: an annotation a file, with its task in it."""
    for task in tasks:
        for annotation in task["annotations"]:
            about = {key: value for key, value in task.items() if key != "annotations"}
            yield {"id": 7, "lead_time": 3.5, **annotation, "task": {"id": 9, **about}}


def test_annotations_that_label_studio_put_into_a_storage(tmp_path):
    for number, annotation in enumerate(storage(label_studio("utf-16"))):
        write(tmp_path / f"{number}", json.dumps(annotation))
    assert found(tmp_path) == EXPECTED


def test_annotations_of_label_studio_without_their_tasks_say_what_is_missing(tmp_path):
    rows = [{**one, "task": 9} for one in storage(label_studio("utf-16"))]
    records = read(write(tmp_path / "a.json", json.dumps(rows)))
    assert all("Annotation without text: its task is 9" in record.rejected for record in records)
    assert accounted(records) == sum(len(row["result"]) for row in rows)


def test_answers_to_questions_are_no_training_data_of_spacy(tmp_path):
    answer = {"question": "Who?", "id": "1", "answers": [{"text": "Ana", "answer_start": 0}]}
    data = {"version": "1", "data": [{"title": "T", "paragraphs": [{"context": "Ana left", "qas": [answer]}]}]}
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read(write(tmp_path / "a.json", json.dumps(data)))


@pytest.mark.parametrize(
    "content",
    [
        "<project>\n  <groupId>org.x</groupId>\n  <version>1</version>\n</project>\n",
        '<?xml version="1.0"?>\n<ead xmlns="http://a.org">\n<p><term>Ana</term> left</p>\n</ead>\n',
        "<doc><fps>25</fps><width>1280</width></doc>\n",
        "<data>\n<row><name>Ana</name><city>Lima</city></row>\n<row><name>Eva</name><city>Rome</city></row>\n</data>\n",
    ],
)
def test_a_document_of_xml_is_no_text_with_marks(tmp_path, content):
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read(write(tmp_path / "a.xml", content))


TWICE = "Ana and Eva\nwent to Lima\nwith Ana\nand came to Lima\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "bom"])
def test_brat_where_git_changed_the_line_ends_since(tmp_path, mark):
    """Offsets of a text as it was: Ana and Lima are there twice, and so nothing but the line ends tells which."""
    before = mark + TWICE.replace("\n", "\r\n")
    names = [("Ana", 0), ("Lima", 0), ("Ana", 1), ("Lima", 1)]
    starts = [before.index(name, before.index(name) + 1 if second else 0) for name, second in names]
    lines = [f"T{i}\tX {a} {a + len(s)}\t{s}\n" for i, (a, (s, _)) in enumerate(zip(starts, names, strict=True), 1)]
    write(tmp_path / "a.txt", mark + TWICE)
    write(tmp_path / "a.ann", "".join(lines))
    (record,) = read(tmp_path)
    assert [(span.start, record.text[span.start : span.end]) for span in record.spans] == [
        (TWICE.index("Ana"), "Ana"),
        (TWICE.index("Lima"), "Lima"),
        (TWICE.rindex("Ana"), "Ana"),
        (TWICE.rindex("Lima"), "Lima"),
    ]
    assert "LF as two" in notes([record]) and ("from 1" in notes([record])) == bool(mark)


def test_another_encoding_is_told_before_the_format_is_asked_for(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("独立,甲\n钢筋,乙\n".encode("gbk") * 9)
    with pytest.raises(ProjectError, match="Not UTF-8") as refused:
        read(path)
    assert refused.value.places[0].line == 1


class Harmful:
    def __reduce__(self):
        return os.mkdir, ("made-by-a-pickle",)


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize(
    "data", [TRAIN_DATA, [tuple(one) for one in TRAIN_DATA], DOCCANO], ids=["lists", "tuples", "objects"]
)
def test_pickled(tmp_path, protocol, data):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(data, protocol))
    assert found(path) == EXPECTED


@pytest.mark.parametrize("data", [[("Ana left", {"entities": [Harmful()]})], io.BytesIO(b""), ["B-PER", "O"]])
def test_a_pickle_that_names_code_is_not_loaded(tmp_path, monkeypatch, data):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(data))
    with pytest.raises(ProjectError, match=r"A pickle that cannot be read|Cannot tell the format"):
        read(tmp_path / "a.pkl")
    assert not (tmp_path / "made-by-a-pickle").exists()


def test_train_data_without_entities_is_read_and_says_what_it_has(tmp_path):
    rows = [["hello", {"cats": {"greeting": 1.0, "farewell": 0.0}}], ["Ana left", {"spans": {"sc": [[0, 3, "PER"]]}}]]
    greeting, spans = read(write(tmp_path / "a.py", f"TRAIN_DATA = {rows!r}\n"))
    assert greeting.unread == {"categories under cats": 2} and not greeting.rejected
    assert spans.unread == {"span(s) under spans.sc": 1} and accounted([spans]) == 1


def test_tokens_tell_what_a_span_covers_and_not_the_text_of_one_that_was_there_before(tmp_path):
    """Ana is in Anabel and by herself: the text of the span would be found where it is a whole word."""
    tokens = [("Anabel", 0, 6), ("met", 7, 10), ("Ana", 11, 14)]
    span = {"start": 0, "end": 6, "label": "PERSON", "text": "Ana", "token_start": 0, "token_end": 0}
    row = {"text": "Anabel met Ana", "tokens": [{"text": t, "start": s, "end": e} for t, s, e in tokens]}
    (record,) = read(write(tmp_path / "a.jsonl", json.dumps({**row, "spans": [span], "answer": "accept"})))
    assert entities(record) == [("Anabel", "PERSON")]
    assert record.notes == ["'Anabel' is at 0-6, as the tokens show, not 'Ana'"]


def test_a_text_in_a_script_without_spaces_may_be_called_anything(tmp_path):
    row = {
        "tokens": "王莽通子午道。",
        "entities": [{"type": "LOC", "start": 3, "end": 6, "span": "子午道"}],
        "orig_id": 3,
    }
    assert found(write(tmp_path / "a.json", json.dumps([row] * 3))) == [("王莽通子午道。", [("子午道", "LOC")])] * 3


def test_a_sequence_of_tags_is_no_text(tmp_path):
    row = {"id": 1, "tag_seq": "B-name I-name O O B-place O", "entities": [["name", 0, 1], ["place", 4, 4]]}
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read(write(tmp_path / "a.json", json.dumps([row] * 3)))


def test_the_marks_of_a_prompt_are_no_entities(tmp_path):
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read(write(tmp_path / "a.txt", "[INST] <<SYS>>You find names.<</SYS>> Ana left [/INST]\n" * 9))


def test_a_text_of_one_line_is_no_token_with_columns(tmp_path):
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read(write(tmp_path / "a.txt", " ".join(["word", "-"] * 99)))


def test_tags_of_xml_are_between_the_texts_of_a_file_with_a_token_a_line(tmp_path):
    blocks = conll(plain).split("\n\n")
    lines = "".join(f'<doc id="{i}" title="a b">\n{block.strip()}\n</doc>\n' for i, block in enumerate(blocks))
    assert found(write(tmp_path / "a.conll", lines)) == found(write(tmp_path / "b.conll", conll(plain)))


def test_words_and_tags_in_a_table_whose_texts_have_brackets(tmp_path):
    rows = ["Ana (see [1]) left Lima,\"['B-PER', 'O', 'O', 'O', 'B-LOC']\"\n"] * 9
    records = read(write(tmp_path / "a.csv", "Context,bio_tags\n" + "".join(rows)))
    assert [entities(record) for record in records] == [[("Ana", "PER"), ("Lima", "LOC")]] * 9


def pieces(text, ones, **more):
    """A text cut at its entities, the pieces of which have what `more` makes of a label."""
    cuts, found = 0, []
    for surface, label in ones:
        start = text.index(surface, cuts)
        found += [{"text": text[cuts:start]}] if start > cuts else []
        found.append({"text": surface, **{key: make(label) for key, make in more.items()}})
        cuts = start + len(surface)
    return {"data": [*found, {"text": text[cuts:]}] if cuts < len(text) else found}


def test_snips(tmp_path):
    said = [pieces(text, ones, entity=str, slot_name="the_{}".format) for text, ones in TEXTS.items()]
    lists = {"location": {"data": [{"value": "Lima", "synonyms": ["LIM"]}], "use_synonyms": True}, "snips/datetime": {}}
    data = {"intents": {"Meet": {"utterances": said}}, "entities": lists, "language": "en"}
    assert found(write(tmp_path / "a.json", json.dumps(data, indent=1))) == EXPECTED
    assert found(write(tmp_path / "b.json", json.dumps({"Meet": said, "Leave": said[:1]}))) == [*EXPECTED, EXPECTED[0]]


def test_an_agent_of_dialogflow(tmp_path):
    said = [{"id": "x", **pieces(text, ones, meta="@{}".format, alias=str)} for text, ones in TEXTS.items()]
    said[0]["data"].insert(0, {"text": "so ", "meta": "@sys.ignore", "userDefined": False})
    template = {"id": "y", "data": [{"text": "meet @sys.given-name"}, {"text": "x", "meta": "@y"}], "isTemplate": True}
    for name, content in {
        "agent.json": {"description": "", "language": "en"},
        "entities/person.json": {"id": "1", "name": "person", "isEnum": False},
        "entities/person_entries_en.json": [{"value": "Ana", "synonyms": ["Ana", "Anabel"]}],
        "intents/Meet.json": {"id": "2", "name": "Meet", "responses": []},
        "intents/Meet_usersays_en.json": [*said, template],
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, json.dumps(content))
    *records, last = read(tmp_path)
    (first, ones), *others = EXPECTED
    assert [(record.text, entities(record)) for record in records] == [("so " + first, ones), *others]
    assert "isTemplate" in last.rejected
    left = {
        name.removeprefix(str(tmp_path))[1:].replace(os.sep, "/"): why
        for name, why in list_files(tmp_path).left.items()
    }
    assert set(left.values()) == {"holds no examples of intents"} and len(left) == 4


def test_the_older_json_of_webanno(tmp_path):
    text = "Ana left Lima . Eva came ."
    views = {
        "Sentence": [{"sofa": 12, "end": 15}, {"sofa": 12, "begin": 16, "end": 26}],
        "Token": [{"sofa": 12, "end": 3}],
        "POS": [{"sofa": 12, "end": 3, "PosValue": "NNP"}],
        "NamedEntity": [
            {"sofa": 12, "end": 3, "value": "PER"},
            {"sofa": 12, "begin": 9, "end": 13, "value": "LOC"},
            14,
        ],
    }
    others = {
        "12": {"_type": "Sofa", "sofaNum": 1, "sofaID": "_InitialView", "sofaString": text},
        "14": {"_type": "NamedEntity", "sofa": 12, "begin": 16, "end": 19, "value": "PER"},
    }
    data = {"_context": {"_types": {}}, "_views": {"_InitialView": views}, "_referenced_fss": others}
    assert found(write(tmp_path / "a.json", json.dumps(data))) == [
        ("Ana left Lima .", [("Ana", "PER"), ("Lima", "LOC")]),
        ("Eva came .", [("Eva", "PER")]),
    ]
