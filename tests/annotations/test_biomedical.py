"""PubTator and BioC: what people with scientific texts bring. Offsets are those of a whole document."""

import json
from xml.sax.saxutils import escape, quoteattr

import pytest
from samples import write
from tagged_texts import accounted, read

from spacy_domain.annotations import list_files
from spacy_domain.project.errors import ProjectError

TITLE, ABSTRACT = "Zoë & <Ana> took aspirin.", "👍 Aspirin cures head\nand neck pain, says Zoë."
ABSTRACT_AT = len(TITLE) + 1
ENTITIES = [("Zoë", "Person"), ("aspirin", "Chemical"), ("Aspirin", "Chemical"), ("neck pain", "Disease")]
WHOLE = f"{TITLE}\n{ABSTRACT}"
GAP = (WHOLE.index("head"), WHOLE.index("pain"))  # "head ... pain"


def rows(text=WHOLE, shift=0):
    return [(text.index(word) + shift, text.index(word) + len(word) + shift, word, label) for word, label in ENTITIES]


def pubtator(row="{id}\t{start}\t{end}\t{word}\t{label}\tMESH:1", abstract=ABSTRACT, ids=("11", "PMC12"), end="\n"):
    blocks = []
    for id_ in ids:
        lines = [f"{id_}|t|{TITLE}", f"{id_}|a|{abstract}"]
        lines += [row.format(id=id_, start=s, end=e, word=word, label=label) for s, e, word, label in rows()]
        blocks.append("".join(line + end for line in [*lines, f"{id_}\tCID\tD1\tD2"]))
    return end.join(blocks)


def entities(record):
    return [(record.text[span.start : span.end], span.label) for span in record.spans]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "row", ["{id}\t{start}\t{end}\t{word}\t{label}\tMESH:1", "{id}\tT1\t{label}\t{start}\t{end}\t{word}"]
)
def test_pubtator(tmp_path, row, end):
    records = read(write(tmp_path / "corpus.txt", pubtator(row, ABSTRACT.replace("\n", " "), end=end)))
    assert [record.text for record in records] == [WHOLE[:ABSTRACT_AT] + ABSTRACT.replace("\n", " ")] * 2
    assert [entities(record) for record in records] == [ENTITIES] * 2
    others = {"identifier(s) of entities": 4} if "MESH" in row else {}
    assert [record.unread for record in records] == [{**others, "relation(s)": 1}] * 2
    assert [record.line for record in records] == [1, 9]


def test_pubtators_texts_in_other_case_and_documents_without_blank_lines_between(tmp_path):
    lower = pubtator(abstract=ABSTRACT.replace("\n", " ")).replace("\tAspirin\t", "\taspirin\t").replace("\n\n", "\n")
    assert [entities(record) for record in read(write(tmp_path / "a.txt", lower))] == [ENTITIES] * 2


def test_pubtators_annotations_without_their_text_are_set_aside_and_counted(tmp_path):
    content = pubtator(abstract=ABSTRACT.replace("\n", " ")) + "\n13\t0\t3\tZoë\tPerson\n11\t5\n"
    records = read(write(tmp_path / "a.txt", content))
    assert accounted(records) == content.count("Person") + content.count("Chemical") + content.count("Disease") + 1
    assert [record.rejected.split(":")[0] for record in records] == ["", "", *["Annotations without text"] * 2]
    assert [record.line for record in records] == [1, 9, 17, 18]


def passage(text, offset, **more):
    return {"offset": offset, "infons": {"section": "x"}, "text": text, "annotations": [], "relations": [], **more}


def annotation(start, end, word, label):
    infons = {"identifier": "1", "type": label}
    return {"id": "1", "infons": infons, "text": word, "locations": [{"offset": start, "length": end - start}]}


def document(id_="7", shape="passages", where="passages"):
    """Title and abstract with their entities and one that has a gap."""
    found = [annotation(*row) for row in rows()]
    gap = annotation(GAP[0], GAP[0] + 4, "head pain", "Disease")
    gap["locations"].append({"offset": GAP[1], "length": 4})
    parts = [passage(TITLE, 0), passage(ABSTRACT, ABSTRACT_AT, relations=[{"id": "R1", "infons": {}, "nodes": []}])]
    parts[0]["annotations"], parts[1]["annotations"] = found[:2], [*found[2:], gap]
    about = {"id": id_, "infons": {}, "relations": [{"id": "R2", "infons": {"type": "x"}, "nodes": []}]}
    if shape == "sentences":
        parts = [{"offset": one["offset"], "infons": {}, "sentences": [one]} for one in parts]
    if where == "document":
        about["annotations"] = [one for part in parts for one in part.pop("annotations")]
    return {**about, "passages": parts}


def as_xml(name, value):
    if name == "infons":
        return "".join(f"<infon key={quoteattr(key)}>{escape(text)}</infon>" for key, text in value.items())
    if name == "locations":
        return "".join(f'<location offset="{one["offset"]}" length="{one["length"]}"/>' for one in value)
    if isinstance(value, list):
        inside = {"id"} if name in ("annotations", "relations") else set()
        return "".join(
            f"<{name[:-1]}{''.join(f' {key}={quoteattr(one[key])}' for key in inside)}>"
            + "".join(as_xml(key, found) for key, found in one.items() if key not in inside)
            + f"</{name[:-1]}>\n"
            for one in value
        )
    return f"<{name}>{escape(str(value))}</{name}>"


