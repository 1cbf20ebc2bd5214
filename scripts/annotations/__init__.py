"""Any annotation file -> AnnotatedText records. This room knows characters, not tokens."""

from .files import SPLITS, read_annotations
from .record import AnnotatedText, CharSpan

__all__ = ["SPLITS", "AnnotatedText", "CharSpan", "read_annotations"]
