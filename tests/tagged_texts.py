"""Sentences with tags, written in any layout and scheme.

How many spans a file holds is counted by a few lines in the tests, which share no code with the readers."""

from spacy_domain.annotations.parts import list_parts, read_part

SENTENCES = [
    [("Hiro", "B-PER"), ("Romero", "I-PER"), ("moved", "O"), ("to", "O"), ("Lima", "B-LOC"), (".", "O")],
    [("Petra", "B-PER"), ("left", "O"), ("New", "B-LOC"), ("York", "I-LOC"), ("today", "O"), (".", "O")],
    [("no", "O"), ("one", "O"), ("came", "O"), ("#", "O"), ("back", "O"), (".", "O")],
]


EXPECTED = [
    ("Hiro Romero moved to Lima .", [("Hiro Romero", "PER"), ("Lima", "LOC")]),
    ("Petra left New York today .", [("Petra", "PER"), ("New York", "LOC")]),
    ("no one came # back .", []),
]
MANY = 5  # so that there is enough to tell a scheme by


def conll(row, before="", between="\n", sentences=SENTENCES * MANY):
    """A token a line; row makes a line of position, token and tag."""
    return before + between.join("".join(f"{row(i, *pair)}\n" for i, pair in enumerate(one)) for one in sentences)


def plain(i, token, tag):
    return f"{token}\t{tag}"


def write(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


def read(path):
    """All records, those that make no sense set aside as preprocess does."""
    return [record for part in list_parts(path) for record in read_part(part)]


def entities(record):
    return [(record.text[span.start : span.end], span.label) for span in record.spans]


def found(path):
    return [(record.text, entities(record)) for record in read(path)]


def notes(records):
    return " / ".join(note for record in records for note in record.notes)


def accounted(records):
    """Spans of a file as the audit counts them."""
    return sum(len(record.spans) + len(record.dropped) for record in records)
