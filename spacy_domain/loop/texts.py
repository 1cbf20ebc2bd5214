"""Which texts there are to look at, and which labels to give."""

from collections.abc import Iterator
from pathlib import Path

from spacy.language import Language

from ..annotations import AnnotatedText, find_unit, list_parts, read_part
from ..corpora.raw import read_raw_texts
from .forms import form_of
from .guide import read_rules
from .journal import read_decisions
from .suggestion import Suggestion, read_suggestions


def has_content(path: Path) -> bool:
    """RETURNS (bool): Whether there is a file that is not empty, or a folder with one."""
    files = path.rglob("*") if path.is_dir() else [path]
    return any(file.is_file() and not file.name.startswith(".") and file.stat().st_size for file in files)


def read_known(annotations: Path) -> Iterator[AnnotatedText]:
    """Read what is annotated already.

    annotations (Path): A file or a folder; there may be none.
    YIELDS (AnnotatedText): The records that count.
    RAISES (ProjectError): If it cannot be read as annotations.
    """
    if has_content(annotations):
        for part in list_parts(annotations, "", find_unit("auto")):
            yield from (record for record in read_part(part) if not record.rejected)


def read_all_suggestions(raw_text: Path, suggestions: Path, annotations: Path, nlp: Language) -> dict[str, Suggestion]:
    """Read texts to look at, without those that are annotated already.

    raw_text (Path): Texts without annotations.
    suggestions (Path): Those to look at first, with what is suggested for them; there may be none.
    annotations (Path): What is annotated already; there may be none.
    nlp (Language): The pipeline whose tokenizer the model will use.
    RETURNS (dict[str, Suggestion]): The texts, each of them once, by form.
    RAISES (ProjectError): If a file cannot be read.
    """
    found = {form_of(one.text): one for one in read_suggestions(suggestions)} if has_content(suggestions) else {}
    for text in read_raw_texts(raw_text, (), nlp) if has_content(raw_text) else ():
        found.setdefault(form_of(text), Suggestion(text))
    for record in read_known(annotations):
        found.pop(form_of(record.text), None)
    return found


def list_labels(labels: str, annotations: Path, reviews: Path, guide: Path) -> dict[str, str]:
    """List labels, in an order that stays: that of the guide.

    labels (str): Labels with commas between, or "auto" for those that were given before, and those of the guide; the
        latter not, if it has none of the former: then it is another domain's.
    annotations (Path): What is annotated already; there may be none.
    reviews (Path): The folder of decisions; there may be none.
    guide (Path): The annotation guide; there may be none.
    RETURNS (dict[str, str]): The guide's rule by label; empty where there is none.
    """
    if labels not in ("auto", ""):
        given = dict.fromkeys((label.strip() for label in labels.split(",") if label.strip()), "")
        return given | read_rules(guide, given)
    known = dict.fromkeys(span.label for record in read_known(annotations) for span in record.spans)
    known |= dict.fromkeys(span.label for one in read_decisions(reviews) for span in one.spans)
    rules = read_rules(guide)
    same_domain = not known or bool(known.keys() & rules.keys())
    return (rules if same_domain else {}) | {label: "" for label in sorted(known) if label not in rules}
