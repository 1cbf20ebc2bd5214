"""Shapes that annotations come in and that no tool documents: each input is of our own making."""

import json

import pytest
from samples import EXPECTED, found, jsonl, read_all, tagged, write

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
