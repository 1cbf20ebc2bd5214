"""A conditional random field on features of words: sklearn-crfsuite.

Features and settings are those of its tutorial, with the word's shape in the place of its part of speech.
See https://sklearn-crfsuite.readthedocs.io/en/latest/tutorial.html
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import sklearn_crfsuite
import spacy
from others import LANGUAGES
from spacy.tokens import Doc, Token
from spacy.training import Corpus, biluo_tags_to_spans, iob_to_biluo

Features = dict[str, str | bool | float]
MODEL, LANGUAGE = "model.crfsuite", "lang"


def train(arm: str, corpus: Path, folder: Path, seed: int) -> None:
    """Train for 100 iterations of L-BFGS. Nothing is random in that, and nothing is chosen on dev.

    arm (str): Its name, "crfsuite".
    corpus (Path): Folder with train.spacy.
    folder (Path): Where CRFsuite saves its model.
    seed (int): Makes no difference.
    """
    lang = LANGUAGES.get(corpus.name, "en")
    (folder / LANGUAGE).write_text(lang, encoding="utf-8")
    docs = [example.reference for example in Corpus(corpus / "train.spacy")(spacy.blank(lang))]
    tagger = sklearn_crfsuite.CRF(
        algorithm="lbfgs",
        c1=0.1,
        c2=0.1,
        max_iterations=100,
        all_possible_transitions=True,
        model_filename=str(folder / MODEL),
    )
    tagger.fit([features(doc) for doc in docs], [tags(doc) for doc in docs])


def load(arm: str, folder: Path) -> Callable[[Iterable[str]], Iterable[Doc]]:
    """RETURNS (Callable): The trained model's way from texts to Docs."""
    nlp = spacy.blank((folder / LANGUAGE).read_text(encoding="utf-8"))
    tagger = sklearn_crfsuite.CRF(model_filename=str(folder / MODEL))

    def pipe(texts: Iterable[str]) -> Iterator[Doc]:
        for doc in nlp.pipe(texts):
            found = tagger.predict_single(features(doc))
            doc.ents = biluo_tags_to_spans(doc, iob_to_biluo(list(found)))
            yield doc

    return pipe


def tags(doc: Doc) -> list[str]:
    """RETURNS (list[str]): The IOB tag of each token."""
    return [f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc]


def features(doc: Doc) -> list[Features]:
    """RETURNS (list[Features]): What the model sees of each token: the word, and a little of those beside it."""
    rows = []
    for token in doc:
        row = {"bias": 1.0, "suffix3": token.text[-3:], "suffix2": token.text[-2:], "digit": token.text.isdigit()}
        row |= look(token)
        for name, i in (("previous", token.i - 1), ("next", token.i + 1)):
            there = 0 <= i < len(doc)
            row |= {f"{name}:{key}": value for key, value in look(doc[i]).items()} if there else {f"{name}:none": True}
        rows.append(row)
    return rows


def look(token: Token) -> Features:
    """RETURNS (Features): What a word looks like."""
    return {
        "lower": token.lower_,
        "upper": token.text.isupper(),
        "title": token.text.istitle(),
        "shape": token.shape_,
    }
