"""Files changed, cut and put together in any way: every span is read, or named, or the file is refused."""

import json
import random
import re

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import CHARACTERS, LABEL, read_all, samples, total, unread, write

from spacy_domain.annotations import (
    read_annotations,
)
from spacy_domain.annotations.formats import JsonFormat, known_formats
from spacy_domain.corpora.align import OnMisaligned
from spacy_domain.corpora.audit import Audit
from spacy_domain.corpora.docbins import align_chunk
from spacy_domain.corpora.repeats import merge_repeats
from spacy_domain.corpora.serialization import to_row
from spacy_domain.corpora.store import Store
from spacy_domain.project.errors import ProjectError

NLP = spacy.blank("en")
FILES = samples()
PLACES = re.compile(rb'-?\d+|["\[\]{}(),:;|\\\t\r\n]|B-|U-')  # what formats are made of
JUNK = [b"", b'"', b"[", b"]", b"{", b"}", b",", b":", b"|", b"\t", b"\r", b"\n", b"\0", b"\xff", b" ", b"B-"]
JUNK += [b"null", b"-1", b"1e9", b"9" * 30, b"\\ud800"]


def mutate(choose, raw):
    """Put junk where it does most, in the place of what the format is made of, or anywhere; and maybe cut the end."""
    for _ in range(choose.choice([1, 1, 1, 1, 2, 3])):
        start, end = choose.choice([found.span() for found in PLACES.finditer(raw)] or [(0, 0)])
        if choose.random() < 0.3:
            start = choose.randint(0, len(raw))
            end = start + choose.randint(0, 8)
        junk = choose.randbytes(choose.randint(1, 3)) if choose.random() < 0.2 else choose.choice(JUNK)
        raw = raw[:start] + junk + raw[end:]
    return raw[: choose.randint(0, len(raw))] if choose.random() < 0.1 else raw


@pytest.mark.parametrize("name", sorted(FILES))
def test_mutated_files_of_any_format_give_records_or_a_clear_error(tmp_path, name):
    """Whatever is done to a file: no traceback, no lost span, and counts that add up."""
    accepted, unit = 0, None if "studio" in name else CHARACTERS  # else most would end in the question for the unit
    for seed in range(200):
        path = write(tmp_path / name, mutate(random.Random(f"{name} {seed}"), FILES[name].encode("utf-8")))
        try:
            records = read_all(path, unit=unit) if seed % 2 else list(read_annotations(path, unit=unit))
        except ProjectError as error:
            assert error.title and error.remedy and (error.places or "Formats" in error.remedy), seed
            continue
        assert seed % 2 or not any(record.broken for record in records), seed
        check_records(records)
        accepted += 1
    assert accepted > 5


def check_records(records):
    """All of them make sense, and the audit accounts for each, and for each span."""
    for record in records:
        assert isinstance(record.text, str) and (record.text.strip() or record.rejected)
        assert all(0 <= span.start < span.end <= len(record.text) and span.label for span in record.spans)
    audit = Audit()
    with Store() as store:
        store.add(to_row(record, "train", "") for record in records)
        merge_repeats(store, audit)
        for chunk in store.chunks():
            audit.update(align_chunk(chunk, NLP, OnMisaligned.missing).audit)
    counts = audit.to_dict()
    assert counts["records"]["read"] == len(records) == counts["records"]["used"] + counts["records"]["set_aside"]
    read = sum(len(record.spans) + len(record.dropped) for record in records)
    assert counts["spans"]["read"] == read
    assert counts["spans"]["used"] + counts["spans"]["repaired"] == counts["splits"]["train"]["spans"]


COUNTS = {
    "pipes.iob": rf"\|[BU]-{LABEL}",
    "tokens.conll": rf"\tB-{LABEL}",
    "table.csv": rf",{LABEL}\r?\n",
    "train_data.py": f"'{LABEL}'",
    "v2.json": rf'"[BU]-{LABEL}"',
    "tutorial.json": '"(action|domain|hoa|event|date)"',
    "label_studio.json": f'"{LABEL}"',
}


def count(name, content):
    """The spans in a file, by the marks that its format has for them."""
    return len(re.findall(COUNTS.get(name, f'"{LABEL}"'), content))


def ten_times(name, content):
    if name.endswith((".jsonl", ".csv", ".conll", ".iob")):
        first, rest = content.split("\n", 1) if name.endswith(".csv") else ("", content)
        between = "\n" if name.endswith((".conll", ".iob")) else ""
        return first + "\n" * bool(first) + between.join([rest.rstrip("\n") + "\n"] * 10)
    return "\n".join([content] * 10) if name.endswith(".json") else content


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("more", ["", "bom", "crlf", "ten times", "beside another"])
def test_every_span_is_read_whatever_the_file_looks_like(tmp_path, name, more):
    content = ten_times(name, FILES[name]) if more == "ten times" else FILES[name]
    expected = count(name, content)
    raw = content.replace("\n", "\r\n").encode() if more == "crlf" else content.encode()
    write(tmp_path / name, b"\xef\xbb\xbf" + raw if more == "bom" else raw)
    other = ""
    if more == "beside another":
        other = sorted(FILES)[sorted(FILES).index(name) - 1]
        write(tmp_path / other, FILES[other])
        expected += count(other, FILES[other])
    files = [tmp_path / file for file in (name, other) if file]
    records = [
        record
        for file in files
        for record in read_annotations(file, unit=None if "studio" in file.name else CHARACTERS)
    ]
    assert expected > 0 and total(records) == expected and not any(record.dropped for record in records)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_span_goes_without_a_word(tmp_path_factory, data):
    """Keys renamed, another value behind the first: all spans are accounted for, or the file is refused."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = FILES[name]
    keys = sorted(set(re.findall(r'"(\w+)":', content)))
    # One key of offsets, or two others: with both gone, nothing tells a span from anything else
    names = data.draw(st.sampled_from([["start"], ["end"], [key for key in keys if key not in ("start", "end")]]))
    for _ in range(data.draw(st.integers(0, 2 if len(names) > 1 else 1))):
        if set(names) <= set(keys) and names:
            keys = names
            old, new = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from([*keys, "extra", "items", "value"]))
            content = content.replace(f'"{old}":', f'"{new}":')
    other = data.draw(st.sampled_from(["", *sorted(FILES)]))
    behind = FILES[other] if other.endswith((".json", ".jsonl")) and name.endswith((".json", ".jsonl")) else ""
    expected = count(name, content) + (count(other, behind) if behind else 0)
    path = write(tmp_path_factory.getbasetemp() / f"mutated-{name}", content.rstrip("\n") + "\n" + behind)
    try:
        records = read_all(path, unit=CHARACTERS)
    except ProjectError as error:
        assert error.title and error.remedy
        return
    lost = expected - total(records)
    unaccounted = lost - sum(unread(records).values()) - sum(1 for record in records if record.broken) * 9
    assert unaccounted <= 0, (lost, unread(records))


def test_every_record_has_the_marks_of_one_format():
    """Else it would be read as whatever comes first."""
    known = known_formats(JsonFormat)
    for name, content in FILES.items():
        if name.endswith((".json", ".jsonl")):
            values = (
                [json.loads(line) for line in content.splitlines()] if name.endswith("l") else [json.loads(content)]
            )
            for value in values if isinstance(values[0], dict) else values[0]:
                fitting = [key for key, format_ in known.items() if key != "records" and format_.fits(value)]
                empty = not re.search(LABEL, json.dumps(value)) and name != "tutorial.json"
                assert len(fitting) == 1 or (empty and not fitting), (name, fitting)
