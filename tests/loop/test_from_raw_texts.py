"""From raw texts to a wheel: the commands of docs/no-annotations-yet.md, with gold in the annotator's place."""

import json
import re
import shlex

import pytest
import spacy
from loop.test_suggest import WITHOUT_CLASSES
from projects import ROOT, WHEEL, copy_template

from spacy_domain.annotations import CharSpan
from spacy_domain.loop.forms import form_of
from spacy_domain.loop.journal import Answer, Journal
from spacy_domain.loop.queue import Queue, set_ents
from spacy_domain.loop.suggestion import read_suggestions

PAGE = (ROOT / "docs/no-annotations-yet.md").read_text(encoding="utf-8")


def overrides(command):
    """The vars of the page's `spacy project run <command>`."""
    (line,) = re.findall(rf"^spacy project run {command} (.*)$", PAGE, re.MULTILINE)
    return [word for word in shlex.split(line) if word.startswith("--vars.")]


@pytest.fixture(scope="module")
def gold():
    rows = [json.loads(line) for line in (ROOT / "assets/events.jsonl").read_text(encoding="utf-8").splitlines()]
    return {row["text"]: [CharSpan(**span) for span in row["spans"]] for row in rows[:200]}


def annotate(project, gold, number):
    """Decide on as many texts as `review` shows first."""
    nlp = spacy.blank("en")
    suggestions = list(read_suggestions(project.path / "corpus/suggestions.jsonl"))
    by_form = {form_of(one.text): one for one in suggestions}
    queue = Queue(Journal(project.path / "assets/reviews", "anna"), nlp, by_form, share=0.0)
    for _ in range(number):
        task = queue.show()
        doc = set_ents(nlp.make_doc(task.doc.text), gold[task.doc.text])
        queue.decide(task.id, Answer.accept, [(ent.start, ent.end, ent.label_) for ent in doc.ents], 1.0)
    return [one.source for one in suggestions[:number]]


def test_from_raw_texts_to_a_wheel(tmp_path, gold):
    """Suggestions, decisions, a model, and suggestions of that model."""
    project = copy_template(tmp_path / "project")
    project.write("configs/crf.cfg", WITHOUT_CLASSES)
    project.write("assets/texts.txt", "".join(f"{text}\n" for text in gold))
    project.write("assets/patterns.jsonl", '{"label": "DATE", "pattern": [{"LOWER": "tomorrow"}]}\n')
    project.run_here("suggest", *overrides("suggest"))
    sources = annotate(project, gold, 60)
    assert set(sources) == {"", "patterns"}
    project.run_here("all", *overrides("all"))
    assert (project.path / WHEEL.replace("event_scheduling", "my_domain")).exists()
    assert json.loads(project.read("corpus/audit.json"))["records"] == {"read": 60, "used": 60, "set_aside": 0}
    said = project.run_here("suggest", *overrides("suggest")).stdout
    assert "that training/model-best is least sure of" in " ".join(said.split())
    assert len(annotate(project, gold, 20)) == 20
    texts = [json.loads(line)["text"] for line in project.read("assets/reviews/anna.jsonl").splitlines()]
    assert len(set(texts)) == 80
    project.run_here("cross-validate", *overrides("all"), "--vars.folds=2", "--vars.cross_validate=always")
    assert json.loads(project.read("metrics/studies/cross_validation.json"))["texts"] == 60
