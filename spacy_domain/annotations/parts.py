"""Annotation files -> parts that can be read by themselves, by several processes at once, and parts -> records."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from ..project.errors import Place, ProjectError
from .check import UnitError, check_record, set_aside
from .encoding import find_encoding, open_utf8
from .files import NAMES, AnnotationFile, list_files
from .formats import Format, JsonFormat, find_named, known_formats, refuse_format
from .gaps import JOINED, SPACED, close_gaps
from .json_records import read_records, refuse_unknown
from .json_values import begins_like_json, holds_lines
from .offsets import Reading, Unit, find_miscopied, find_unit, infer_readings
from .readers import load_readers
from .record import AnnotatedText, FileRecord
from .standoff import find_texts, is_annotations
from .tagged.span_tags import find_span_tags, join_tags
from .tagged.tags import Scheme
from .text import Stretch, cut_at_lines, read_beginning, refuse_binary, refuse_one_line, refuse_other_encoding

load_readers()
SAMPLE = 2000  # records that tell how a file's offsets are to be read
REPLACES = re.compile(rb'"_replaces": ?"(\w+)"')  # names an earlier record of the file that no longer counts
ROOT = re.compile(r"\s*<\?xml[^>]*>(?:\s*<[!?][^>]*>)*\s*<([\w:.-]+)")
MISCOPIED = (
    "so they begin and end where words do. The texts that the records hold for them were cut out by characters, behind "
    "emoji in the middle of words, and are passed over"
)
TAKEN_BACK = "its annotator replaced it by a later one"
Source = Format | JsonFormat


@dataclass(frozen=True)
class Part:
    """A part of the annotations that can be read by itself: a file, or some lines of it.

    file (AnnotationFile): The file.
    format (Optional[Union[Format, JsonFormat]]): Its format; None for JSON, each record of which tells its own.
    unit (Optional[Unit]): What offsets count, if the user says so.
    readings (dict[str, list[Reading]]): How the offsets of each format in it may be read, the likeliest first, by the
        format's title.
    stretch (Optional[Stretch]): Which lines; None for the whole file.
    notes (list[str]): What to know about it.
    replaced (frozenset[str]): Ids of records that later ones of the file replace.
    tagged (Optional[Scheme]): The scheme of its spans' labels, if these are tags of tokens.
    spaced (bool): Whether spaces stay between tokens of scripts that are written without.
    miscopied (frozenset[str]): Titles of formats whose texts of spans tell nothing.
    """

    file: AnnotationFile
    format: Source | None
    unit: Unit | None
    readings: dict[str, list[Reading]]
    stretch: Stretch | None = None
    notes: list[str] = field(default_factory=list)
    replaced: frozenset[str] = frozenset()
    tagged: Scheme | None = None
    spaced: bool = False
    miscopied: frozenset[str] = frozenset()


def read_annotations(path: Path, format_name: str = "", unit: Unit | None = None) -> Iterator[AnnotatedText]:
    """Read all records of a file, or of the files in a folder, holding few at a time.

    path (Path): The file, folder or archive. Files named train.*, dev.* and test.* in a folder keep their splits.
    format_name (str): Name of the format in the registry; empty to find out from the content.
    unit (Optional[Unit]): What offsets count; None to find out from the surface texts that the records hold.
    YIELDS (AnnotatedText): The records.
    RAISES (ProjectError): If a file cannot be read as annotations, or a record makes no sense.
    """
    for part in list_parts(path, format_name, unit):
        yield from read_part(part, strict=True)


def read_by_text(path: Path, format_name: str, offsets: str) -> dict[str, AnnotatedText]:
    """Read the records that can be used.

    path (Path): A file or a folder.
    format_name (str): Name of its format; "auto" to see it from the content.
    offsets (str): What offsets count, as for `find_unit`.
    RETURNS (dict[str, AnnotatedText]): The records by their texts.
    RAISES (ProjectError): If a file cannot be read as annotations.
    """
    parts = list_parts(path, "" if format_name == "auto" else format_name, find_unit(offsets))
    return {record.text: record for part in parts for record in read_part(part) if not record.rejected}


def list_parts(path: Path, format_name: str = "", unit: Unit | None = None, spaced: bool = False) -> Iterator[Part]:
    """Cut annotations into parts that can be read by themselves.

    path (Path): As in `read_annotations`.
    format_name (str): As in `read_annotations`.
    unit (Optional[Unit]): As in `read_annotations`.
    spaced (bool): Whether spaces stay between tokens of scripts that are written without (Chinese, Thai).
    YIELDS (Part): The parts.
    RAISES (ProjectError): If a file cannot be read as annotations.
    """
    found = list_files(path)
    for file in found.read:
        with _named(file):
            for part in _cut(file, format_name, unit, [found.note] if found.note else []):
                yield replace(part, spaced=spaced)
        found.note = ""


def read_file(file: AnnotationFile, format_name: str = "", unit: Unit | None = None) -> Iterator[AnnotatedText]:
    """Read the records of one of the files that `list_files` found; those that make no sense are set aside.

    file (AnnotationFile): The file.
    format_name (str): As in `read_annotations`.
    unit (Optional[Unit]): As in `read_annotations`.
    YIELDS (AnnotatedText): The records.
    RAISES (ProjectError): If it cannot be read as annotations.
    """
    with _named(file):
        for part in _cut(file, format_name, unit, []):
            yield from read_part(part)


def _cut(file: AnnotationFile, format_name: str, unit: Unit | None, notes: list[str]) -> Iterator[Part]:
    format_, stretches = _find_source(file.path, format_name)
    sample: defaultdict[str, list[FileRecord]] = defaultdict(list)
    sources: dict[str, Source] = {}
    for source, record in islice(_read(file.path, format_, Stretch() if stretches else None), SAMPLE):
        sample[source.title].append(record)
        sources[source.title] = source
    readings: dict[str, list[Reading]] = {}
    miscopied: frozenset[str] = frozenset()
    encoding = find_encoding(file.path)
    notes += [f"{Path(file.name).name} is {encoding.upper()}, by its first bytes"] if encoding else []
    for title, source in sources.items():
        usual = _usual(source, unit)
        meant = None if unit else find_miscopied(sample[title], usual)
        miscopied |= {title} if meant else set()
        readings[title] = [meant or usual] if unit or meant else infer_readings(sample[title], usual)
        notes += [source.remark] if source.remark else []
        if readings[title][0] != usual:
            why = "so they cover the texts that the records hold for them, or end where words do"
            why = MISCOPIED if title in miscopied else why
            notes.append(f"Offsets are read as {readings[title][0]}: {why}.")
    if "+" in file.split:
        drawn = file.split.replace("+", " and ")
        notes.append(f"{Path(file.name).name} is split into {drawn}: the folder holds no other.")
    labels = {span.label for records in sample.values() for record in records for span in record.spans}
    tagged = find_span_tags(labels) if all(isinstance(label, str) for label in labels) else None
    replaced = _find_replaced(file.path) if stretches else frozenset()
    for stretch in cut_at_lines(file.path) if stretches else [None]:
        yield Part(file, format_, unit, readings, stretch, notes, replaced, tagged, miscopied=miscopied)
        notes = []


def _find_replaced(path: Path) -> frozenset[str]:
    with open_utf8(path) as file_:
        return frozenset(found[1].decode() for line in file_ if (found := REPLACES.search(line)))


def _usual(source: Source, unit: Unit | None) -> Reading:
    return replace(source.reading, unit=unit) if unit else source.reading


def _find_source(path: Path, name: str) -> tuple[Source | None, bool]:
    """Find out a file's format from its content; None for JSON, each record of which tells its own. And whether it has
    a JSON value a line."""
    beginning = read_beginning(path)
    if is_annotations(path) and (beginning.blank or not name) and find_texts(path):
        return find_named("brat"), False  # blank if nobody found anything in the text
    if beginning.blank:
        raise ProjectError(
            "Empty file",
            "Export the annotations again, or delete it.",
            [Place(str(path), None, "nothing but white space, or nothing")],
        )
    if name:
        named = find_named(name)
        return named, isinstance(named, JsonFormat) and holds_lines(beginning)
    known = known_formats(Format)
    whole = [format_ for format_ in known.values() if format_.before_json and format_.fits(beginning)]
    if whole:
        return whole[0], False
    if begins_like_json(beginning):
        lines = holds_lines(beginning)
        refuse_unknown(path, Stretch() if lines else None)
        return None, lines
    fitting = [key for key, format_ in known.items() if not format_.last and format_.fits(beginning)]
    fitting = fitting or [key for key, format_ in known.items() if format_.last and format_.fits(beginning)]
    if len(fitting) != 1:
        refuse_binary(beginning)
        refuse_other_encoding(beginning)
        refuse_one_line(beginning)
        root = ROOT.match(beginning.text) if not fitting else None
        seen = f"{' and '.join(fitting) or 'no format'} fits what the file begins with"
        seen = f"no format fits XML with the element {root[1]}" if root else seen
        raise refuse_format(path, seen, next(filter(str.strip, beginning.lines), ""))
    return find_named(fitting[0]), False


def fits_none(path: Path) -> bool:
    """RETURNS (bool): Whether a file begins like no format."""
    beginning = read_beginning(path)
    return not begins_like_json(beginning) and not any(f.fits(beginning) for f in known_formats(Format).values())


def read_part(part: Part, strict: bool = False) -> Iterator[AnnotatedText]:
    """Read the records of a part.

    part (Part): The part.
    strict (bool): Whether a record that makes no sense is an error, rather than set aside.
    YIELDS (AnnotatedText): The records.
    RAISES (ProjectError): If it cannot be read as annotations.
    """
    notes, said = part.notes, False
    with _named(part.file):
        for source, record in _read(part.file.path, part.format, part.stretch):
            if record.id and record.id in part.replaced:
                record.rejected = TAKEN_BACK
            if part.tagged:
                join_tags(record, part.tagged)
            if record.gaps:
                record.notes += [SPACED if part.spaced else JOINED] if not said else []
                said = True
                if not part.spaced:
                    close_gaps(record)
            if source.title in part.miscopied:
                record.spans = [replace(span, surface=None) for span in record.spans]
            readings = part.readings.get(source.title) or [_usual(source, part.unit)]
            try:
                checked = check_record(record, part.file.name, readings, _is_certain(source, part))
            except UnitError:
                raise
            except ProjectError as error:
                if strict:
                    raise
                checked = set_aside(record, part.file.name, error)
            checked.split = part.file.split or NAMES.get(record.split, "")
            checked.notes[:0], notes = notes, []
            yield checked


def _is_certain(source: Source, part: Part) -> bool:
    """Whether the first of the readings is right where no surface text tells."""
    return source.certain or part.unit is not None or source.title in part.miscopied


def _read(path: Path, format_: Source | None, stretch: Stretch | None) -> Iterator[tuple[Source, FileRecord]]:
    if isinstance(format_, Format):
        for record in format_.read(path):
            yield format_, record
    else:
        yield from read_records(path, format_, stretch)


class _named:
    """Have errors tell a file's name instead of where it was unpacked."""

    def __init__(self, file: AnnotationFile):
        self.file = file

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ProjectError):
            path = str(self.file.path)
            error.places = [replace(p, file=self.file.name) if p.file == path else p for p in error.places]
