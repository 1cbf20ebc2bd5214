"""Which file holds the tags of the words in another, line by line: sentences.txt and tags.txt, seq.in and seq.out,
train.words.txt and train.tags.txt."""

import re
from pathlib import Path

from .encoding import open_utf8

WORDS = frozenset(["sentence", "sentences", "words", "tokens", "text", "texts", "in", "input", "src", "source"])
TAGS = ("tags", "labels", "tag", "label", "ner", "bio", "iob", "out", "output", "tgt", "target", "entities")
LOOKED_AT = 50  # lines
OF_TAG = re.compile(rb"\S*-\S+|O|[BIES]")


def find_tags(words: Path) -> Path | None:
    """RETURNS (Optional[Path]): The file with the tags of a file of words, by its name and by what is in it."""
    return next((path for path in _named(words, WORDS, TAGS) if _fit(words, path)), None)


def find_words(tags: Path) -> Path | None:
    """RETURNS (Optional[Path]): The file with the words of a file of tags."""
    return next((path for path in _named(tags, frozenset(TAGS), tuple(WORDS)) if _fit(path, tags)), None)


def _named(path: Path, own: frozenset[str], others: tuple[str, ...]) -> list[Path]:
    """The files that are called as a path but for one word of it."""
    pieces = re.split(r"([._-])", path.name)
    found = []
    for i, piece in enumerate(pieces):
        if piece.casefold() in own:
            names = ["".join([*pieces[:i], other, *pieces[i + 1 :]]) for other in others]
            found += [path.with_name(name) for name in names if path.with_name(name).is_file()]
    return found


def _fit(words: Path, tags: Path) -> bool:
    """Whether the first lines have a tag for each word, most of them at least, and these look like tags."""
    with open_utf8(words) as first, open_utf8(tags) as second:
        pairs = [(a.split(), b.split()) for _, a, b in zip(range(LOOKED_AT), first, second, strict=False)]
    full = [pair for pair in pairs if pair[0] or pair[1]]
    even = [pair for pair in full if len(pair[0]) == len(pair[1])]
    found = {tag for _, tags in even for tag in tags}
    longer = any(len(one) > 1 for one, _ in even)
    return longer and 2 * len(even) > len(full) and b"O" in found and all(map(OF_TAG.fullmatch, found))
