"""Shapes that annotations come in and that no tool documents: each input is of our own making."""

import bz2
import gzip
import json
import lzma
import tarfile

import pytest
from samples import CHARACTERS, EXPECTED, found, jsonl, read_all, spans, tagged, write

from spacy_domain.annotations import list_files, list_parts, read_part
from spacy_domain.project.errors import ProjectError

NAMES = ["O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE", "B-DATE", "I-DATE"]
ENTITIES = [entities for _, entities in EXPECTED]
ROWS = [([token for token, _ in text], [tag for _, tag in text]) for text in tagged("BIO")]
WRITTEN = {
    "B:PERSON": lambda mark, label: f"{mark}:{label}",
    "B.PERSON": lambda mark, label: f"{mark}.{label}",
    "PERSON/B": lambda mark, label: f"{label}/{mark}",
    "BPERSON": lambda mark, label: f"{mark}{label}",
    "BEGIN-PERSON": lambda mark, label: f"{'BEGIN' if mark == 'B' else 'INSIDE'}-{label}",
    "PERSON_begin": lambda mark, label: f"{label}_{'begin' if mark == 'B' else 'inside'}",
}


def entities(path):
    return [entities for _, entities in found(path)]


def as_written(tag, how):
    mark, _, label = tag.partition("-")
    return WRITTEN[how](mark, label) if label else tag


@pytest.mark.parametrize("how", WRITTEN)
def test_marks_with_other_signs_or_written_out(tmp_path, how):
    rows = [[(token, as_written(tag, how)) for token, tag in zip(*row, strict=True)] for row in ROWS]
    lines = "\n".join("".join(f"{token}\t{tag}\n" for token, tag in row) for row in rows)
    assert entities(write(tmp_path / "a.tsv", lines)) == ENTITIES


@pytest.mark.parametrize("how", [*WRITTEN, "PERSON_B"])
def test_tags_of_any_scheme_in_json(tmp_path, how):
    def written(tag):
        return "_".join(reversed(tag.split("-"))) if how == "PERSON_B" else as_written(tag, how)

    rows = [{"tokens": tokens, "ner_tags": list(map(written, tags))} for tokens, tags in ROWS]
    assert entities(write(tmp_path / "a.jsonl", jsonl(rows))) == ENTITIES


def test_labels_that_only_look_like_tags_stay(tmp_path):
    row = "Ana\tBRAND\nleft\tO\nLima\tIRON\n.\tO\n"
    assert entities(write(tmp_path / "a.tsv", f"{row}\n{row}")) == [[("Ana", "BRAND"), ("Lima", "IRON")]] * 2


@pytest.mark.parametrize("more", ["", "\tx"])
def test_words_and_tags_of_a_text_on_one_line(tmp_path, more):
    rows = [(["said", '"', *tokens], ["O", "O", *tags]) for tokens, tags in ROWS]
    lines = "".join(f"{' '.join(tokens)}\t{' '.join(tags)}{more}\n" for tokens, tags in rows)
    path = write(tmp_path / "a.txt", lines)
    assert entities(path) == ENTITIES
    broken = read_all(write(tmp_path / "b.txt", lines + "one column\nAna left\tB-PERSON\n"))
    assert [bool(record.broken) for record in broken[-2:]] == [True, True] and "B-PERSON" not in str(broken[-1].spans)


@pytest.mark.parametrize(
    "name, content",
    [
        ("labels.txt", "".join(f"{i} {name}\n" for i, name in enumerate(NAMES))),
        ("tags.txt", "".join(f"{name}\t{i}\n" for i, name in enumerate(NAMES))),
        ("tag_to_id.json", json.dumps({name: i for i, name in enumerate(NAMES)})),
        ("config.json", json.dumps({"model_type": "bert", "id2label": {str(i): n for i, n in enumerate(NAMES)}})),
        ("README.md", f"# Tags\n\n```python\n{ {name: i for i, name in enumerate(NAMES)} }\n```\n"),
        ("own.py", f"F = {{'pos': ClassLabel(names=['X']), 'tags': Sequence(ClassLabel(names={NAMES}))}}\n"),
    ],
)
def test_numbers_of_tags_are_named_in_other_files(tmp_path, name, content):
    write(tmp_path / name, content)
    rows = [{"tokens": tokens, "tags": list(map(NAMES.index, tags))} for tokens, tags in ROWS]
    write(tmp_path / "a.jsonl", jsonl(rows))
    assert entities(tmp_path) == ENTITIES


