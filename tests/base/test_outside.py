"""New labels stay where they belong: raw texts tell a conditional random field where they are not."""

import json

import bases
import spacy
from commands import run_command
from dishes import build, evaluate, make_project, package, preprocess, read_json
from projects import Project
from spacy.tokens import DocBin
from spacy.util import load_config

NLP = spacy.blank("xx")
DISHES = ("ramen", "pho", "tacos", "injera", "pierogi", "jollof", "dal", "sushi")


def docs_of(path):
    return [doc for file in sorted(path.glob("*.spacy")) for doc in DocBin().from_disk(file).get_docs(NLP.vocab)]


def write_dishes(project, beside):
    """Annotated texts of one kind, and raw ones that are like them but for what is brought."""
    rows, raw = [], []
    for number in range(60):
        dish, other = DISHES[number % 8], beside[number % len(beside)]
        text = f"please bring {dish} number {number}"
        rows.append({"text": text, "spans": [{"start": 13, "end": 13 + len(dish), "label": "DISH"}]})
        raw += [
            {"text": f"they will bring {other} number {number} to {bases.CITIES[number % 8]}"}
            for number in (number, -number)
        ]
    for name, records in (("dishes", rows), ("raw", raw)):
        project.write(f"assets/{name}.jsonl", "".join(json.dumps(row) + "\n" for row in records))


def test_raw_texts_say_where_new_labels_are_not_but_for_words_that_entities_have(base, tmp_path):
    project = make_project(tmp_path / "project")
    write_dishes(project, ["water", "pho", "it"])
    project.edit("assets/raw.jsonl", "bring pho number 1 to", "bring pho number 1 to Paris we went to")
    told = preprocess(project, base("own_tok2vec"), "separate", "--outside=50").stdout
    assert "50 raw texts" in " ".join(told.split())
    docs = docs_of(project.path / "corpus/rehearsal/beside")
    raw = [doc for doc in docs if doc[0].text == "they"]
    assert len(raw) == 50 and len(docs) > 80
    assert {token.ent_iob_ for doc in raw for token in doc if token.text == "pho"} == {""}
    assert {token.ent_iob_ for doc in raw for token in doc if token.text != "pho"} == {"O"}


def test_a_crf_learns_them_and_the_base_stays_as_it_was(base, tmp_path):
    """Without them, whatever is brought is a dish; with them, it is not, and dishes still are."""
    path, found = base("own_tok2vec"), {}
    for outside in (0, 200):
        project = make_project(tmp_path / f"project {outside}")
        write_dishes(project, ["water", "chairs", "flowers", "luck"])
        model = build(path, project, "separate", "crf", f"--outside={outside}")
        assert load_config(project.path / "training/config.cfg")["paths"]["train"] == "corpus/rehearsal/beside"
        kept, metrics = (read_json(project, f"metrics/{name}.json") for name in ("retention", "metrics"))
        assert kept["all"]["loss"] == 0 and kept["raw"]["all"]["loss"] == 0
        assert metrics["ents_f"] > 0.8
        found[outside] = kept["outside"]["all"]
        assert [ent.label_ for ent in model("please bring sushi").ents] == ["DISH"]
    check_refusal(tmp_path / "project 0", path)
    assert (
        found[200]["found"] == 0
        and found[0]["found"] >= 5
        and found[0]["most"][0][0] in ("water", "chairs", "flowers", "luck")
    )


def check_refusal(folder, base):
    """Evaluate names what was found, and advises what is not done yet; the report shows it, and there is no wheel."""
    project = Project(folder)
    project.write("assets/about.json", '{"description": "Finds dishes", "sources": []}')
    told = " ".join(evaluate(project, base, "separate", "--max-outside=0.01").stdout.split())
    assert "The model finds DISH where none is" in told and "will make no wheel" in told
    files = ["--audit=corpus/audit.json", "--log=training/log.jsonl", "--about=assets/about.json"]
    names = ["--annotations=assets/dishes.jsonl", "--package=xx_dishes-1.0.0"]
    run_command(project, "report", "metrics", "metrics/report.html", *files, *names)
    assert "The model finds DISH where none is" in project.read("metrics/report.html")
    done = package(project, base)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "The model finds DISH where none is" in words and "DISH: " in words
    assert "--vars.outside" in words and "--vars.strategy=separate" not in words
