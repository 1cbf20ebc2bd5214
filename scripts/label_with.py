"""Have a language model propose entities, for review: any server that speaks OpenAI's chat protocol."""

import os
from pathlib import Path

from tqdm import tqdm

from spacy_domain.base.pipeline import load_tokenizer
from spacy_domain.loop.chat import Answers, Chat
from spacy_domain.loop.labelling import Labeller
from spacy_domain.loop.suggesting import Sources, list_new_texts
from spacy_domain.loop.suggestion import read_suggestions, write_suggestions
from spacy_domain.loop.texts import has_content, list_labels
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.terminal import Arg, Opt, msg, run


def label_with(
    raw_text: Path = Arg(..., help="Texts without annotations, in any format"),
    suggestions: Path = Arg(
        ..., help="Where to write what review shows; if it has texts, these are labelled, in order"
    ),
    answers: Path = Opt(Path("corpus/answers.jsonl"), help="Where answers are kept: nothing is asked twice"),
    annotations: Path = Opt(Path("none"), help="What is annotated already; there may be none"),
    reviews: Path = Opt(Path("assets/reviews"), help="The folder of decisions of review; there may be none"),
    labels: str = Opt("auto", help="Labels, with commas between; auto for those of the annotations and the guide"),
    guide: Path = Opt(Path("assets/README.md"), help="The annotation guide, which tells the model what labels mean"),
    base_model: str = Opt("blank:en", help="The pipeline whose tokenizer the model will use"),
    number: int = Opt(200, min=1, help="How many texts to label, where suggestions has none"),
    jobs: int = Opt(4, min=1, help="How many requests at once"),
    timeout: float = Opt(120.0, help="Most seconds to wait for an answer"),
) -> None:
    """Have a language model propose entities, for review: any server that speaks OpenAI's chat protocol.

    OPENAI_BASE_URL, OPENAI_MODEL and OPENAI_API_KEY say which. The texts leave this machine for that server.
    """
    chat = Chat.from_environment(os.environ, timeout=timeout)
    labeller = Labeller(chat, Answers(answers), list_labels(labels, annotations, reviews, guide))
    if not labeller.rules:
        raise ProjectError("No labels", "Set --vars.labels=DISH,DRINK, or write a guide with a heading for each.")
    if has_content(suggestions):
        texts = [one.text for one in read_suggestions(suggestions)]
    else:
        sources = Sources(raw_text, annotations, reviews)
        texts = list_new_texts(sources, sources.read_annotated(), load_tokenizer(base_model))[:number]
    if not texts:
        raise ProjectError("No raw texts that are not annotated yet", "Set --vars.raw_text to more texts.")
    found = list(tqdm(labeller.label(texts, jobs), total=len(texts), desc="Asking", unit=" texts", disable=None))
    write_suggestions(suggestions, found)
    counts = labeller.counts + chat.counts
    msg.good(f"{len(found)} of {len(texts)} texts: {counts['entities']} entities proposed by {chat.model}")
    told = ("asked", "known", "not answered", "refused", "no JSON", "not located", "tried again", "cut off")
    msg.info(", ".join(f"{counts[name]} {name}" for name in told))
    msg.info(f"{counts['prompt_tokens']} tokens sent, {counts['completion_tokens']} received")


if __name__ == "__main__":
    run(label_with)
