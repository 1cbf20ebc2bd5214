"""Annotate and correct texts one after another, on a page in the browser, by keyboard."""

from pathlib import Path

from spacy_domain.base.pipeline import load_tokenizer
from spacy_domain.loop.guide import read_rules
from spacy_domain.loop.journal import Journal
from spacy_domain.loop.queue import Queue
from spacy_domain.loop.review_server import hosts_of, open_port, run_review_server
from spacy_domain.loop.texts import list_labels, read_all_suggestions
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.requirements import check_requirements
from spacy_domain.project.terminal import Arg, Opt, msg, run


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
    known = list_labels(labels, annotations, journal)
    rules = read_rules(guide, known)
    screen = Screen(queue, Labels({label: rules.get(label, "") for label in known or rules}), dict)
    app = make_review_app(screen, hosts_of(host))
    with open_port(host, port) as listener:
        run_review_server(app, listener, lambda url: msg.good(f"{len(texts)} texts to review: open {url}"))
    msg.good(f"{sum(journal.counts.values())} decisions of {annotator} in {journal.path}")


if __name__ == "__main__":
    run(review, alone=False)