def test_not_a_number_is_no_label_and_no_end_of_the_run(tmp_path):
    row = '{"text": "Ana left", "spans": [{"start": 0, "end": 3, "label": NaN}]}\n'
    (record,) = read_all(write(tmp_path / "a.jsonl", row))
    assert json.loads(record.broken, parse_constant=pytest.fail)["spans"][0]["label"] == "NaN"


def by_text(ones, shape):
    return [shape(start, end, label, surface) for start, end, label, surface in ones]


def records(shape, key="entities", text_key="text"):
    return [{text_key: text, key: by_text(ones, shape)} for text, ones in spans()]


@pytest.mark.parametrize(
    "shape",
    [
        lambda s, e, label, _: [str(s), str(e), label],
        lambda s, e, label, _: [float(s), float(e), label],
        lambda s, e, label, _: [[s, e], label],
        lambda s, e, label, _: {label: [s, e]},
        lambda s, e, label, surface: {"entity_group": label, "word": surface, "start": s, "end": e},
        lambda s, e, label, surface: {"text": surface, "start_pos": s, "end_pos": e, "labels": [{"value": label}]},
        lambda s, e, label, surface: [surface, label],
        lambda s, e, label, surface: [label, surface],
        lambda s, e, label, surface: {label: surface},
        lambda s, e, label, surface: {surface: label},
    ],
)
@pytest.mark.parametrize("text_key", ["text", "sentence", "source_text"])
def test_spans_in_any_shape(tmp_path, shape, text_key):
    rows = records(shape, text_key=text_key)
    path = write(tmp_path / "a.jsonl", jsonl([row for row in rows if row["entities"]]))
    assert found(path, unit=CHARACTERS) == [one for one in EXPECTED if one[1]]


def columns_of(rows):
    return {key: [row[key] for row in rows] for key in rows[0]}


TRIPLES = records(lambda s, e, label, _: [s, e, label])


@pytest.mark.parametrize(
    "data",
    [
        [
            {"text": t, "starts": [o[0] for o in ones], "ends": [o[1] for o in ones], "labels": [o[2] for o in ones]}
            for t, ones in spans()
        ],
        [
            {"text": t, "entities": dict(zip(("start", "end", "label"), zip(*ones, strict=True), strict=False))}
            for t, ones in spans()
        ],
        {row["text"]: row["entities"] for row in TRIPLES},
        {row["text"]: {"entities": row["entities"]} for row in TRIPLES},
        columns_of(TRIPLES),
        {key: {str(i): one for i, one in enumerate(column)} for key, column in columns_of(TRIPLES).items()},
    ],
)
def test_spans_in_lists_beside_each_other_or_under_their_texts(tmp_path, data):
    assert found(write(tmp_path / "a.json", json.dumps(data)), unit=CHARACTERS) == EXPECTED


@pytest.mark.parametrize("as_lines", [True, False])
def test_a_span_a_record_with_its_text(tmp_path, as_lines):
    rows = [
        {"id": i, "text": text, "start": s, "end": e, "label": label}
        for i, (text, ones) in enumerate(spans())
        for s, e, label, _ in ones
    ]
    path = write(tmp_path / "a.json", jsonl(rows) if as_lines else json.dumps(rows, indent=1))
    assert found(path, unit=CHARACTERS) == [one for one in EXPECTED if one[1]]


@pytest.mark.parametrize(
    "shape",
    [
        lambda tokens, tags: {"tokens": " ".join(tokens), "tags": " ".join(tags)},
        lambda tokens, tags: {"text": " ".join(tokens), "ner_tags": tags},
        lambda tokens, tags: {"text": tokens, "label": tags},
        lambda tokens, tags: {"sentence": tokens, "tags": tags, "id": 3},
        lambda tokens, tags: [list(pair) for pair in zip(tokens, tags, strict=True)],
        lambda tokens, tags: [tokens, tags],
        lambda tokens, tags: {"tokens": [{"text": a, "tag": b} for a, b in zip(tokens, tags, strict=True)]},
        lambda tokens, tags: {"words": [{"word": a, "ner": b} for a, b in zip(tokens, tags, strict=True)], "id": 1},
    ],
)
def test_tokens_and_tags_in_any_shape(tmp_path, shape):
    path = write(tmp_path / "a.json", json.dumps([shape(*row) for row in ROWS]))
    assert entities(path) == ENTITIES


