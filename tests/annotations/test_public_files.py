"""What was found in public files: each input is of our own making, and of the kind that did not hold."""

from samples import jsonl, read_all, total, unread, write


def own_tokens(words, double_space_behind):
    """Tokens of a text that had two spaces in one place before somebody cleaned it."""
    tokens, position = [], 0
    for number, word in enumerate(words):
        tokens.append({"text": word, "id": number, "start": position, "end": position + len(word)})
        position += len(word) + 1 + (number == double_space_behind)
    return tokens


def test_the_tokens_that_a_record_brings_show_where_its_spans_are(tmp_path):
    words = ["Yesterday", "Ana", "met", "Eva", "and", "Ana", "Lima"]
    tokens = own_tokens(words, 0)
    spans = [{"start": tokens[i]["start"], "end": tokens[j]["end"], "label": "X"} for i, j in ((1, 1), (3, 3), (5, 6))]
    row = {"text": " ".join(words), "tokens": tokens, "spans": spans}
    pieces = {"text": "Anabel left", "tokens": [{"text": "##bel", "start": 3, "end": 6}], "spans": []}
    pieces["spans"] = [{"start": 0, "end": 6, "label": "X"}]
    good = {**row, "tokens": own_tokens(words, None), "spans": [{"start": 10, "end": 13, "label": "X"}]}
    moved, left, same = read_all(write(tmp_path / "a.jsonl", jsonl([row, pieces, good])))
    assert [moved.text[s.start : s.end] for s in moved.spans] == ["Ana", "Eva", "Ana Lima"]
    assert moved.notes[0] == "'Ana' is at 10-13, not at 11-14, as the tokens show"
    assert [left.text[s.start : s.end] for s in left.spans] == ["Anabel"] and not left.notes
    assert [same.text[s.start : s.end] for s in same.spans] == ["Ana"] and not same.notes


def test_mentions_without_offsets_and_categories_of_a_text_are_counted(tmp_path):
    rows = [
        {"text": "Ana left Lima", "people": ["Ana"], "places": ["Lima", "Peru"], "keywords": []},
        {"text": "Eva came", "category": "arrival"},
        {"text": "Eva came", "spans": [{"start": 0, "end": 3, "label": "PERSON"}], "label": "arrival"},
    ]
    records = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert total(records) == 1
    assert unread(records) == {
        "text(s) under people, without offsets": 1,
        "text(s) under places, without offsets": 1,
        "text(s) with a category": 1,
        "text(s) with a label": 1,
    }
