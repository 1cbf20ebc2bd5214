"""WebAnno TSV 3.x, as WebAnno and INCEpTION export it. https://inception-project.github.io (user guide, "WebAnno TSV")

#T_SP=layer|feature|... names the layers of spans, each feature a column behind token number, offsets and token; #T_RL
and #T_CH are relations and chains. A cell is "_" for nothing, "*" for an annotation without value; LABEL[1] on several
tokens is one span, A[1]|B[2] are two on the same tokens, and 1-1.1 is a part of token 1-1. The layer of named entities
is read, or the only other one of spans; what the others hold is counted. Offsets count UTF-16 over the document, but a
text begins at its own sentence: tokens are found in it by what they are. Sentences that share a span are one text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..offsets import Reading, Unit
from ..record import FileRecord, FileSpan
from ..tagged.tags import find_in_text
from ..text import Beginning, read_lines

FORMAT = re.compile(r"#FORMAT=WebAnno TSV 3(\.\d+)?\s*")
LAYER = re.compile(r"#T_(SP|RL|CH)=([^|]+)\|?(.*)")
ROW = re.compile(r"\d+-\d+(\.\d+)?\t(\d+)-(\d+)\t")
TEXT = "#Text="
ENTITY_LAYER = ".NamedEntity"
VALUES = ("value", "label", "entity", "type", "class", "category", "tag")
# Layers that are no spans of interest: each token has one, mostly
TOKENWISE = ("pos.POS", "segmentation.type.Lemma", "morph.MorphologicalFeatures", "SurfaceForm", "type.Stem", ".Token")
STACK = re.compile(r"(?<!\\)\|")
NUMBER = re.compile(r"(?<!\\)\[\d+\]$")
STACKED = re.compile(r"(?s)(.*?)(?<!\\)\[(\d+)\]")
ESCAPE = re.compile(r"\\(->|.)", re.DOTALL)
ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b"}
UTF16 = Reading(Unit.utf16)


@dataclass
class _Layer:
    """A layer: what it is called, its kind (SP, RL or CH), its features, and its first column."""

    name: str
    kind: str
    features: list[str]
    column: int


@dataclass
class _Sentence:
    """A sentence: its text, and its rows with their line numbers."""

    line: int
    text: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first line says so.
    """
    return bool(FORMAT.fullmatch(next(filter(str.strip, beginning.lines), "")))


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: a record a sentence, or for several that a span runs over.

    path (Path): The file.
    YIELDS (FileRecord): The records; one with a row that makes no sense with its error.
    RAISES (ProjectError): If no layer can be what is to be read.
    """
    layers: list[_Layer] = []
    waiting: list[_Sentence] = []
    layer: _Layer | None = None
    notes: list[str] = []
    for item in _parse(path, layers):
        if layer is None:
            layer = _choose(path, layers)
            notes = [f"The layer {layer.name} is read"]
        if waiting and not _numbers(waiting[-1], layer) & _numbers(item, layer):
            yield _record(path, waiting, layer, layers, notes)
            waiting, notes = [], []
        waiting.append(item)
    if waiting and layer:
        yield _record(path, waiting, layer, layers, notes)


def _parse(path: Path, layers: list[_Layer]) -> Iterator[_Sentence]:
    """The sentences of a file; layers are filled before the first."""
    current: _Sentence | None = None
    column = 3
    for number, line in read_lines(path):
        named = LAYER.fullmatch(line) if not current else None
        if named:
            features = named[3].split("|")  # as many as it has columns
            layers.append(_Layer(named[2], named[1], features, column))
            column += len(features)
        elif line.startswith(TEXT):
            if current and not current.rows:
                current.text += "\n" + _unescape(line[len(TEXT) :])
                continue
            if current:
                yield current
            current = _Sentence(number, _unescape(line[len(TEXT) :]))
        elif current and line.strip() and not line.startswith("#"):
            current.rows.append((number, line.split("\t")))
    if current:
        yield current


def _choose(path: Path, layers: list[_Layer]) -> _Layer:
    spans = [layer for layer in layers if layer.kind == "SP"]
    entities = [layer for layer in spans if layer.name.endswith(ENTITY_LAYER)]
    others = [layer for layer in spans if not layer.name.endswith(TOKENWISE)]
    for found in (entities, others):
        if len(found) == 1:
            return found[0]
    names = ", ".join(layer.name for layer in spans) or "none"
    raise ProjectError(
        "Cannot tell which layer to read",
        "Export the data with one layer of spans alone, or with the one of named entities.",
        [Place(str(path), 1, f"layers of spans: {names}")],
    )


def _value_column(layer: _Layer) -> int | None:
    """The column with the label: the feature called so, or the last one; None if there is none but links."""
    for name in VALUES:
        if name in layer.features:
            return layer.column + layer.features.index(name)
    plain = [i for i, one in enumerate(layer.features) if not one.startswith(("ROLE_", "webanno.", "uima.", "BT_"))]
    plain = [i for i in plain if layer.features[i] != "identifier"] or plain
    return layer.column + plain[-1] if plain else None


def _annotations(row: list[str], layer: _Layer) -> Iterator[tuple[str, str]]:
    """What a token has in a layer: the label of each annotation, and its number, if it has one."""
    column = _value_column(layer)
    cells = row[layer.column : layer.column + len(layer.features)]
    values = STACK.split(row[column]) if column is not None and column < len(row) else ["_"]
    if values == ["_"]:  # there may be an annotation without this value
        other = next((cell for cell in cells if cell not in ("_", "")), "_")
        values = ["*" + "".join(NUMBER.findall(one)) for one in STACK.split(other) if one != "_"]
    for value in values:
        if value not in ("_", ""):
            found = STACKED.fullmatch(value)
            label = found[1] if found else value
            # Without a value the layer is the label
            yield layer.name.rpartition(".")[2] if label == "*" else _unescape(label), found[2] if found else ""


def _numbers(sentence: _Sentence, layer: _Layer) -> set[str]:
    """The numbers of all annotations in a sentence that have one."""
    return {number for _, row in sentence.rows for _, number in _annotations(row, layer) if number}


def _record(
    path: Path, sentences: list[_Sentence], layer: _Layer, layers: list[_Layer], notes: list[str]
) -> FileRecord:
    text = "\n".join(sentence.text for sentence in sentences)
    record = FileRecord(text, [], sentences[0].line, notes=list(notes))
    rows = [(number, row) for sentence in sentences for number, row in sentence.rows]
    wrong = next(((number, row) for number, row in rows if not ROW.match("\t".join(row) + "\t")), None)
    good = [row for _, row in rows if ROW.match("\t".join(row) + "\t")]
    tokens = [row for row in good if "." not in row[0]]
    places = find_in_text([_token(row, text) for row in tokens], text)
    if wrong or places is None:
        title = "Broken row" if wrong else "The tokens are not those of the text"
        place = Place(
            str(path), wrong[0] if wrong else record.line, title, "\t".join(wrong[1])[:80] if wrong else text[:80]
        )
        record.error = ProjectError(title, "Export the data anew, or mend or delete the sentence.", [place])
        record.raw = "\n".join("\t".join(row) for _, row in rows)
        if wrong:
            record.text = None
    found = dict(zip((row[0] for row in tokens), places or (), strict=False))
    open_: dict[str, list[tuple[int, int, str]]] = {}
    begins = {row[0]: int(row[1].partition("-")[0]) for row in tokens}
    for row in good:
        border = _border(row, found, begins, text)
        for label, number in _annotations(row, layer):
            if border is None or border[0] == border[1]:
                if not number:
                    record.dropped.append(f"{row[2] or 'no character'!r} ({label}) was not found in the text")
                else:
                    open_.setdefault(number, [])
                    if not open_[number]:
                        open_[number].append((0, 0, label))
            elif number:
                open_.setdefault(number, []).append((*border, label))
            else:
                record.spans.append(FileSpan(*border, label))
    for pieces in open_.values():
        real = [piece for piece in pieces if piece[0] < piece[1]]
        if real:
            record.spans.append(FileSpan(min(p[0] for p in real), max(p[1] for p in real), real[0][2]))
        else:
            record.dropped.append(f"no character ({pieces[0][2]}) was annotated")
    if record.text is None:
        record.dropped += [f"{span.label} in a sentence that was not understood" for span in record.spans]
        record.spans = []
    record.spans.sort(key=lambda span: (span.start, span.end))
    kinds = {"SP": "span(s) in the layer", "RL": "relation(s) in the layer", "CH": "link(s) of the chain"}
    for other in layers:
        if other is not layer:
            single, numbers = 0, set()
            for row in good:
                for _, number in _annotations(row, other):
                    single += not number
                    numbers |= {number} if number else set()
            if single or numbers:
                record.unread[f"{kinds[other.kind]} {other.name}"] += single + len(numbers)
    return record


def _token(row: list[str], text: str) -> str:
    return row[2] if row[2] in text else _unescape(row[2])


def _border(
    row: list[str], found: dict[str, tuple[int, int]], begins: dict[str, int], text: str
) -> tuple[int, int] | None:
    """Where a token, or a part of one (1-1.1), is in the text."""
    name, _, part = row[0].partition(".")
    if not part or name not in found:
        return found.get(row[0])
    start, end = (int(offset) - begins[name] for offset in row[1].split("-"))
    first, behind = found[name]
    inside = UTF16.to_characters(text[first:behind], start, end)
    return (first + inside[0], first + inside[1]) if inside else None


def _unescape(text: str) -> str:
    """Take backslashes away: escapes of white space, and what would mean something else."""
    return ESCAPE.sub(lambda found: ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


formats.register("webanno", func=Format("TSV 3 of WebAnno and INCEpTION", fits, read, certain=True))
