"""Any annotation file -> AnnotatedText records. This room knows characters, not tokens."""

from .files import SPLITS, AnnotationFile, AnnotationFiles, has_texts, list_files
from .offsets import Unit, find_unit
from .parts import Part, fits_none, list_parts, read_annotations, read_by_text, read_file, read_part
from .record import AnnotatedText, CharSpan

__all__ = [
    "SPLITS",
    "AnnotatedText",
    "AnnotationFile",
    "AnnotationFiles",
    "CharSpan",
    "Part",
    "Unit",
    "find_unit",
    "fits_none",
    "has_texts",
    "list_files",
    "list_parts",
    "read_annotations",
    "read_by_text",
    "read_file",
    "read_part",
]
