"""Annotate and correct texts one after another, on a page in the browser, by keyboard."""

from pathlib import Path

from spacy_domain.base.pipeline import load_tokenizer
from spacy_domain.loop.along import Along, Lesson
from spacy_domain.loop.journal import Journal
from spacy_domain.loop.queue import Queue
from spacy_domain.loop.review_server import hosts_of, open_port, run_review_server
from spacy_domain.loop.suggesting import Sources
from spacy_domain.loop.texts import has_content, list_labels, read_all_suggestions
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.requirements import check_requirements
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.project.workers import start_workers


def review(
    raw_text: Path = Arg(..., help="Texts to look at, in any format"),
    reviews: Path = Arg(..., help="The folder that decisions go to, a file for each annotator"),
    annotator: str = Opt(..., help="Who decides: the name of the file"),
    suggestions: Path = Opt(Path("corpus/suggestions.jsonl"), help="Texts to look at first; there may be none"),
    annotations: Path = Opt(Path("none"), help="What is annotated already; there may be none"),
    base_model: str = Opt("blank:en", help="The pipeline whose tokenizer the model will use"),
    labels: str = Opt("auto", help="Labels, with commas between; auto for those of the annotations and the guide"),
    guide: Path = Opt(Path("assets/README.md"), help="The annotation guide, in Markdown: a heading for each label"),
    share: float = Opt(0.1, min=0, max=1, help="Which share of the texts everybody is shown, for agreement"),
    patterns: Path = Opt(Path("assets/patterns.jsonl"), help="Patterns, as entity_ruler reads them; there may be none"),
    recipe: Path = Opt(
        Path("configs/crf.cfg"), help="A recipe that trains in seconds, for the model that learns along"
    ),
    every: int = Opt(20, min=0, help="After how many decisions it is trained again; 0 for never"),
    host: str = Opt("127.0.0.1", help="Address to listen on"),
    port: int = Opt(8090, help="Port to listen on; 0 for any that is free"),
) -> None:
    """Annotate and correct texts one after another, on a page in the browser, by keyboard."""
    check_requirements("serve")
    from spacy_domain.loop.review_app import Labels, Screen, make_review_app  # needs what `serve` lists

    nlp = load_tokenizer(base_model)
    journal = Journal(reviews, annotator)
    texts = read_all_suggestions(raw_text, suggestions, annotations, nlp)
    if not texts:
        raise ProjectError(
            "No texts to review", "Set --vars.raw_text to texts without annotations: a text a line in a .txt, say."
        )
    queue = Queue(journal, nlp, texts, share)
    rules = list_labels(labels, annotations, reviews, guide)
    lesson = Lesson(Sources(raw_text, annotations, reviews), recipe, base_model, patterns, tuple(rules))
    with open_port(host, port) as listener, start_workers(1) as pool:
        along = Along(pool, lesson, every, queue.reorder)
        along.begin(choosing=not has_content(suggestions))
        app = make_review_app(Screen(queue, Labels(rules), along), hosts_of(host))
        run_review_server(app, listener, lambda url: msg.good(f"{len(texts)} texts to review: open {url}"))
        along.end()
    msg.good(f"{sum(journal.counts.values())} decisions of {annotator} in {journal.path}")


if __name__ == "__main__":
    run(review, alone=False)
