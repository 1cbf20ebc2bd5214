"""Near-duplicates and groups stay in one split, and adding data moves nothing else."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import alike, draw, fill, record, splits

from spacy_domain.corpora.duplicates import find_leaks, note_leaks, sign_all
from spacy_domain.corpora.processes import Processes
from spacy_domain.corpora.splits import assign_split
from spacy_domain.corpora.store import Store


def similar_texts(count, seed=0):
    rng = random.Random(seed)
    words = re.findall(
        r"\w+", "please move the budget review with Anna from Monday to Friday and tell Omar why it is late"
    )
    texts = []
    for number in range(count):
        if texts and rng.random() < 0.3:
            text = rng.choice(texts)
            place = rng.randrange(len(text))
            texts.append(rng.choice([text + "!", text.upper(), text[:place] + text[place + 1 :]]))
        else:
            texts.append(" ".join(rng.sample(words, 11)) + f" {number}")
    return texts


def test_near_duplicates_share_a_split():
    texts = similar_texts(400)
    with Store() as store:
        fill(store, [record(text) for text in texts])
        note_leaks(store, sign_all(store, Processes(several=False)))
        assert len(list(find_leaks(store))) > 3
        store.drop_leaks()
        firsts = draw(store)
        assert list(find_leaks(store)) == []
        assert sum(first != row for row, first in enumerate(firsts)) > 50
        assert set(splits(store)) == {"train", "dev", "test"}


def typo(rng, text):
    place = rng.randrange(len(text) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice(
        [
            text[:place] + letter + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place:],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
        ]
    )


def changed_word(rng, text):
    words = text.split(" ")
    place = rng.randrange(len(words))
    return " ".join(words[:place] + rng.choice([[], [words[place], "so"]]) + words[place + 1 :])


def typos_at_both_ends(rng, text):
    first, *others, last = text.split(" ")
    return " ".join([typo(rng, first), *others, typo(rng, last)])


COPIES = {
    "case": lambda rng, text: text.upper(),
    "punctuation": lambda rng, text: text.replace(" ", ", ", 1) + "!",
    "typo": typo,
    "typos": lambda rng, text: typo(rng, typo(rng, text)),
    "typos in first and last word": typos_at_both_ends,
    "a word more or less": changed_word,
}


@pytest.mark.parametrize("kind", COPIES)
@pytest.mark.parametrize("shape", ["short", "long", "alike"])
def test_near_copies_are_found_anywhere_among_many(kind, shape):
    """More than 99 % of what is 95 % the same, among texts that begin alike, too."""
    rng = random.Random(f"{kind} {shape}")
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(2000)]
    beginning = " ".join(rng.choices(words, k=6)) + " " if shape == "alike" else ""
    lengths = (30, 60) if shape == "long" else (5, 10)
    texts = [beginning + " ".join(rng.choices(words, k=rng.randint(*lengths))) for _ in range(500)]
    copies = [COPIES[kind](rng, text) for text in texts]
    with Store() as store:
        fill(store, [record(text) for text in [*texts, *copies]])
        firsts = draw(store)
        parts = splits(store)
    near = [row for row, (text, copy) in enumerate(zip(texts, copies, strict=True)) if alike(text, copy)]
    found = [row for row in near if firsts[row] == firsts[row + 500] and parts[row] == parts[row + 500]]
    assert len(near) > 50 and len(found) >= 0.99 * len(near)


def test_other_numbers_make_another_text():
    texts = ["table 12 would like the ramen with extra noodles", "table 13 would like the ramen with extra noodles"]
    with Store() as store:
        fill(store, [record(text) for text in texts])
        assert draw(store) == [0, 1]


def test_what_hangs_together_by_several_ways_stays_in_one_split():
    """By group, by likeness, and by a text of one group that is nearly the same as one of another."""
    texts = ["please move the budget review with Anna", "tell Omar why the tax thing is so late", "play some old jazz"]
    for seed in range(30):
        records = [
            record(texts[0], group="a"),
            record(texts[1], group="b"),
            record(texts[2], group="b"),
            record(texts[1].upper() + "!", group="c"),  # not the first of its group
            record("sing along", group="c"),
            record(texts[0] + "?", group="d"),
            record("sing a song", group="d"),
        ]
        with Store() as store:
            fill(store, records, seed)
            draw(store, seed)
            one, *rest = splits(store)
            assert {rest[4], rest[5]} == {one} == {assign_split(records[0], seed)}
            assert set(rest[:4]) == {assign_split(records[1], seed)}


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 120))
def test_adding_data_behind_moves_what_it_connects_alone(seed, cut):
    """A set that a new record connects with an earlier one moves there; nothing else moves, and nothing leaks."""
    rng = random.Random(seed)
    records = [record(text, group=rng.choice(["", "", "", "", "a", "b"])) for text in similar_texts(120, seed)]
    drawn = []
    for part in (records[:cut], records):
        with Store() as store:
            fill(store, part)
            draw(store)
            together = dict(store.sql.execute("SELECT id, first FROM sets"))
            firsts = [together.get(number, number) for number in range(1, len(part) + 1)]
            drawn.append((splits(store), firsts))
    (before, firsts_before), (after, firsts) = drawn
    for row, split in enumerate(after):
        assert split == assign_split(records[firsts[row] - 1], 0)
        assert row >= cut or firsts[row] < firsts_before[row] or split == before[row]
    for row, one in enumerate(records):
        for number, other in enumerate(records[:row]):
            if (one.group and one.group == other.group) or alike(one.text, other.text):
                assert after[row] == after[number]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(10, 30), st.integers(0, 10))
def test_ten_texts_with_entities_give_each_split_one(seed, count, blank):
    rng = random.Random(seed)
    words = ["".join(rng.choices("aeioudstrn", k=6)) for _ in range(300)]
    records = [record(" ".join(rng.sample(words, 6)), *[(0, 6, "X")] * (row < count)) for row in range(count + blank)]
    with Store() as store:
        fill(store, records, seed)
        draw(store, seed)
        parts = splits(store)
    assert set(parts[:count]) == {"train", "dev", "test"}
    # as drawn, but for those that were needed
    moved = [split for one, split in zip(records, parts, strict=True) if split != assign_split(one, seed)]
    drawn = {assign_split(one, seed) for one in records[:count]}
    assert sorted(moved) == sorted({"train", "dev", "test"} - drawn)


def test_fewer_than_ten_texts_stay_as_drawn():
    records = [record(f"{word} moved to Lima", (0, len(word), "X")) for word in ["Ana", "Zoë", "Li", "Omar", "Jo"]]
    with Store() as store:
        fill(store, records)
        draw(store)
        assert splits(store) == [assign_split(one, 0) for one in records]
