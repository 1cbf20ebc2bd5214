"""Records without a file: made, stored and shared out."""

from rapidfuzz import fuzz

from spacy_domain.annotations import AnnotatedText, CharSpan
from spacy_domain.corpora.duplicates import join_near_duplicates, note_leaks, sign_all
from spacy_domain.corpora.normal_form import NUMBER, normal_form
from spacy_domain.corpora.processes import Processes
from spacy_domain.corpora.serialization import to_row
from spacy_domain.corpora.splits import assign_split, fill_splits, keep_together


def record(text, *spans, line=1, **more):
    return AnnotatedText(text, [CharSpan(*span) for span in spans], "a.jsonl", line, **more)


def fill(store, records, seed=0):
    store.add(to_row(one, assign_split(one, seed), "") for one in records)


def draw(store, seed=0):
    """Share the records out as preprocess does; returns for each the first one that it hangs together with."""
    forms = sign_all(store, Processes(several=False))
    alike = join_near_duplicates(store, forms)
    keep_together(store, forms.numbers, alike)
    fill_splits(store, seed)
    note_leaks(store, forms)
    return alike.firsts().tolist()


def alike(one, other):
    one, other = normal_form(one), normal_form(other)
    return NUMBER.findall(one) == NUMBER.findall(other) and fuzz.ratio(one, other) >= 95


def splits(store):
    return [split for (split,) in store.sql.execute("SELECT split FROM records ORDER BY id")]


TEXT = "Paris met Helen in Troy"
PARIS, HELEN, TROY = (0, 5, "PERSON"), (10, 15, "PERSON"), (19, 23, "PLACE")
