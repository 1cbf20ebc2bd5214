"""What preprocess makes of a file of annotations, and what it says about it."""

import json

import pytest
import spacy
from projects import copy_template
from spacy.tokens import DocBin

from spacy_domain.corpora.align import OnMisaligned

NLP = spacy.blank("en")


def preprocess(project, annotations, **options):
    """Run the command with these annotations; options are vars."""
    check = options.pop("check", True)
    overrides = [f"--vars.{name}={value}" for name, value in options.items()]
    return project.run_here("preprocess", f"--vars.annotations={annotations}", *overrides, check=check, force=True)


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A copy in which nothing ran but preflight."""
    project = copy_template(tmp_path_factory.mktemp("checked") / "project")
    project.run_here("preflight")
    return project


@pytest.fixture
def project(checked, tmp_path):
    return checked.copy(tmp_path / "project")


MISALIGNED = {"text": "the quick brown fox", "spans": [{"start": 10, "end": 13, "label": "ANIMAL"}]}
FITTING = [{"text": f"call Zoë {n} times", "spans": [{"start": 5, "end": 8, "label": "PERSON"}]} for n in range(40)]


@pytest.mark.parametrize("mode", OnMisaligned)
def test_misaligned_span_in_a_file(project, mode):
    project.write("assets/mine.jsonl", "".join(json.dumps(row) + "\n" for row in [*FITTING, MISALIGNED]))
    done = preprocess(project, "assets/mine.jsonl", on_misaligned=mode.value, check=mode is not OnMisaligned.stop)
    assert "assets/mine.jsonl:41: " in done.stdout and "cuts through 'brown'" in done.stdout
    if mode is OnMisaligned.stop:
        assert done.returncode == 1
        assert "What to do: Mend the offsets" in done.stdout
        assert not list((project.path / "corpus").glob("*.spacy"))
        (problem,) = json.loads(project.read("corpus/audit.json"))["problems"]
        assert problem["line"] == 41
    else:
        audit = json.loads(project.read("corpus/audit.json"))
        outcome = {"snap": "repaired", "missing": "missing", "drop": "dropped"}[mode.value]
        assert audit["spans"] == {"read": 41, "used": 40, "repaired": 0, "missing": 0, "dropped": 0} | {outcome: 1}
        (problem,) = audit["problems"]
        assert (problem["file"], problem["line"], problem["kind"]) == ("assets/mine.jsonl", 41, "misaligned")


def test_audit_adds_up_over_rejected_and_too_long_records(project):
    rows = [*FITTING, {**FITTING[0], "answer": "reject"}, {**FITTING[1], "text": FITTING[1]["text"] + " ha" * 400_000}]
    project.write("assets/mine.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    preprocess(project, "assets/mine.jsonl")
    audit = json.loads(project.read("corpus/audit.json"))
    assert audit["records"] == {"read": 42, "used": 40, "set_aside": 2}
    assert audit["spans"] == {"read": 42, "used": 40, "repaired": 0, "missing": 0, "dropped": 2}
    assert [problem["kind"] for problem in audit["problems"]] == ["rejected", "too long"]
    splits = audit["splits"].values()
    assert sum(split["records"] for split in splits) == audit["records"]["used"]
    assert sum(split["spans"] for split in splits) == sum(audit["labels"].values()) == 40


def test_adding_data_moves_nothing(project):
    project.write("assets/mine.jsonl", "".join(json.dumps(row) + "\n" for row in FITTING))
    preprocess(project, "assets/mine.jsonl")
    before = {split: docs(project, split) for split in ("train", "dev", "test")}
    more = [{"text": f"ring Ana {n} times", "spans": [{"start": 5, "end": 8, "label": "PERSON"}]} for n in range(40)]
    project.write("assets/mine.jsonl", "".join(json.dumps(row) + "\n" for row in [*more, *FITTING]))
    preprocess(project, "assets/mine.jsonl")
    for split, texts in before.items():
        assert texts <= docs(project, split)


def docs(project, split):
    return {doc.text for doc in DocBin().from_disk(project.path / f"corpus/{split}.spacy").get_docs(NLP.vocab)}


def test_test_split_without_entities(project):
    blank = [{"text": f"hello {n}", "spans": []} for n in range(10)]
    for split, rows in {"train": FITTING, "dev": FITTING[:5], "test": blank}.items():
        project.write(f"assets/mine/{split}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    done = preprocess(project, "assets/mine", check=False)
    assert done.returncode == 1
    assert "No entities in the test split" in done.stdout and "test: 10 records, 0 entities" in done.stdout
    assert "files or records name" in done.stdout and "split_seed" not in done.stdout, "that would change nothing"
