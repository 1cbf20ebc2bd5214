"""What the names of columns say: which one holds the tokens, which one the tags, which one tells sentences apart."""

import re
from collections.abc import Sequence

# fmt: off
TOKEN_NAMES = frozenset([
    "word", "words", "token", "tokens", "form", "text", "forms", "token_text", "wordform", "surface",
])
TAG_NAMES = frozenset([
    "tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "ner-tag", "nertag", "iob", "bio", "ne",
    "entity", "entities", "entity_label", "ne-tag", "ne_tag", "named_entity", "ner_label", "iob_tag", "bio_tag",
    "ner_bio", "iob2", "tag_name", "entity_tag", "ne-coarse-lit",
])
SENTENCE_NAMES = frozenset([
    "sentence", "sentence_id", "sentence_number", "sentence_num", "sentence_idx", "sentence_no", "sent_id", "sent",
    "sentence#", "sentid", "sid", "sentence_index", "doc_id", "document", "document_id", "doc", "text_id", "docid",
    "sentenceid", "example_id", "id_sentence",
])
# fmt: on
OFFSETS = frozenset(["start", "end"])  # a table with these has spans a row, not words


def normal_name(name: str) -> str:
    """Write a column's name in one way, whatever its case and however its words are joined.

    name (str): The name.
    RETURNS (str): It in lower case, with "_" between words.
    """
    return re.sub(r"[\s_]+", "_", name.strip().strip("#:\"'").strip()).casefold()


def find_name(names: Sequence[str], known: frozenset[str]) -> int | None:
    """Find the first column that bears one of the known names.

    names (Sequence[str]): The names of the columns.
    known (frozenset[str]): Names as `normal_name` gives them.
    RETURNS (Optional[int]): Which it is; None if there is none.
    """
    return next((i for i, name in enumerate(names) if normal_name(name) in known), None)


def is_header(row: Sequence[str]) -> bool:
    """RETURNS (bool): Whether a row names columns: one of tokens and one of tags."""
    return find_name(row, TOKEN_NAMES) is not None and any(
        name in TAG_NAMES
        or name.startswith(("ne-", "ner-", "ner_", "tag_"))
        or name.endswith(("_tag", "-tag", "_tags"))
        for name in map(normal_name, row)
    )


def names_sentences(header: Sequence[str]) -> bool:
    """RETURNS (bool): Whether one of some columns says which sentence a row belongs to."""
    return find_name(header, SENTENCE_NAMES) is not None


def begins_table(line: str) -> bool:
    """RETURNS (bool): Whether a file's first line names columns with commas between them."""
    return any(
        len(names) > 1 and find_name(names, TAG_NAMES) is not None for names in (line.split(","), line.split(";"))
    )