def xml(documents, encoding="UTF-8"):
    first = f"<?xml version='1.0' encoding='{encoding}'?><!DOCTYPE collection SYSTEM 'BioC.dtd'>\n"
    about = "<collection><source>PubMed</source><date/><key>a.key</key>\n"
    return f"{first}{about}{as_xml('documents', documents)}</collection>"


def collection(documents):
    return json.dumps({"source": "PubMed abstracts", "date": "", "key": "", "infons": {}, "documents": documents})


FILES = {
    "XML": ("a.xml", xml),
    "JSON": ("a.json", collection),
    "JSON of PubTator 3": ("b.json", lambda documents: json.dumps({"PubTator3": documents}, indent=1)),
    "a document a line": ("a.jsonl", lambda documents: "".join(json.dumps(one) + "\n" for one in documents)),
}


SHAPES = [(kind, shape, "passages") for kind in FILES for shape in ("passages", "sentences")]
OF_DOCUMENTS = [(kind, "passages", "document") for kind in FILES if kind != "XML"]  # there, none are a document's


@pytest.mark.parametrize("kind, shape, where", [*SHAPES, *OF_DOCUMENTS])
def test_bioc(tmp_path, kind, shape, where):
    name, make = FILES[kind]
    records = read(write(tmp_path / name, make([document("7", shape, where), document("8", shape, where)])))
    assert [record.text for record in records] == [TITLE, ABSTRACT] * 2
    assert [entities(record) for record in records] == [ENTITIES[:2], ENTITIES[2:]] * 2
    assert accounted(records) == 10 and [record.group for record in records] == ["7", "7", "8", "8"]
    assert "'head pain' (Disease) has gaps" in records[1].dropped[0]
    assert sum(record.unread["relation(s)"] for record in records) == 4


def test_xml_in_the_encoding_that_it_says(tmp_path):
    content = xml([document()]).replace("👍", "++")
    for encoding in ("ISO-8859-1", "GB18030", "UTF-16"):
        path = write(tmp_path / "a.xml", content.replace("'UTF-8'", f"'{encoding}'").encode(encoding))
        assert [record.text[:3] for record in read(path)] == ["Zoë", "++ "]
    for encoding in ("US-ASCII", "UTF-16"):  # which it cannot be
        assert len(read(write(tmp_path / "a.xml", content.replace("'UTF-8'", f"'{encoding}'")))) == 2
    with pytest.raises(ProjectError, match="Not UTF-8"):
        read(write(tmp_path / "a.xml", content.encode("latin-1")))
    for encoding in ("GB18030", "Klingon"):
        with pytest.raises(ProjectError, match="Broken text file"):
            read(write(tmp_path / "a.xml", content.replace("'UTF-8'", f"'{encoding}'").encode("latin-1")))


@pytest.mark.parametrize(
    "old, new, title",
    [
        ("</collection>", "", "Broken XML"),
        ("SYSTEM 'BioC.dtd'", "[<!ENTITY a 'aaaa'>]", "XML with entities of its own"),
        ("says Zoë", "says &Zoe;", "XML with entities of its own"),
    ],
)
def test_xml_that_is_broken_or_has_entities_of_its_own_is_refused(tmp_path, old, new, title):
    content = xml([document()])
    assert content.count(old) == 1
    with pytest.raises(ProjectError, match=title) as caught:
        read(write(tmp_path / "a.xml", content.replace(old, new)))
    assert caught.value.places[0].line == content[: content.index(old)].count("\n") + 1


def test_what_lies_beside_bioc(tmp_path):
    for name in ("BioC.dtd", "a.key"):
        write(tmp_path / name, "x")
    write(tmp_path / "a.xml", xml([document()]))
    assert len(list_files(tmp_path).read) == 1 and len(list_files(tmp_path).left) == 2


def test_pubannotation(tmp_path):
    found = [{"id": "T1", "span": {"begin": start, "end": end}, "obj": label} for start, end, _, label in rows()]
    pieces = [{"begin": at, "end": at + 4} for at in GAP]
    found += [
        {"span": pieces, "obj": "Disease"},
        {"span": [{"begin": 0, "end": 3}, {"begin": 4, "end": 5}], "obj": "X"},
    ]
    about = {"sourcedb": "PubMed", "sourceid": "7", "relations": [{"subj": "T1", "pred": "is", "obj": "T2"}]}
    text = WHOLE.replace("👍", "+")  # in which all count alike
    records = read(write(tmp_path / "a.json", json.dumps([{**about, "text": text, "denotations": found}] * 2)))
    assert [entities(record) for record in records] == [[*ENTITIES, ("Zoë &", "X")]] * 2
    assert accounted(records) == 12 and "has gaps" in records[0].dropped[0] and sum(records[0].unread.values()) == 1