def test_a_tag_a_character(tmp_path):
    text, tags = "李雷在北京", ["B-PERSON", "I-PERSON", "O", "B-PLACE", "I-PLACE"]
    rows = [{"text": text, "labels": tags}, {"text": list(text), "labels": tags}]
    texts = found(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert [[label for _, label in ones] for _, ones in texts] == [["PERSON", "PLACE"]] * 2
    assert texts[0][0] == text and texts[0][1] == [("李雷", "PERSON"), ("北京", "PLACE")]


def test_a_text_with_too_few_tags_is_set_aside(tmp_path):
    rows = [{"text": "Ana left now", "tags": ["B-PER", "O"]}, {"text": "Ana left", "tags": ["B-PER", "O"]}]
    bad, good = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert "3 tokens, 2 ner_tags" in bad.rejected and len(bad.dropped) == 1 and len(good.spans) == 1


def answer(ones):
    return json.dumps([{"text": surface, "label": label} for _, _, label, surface in ones])


def labels_of(ones):
    return list(dict.fromkeys(label for _, _, label, _ in ones))


ASKED = "What describes {} in the text?"
CHATS = {
    "messages": lambda text, ones: {
        "messages": [
            {"role": "system", "content": "Extract entities."},
            {"role": "user", "content": text},
            {"role": "assistant", "content": f"Here:\n```json\n{answer(ones)}\n```"},
        ]
    },
    "universal": lambda text, ones: {
        "conversations": [
            {"from": "human", "value": f"Text: {text}"},
            {"from": "gpt", "value": "I've read this text."},
            *(
                turn
                for label in [*labels_of(ones), "NOTHING"]
                for turn in (
                    {"from": "human", "value": ASKED.format(label)},
                    {"from": "gpt", "value": json.dumps([one[3] for one in ones if one[2] == label])},
                )
            ),
        ]
    },
    "output": lambda text, ones: {"instruction": "Find the names.", "input": text, "output": answer(ones)},
    "by_label": lambda text, ones: {
        "instruction": "Find the names.",
        "input": text,
        "output": json.dumps({x: [one[3] for one in ones if one[2] == x] for x in ("PERSON", "PLACE", "DATE")}),
    },
}


@pytest.mark.parametrize("kind", CHATS)
def test_conversations(tmp_path, kind):
    assert found(write(tmp_path / "a.jsonl", jsonl([CHATS[kind](*one) for one in spans()]))) == EXPECTED


def test_a_conversation_about_something_else_is_refused(tmp_path):
    chat = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello, Ana"}]}
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read_all(write(tmp_path / "a.jsonl", jsonl([chat])))


TOKENS = ["Ana", "Lima", "left", "Gent", "."]
FOUND = [("Ana Lima left Gent .", [("Ana Lima", "PER"), ("Gent", "LOC")])]
TOKEN_SPANS = {
    "spert": {
        "tokens": TOKENS,
        "entities": [{"type": "PER", "start": 0, "end": 2}, {"type": "LOC", "start": 3, "end": 4}],
    },
    "inclusive": {
        "tokens": TOKENS,
        "entities": [
            {"type": "PER", "start": 0, "end": 1, "text": "Ana Lima"},
            {"type": "LOC", "start": 3, "end": 3, "text": "Gent"},
        ],
    },
    "scierc": {"sentences": [TOKENS[:3], TOKENS[3:]], "ner": [[[0, 1, "PER"]], [[3, 3, "LOC"]]], "doc_key": "a"},
    "docred": {
        "sents": [TOKENS[:3], TOKENS[3:]],
        "vertexSet": [
            [{"pos": [0, 2], "sent_id": 0, "type": "PER", "name": "Ana Lima"}],
            [{"pos": [0, 1], "sent_id": 1, "type": "LOC", "name": "Gent"}],
        ],
    },
}


@pytest.mark.parametrize("kind", TOKEN_SPANS)
def test_token_spans(tmp_path, kind):
    assert found(write(tmp_path / "a.json", json.dumps([TOKEN_SPANS[kind]]))) == FOUND


def test_token_spans_outside_of_the_tokens_are_dropped(tmp_path):
    row = {"tokens": TOKENS, "entities": [{"type": "PER", "start": 0, "end": 2}, {"type": "LOC", "start": 3, "end": 9}]}
    (record,) = read_all(write(tmp_path / "a.jsonl", jsonl([row])))
    assert len(record.spans) == 1 and record.dropped == ["LOC from token 3 to 9 is outside of the 5 tokens"]


def marked(form):
    for text, ones in spans():
        pieces, position = "", 0
        for start, end, label, _ in ones:
            pieces += text[position:start] + form(label, text[start:end])
            position = end
        yield pieces + text[position:]


MARKED = {
    "tags": lambda label, text: f"<{label}>{text}</{label}>",
    "lower": lambda label, text: f'<{label.lower()} id="1">{text}</{label.lower()}>',
    "muc": lambda label, text: f'<ENAMEX TYPE="{label}">{text}</ENAMEX>',
    "opennlp": lambda label, text: f"<START:{label}> {text} <END>",
    "links": lambda label, text: f"[{text}]({label})",
    "brackets": lambda label, text: f"[{label} {text} ]",
}


@pytest.mark.parametrize("form", MARKED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_markup(tmp_path, form, end):
    texts = found(write(tmp_path / "a.txt", end.join(marked(MARKED[form])) + end))
    assert [(text, [(surface, label.upper()) for surface, label in ones]) for text, ones in texts] == EXPECTED


@pytest.mark.parametrize("form", ["tags", "muc"])
def test_markup_with_structure(tmp_path, form):
    body = "\n".join(f'  <s id="{i}">\n{text}\n</s>' for i, text in enumerate(marked(MARKED[form])))
    path = write(tmp_path / "a.xml", f'<?xml version="1.0"?>\n<DOC>\n<!-- made by hand -->\n{body}\n</DOC>\n')
    assert found(path) == EXPECTED
    assert [record.line for record in read_all(path)] == [5, 8, 11, 14, 17]


def test_markup_that_is_broken_or_nested_or_escaped(tmp_path):
    lines = [
        "<PER>Ana</PER> left",
        "<PER>Ana left",
        "Ana</PER> left",
        "<ORG>Bank of <LOC>Gent</LOC></ORG>",
        "A &amp; B",
    ]
    path = write(tmp_path / "a.txt", "\n".join(lines))
    good, opened, closed, nested, escaped = read_all(path)
    assert [(s.start, s.end, s.label) for s in nested.spans] == [(0, 12, "ORG"), (8, 12, "LOC")]
    assert "PER is not closed" in opened.rejected and "ends what was not begun" in closed.rejected
    assert escaped.text == "A & B" and good.text == "Ana left"


@pytest.mark.parametrize(
    "content",
    [
        "<p>Ana left</p>\n",
        "<document><text>Ana</text><annotation><infon>PER</infon></annotation></document>\n",
        '<x:XMI xmlns:x="y"><x:NE begin="0" end="3">Ana</x:NE></x:XMI>\n',
        "<s><w ner='B-PER'>Ana</w><w ner='O'>left</w></s>\n",
        "See [the docs](guide.html) and more.\n" + "Nothing here.\n" * 9,
    ],
)
def test_other_markup_is_refused(tmp_path, content):
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read_all(write(tmp_path / "a.xml", content))


@pytest.mark.parametrize("sign", ["/", "_"])
def test_pipes_may_be_other_signs(tmp_path, sign):
    rows = [[(f"1{sign}2", "O"), *zip(*row, strict=True)] for row in ROWS]
    lines = "".join(" ".join(f"{token}{sign}{tag}" for token, tag in row) + "\n" for row in rows)
    path = write(tmp_path / "a.txt", lines)
    assert entities(path) == ENTITIES and read_all(path)[0].text.startswith(f"1{sign}2 ")
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read_all(write(tmp_path / "b.txt", f"Ana{sign}NNP left{sign}VBD\n" * 9))


LINES = jsonl(TRIPLES)


def packed(folder, kind):
    if kind == "tar.gz":
        write(folder / "inside" / "rows.jsonl", LINES)
        with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
            archive.add(folder / "inside" / "rows.jsonl", "data/rows.jsonl")
        return folder / "a.tar.gz"
    content = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[kind](LINES.encode())
    return write(folder / f"a.jsonl.{kind}", content)


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "tar.gz"])
def test_compressed_files(tmp_path, kind):
    (tmp_path / "inside").mkdir()
    path = packed(tmp_path, kind)
    assert found(path, unit=CHARACTERS) == EXPECTED
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    cut = write(tmp_path / f"b.jsonl.{kind}", path.read_bytes())
    with pytest.raises(ProjectError, match="Broken archive"):
        read_all(cut)


