"""XML of annotation tools: UIMA's XMI, as INCEpTION exports it, and GATE's documents."""

import json
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

import pytest
from samples import EXPECTED, TEXTS, size, spans, write
from tagged_texts import accounted, entities, notes, read

from spacy_domain.annotations import list_files
from spacy_domain.project.errors import ProjectError

LAYERS = {
    "xmi": "http://www.omg.org/XMI",
    "cas": "http:///uima/cas.ecore",
    "tcas": "http:///uima/tcas.ecore",
    "type3": "http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore",
    "type4": "http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore",
    "type5": "http:///de/tudarmstadt/ukp/dkpro/core/api/syntax/type/dependency.ecore",
    "custom": "http:///webanno/custom.ecore",
}
WHOLE = "\n".join(TEXTS)


def all_spans(unit="utf-16"):
    """Those of all texts, in one text."""
    behind = 0
    for text, ones in spans(unit):
        yield behind, behind + size(text, unit), [(s + behind, e + behind, label) for s, e, label, _ in ones]
        behind += size(text + "\n", unit)


def xmi(layer="type3:NamedEntity", value="value", more="", version="1.0", sentences=True):
    """The texts as sentences of one document, with their entities."""
    elements = [
        '<cas:NULL xmi:id="0"/>',
        f'<tcas:DocumentAnnotation sofa="1" begin="0" end="{size(WHOLE, "utf-16")}"/>',
    ]
    for start, end, ones in all_spans():
        elements += [f'<type4:Sentence sofa="1" begin="{start}" end="{end}"/>'] if sentences else []
        elements += [f'<type4:Token sofa="1" begin="{start}" end="{start + 2}" order="0"/>']
        elements += [f'<{layer} xmi:id="{s + 9}" sofa="1" begin="{s}" end="{e}" {value}="{v}"/>' for s, e, v in ones]
    text = quoteattr(WHOLE, {"\n": "&#10;"})
    elements += [more, f'<cas:Sofa xmi:id="1" sofaNum="1" mimeType="text" sofaString={text}/>']
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in LAYERS.items())
    inside = "\n    ".join(elements)
    return (
        f'<?xml version="{version}" encoding="UTF-8"?><xmi:XMI {names} xmi:version="2.0">\n    {inside}\n</xmi:XMI>\n'
    )


@pytest.mark.parametrize(
    "layer, value", [("type3:NamedEntity", "value"), ("custom:Span", "label"), ("custom:Food", "kind")]
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_xmi(tmp_path, layer, value, version):
    records = read(write(tmp_path / "admin.xmi", xmi(layer, value, version=version)))
    assert [(record.text, entities(record)) for record in records] == EXPECTED
    assert notes(records) == f"The layer {layer.partition(':')[2]} is read"


def test_sentences_of_xmi_that_share_a_span_are_one_text_and_so_is_a_text_without_sentences(tmp_path):
    start, end = size("Meet Zoë at Café Luna 🎉 on ", "utf-16"), size(WHOLE[: WHOLE.index(" call Ana")], "utf-16")
    across = f'<type3:NamedEntity xmi:id="7" sofa="1" begin="{start}" end="{end}" value="X"/>'
    records = read(write(tmp_path / "a.xmi", xmi(more=across)))
    assert [record.text for record in records] == ["\n".join(list(TEXTS)[:2]), *list(TEXTS)[2:]]
    assert ("Friday\n👩‍🚀", "X") in entities(records[0]) and accounted(records) == 10
    assert [record.text for record in read(write(tmp_path / "b.xmi", xmi(sentences=False)))] == [WHOLE]


def test_cas_json(tmp_path):
    ner, dkpro = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", "de.tudarmstadt.ukp.dkpro.core.api"
    found = [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "mimeType": "text", "sofaString": WHOLE}]
    for start, end, ones in all_spans():
        found.append({"%TYPE": f"{dkpro}.segmentation.type.Sentence", "@sofa": 1, "begin": start, "end": end})
        found.append({"%TYPE": f"{dkpro}.segmentation.type.Token", "@sofa": 1, "begin": start, "end": start + 2})
        found += [{"%ID": s + 9, "%TYPE": ner, "@sofa": 1, "begin": s, "end": e, "value": v} for s, e, v in ones]
    dependency = {"%TYPE": f"{dkpro}.syntax.type.dependency.Dependency", "@Governor": 3, "@Dependent": 4}
    found.append({**dependency, "@sofa": 1, "begin": 0, "end": 4})
    records = read(
        write(tmp_path / "admin.json", json.dumps({"%TYPES": {}, "%FEATURE_STRUCTURES": found, "%VIEWS": {}}))
    )
    assert [(record.text, entities(record)) for record in records] == EXPECTED
    assert notes(records) == "The layer NamedEntity is read"
    assert records[0].unread == {"relation(s) in the layer Dependency": 1}


