"""The shipped example follows its annotation guide."""

import json
from collections import Counter, defaultdict

from projects import ROOT

LABELS = {"ACTION", "DOMAIN", "EVENT", "DATE", "TIME", "LOCATION", "PERSON"}
RECORDS = [json.loads(line) for line in (ROOT / "assets" / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def spans():
    for record in RECORDS:
        for span in record["spans"]:
            yield record["text"], record["text"][span["start"] : span["end"]], span["label"]


def test_size():
    assert len(RECORDS) >= 600
    assert len({record["text"].casefold() for record in RECORDS}) == len(RECORDS)
    assert sum(1 for record in RECORDS if not record["spans"]) / len(RECORDS) >= 0.12
    assert sum(1 for record in RECORDS if len(record["spans"]) >= 3) / len(RECORDS) >= 0.3
    assert {label for _, _, label in spans()} == LABELS


def test_every_record_has_a_group_and_some_groups_hold_paraphrases():
    groups = Counter(record["group"] for record in RECORDS)
    assert all(groups) and sum(1 for size in groups.values() if size > 1) >= 50


def test_spans_begin_and_end_as_the_guide_says():
    for text, surface, label in spans():
        first, last = surface.split()[0].casefold(), surface[-1]
        assert surface == surface.strip(), text
        assert last not in ",;:!?", text
        # Saint Brigid's is a place; somebody's is somebody
        assert label == "LOCATION" or not surface.endswith("'s"), text
        if label not in ("TIME", "DATE"):
            assert first not in ("the", "a", "an", "my", "our", "on", "at"), (text, surface)


def test_no_frame_is_filled_again_and_again():
    """A grammar that fills slots would leave the same words around different entities."""
    frames = defaultdict(set)
    for record in RECORDS:
        frame, end = "", 0
        for span in sorted(record["spans"], key=lambda span: span["start"]):
            frame += record["text"][end : span["start"]].casefold() + span["label"]
            end = span["end"]
        if record["spans"]:
            frames[frame + record["text"][end:].casefold().rstrip(".?! ")].add(record["group"])
    assert max(map(len, frames.values())) <= 6