LAYOUTS = [
    ("ann/{}.ann", "txt/{}.txt"),
    ("train/ann/{}.ann", "train/text/{}.txt"),
    ("ann/train/{}.ann", "txt/train/{}.txt"),
    ("{}.ann", "texts/{}.txt"),
    ("ann/{}.ann", "{}.txt"),
    ("{}.ANN", "{}.TXT"),
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("between", ["\t  \t", "    ", "\t\t\t\t"])
def test_brat_in_two_folders_and_with_other_white_space(tmp_path, layout, between):
    for number, (text, ones) in enumerate(spans()):
        lines = [
            "".join(x + y for x, y in zip(["T1", label, str(s), str(e), surface], [*between, ""], strict=True))
            for s, e, label, surface in ones
        ]
        for name, content in zip(layout, ("".join(f"{line}\n" for line in lines), text), strict=True):
            file = tmp_path / name.format(number)
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file, content)
    assert found(tmp_path) == EXPECTED and not list_files(tmp_path).left


def test_brat_with_two_texts_of_one_name(tmp_path):
    for name, content in (("ann/a.ann", "T1\tPER 0 3\tAna\n"), ("one/a.txt", "Ana left"), ("two/a.txt", "Ana came")):
        (tmp_path / name).parent.mkdir()
        write(tmp_path / name, content)
    (tmp_path / "ann" / "b.ann").write_text("T1\tPER 0 3\tEva\n")
    (tmp_path / "one" / "b.txt").write_text("Eva left")
    bad, good = read_all(tmp_path)
    assert "there are several" in bad.rejected and len(bad.dropped) == len(good.spans) == 1


