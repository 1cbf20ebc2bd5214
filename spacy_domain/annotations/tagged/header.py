"""What the names of columns say: which one holds the tokens, which one the tags, which one tells sentences apart."""

import re
from collections import Counter
from collections.abc import Sequence

from .tags import find_scheme

Rows = list[list[str]]

# fmt: off
TOKEN_NAMES = frozenset([
    "word", "words", "token", "tokens", "form", "text", "forms", "token_text", "wordform", "surface", "tok",
    "char", "character", "wort", "mot", "palabra", "palavra", "parola", "kelime", "kata", "слово", "单词", "字",
])
TAG_NAMES = frozenset([
    "tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "ner-tag", "nertag", "iob", "bio", "ne",
    "entity", "entities", "entity_label", "ne-tag", "ne_tag", "named_entity", "ner_label", "iob_tag", "bio_tag",
    "ner_bio", "iob2", "tag_name", "entity_tag", "ne-coarse-lit", "etiqueta", "étiquette", "etiquette", "etichetta",
    "etiket", "тег", "метка", "标签",
])
SENTENCE_NAMES = frozenset([
    "sentence", "sentence_id", "sentence_number", "sentence_num", "sentence_idx", "sentence_no", "sent_id", "sent",
    "sentence#", "sentid", "sid", "sentence_index", "doc_id", "document", "document_id", "doc", "text_id", "docid",
    "sentenceid", "example_id", "id_sentence",
])
# fmt: on
NAMING = re.compile(r"[^\W\d_][\w .-]*")  # what a column may be called
ENOUGH = 20  # rows with a tag, to see that the first has none
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


def take_header(blocks: list[Rows], width: int) -> tuple[tuple[str, ...], list[Rows]]:
    """Take off the first row, if it names the columns.

    blocks (list[list[list[str]]]): The rows of each text.
    width (int): How many columns rows have.
    RETURNS (tuple[tuple[str, ...], list[list[list[str]]]]): The names of the columns, if there are any, and the other
        rows.
    """
    rows = [row for block in blocks for row in block if len(row) == width]
    if not rows or not (is_header(rows[0]) or _has_no_tag(rows[0], rows[1:])):
        return (), blocks
    taken, left = False, []
    for block in blocks:
        others = [row for row in block if taken or row is not rows[0]]
        taken = taken or len(others) < len(block)
        left.append(others)
    return tuple(name.strip() for name in rows[0]), left


def _has_no_tag(first: Sequence[str], rows: Rows) -> bool:
    """Whether a row has a word where all others have a tag: then it names the columns, in whatever language."""
    if len(rows) < ENOUGH or not all(map(NAMING.fullmatch, first)):
        return False
    for i, cell in enumerate(first):
        tags = Counter(row[i] for row in rows)
        scheme = find_scheme(tags)
        parsed = [scheme.parse(tag) for tag in tags] if scheme and scheme.marked else [None]
        if scheme and all(parsed) and any(tag.label for tag in parsed if tag):
            labels = {tag.label.casefold() for tag in parsed if tag}
            return not scheme.parse(cell) and cell.casefold() not in labels
    return False


def names_sentences(header: Sequence[str]) -> bool:
    """RETURNS (bool): Whether one of some columns says which sentence a row belongs to."""
    return find_name(header, SENTENCE_NAMES) is not None


def begins_table(line: str) -> bool:
    """RETURNS (bool): Whether a file's first line names columns with commas between them."""
    return any(
        len(names) > 1 and find_name(names, TAG_NAMES) is not None for names in (line.split(","), line.split(";"))
    )
