"""Any annotation file -> AnnotatedText records. This room knows characters, not tokens."""

from .files import SPLITS, Part, list_parts, read_annotations, read_part
from .offsets import Unit
from .record import AnnotatedText, CharSpan

__all__ = ["SPLITS", "AnnotatedText", "CharSpan", "Part", "Unit", "list_parts", "read_annotations", "read_part"]