def test_what_lies_beside_data_sets(tmp_path):
    names = ["Makefile", "convert.py", "requirements.txt", "config.json", "dataset_dict.json", "state.json"]
    for name in names:
        write(tmp_path / name, "import json\n")
    write(tmp_path / "data.py", f"DATA = {[(t, {'entities': [tuple(o[:3]) for o in ones]}) for t, ones in spans()]}\n")
    assert found(tmp_path, unit=CHARACTERS) == EXPECTED
    assert sorted(name.rpartition("/")[2] for name in list_files(tmp_path).left) == sorted(names)


def test_a_train_file_alone_is_split_anew(tmp_path):
    write(tmp_path / "train.jsonl", LINES)
    write(tmp_path / "README.md", "x")
    assert {record.split for record in read_all(tmp_path, unit=CHARACTERS)} == {""}
    assert "no dev and no test beside" in list_files(tmp_path).note


@pytest.mark.parametrize("write_as", [lambda row: json.dumps(row) + ",", repr, lambda row: f"{row!r},"])
def test_lines_of_a_list_and_lines_that_python_printed(tmp_path, write_as):
    path = write(tmp_path / "a.jsonl", "".join(f"{write_as(row)}\n" for row in TRIPLES))
    assert found(path, unit=CHARACTERS) == EXPECTED


CHINESE = [
    ("李雷在北京。", ["B-PER", "I-PER", "O", "B-LOC", "I-LOC", "O"]),
    ("2018年韩梅梅来了", ["O", "O", "O", "O", "O", "B-PER", "I-PER", "I-PER", "O", "O"]),
]


@pytest.mark.parametrize("kind", ["conll", "json", "rows"])
def test_scripts_without_spaces_are_joined_without_them(tmp_path, kind):
    content = {
        "conll": "\n".join("".join(f"{c}\t{tag}\n" for c, tag in zip(*row, strict=True)) for row in CHINESE),
        "json": jsonl([{"tokens": list(text), "tags": tags} for text, tags in CHINESE]),
        "rows": "".join(f"{' '.join(text)}\t{' '.join(tags)}\n" for text, tags in CHINESE),
    }[kind]
    path = write(tmp_path / "a.txt", content)
    assert found(path) == [
        ("李雷在北京。", [("李雷", "PER"), ("北京", "LOC")]),
        ("2018年韩梅梅来了", [("韩梅梅", "PER")]),
    ]
    assert any("joined without them" in note for record in read_all(path) for note in record.notes)
    (part,) = list_parts(path, spaced=True)
    assert next(record.text for record in read_part(part)) == "李 雷 在 北 京 。"


def test_words_beside_such_scripts_keep_their_spaces(tmp_path):
    words = [("私", "O"), ("は", "O"), ("New", "B-LOC"), ("York", "I-LOC"), ("に", "O"), ("住む", "O")]
    path = write(tmp_path / "a.tsv", "".join(f"{token}\t{tag}\n" for token, tag in words) + "\nโต\tO\nลี\tB-PER\n")
    assert found(path) == [("私はNew Yorkに住む", [("New York", "LOC")]), ("โตลี", [("ลี", "PER")])]


NAMED = [
    ("sentences.txt", "tags.txt"),
    ("seq.in", "seq.out"),
    ("x.words.txt", "x.tags.txt"),
    ("text.txt", "labels.txt"),
]


