"""GATE's XML: a text with nodes in it, <TextWithNodes><Node id="0"/>Ana<Node id="3"/> left</TextWithNodes>, and sets of
annotations from node to node, <Annotation Type="Person" StartNode="0" EndNode="3">.

Where there are several sets, the one called Key is read, as GATE's own evaluation has it: others are what a machine
found, mostly, or the marks of the document that the text was taken from. Tokens, sentences and the like do not count.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord, FileSpan
from ..text import Beginning
from ..xml_elements import read_elements

KEY = "Key"
MARKS = "Original markups"
# What GATE's own components make
NO_TYPES = frozenset(["Token", "SpaceToken", "Sentence", "Split", "Lookup", "paragraph", "Paragraph", "DEFAULT_TOKEN"])


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it is a document of GATE's.
    """
    return "<GateDocument" in beginning.text


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: one record.

    path (Path): The file.
    YIELDS (FileRecord): The record.
    RAISES (ProjectError): If there is no text, or no set of annotations can be chosen.
    """
    elements = list(read_elements(path, "TextWithNodes", "AnnotationSet"))
    texts = [(line, one) for line, one in elements if one.tag == "TextWithNodes"]
    if len(texts) != 1:
        place = Place(str(path), 1, f"{len(texts)} elements TextWithNodes")
        raise ProjectError("Not a whole document of GATE's", "Save it again.", [place])
    line, root = texts[0]
    text, nodes = root.text or "", {}
    for node in root:
        nodes[node.get("id")] = len(text)
        text += node.tail or ""
    sets = {one.get("Name", ""): [*one] for _, one in elements if one.tag == "AnnotationSet" and _has_entities(one)}
    marks = sets.pop(MARKS, [])
    chosen = _choose(path, sets)
    record = FileRecord(text, [], line, notes=[f"The set {chosen or 'without a name'!r} is read"] if sets else [])
    record.unread[f"annotation(s) in the set {MARKS!r}"] += len(marks)
    found = [one.get("Type") for _, inside in elements if inside.tag == "AnnotationSet" for one in inside]
    record.unread["annotation(s) of a gazetteer's: Lookup"] += found.count("Lookup")
    for annotation in sets.pop(chosen, []):
        label = annotation.get("Type", "")
        if label not in NO_TYPES:
            start, end = (nodes.get(annotation.get(name)) for name in ("StartNode", "EndNode"))
            if start == end:
                record.dropped.append(f"no character ({label}) was annotated, or the text lacks its nodes")
            else:
                record.spans.append(FileSpan(start, end, label))
            record.unread["feature(s) of annotations"] += len(annotation.findall("Feature"))
    for name, others in sets.items():
        record.unread[f"annotation(s) in the set {name or 'without a name'!r}"] += len(others)
    record.unread = +record.unread
    yield record


def _has_entities(found: Element) -> bool:
    """Whether a set has annotations that may be entities."""
    return any(one.get("Type") not in NO_TYPES for one in found)


def _choose(path: Path, sets: dict[str, list[Element]]) -> str:
    if len(sets) < 2 or KEY in sets:
        return KEY if KEY in sets else next(iter(sets), "")
    counts = Counter({name or "without a name": len(found) for name, found in sets.items()})
    place = Place(str(path), 1, f"sets of annotations: {', '.join(f'{name} ({n})' for name, n in counts.items())}")
    remedy = f"Leave one of them in the document, or call the one to read {KEY}."
    raise ProjectError("Cannot tell which set of annotations to read", remedy, [place])


formats.register("gate", func=Format("XML of GATE", fits, read, certain=True))
