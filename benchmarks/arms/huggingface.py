"""Hugging Face's token classification, with the transformer recipe's weights to start from, learning rate and epochs.

As in its documentation: the first piece of each word carries the word's label, the others count for nothing.
https://huggingface.co/docs/transformers/tasks/token_classification
"""

import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy
import spacy
import torch
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Corpus, Example, biluo_tags_to_spans, iob_to_biluo
from spacy.util import load_config, minibatch, registry
from template import ROOT
from transformers import AutoModelForTokenClassification, AutoTokenizer, get_linear_schedule_with_warmup

from .encoder import find_encoder

BATCH_SIZE = 16
WARMUP = 0.1  # of all steps
MAX_LENGTH = 512  # pieces that the weights have positions for
NO_LABEL = -100  # what torch's loss leaves out


def train(arm: str, corpus: Path, folder: Path, seed: int) -> None:
    """Fine-tune all weights, and save those of the epoch that did best on dev.

    arm (str): Its name, "huggingface".
    corpus (Path): Folder with train.spacy and dev.spacy.
    folder (Path): Where to save the model and its tokenizer.
    seed (int): The seed of all random numbers.
    """
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    nlp = spacy.blank("en")
    docs, dev = ([example.reference for example in Corpus(corpus / f"{name}.spacy")(nlp)] for name in ("train", "dev"))
    names = sorted({ent.label_ for doc in docs for ent in doc.ents})
    labels = ["O", *(f"{prefix}-{name}" for name in names for prefix in "BI")]
    numbers = {label: number for number, label in enumerate(labels)}
    tokenizer = AutoTokenizer.from_pretrained(find_encoder(), model_max_length=MAX_LENGTH)
    model = AutoModelForTokenClassification.from_pretrained(
        find_encoder(), num_labels=len(labels), id2label=dict(enumerate(labels)), label2id=numbers
    )
    epochs, learn_rate = find_settings(corpus / "train.spacy")
    optimizer = torch.optim.AdamW(model.parameters(), lr=learn_rate, weight_decay=0.01)
    steps = epochs * -(-len(docs) // BATCH_SIZE)
    schedule = get_linear_schedule_with_warmup(optimizer, int(WARMUP * steps), steps)
    best = -1.0
    for epoch in range(epochs):
        random.shuffle(docs)
        model.train()
        for batch in minibatch(docs, BATCH_SIZE):
            inputs = tokenize(tokenizer, batch)
            gold = [
                [NO_LABEL if i is None else numbers[tag(doc[i])] for i in words]
                for doc, words in zip(batch, first_pieces(inputs, batch), strict=True)
            ]
            model(**inputs, labels=torch.tensor(gold)).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        found = annotate(model, tokenizer, (nlp.make_doc(doc.text) for doc in dev))
        score = get_ner_prf([Example(*pair) for pair in zip(found, dev, strict=True)])["ents_f"]
        print(json.dumps({"epoch": epoch + 1, "dev": score}), flush=True)
        if score > best:
            best = score
            model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def find_settings(train: Path) -> tuple[int, float]:
    """RETURNS (tuple[int, float]): How many epochs the transformer recipe makes of a corpus, and its learning rate."""
    sys.path.append(str(ROOT))
    from spacy_domain.recipes.schedules import count_steps

    recipe = load_config(ROOT / "configs" / "transformer.cfg", overrides={"paths.train": str(train)}, interpolate=True)
    settings = recipe["training"]
    steps = registry.resolve({"steps": settings["max_steps"]})["steps"]
    batcher = registry.resolve({"batcher": settings["batcher"]})["batcher"]
    epochs = steps / (count_steps(train, batcher, epochs=100, at_least=1) / 100)
    return round(epochs), settings["optimizer"]["learn_rate"]["initial_rate"]


def load(arm: str, folder: Path) -> Callable[[Iterable[str]], Iterable[Doc]]:
    """RETURNS (Callable): The trained model's way from texts to Docs."""
    nlp = spacy.blank("en")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForTokenClassification.from_pretrained(folder)
    return lambda texts: annotate(model, tokenizer, nlp.pipe(texts))


def annotate(model: torch.nn.Module, tokenizer: Callable, docs: Iterable[Doc]) -> Iterator[Doc]:
    """Set the entities of Docs.

    model (torch.nn.Module): The model.
    tokenizer (Callable): Its tokenizer.
    docs (Iterable[Doc]): The Docs.
    YIELDS (Doc): The same Docs, in order.
    """
    model.eval()
    for batch in minibatch(docs, BATCH_SIZE):
        inputs = tokenize(tokenizer, batch)
        with torch.inference_mode():
            best = model(**inputs).logits.argmax(-1).tolist()
        for doc, words, row in zip(batch, first_pieces(inputs, batch), best, strict=True):
            tags = ["O"] * len(doc)
            for word, number in zip(words, row, strict=True):
                if word is not None:
                    tags[word] = model.config.id2label[number]
            doc.ents = biluo_tags_to_spans(doc, iob_to_biluo(tags))
            yield doc


def tokenize(tokenizer: Callable, docs: list[Doc]) -> dict[str, torch.Tensor]:
    """RETURNS (BatchEncoding): The pieces of each token, as long as the longest Doc; what is too long is cut off."""
    words = [[token.text for token in doc] for doc in docs]
    return tokenizer(words, is_split_into_words=True, truncation=True, padding=True, return_tensors="pt")


def first_pieces(inputs: dict[str, torch.Tensor], docs: list[Doc]) -> list[list[int | None]]:
    """RETURNS (list[list[Optional[int]]]): By Doc and piece, the token that it begins; None for the other pieces."""
    words = [inputs.word_ids(i) for i in range(len(docs))]
    return [[None if i and row[i - 1] == word else word for i, word in enumerate(row)] for row in words]


def tag(token: spacy.tokens.Token) -> str:
    """RETURNS (str): The IOB tag of a token."""
    return f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O"