@pytest.mark.parametrize("names", NAMED)
def test_two_files(tmp_path, names):
    for name, side in zip(names, zip(*ROWS, strict=True), strict=True):
        write(tmp_path / name, "".join(f"{' '.join(row)}\n" for row in side))
    assert entities(tmp_path) == ENTITIES and not list_files(tmp_path).left
    write(tmp_path / names[1], (tmp_path / names[1]).read_text().replace("O", "O O", 1))
    bad, *good = read_all(tmp_path)
    assert "words" in bad.rejected and len(bad.dropped) == 3 and not any(record.rejected for record in good)


def test_texts_that_a_line_about_the_document_parts(tmp_path):
    row = [("Ana", "B-PER"), ("met", "O"), ("#doc", "O"), ("Eva", "B-PER")]
    block = "".join(f"{i}\t{token}\t{tag}\n" for i, (token, tag) in enumerate(row))
    path = write(tmp_path / "a.txt", f"#doc 1\n{block}#doc 2\n{block}")
    assert found(path) == [("Ana met #doc Eva", [("Ana", "PER"), ("Eva", "PER")])] * 2


def test_a_number_behind_each_character(tmp_path):
    words = [("张0", "B-PER"), ("三1", "I-PER"), ("在0", "O"), ("北0", "B-LOC"), ("京1", "I-LOC"), ("。0", "O")]
    block = "".join(f"{token}\t{tag}\n" for token, tag in words)
    assert found(write(tmp_path / "a.txt", "\n".join([block] * 5)))[0] == (
        "张三在北京。",
        [("张三", "PER"), ("北京", "LOC")],
    )


def test_words_with_comments_and_a_comma_for_a_word(tmp_path):
    rows = "#12\nAna,B-PER\nLima,I-PER\n,,O\nEva,B-PER\n , \nleft,O\n#13\n"
    path = write(tmp_path / "a.csv", f"Word,Tag\n{rows}{rows}")
    first = ("Ana Lima , Eva", [("Ana Lima", "PER"), ("Eva", "PER")])
    assert found(path) == [first, ("left", [])] * 2


@pytest.mark.parametrize("apart", [False, True])
def test_records_under_a_key(tmp_path, apart):
    rows = [
        {"document": {"text": row["text"]}, "entities": row["entities"], "id": 3} if apart else {"document": row}
        for row in TRIPLES
    ]
    path = write(tmp_path / "a.json", json.dumps({"version": "1", "documents": rows}))
    assert found(path, unit=CHARACTERS) == EXPECTED


def test_conversations_of_one_question_each(tmp_path):
    rows = [
        {
            "conversations": [
                {"from": "human", "value": f"Text: {text}"},
                {"from": "gpt", "value": "I've read this text."},
                {"from": "human", "value": ASKED.format(label)},
                {"from": "gpt", "value": json.dumps([one[3] for one in ones if one[2] == label])},
            ]
        }
        for text, ones in spans()
        for label in ("PERSON", "PLACE", "DATE")
    ]
    assert found(write(tmp_path / "a.json", json.dumps(rows))) == EXPECTED


def test_spans_beside_a_text_of_another_name(tmp_path):
    rows = records(
        lambda s, e, label, surface: {
            "entity_type": label,
            "entity_value": surface,
            "start_position": s,
            "end_position": e,
        },
        key="spans",
        text_key="full_text",
    )
    assert found(write(tmp_path / "a.json", json.dumps(rows))) == EXPECTED