def test_what_xmi_has_besides_is_counted(tmp_path):
    more = (
        '<custom:Other sofa="1" begin="0" end="4" value="x"/>'
        '<type5:Dependency sofa="1" begin="0" end="4" Governor="3" Dependent="4"/>'
        '<type3:NamedEntity sofa="1" begin="2" end="2" value="NONE"/>'
        '<type3:NamedEntity sofa="1" begin="0" end="4" identifier="Q1"/>'
    )
    records = read(write(tmp_path / "a.xmi", xmi(more=more)))
    assert records[0].unread == {
        "span(s) in the layer Other": 1,
        "relation(s) in the layer Dependency": 1,
        "value(s) of identifier": 1,
    }
    assert records[0].dropped == ["no character (NONE) was annotated at 2"] and accounted(records) == 11
    assert ("Meet", "NamedEntity") in entities(records[0])


def test_xmi_with_layers_to_choose_from_or_without_text_is_refused(tmp_path):
    other = '<custom:Other sofa="1" begin="0" end="4" value="x"/>'
    with pytest.raises(ProjectError, match="Cannot tell which layer") as caught:
        read(write(tmp_path / "a.xmi", xmi("custom:Span", more=other)))
    assert caught.value.places[0].message == "layers of spans: Span, Other"
    with pytest.raises(ProjectError, match="Annotations without text"):
        read(write(tmp_path / "a.xmi", xmi().replace("sofaString", "sofaURI")))


def test_the_type_system_beside_xmi_is_left(tmp_path):
    write(tmp_path / "TypeSystem.xml", "<typeSystemDescription/>")
    write(tmp_path / "admin.xmi", xmi())
    assert list(list_files(tmp_path).left.values()) == ["holds no annotations, by its name"]


def gate(*sets, text=WHOLE, first="<?xml version='1.0' encoding='UTF-8'?>"):
    """The texts as one document, with their entities in sets of annotations, and one in each that has none."""
    ones = [one for _, _, found in all_spans("characters") for one in found]
    ids = {at: f"{at + 100}" for at in sorted({at for start, end, _ in ones for at in (start, end)})}
    pieces = [text[start:end] for start, end in pairwise([0, *ids, len(text)])]
    nodes = "".join(f'{escape(piece)}<Node id="{id_}"/>' for piece, id_ in zip(pieces, ids.values(), strict=False))
    annotations = "".join(
        f'<Annotation Id="{n}" Type="{label}" StartNode="{ids[start]}" EndNode="{ids[end]}">'
        "<Feature><Name>rule</Name><Value>x</Value></Feature></Annotation>\n"
        for n, (start, end, label) in enumerate(ones)
    )
    token = '<Annotation Id="99" Type="Token" StartNode="105" EndNode="108"></Annotation>\n'
    inside = "".join(f"<AnnotationSet{name}>{token}{annotations}</AnnotationSet>\n" for name in sets)
    inside += f'<AnnotationSet Name="Original markups">{token.replace("Token", "p")}</AnnotationSet>'
    whole = f"<TextWithNodes>{nodes}{escape(pieces[-1])}</TextWithNodes>{inside}"
    return f'{first}\n<GateDocument version="3">\n{whole}</GateDocument>'


@pytest.mark.parametrize("sets", [[""], [' Name="mine"'], [' Name="Key"', ""]])
def test_gate(tmp_path, sets):
    (record,) = read(write(tmp_path / "a.xml", gate(*sets)))
    assert record.text == WHOLE and entities(record) == [one for _, ones in EXPECTED for one in ones]
    others = {"annotation(s) in the set 'without a name'": 10} if len(sets) > 1 else {}
    assert record.unread == {"feature(s) of annotations": 9, "annotation(s) in the set 'Original markups'": 1, **others}


def test_gate_with_sets_to_choose_from_or_without_its_nodes(tmp_path):
    with pytest.raises(ProjectError, match="Cannot tell which set") as caught:
        read(write(tmp_path / "a.xml", gate("", ' Name="mine"')))
    assert caught.value.places[0].message == "sets of annotations: without a name (10), mine (10)"
    (record,) = read(write(tmp_path / "b.xml", gate("").replace('StartNode="105"', 'StartNode="1"')))
    assert record.rejected and accounted([record]) == 9
    lookup = gate("").replace(
        "</AnnotationSet>", '<Annotation Type="Lookup" StartNode="105" EndNode="108"/></AnnotationSet>', 1
    )
    (record,) = read(write(tmp_path / "d.xml", lookup))
    assert record.unread["annotation(s) of a gazetteer's: Lookup"] == 1 and accounted([record]) == 9
    with pytest.raises(ProjectError, match="Not a whole document"):
        read(write(tmp_path / "c.xml", gate("").replace("TextWithNodes", "Text")))


