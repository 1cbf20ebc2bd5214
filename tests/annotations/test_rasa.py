"""Rasa's training data, in JSON, YAML and Markdown."""

import json

import pytest
from samples import EXPECTED, TEXTS, counts, found, read_all, read_good, spans, unread, write

from spacy_domain.project.errors import ProjectError


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
def test_rasa(tmp_path, unit):
    examples = [
        {
            "text": text,
            "intent": "x",
            "entities": [
                {"start": s, "end": e, "value": surface, "entity": label} for s, e, label, surface in entities
            ],
        }
        for text, entities in spans(unit)
    ]
    data = {"rasa_nlu_data": {"regex_features": [], "common_examples": examples, "entity_synonyms": []}}
    assert found(write(tmp_path / "a.json", json.dumps(data, indent=2))) == EXPECTED


def test_rasa_synonym(tmp_path):
    entity = {"start": 8, "end": 11, "value": "New York City", "entity": "PLACE"}
    data = {"rasa_nlu_data": {"common_examples": [{"text": "trip to NYC", "entities": [entity]}]}}
    assert found(write(tmp_path / "a.json", json.dumps(data))) == [("trip to NYC", [("NYC", "PLACE")])]


def in_brackets(text, entities, form="[{0}]({1})"):
    position, marked = 0, ""
    for surface, label in entities:
        start = text.index(surface, position)
        marked += text[position:start] + form.format(surface, label)
        position = start + len(surface)
    return marked + text[position:]


FORMS = [
    "[{0}]({1})",
    "[{0}]({1}:some value)",
    '[{0}]{{"entity": "{1}", "value": "some value", "role": "from", "group": "1"}}',
    '[{0}][{{"entity": "{1}"}}]',
]


def as_rasa_yaml(form=FORMS[0], start="- ", end="\n"):
    examples = [in_brackets(*one, form) for one in TEXTS.items()]
    head = ['version: "3.1"', "nlu:", "- lookup: place", "  examples: |", "    - Café", "    - [ab]+", "- intent: meet"]
    block = ["  examples: |", *(f"    {start}{example}" for example in examples[:3]), ""]
    listed = ["- intent: faq/ask_name", "  examples:"]
    for example in examples[3:]:
        listed += ["  - text: |", f"      {example}", "    metadata: {sure: true}"]
    tail = ["- synonym: Ana", "  examples: |", "    - Annie", "- regex: zip", "  examples: |", "    - [0-9]{5}"]
    stories = ["stories:", "- story: a", "  steps: []", "responses:", "  utter_hi:", "  - text: hi [you](PERSON)"]
    return end.join(head + block + listed + tail + stories) + end


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rasa_yaml(tmp_path, form, end):
    path = write(tmp_path / "nlu.yml", as_rasa_yaml(form, end=end))
    assert found(path) == EXPECTED
    records = read_all(path)
    lines = path.read_text(encoding="utf-8").split("\n")
    assert all(text.split()[0] in lines[record.line - 1] for text, record in zip(TEXTS, records, strict=True))
    seen = unread(records)
    assert (
        seen["text(s) with an intent"] == len(TEXTS)
        and seen["line(s) of lookup"] == 2
        and seen["line(s) of regex"] == 1
    )
    assert seen["item(s) under stories"] == 1 and seen["item(s) under responses"] == 1


def test_rasa_yaml_of_its_first_versions_has_no_dashes(tmp_path):
    assert found(write(tmp_path / "nlu.yml", as_rasa_yaml(start=""))) == EXPECTED


@pytest.mark.parametrize(
    ("example", "spans_in_it"),
    [
        ("go to [San [Francisco](city)](city)", 2),
        ("go to [San Francisco(city)", 1),
        ("go to San Francisco](city)", 1),
        ("go to [San Francisco] (city)", 1),
        ('go to [SF]{"entity": "city", }', 1),
        ('go to [SF]{"entity": "city"', 1),
        ("[Ana](name) goes to [San Francisco(city)", 2),
        ("go to [SF]()", 1),
    ],
)
def test_rasa_example_with_broken_brackets_is_set_aside_alone(tmp_path, example, spans_in_it):
    yaml = f"nlu:\n- intent: go\n  examples: |\n    - to [Rome](city)\n    - {example}\n    - to [Oslo](city)\n"
    path = write(tmp_path / "nlu.yml", yaml)
    assert read_good(path) == [("to Rome", [("Rome", "city")]), ("to Oslo", [("Oslo", "city")])]
    (broken,) = [record for record in read_all(path) if record.rejected]
    assert broken.line == 5 and len(broken.dropped) == spans_in_it
    with pytest.raises(ProjectError) as error:
        found(path)
    assert f"{path}:5" in str(error.value.places[0])


def test_rasa_brackets_that_are_text(tmp_path):
    lines = [r"press \[x\](y) and [Ana](name)", "type [group] and [0-9] :]", r"a \[b\] [c\]d](name)"]
    path = write(tmp_path / "nlu.yml", "nlu:\n- intent: a\n  examples: |\n" + "".join(f"    - {x}\n" for x in lines))
    assert found(path) == [
        ("press [x](y) and Ana", [("Ana", "name")]),
        ("type [group] and [0-9] :]", []),
        ("a [b] c]d", [("c]d", "name")]),
    ]


def test_rasa_line_without_dash_is_no_example(tmp_path):
    path = write(tmp_path / "nlu.yml", "nlu:\n- intent: a\n  examples: |\n    - hi [Ana](name)\n    ho [Ben](name)\n")
    assert read_good(path) == [("hi Ana", [("Ana", "name")])]
    assert counts(path) == (1, 1)


def test_rasa_stories_alone_are_named(tmp_path):
    path = write(tmp_path / "stories.yml", 'version: "3.1"\nstories:\n- story: a\n  steps: []\n')
    (record,) = read_all(path)
    assert "No examples" in record.rejected and record.unread == {"item(s) under stories": 1}


def test_broken_yaml_says_where(tmp_path):
    path = write(tmp_path / "nlu.yml", 'version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    - hi\n examples: [\n')
    with pytest.raises(ProjectError, match="Broken YAML") as error:
        found(path)
    assert error.value.places[0].line in (6, 7)


MARKS = ["-", "*", "+"]


@pytest.mark.parametrize("form", FORMS)
def test_rasa_markdown(tmp_path, form):
    lines = ["<!-- a table of contents", "- [intent:meet](#meet)", "-->", "", "## intent:meet <!-- hello -->"]
    first = len(lines)
    lines += [f"{MARKS[i % 3]} {in_brackets(*one, form)}" for i, one in enumerate(TEXTS.items())]
    lines += ["", "## synonym:Ana", "- Annie", "## regex:zip", "- [0-9]{5}", "## lookup:place", "  places.txt"]
    path = write(tmp_path / "nlu.md", "\n".join(lines))
    assert found(path) == EXPECTED
    records = read_all(path)
    assert [record.line for record in records] == [first + number for number in range(1, len(TEXTS) + 1)]
    seen = unread(records)
    assert (seen["line(s) of synonym"], seen["line(s) of regex"], seen["line(s) of lookup"]) == (1, 1, 1)
