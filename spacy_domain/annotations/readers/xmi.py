"""UIMA CAS XMI and UIMA CAS JSON, as INCEpTION and WebAnno export them.

XMI has the text in <cas:Sofa sofaString="...">, and an element for each annotation, whose name is that of a layer:
<type3:NamedEntity begin="0" end="3" value="PER"/>. JSON has the same as {"%FEATURE_STRUCTURES": [{"%TYPE", "@sofa",
"begin", "end", "value"}]}; WebAnno's older JSON has {"_views": {view: {layer: [{"sofa", "begin", "end", "value"}]}}},
without a begin of 0, and the texts under "_referenced_fss". The layer of named entities is read, or the only other one
of spans, as in webanno.py; what the others hold is counted. Offsets count UTF-16. Each sentence is a text, or several
that a span runs over.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from ...project.errors import Place, ProjectError
from ..formats import Format, JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..offsets import Reading, Unit
from ..record import FileRecord, FileSpan, as_number
from ..text import Beginning
from ..xml_elements import read_elements
from .webanno import VALUES

XMI = "http://www.omg.org/XMI"
SOFA = "http:///uima/cas.ecore Sofa"
ENTITY = "NamedEntity"
BORDERS = frozenset(["begin", "end", "sofa", f"{XMI} id"])
# Layers that are no spans of interest, by their names and by what they are part of
SENTENCES = frozenset(["Sentence", "OpenNLPSentence"])
NO_SPANS = SENTENCES | {"Token", "DocumentMetaData", "TagsetDescription", "Metadata"}
OLD_NO_SPANS = frozenset(["POS", "Lemma", "Stem", "MorphologicalFeatures", "Dependency", "DocumentAnnotation"])
NO_KINDS = ("/segmentation/", "/lexmorph/", "/syntax/", "/metadata/", "/anomaly/", "uima/tcas")
RELATION = {"Dependent", "Governor"}
CHAIN = "/coref/"
STRUCTURES = "%FEATURE_STRUCTURES"
VIEWS, OTHERS = "_views", "_referenced_fss"


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it is XMI of UIMA's.
    """
    return "<xmi:XMI" in beginning.text and "http:///uima/cas.ecore" in beginning.text


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: a record a sentence, or for several that a span runs over.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If no layer can be what is to be read, or there is no text.
    """
    for line, root in read_elements(path, f"{XMI} XMI"):
        yield from _read_cas(path, line, list(root))


def fits_json(data: Any) -> bool:
    """Tell whether a JSON value is the same as UIMA CAS JSON.

    data (Any): The value.
    RETURNS (bool): Whether it has structures of features, or views and what they name.
    """
    if not isinstance(data, dict):
        return False
    return isinstance(data.get(STRUCTURES), list) or all(isinstance(data.get(key), dict) for key in (VIEWS, OTHERS))


def read_json(value: Value) -> Iterator[FileRecord]:
    """Read it.

    value (Value): The value.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): As `read` does.
    """
    data = as_object(value.data, value)
    structures = data[STRUCTURES] if STRUCTURES in data else list(_older_structures(data, value))
    found = [as_object(one, value) for one in as_list(structures, value, STRUCTURES)]
    yield from _read_cas(value.path, value.line, [_as_element(one) for one in found])


def _older_structures(data: dict[str, Any], value: Value) -> Iterator[dict[str, Any]]:
    """The structures of WebAnno's older JSON as those of the other one; layers of words alone are left out."""
    named = as_object(data[OTHERS], value)
    for number, one in named.items():
        if isinstance(one, dict) and one.get("_type") == "Sofa":
            yield {**one, "%TYPE": "uima.cas.Sofa", "%ID": number}
    for view in data[VIEWS].values():
        for layer, found in as_object(view, value).items():
            for one in as_list(found, value, layer) if layer not in OLD_NO_SPANS else ():
                structure = as_object(named.get(str(one), {}) if isinstance(one, int) else one, value)
                yield {"begin": 0, **structure, "%TYPE": layer} if "end" in structure else {**structure, "%TYPE": layer}


def _as_element(structure: dict[str, Any]) -> Element:
    """A structure as XMI has it: @sofa and the like name other structures, and %TYPE is what XMI calls the element."""
    package, _, name = str(structure.get("%TYPE") or "").rpartition(".")
    plain = {key.lstrip("@"): str(one) for key, one in structure.items() if isinstance(one, (str, int, float))}
    attributes = {key: one for key, one in plain.items() if not key.startswith("%")}
    return Element(
        f"http:///{package.replace('.', '/')}.ecore {name}", {**attributes, f"{XMI} id": plain.get("%ID", "")}
    )