HEADERS = [
    "Sentence,Start,End,Entity Type",
    "content,start_char,end_char,tag",
    "text,entity_start,entity_end,entity_label",
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_columns_of_a_table_by_other_names(tmp_path, header, delimiter):
    rows = [header.split(","), *([text, s, e, label] for text, ones in spans() for s, e, label, _ in ones)]
    lines = "".join(delimiter.join(map(str, row)) + "\n" for row in rows)
    path = write(tmp_path / "a.csv", lines)
    assert found(path, unit=CHARACTERS) == [one for one in EXPECTED if one[1]]


def test_a_table_of_entities_without_offsets(tmp_path):
    rows = [f"{text},{surface},{label}\n" for text, ones in spans() for _, _, label, surface in ones]
    path = write(tmp_path / "a.csv", "text,entity,label\n" + "".join(rows) + "Ana left,Eva,PERSON\n")
    *texts, lost = read_all(path)
    assert [(r.text, [(r.text[s.start : s.end], s.label) for s in r.spans]) for r in texts] == [
        one for one in EXPECTED if one[1]
    ]
    assert "'Eva' (PERSON) is not in the text" in lost.dropped[0]


@pytest.mark.parametrize(
    ("text", "surface"),
    [("Ma\u00adria Lima left", "Maria Lima"), ("Zoe\u0308 left", "Zo\u00eb"), ("A\u200bna left", "Ana")],
)
def test_what_cannot_be_seen_is_no_difference(tmp_path, text, surface):
    end = text.index(" left")
    rows = [{"text": text, "entities": [{"start": 0, "end": end, "label": "PERSON", "text": surface}]}]
    assert found(write(tmp_path / "a.jsonl", jsonl(rows))) == [(text, [(text[:end], "PERSON")])]


def test_json_with_a_span_a_line_is_no_list_of_lines(tmp_path):
    items = [[text, {"entities": [[s, e, label] for s, e, label, _ in ones]}] for text, ones in spans()]
    rows = [
        f'  [\n    {json.dumps(text)},\n    {{\n      "entities": [\n'
        + ",\n".join(f"        {json.dumps(one)}" for one in about["entities"])
        + "\n      ]\n    }\n  ]"
        for text, about in items
    ]
    content = '{\n"classes": ["PERSON"],\n"annotations": [\n' + ",\n".join(rows) + "\n]}\n"
    assert found(write(tmp_path / "a.json", content), unit=CHARACTERS) == EXPECTED


def test_spans_of_train_data_with_their_text_in_front(tmp_path):
    rows = [[text, {"entities": [[word, s, e, label] for s, e, label, word in ones]}] for text, ones in spans("utf-16")]
    assert found(write(tmp_path / "a.json", json.dumps(rows))) == EXPECTED


def test_a_tab_in_a_text_of_jsonl(tmp_path):
    rows = [{"text": f"Call\tAna{n}", "spans": [{"start": 5, "end": 8, "label": "P"}]} for n in range(3)]
    content = jsonl(rows).replace("\\t", "\t")
    assert found(write(tmp_path / "a.jsonl", content)) == [(row["text"], [("Ana", "P")]) for row in rows]


def test_a_table_that_tells_excel_what_is_between_its_columns_and_empty_cells_of_scripts(tmp_path):
    content = "sep=;\ntext;start;end;label\nCall Ana;5;8;P\nno one;nan;nan;\nnobody;None;None;None\n"
    assert found(write(tmp_path / "a.csv", content)) == [("Call Ana", [("Ana", "P")]), ("no one", []), ("nobody", [])]


def test_a_spans_text_without_the_entities_of_html(tmp_path):
    row = {"text": "at A&amp;B today", "spans": [{"start": 3, "end": 10, "label": "ORG", "text": "A&B"}]}
    assert found(write(tmp_path / "a.jsonl", jsonl([row]))) == [(row["text"], [("A&amp;B", "ORG")])]


def test_offsets_in_an_object_of_their_own(tmp_path):
    rows = [
        {
            "annotations": [
                {"text_extraction": {"text_segment": {"end_offset": e, "start_offset": s}}, "display_name": label}
                for s, e, label, _ in ones
            ],
            "text_snippet": {"content": text},
        }
        for text, ones in spans()
    ]
    assert found(write(tmp_path / "a.jsonl", jsonl(rows)), unit=CHARACTERS) == EXPECTED


def test_bern2s_annotations(tmp_path):
    rows = [
        {
            "annotations": [
                {"id": ["MESH:1"], "mention": word, "obj": label, "prob": 0.9, "span": {"begin": s, "end": e}}
                for s, e, label, word in ones
            ],
            "text": text,
        }
        for text, ones in spans()
    ]
    assert found(write(tmp_path / "a.json", json.dumps(rows)), unit=CHARACTERS) == EXPECTED


def test_a_text_and_its_tags(tmp_path):
    """As old versions of spaCy had it: words are what spaces part, or stops, or each character is one."""
    rows = [
        ["Ana saw Lima.", ["U-PER", "O", "U-LOC", "O"]],
        ["Ana left.", ["U-PER", "O"]],
        ["Nobody, ever", ["O", "O", "O", "O"]],
    ]
    assert found(write(tmp_path / "a.jsonl", jsonl(rows))) == [
        ("Ana saw Lima.", [("Ana", "PER"), ("Lima", "LOC")]),
        ("Ana left.", [("Ana", "PER")]),
        ("Nobody, ever", []),
    ]


def test_questions_of_uie_are_put_together_by_their_texts(tmp_path):
    """In whatever order they are; an empty answer is about one label, and what is asked of a relation is no label."""
    rows = [
        {"content": "Ana saw Lima", "prompt": "PER", "result_list": [{"text": "Ana", "start": 0, "end": 3}]},
        {"content": "Bo left", "prompt": "LOC", "result_list": []},
        {"content": "Ana saw Lima", "prompt": "LOC", "result_list": [{"text": "Lima", "start": 8, "end": 12}]},
        {"content": "Ana saw Lima", "prompt": "Ana的城市", "result_list": [{"text": "Lima", "start": 8, "end": 12}]},
        {"content": "Bo left", "prompt": "PER", "result_list": [{"text": "Bo", "start": 0, "end": 2}]},
    ]
    path = write(tmp_path / "train.txt", jsonl(rows))
    assert found(path) == [("Ana saw Lima", [("Ana", "PER"), ("Lima", "LOC")]), ("Bo left", [("Bo", "PER")])]
    assert read_all(path)[0].unread == {"answer(s) about a relation": 1}


SCRIPTS = {
    "appended": "DATA = []\nDATA.append({0!r})\nDATA.extend([{1!r}])\n",
    "added": "DATA = [{0!r}]\nDATA += [{1!r}]\n",
    "a sum": "DATA = [{0!r}] + [{1!r}]\n",
    "in a function": "def load():\n    data = [{0!r}, {1!r}]\n    return data\n",
    "in a class": "class Data:\n    train = [{0!r}, {1!r}]\n",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_scripts_that_put_their_data_together(tmp_path, script):
    items = [("Ana left", {"entities": [(0, 3, "PER")]}), ("Lima is far", {"entities": [(0, 4, "LOC")]})]
    path = write(tmp_path / "a.py", "import spacy\n" + script.format(*items))
    assert found(path) == [("Ana left", [("Ana", "PER")]), ("Lima is far", [("Lima", "LOC")])]


@pytest.mark.parametrize(
    "script",
    [
        'LABEL = "PER"\nDATA = [("Ana left", {"entities": [(0, 3, LABEL)]}), ("Do they?", {"entities": []})]\n',
        'DATA = [("Ana left", dict(entities=[(0, 0 + 3, "PER")])), ("Do " + "they?", dict(entities=[]))]\n',
    ],
)
def test_what_stands_for_a_literal_in_a_script(tmp_path, script):
    """As in spaCy's own example of a new label."""
    assert found(write(tmp_path / "a.py", script)) == [("Ana left", [("Ana", "PER")]), ("Do they?", [])]
    changed = 'LABEL = "PER"\nLABEL = "LOC"\nDATA = [("Ana left", {"entities": [(0, 3, LABEL)]})]\n'
    assert [record.rejected for record in read_all(write(tmp_path / "b.py", changed))] == [
        "Not a record: not a literal"
    ]


def test_two_lists_of_a_script_are_splits_if_they_are_called_so(tmp_path):
    item = ("Ana left", {"entities": [(0, 3, "PER")]})
    path = write(tmp_path / "a.py", f"TRAIN_DATA = [{item!r}]\nTEST_DATA = [{item!r}]\n")
    assert [record.split for record in read_all(path)] == ["train", "test"]
    with pytest.raises(ProjectError, match="Cannot tell which list"):
        read_all(write(tmp_path / "b.py", f"TRAIN_DATA = [{item!r}]\nOTHERS = [{item!r}]\n"))


def test_a_refusal_is_short_and_says_what_can_be_done(tmp_path):
    with pytest.raises(ProjectError, match="Cannot tell the format") as caught:
        read_all(write(tmp_path / "a.txt", "Dear all,\nthis is a letter.\n"))
    assert len(caught.value.remedy) < 500 and "docs/formats.md" in caught.value.remedy


@pytest.mark.parametrize("inclusive", [True, False])
def test_ends_are_inclusive_where_all_spans_end_inside_of_words_else(tmp_path, inclusive):
    names = ["Ana", "Bruno", "Carla", "Dmitri", "Elif", "Farid"] * 10
    rows = [
        {
            "id": i,
            "ners": [[0, len(name) - inclusive, "PER"], [len(name) + 5, len(name) + 9 - inclusive, "LOC"]],
            "sentences": f"{name} saw Lima for the {i}. time",
        }
        for i, name in enumerate(names)
    ]
    for (_, ones), name in zip(found(write(tmp_path / "a.jsonl", jsonl(rows))), names, strict=True):
        assert ones == [(name, "PER"), ("Lima", "LOC")]