def mae(text, ones, old=False, more=""):
    place = 'start="{}" end="{}"' if old else 'spans="{}~{}"'
    tags = [
        f'<{label} id="X{n}" {place.format(s, e)} text={quoteattr(surface)} TYPE="t" comment=""/>'
        for n, (s, e, label, surface) in enumerate(ones)
    ]
    inside = "\n".join([*tags, more])
    whole = f"<TASK>\n<TEXT><![CDATA[{text}]]></TEXT>\n<TAGS>\n{inside}\n</TAGS>\n</TASK>"
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n{whole}\n'


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
@pytest.mark.parametrize("old", [False, True])
def test_mae(tmp_path, unit, old):
    for number, (text, ones) in enumerate(spans(unit)):
        write(tmp_path / f"{number}.xml", mae(text, ones, old))
    records = read(tmp_path)
    assert [(record.text, entities(record)) for record in records] == EXPECTED
    assert sum(record.unread.get("value(s) of TYPE", 0) for record in records) == 9


def test_what_mae_has_besides_is_counted(tmp_path):
    more = (
        '<LINK id="L0" fromID="X0" toID="X1"/>'
        '<DOC id="D0" spans="-1~-1" text=""/>'
        '<GAP id="G0" spans="0~3,9~13" text="Ana ... Lima"/>'
        '<TWO id="G1" spans="0~3,4~8" text="Ana left"/>'
    )
    (record,) = read(write(tmp_path / "a.xml", mae("Ana left Lima", [], more=more)))
    assert entities(record) == [("Ana left", "TWO")] and len(record.dropped) == 1
    assert record.unread == {"relation(s)": 1, "tag(s) of the whole document": 1}
    with pytest.raises(ProjectError, match="Not a whole document"):
        read(write(tmp_path / "b.xml", mae("Ana", []).replace("<TAGS>", "<TEXT>x</TEXT><TAGS>")))


def test_other_xml_is_refused_with_what_it_begins_with(tmp_path):
    content = "<?xml version='1.0'?>\n<!-- x -->\n<?model a?>\n<ead xmlns='http://a.org'><text><lb/></text></ead>"
    with pytest.raises(ProjectError, match="Cannot tell the format") as caught:
        read(write(tmp_path / "a.xml", content))
    assert caught.value.places[0].message == "no format fits XML with the element ead"


TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><title>Of <persName>Nobody</persName></title></teiHeader>
<text><body><head>To <placeName>Lima</placeName></head>
<div><p>Yesterday <persName ref="#ana"><forename>Ana</forename>
   <surname>Novak</surname></persName> left<note>Not <rs type="person">Bo</rs>.</note> for
   <placeName>Porto <choice><sic>Aleger</sic><corr>Alegre</corr></choice></placeName>, with A&amp;B.</p>
   <lg><l><name type="place">Oslo</name> is far,</l><l>and <orgName>the
   <lb/>Bank</orgName> of Li<lb break="no"/>ma.</l></lg></div></body></text></TEI>
"""


def test_tei(tmp_path):
    records = read(write(tmp_path / "a.xml", TEI))
    assert [(record.text, entities(record)) for record in records] == [
        ("To Lima", [("Lima", "placeName")]),
        (
            "Yesterday Ana Novak left for Porto Aleger, with A&B.",
            [("Ana Novak", "persName"), ("Porto Aleger", "placeName")],
        ),
        ("Not Bo.", [("Bo", "person")]),
        ("Oslo is far,", [("Oslo", "place")]),
        ("and the Bank of Lima.", [("the Bank", "orgName")]),
    ]
    assert {record.group for record in records} == {"a.xml"}
    assert records[1].unread == {"part(s) of names": 2}
    with pytest.raises(ProjectError, match="TEI without a text"):
        read(write(tmp_path / "b.xml", "<TEI><teiHeader/><standOff><persName>Ana</persName></standOff></TEI>"))


@pytest.mark.parametrize("inclusive", [True, False])
def test_sentences_of_ddi(tmp_path, inclusive):
    sentences = []
    for number, (text, ones) in enumerate(spans()):
        inside = "".join(
            f'<entity id="d1.s{number}.e{i}" charOffset="{s}-{e - inclusive}" type="{label}" text={quoteattr(word)}/>'
            for i, (s, e, label, word) in enumerate(ones)
        )
        sentences.append(f'<sentence id="d1.s{number}" text={quoteattr(text)}>{inside}</sentence>')
    sentences.append(
        '<sentence id="d1.s9" text="hip and knee pain"><entity charOffset="0-2;13-16" type="X" text="hip pain"/>'
        '<pair e1="a" e2="b" ddi="true"/><pair e1="a" e2="c" ddi="false"/></sentence>'
    )
    records = read(write(tmp_path / "d1.xml", f'<document id="d1">{"".join(sentences)}</document>'))
    assert [(record.text, entities(record)) for record in records] == [*EXPECTED, ("hip and knee pain", [])]
    assert {record.group for record in records} == {"d1"} and len(records[-1].dropped) == 1
    assert records[-1].unread == {"relation(s)": 1}