def _read_cas(path: Path, line: int, elements: list[Element]) -> Iterator[FileRecord]:
    texts = {one.get(f"{XMI} id"): one.get("sofaString") for one in elements if one.tag == SOFA}
    if not any(texts.values()):
        remedy = "Export the data again: its text should be in sofaString."
        raise ProjectError("Annotations without text", remedy, [Place(str(path), line, "no sofaString")])
    layers: defaultdict[str, list[Element]] = defaultdict(list)
    for element in elements:
        if "begin" in element.attrib:
            layers[element.tag].append(element)
    chosen = _choose(path, layers)
    unread = _count_others(layers, chosen)
    notes = [f"The layer {_short(chosen)} is read"] if chosen else []
    for sofa, text in texts.items():
        of_text = {name: [one for one in found if one.get("sofa") == sofa] for name, found in layers.items()}
        for record in _read_text(text or "", of_text, chosen, line):
            record.notes, record.unread, notes, unread = notes, unread, [], Counter()
            yield record


def _choose(path: Path, layers: dict[str, list[Element]]) -> str:
    """The layer to read; none if there is none of spans."""
    spans = [
        name for name, found in layers.items() if _may_be(name) and not _is_relation(found[0]) and CHAIN not in name
    ]
    entities = [name for name in spans if _short(name) == ENTITY]
    for found in (entities, spans):
        if len(found) == 1:
            return found[0]
    if not spans:
        return ""
    remedy = "Export the data with one layer of spans alone, or with the one of named entities."
    place = Place(str(path), 1, f"layers of spans: {', '.join(map(_short, spans))}")
    raise ProjectError("Cannot tell which layer to read", remedy, [place])


def _may_be(name: str) -> bool:
    return _short(name) not in NO_SPANS and not any(kind in name for kind in NO_KINDS)


def _is_relation(element: Element) -> bool:
    return element.attrib.keys() >= RELATION


def _short(name: str) -> str:
    return name.rpartition(" ")[2]


def _count_others(layers: dict[str, list[Element]], chosen: str) -> Counter[str]:
    """What is not read: other layers, and what spans have besides their label."""
    unread: Counter[str] = Counter()
    for name, found in layers.items():
        if name != chosen and (_may_be(name) or _is_relation(found[0])):
            kind = "relation(s)" if _is_relation(found[0]) else "span(s)"
            unread[f"{kind} in the layer {_short(name)}"] += len(found)
    value = _find_value(layers.get(chosen, []))
    for one in layers.get(chosen, []):
        unread.update(f"value(s) of {name}" for name in one.attrib.keys() - BORDERS - {value})
    return unread


def _find_value(spans: list[Element]) -> str:
    """The attribute with the label: the one called so, or the only one; empty if there is none, or a choice."""
    names = {name: None for one in spans for name in one.attrib if name not in BORDERS}
    called = [name for value in VALUES for name in names if name.casefold() == value]
    plain = [name for name in names if name != "identifier"]
    return next(iter(called or (plain if len(plain) == 1 else [])), "")


def _read_text(text: str, layers: dict[str, list[Element]], chosen: str, line: int) -> Iterator[FileRecord]:
    """A text, sentence by sentence."""
    value = _find_value(layers.get(chosen, []))
    # Without a value the layer is the label
    spans = sorted((*_borders(one), one.get(value) or _short(chosen)) for one in layers.get(chosen, []))
    begins = {_borders(one)[0] for name, found in layers.items() if _short(name) in SENTENCES for one in found}
    units = text.encode("utf-16-le", "surrogatepass")
    cuts = sorted(one for one in begins if not any(start < one < end for start, end, _ in spans))
    for start, end in pairwise([0, *(one for one in cuts if one > 0), max(len(units) // 2, 1)]):
        record = FileRecord(units[2 * start : 2 * end].decode("utf-16-le", "replace"), [], line)
        inside = [span for span in spans if start <= span[0] < end]
        for first, behind, label in inside:
            if first < behind:
                record.spans.append(FileSpan(first - start, behind - start, label))
            else:
                record.dropped.append(f"no character ({label}) was annotated at {first}")
        stripped = record.text.rstrip()
        last = max((behind for _, behind, _ in inside), default=start)
        if last - start <= len(stripped.encode("utf-16-le")) // 2:
            record.text = stripped
        if record.text.strip() or inside:
            yield record


def _borders(element: Element) -> tuple[int, int]:
    start, end = as_number(element.get("begin")), as_number(element.get("end"))
    return start or 0, end or 0


UTF16 = Reading(Unit.utf16)
formats.register(
    "cas_json", func=JsonFormat("UIMA CAS JSON of INCEpTION", fits_json, read_json, (), UTF16, certain=True)
)
formats.register(
    "xmi",
    func=Format("UIMA CAS XMI of INCEpTION and WebAnno", fits, read, reading=UTF16, certain=True),
)
