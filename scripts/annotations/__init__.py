"""Any annotation file -> AnnotatedText records. This room knows characters, not tokens."""

from .files import SPLITS, read_annotations
from .offsets import Unit
from .record import AnnotatedText, CharSpan

__all__ = ["SPLITS", "AnnotatedText", "CharSpan", "Unit", "read_annotations"]
