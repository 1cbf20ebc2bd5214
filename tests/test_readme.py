"""What the README and the pages in docs/ say can be copied and pasted, and is there."""

import contextlib
import functools
import hashlib
import http.server
import json
import re
import shlex
import subprocess
import sys
import textwrap
import threading
import zipfile
from pathlib import Path
from urllib.parse import unquote

import bases
import pytest
import srsly
from projects import COMMANDS, CONFIG, ROOT, copy_template, git, limit_steps, write_events
from spacy.util import load_config

from spacy_domain.annotations import list_files, read_file

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
README = PAGES["README.md"]
# Commands that are run by .ci/run or by tests elsewhere, by a part of each: what is said there if they are
ELSEWHERE = {
    "python3 -m venv .venv": "readme_command 1",
    "pip install -r requirements.txt && spacy project run all": "readme_command 1",
    "&& pytest": "readme_command 2",
    "--require-hashes": "--require-hashes -r requirements/main.lock",
    "project push": "project_push",
    "project pull": "project_pull",
    "run trials": '"trials"',
    "run learning-curve": '"learning-curve"',
    "run check-annotations": '"check-annotations"',
    "run speed": '"speed"',
    "run review": "scripts.review",
    "scripts.review": "scripts.review",
    "OPENAI_BASE_URL": "OPENAI_",
    "run label-with": "label_with(",
    "run suggest": "run_suggest(",
    "--vars.annotations=assets/reviews --vars.name=my_domain": 'overrides("all")',
    "run report": '"report"',
    "run publish": "scripts.publish",
    "--vars.recipe=frozen": 'readme_command("--vars.recipe=frozen")',
    "--vars.recipe=distil": 'readme_command("--vars.recipe=distil")',
    "--vars.encoder=distilbert/distilroberta-base": 'readme_command("--vars.encoder=distilbert/distilroberta-base")',
    'pip install -e ".[serve]"': "serve.md",
    "run serve": "serve.md",
    "curl": "serve.md",
    "requirements/serve.lock": "serve.md",
    "pip install --no-deps packages/": "serve.md",
    "serve.pyz": "serve.md",
    'pip install -e ".[scale]"': "scaling.md",
    "run annotate": 'readme_command("annotate")',
    "--dry-run": "--dry-run",
    "run tune": 'readme_command("tune")',
}
# Files that `weasel assets --extra` fetches
FETCHED = {asset["dest"] for asset in CONFIG["assets"] if asset.get("url")}
# Files that pages tell to write, or that commands beside `all` make
MADE = (
    "assets/mine",
    "configs/mine",
    "count_labels",
    "marks.py",
    "assets/texts",
    "assets/reviews",
    "assets/patterns",
    "suggestions.jsonl",
    "answers.jsonl",
    "metrics/labels",
    "export",
    "studies/",
    "by-hand",
    ".pyz",
    "annotated",
)


def blocks(page, language):
    """The blocks of a page in a language."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", PAGES[page], re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(text) for _, text in found]


COMMAND_LINES = {line for page in PAGES for block in blocks(page, "bash") for line in block.splitlines()}


def command(part):
    """The one command with something in it, as words."""
    (line,) = [line for line in COMMAND_LINES if part in line]
    return shlex.split(line)


def overrides(part):
    """The vars of the one command with something in it."""
    return [word for word in command(part) if word.startswith("--vars.")]


def read(path):
    """The records of a file of annotations."""
    return [record for file in list_files(path).read for record in read_file(file)]


def test_the_two_commands_come_first():
    """.ci/run takes them from here and runs them on a clean clone."""
    first, second = blocks("README.md", "bash")[:2]
    assert first.endswith("spacy project run all\n") and second.endswith("pytest\n")
    assert first.count("\n") == second.count("\n") == 1
    assert README.index(first) < README.index("## ")


def test_every_command_is_run():
    """Here, in another test, or by .ci/run."""
    tests = Path(__file__).parent
    others = [path.read_text(encoding="utf-8") for path in tests.rglob("*.py") if path != Path(__file__)]
    said = "\n".join([(ROOT / ".ci/run").read_text(encoding="utf-8"), *others])
    assert [part for part, where in ELSEWHERE.items() if where not in said] == []
    here = re.findall(r'\b(?:command|overrides)\("(.*?)"\)', Path(__file__).read_text(encoding="utf-8"))
    parts = [*here, *ELSEWHERE]
    assert [line for line in COMMAND_LINES if not any(part in line for part in parts)] == []
    assert [part for part in parts if not any(part in line for line in COMMAND_LINES)] == []


def test_readme_is_read_to_the_end():
    assert len(README.splitlines()) <= 200
    linked = re.findall(r"\]\((docs/[\w-]+\.md)\)", README)
    assert sorted({"README.md", *linked}) == sorted(PAGES)


@pytest.mark.parametrize("page", [*PAGES, "assets/README.md", "benchmarks/README.md"])
def test_every_link_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        path, _, heading = unquote(link).partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        if heading:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles], link


@pytest.mark.parametrize("page", PAGES)
def test_every_file_var_and_command_that_is_named_exists(short_run, page):
    text = PAGES[page]
    folders = "|".join(
        [*CONFIG["directories"][:3], "corpus", "training", "metrics", "docs", "requirements", "spacy_domain"]
    )
    for name in re.findall(rf"`(?:python )?((?:{folders})/[\w./-]*)", text):
        known = (short_run.path / name).exists() or name in FETCHED or any(part in name for part in MADE)
        assert known, name
    for name in re.findall(r"`([\w-]+\.(?:yml|yaml|toml|cfg|lock))`|`(Dockerfile)`", text):
        assert (short_run.path / "".join(name)).exists(), name
    for name in re.findall(r"vars\.(\w+)", text):
        assert name in CONFIG["vars"], name
    for name in re.findall(r"spacy project run ([\w-]+)", text):
        assert name in {**COMMANDS, **CONFIG["workflows"], "count-labels": ""}, name
    for name in re.findall(r'pip install -e "\.\[(\w+)\]"', text):
        assert re.search(rf"^{name} = \[", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE), name


def test_wheel_as_the_readme_uses_it(full_run, tmp_path):
    """Its pip command (to a folder of its own), its program, and the output that it prints; and the confidence."""
    pip = command("pip install packages/")
    assert pip[:2] == ["pip", "install"]
    wheel = full_run.path / pip[2]
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(tmp_path), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (confidence,) = blocks("docs/is-it-good-enough.md", "python")
    use, look = blocks("README.md", "python")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{use}\n{look}\nassert 'DATE' in html\n{confidence}"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *entities, sure = done.stdout.splitlines()
    assert entities == blocks("README.md", "json")[0].splitlines()
    assert {(entity["text"], entity["label"]) for entity in map(json.loads, entities)} >= {
        ("reserve", "ACTION"),
        ("team brainstorming session", "EVENT"),
        ("coming Wednesday", "DATE"),
        ("11 AM", "TIME"),
    }
    assert re.search(r"\('3 PM', (0\.\d+|1\.0)\)", sure)


def test_readme_tells_the_scores_of_the_shipped_example(full_run):
    """The README's numbers are those that its first command makes."""
    metrics = json.loads(full_run.read("metrics/metrics.json"))
    for name, scores in (("model", metrics), ("lookup", metrics["baseline"])):
        (told,) = re.findall(rf"^\| {name} \| ([\d.]+) \|", README, re.MULTILINE)
        assert float(told) == pytest.approx(100 * scores["ents_f"], abs=0.5)


def test_model_beats_the_lookup(full_run):
    metrics = json.loads(full_run.read("metrics/metrics.json"))
    assert metrics["ents_f"] > metrics["baseline"]["ents_f"] + 0.05
    assert "no better than looking up" not in full_run.read("metrics/report.html")


def test_annotations_as_the_pages_say(short_run, tmp_path):
    """The record that the README shows is read, a version in quotes arrives, and an export is read as the same."""
    project = short_run.copy(tmp_path / "project")
    project.write("assets/mine.jsonl", blocks("README.md", "json")[1])
    (record,) = read(project.path / "assets/mine.jsonl")
    assert [record.text[span.start : span.end] for span in record.spans] == ["Move"]
    project.run_here("preflight", *overrides("--vars.version="))
    project.run_here("export", *overrides("--vars.export_format=doccano"))
    (exported,) = (project.path / "corpus/export").iterdir()
    assert [record.spans for record in read(exported)] == [
        record.spans for record in read(project.path / "assets/events.jsonl")
    ]


def test_snap_as_the_page_says(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    rows = list(map(json.loads, project.read("assets/events.jsonl").splitlines()[:150]))
    write_events(
        project, [*rows, {"text": "The quick brown fox", "spans": [{"start": 10, "end": 13, "label": "EVENT"}]}]
    )
    stopped = project.run_here("preprocess", check=False)
    assert stopped.returncode == 1 and "brown" in stopped.stdout
    project.run_here(*[word for word in command("--vars.on_misaligned=snap")[3:] if word != "."])
    assert json.loads(project.read("corpus/audit.json"))["spans"]["repaired"] == 1


@contextlib.contextmanager
def raw_texts_served(folder, project):
    """Stand-ins of the raw texts that project.yml names, where the project looks for them."""
    sentences = [" ".join(words) for words, _, _ in bases.sentences(200, seed=7)]
    folder.mkdir()
    for asset in [asset for asset in CONFIG["assets"] if asset.get("extra")]:
        if asset["dest"].endswith(".conllu"):
            text = "".join(f"# sent_id = {n}\n# text = {one}\n1\tit\n\n" for n, one in enumerate(sentences[:100]))
        else:
            text = "".join(json.dumps({"text": one}) + "\n" for one in sentences[100:])
        path = folder / Path(asset["dest"]).name
        path.write_text(text, encoding="utf-8")
        project.edit("project.yml", asset["checksum"], hashlib.md5(path.read_bytes()).hexdigest())
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for asset in [asset for asset in CONFIG["assets"] if asset.get("extra")]:
            project.edit(
                "project.yml", asset["url"], f"http://127.0.0.1:{server.server_port}/{Path(asset['dest']).name}"
            )
        yield
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Says nothing of requests."""

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("name", ["en_core_web_sm", pytest.param("en_core_web_trf", marks=pytest.mark.transformer)])
def test_building_on_a_pipeline_as_the_page_says(tmp_path, monkeypatch, name):
    """With a stand-in of its shape, installed under its name: the real one is a download of up to 600 MB."""
    lines = {line[4]: line for line in (command("download en_core_web_sm"), command("download en_core_web_trf"))}
    assert command("download en_core_web_lg") == [word.replace("_sm", "_lg") for word in lines["en_core_web_sm"]]
    words = lines[name]
    assert words[:10] == ["python", "-m", "spacy", "download", name, "&&", "spacy", "project", "run", "all"]
    build = bases.curated_transformer if name.endswith("trf") else bases.own_tok2vec
    weights = [tmp_path / "bert"] if name.endswith("trf") else []
    bases.install_base(build, tmp_path / "installed", name, *weights, steps=5)
    monkeypatch.syspath_prepend(tmp_path / "installed")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "installed"))  # for the processes that try the wheel
    project = copy_template(tmp_path / "project")
    for recipe in ("cnn", "transformer"):
        limit_steps(project, 10, 5, recipe)
    write_events(project, list(map(json.loads, project.read("assets/events.jsonl").splitlines()[:200])))
    refused = project.run_here("preflight", words[12], check=False)
    assert refused.returncode == 1 and shlex.join(command("weasel assets")) in " ".join(refused.stdout.split())
    with raw_texts_served(tmp_path / "served", project):
        project.python(*command("weasel assets")[1:])
    try:
        project.run_here("all", *[word for word in words[11:] if word != "--vars.gpu_id=0"])
    finally:
        sys.modules.pop(name, None)  # else Python finds the package when it is no longer there
    meta = json.loads(project.read("training/model-best/meta.json"))
    assert {"CITY", "FIRM", "EVENT", "DATE"} <= {label for labels in meta["labels"].values() for label in labels}
    assert meta["provenance"]["environment"]["models"]["base_model"]["name"] == name


@pytest.fixture(scope="module")
def extended(short_run, tmp_path_factory):
    """A project with all that docs/extend.md tells to write."""
    page = "docs/extend.md"
    project = short_run.copy(tmp_path_factory.mktemp("extended") / "project")
    component, reader, counts = blocks(page, "python")
    wider, recipe = blocks(page, "ini")
    project.write("scripts/functions.py", project.read("scripts/functions.py") + "\n" + component)
    project.write("configs/mine.cfg", recipe + wider[wider.index("\n[components.crf]") :])
    project.write("configs/wider.cfg", wider)
    project.write("spacy_domain/annotations/readers/marks.py", reader)
    project.write("scripts/count_labels.py", counts)
    (entry,) = blocks(page, "yaml")
    project.write("project.yml", project.read("project.yml") + "\n" + textwrap.indent(textwrap.dedent(entry), "  "))
    return project


def test_own_data_recipe_and_component_as_the_pages_say(extended, tmp_path):
    """Trained on data of one's own, in the wheel, found by spaCy's own commands without --code, and loaded beside the
    file that it came from."""
    extended.write("assets/mine.jsonl", "\n".join(extended.read("assets/events.jsonl").splitlines()[:150]))
    extended.python("-m", *command("--vars.annotations=assets/mine.jsonl"), *overrides("--vars.recipe=mine"))
    settings = load_config(extended.path / "training/config.cfg")
    assert settings["components"]["crf"]["features"]["word"]["window"] == 4
    assert (
        settings["nlp"]["pipeline"][-1]
        == "drop_long_entities"
        == settings["components"]["drop_long_entities"]["factory"]
    )
    wheel = extended.path / "packages" / "en_my_domain-1.0.0-py3-none-any.whl"
    zipfile.ZipFile(wheel).extractall(tmp_path)
    load = "import spacy; print(spacy.load('en_my_domain')('Call Priya at 3 PM')[-1])"
    assert "PM" in extended.python("-c", load, PYTHONPATH=str(tmp_path)).stdout
    assert "Config is valid" in extended.python("-m", *command("spacy debug config")[2:]).stdout
    said = extended.python("-m", *command("spacy debug data")[2:], check=False).stdout
    assert "Corpus is loadable" in said
    extended.python("-m", *command("spacy train")[2:])
    assert (extended.path / "training/by-hand/model-best").exists()
    extended.run_here("fill-config", "--vars.recipe=wider")
    settings = load_config(extended.path / "training/config.cfg")
    assert settings["components"]["crf"]["features"]["word"]["window"] == 4


def test_a_format_as_the_page_says(extended):
    (shown,) = re.findall(r'`(\{"sentence".*\})`', PAGES["docs/extend.md"])
    extended.write("assets/marked.jsonl", shown + "\n")
    extended.run("export", "--vars.annotations=assets/marked.jsonl", "--vars.export_format=prodigy")
    (row,) = srsly.read_jsonl(extended.path / "corpus/export/marked.jsonl")
    (span,) = row["spans"]
    assert row["text"][span["start"] : span["end"]] == "Priya" and span["label"] == "PERSON"


def test_a_command_as_the_page_says(extended):
    """It runs, and preflight knows what it is made of."""
    for part in " ".join(command("run count-labels")).split(" && "):
        extended.python("-m", *part.split())
    counts = json.loads(extended.read("metrics/labels.json"))
    assert counts["DATE"] > counts["PERSON"] > 0
    assert "scripts/count_labels.py" in json.loads(extended.read("corpus/steps/count-labels.json"))["code"]


def test_later_versions_as_the_page_says(tmp_path):
    """Clone, change what is one's own, and merge what the template changed since."""
    template = copy_template(tmp_path / "template")
    git(template, "init", "-q", "-b", "main")
    git(template, "add", ".")
    git(template, "commit", "-q", "-m", "template")
    words = [str(template.path) if word == "<URL" else word for word in command("weasel clone")]
    words = words[: words.index(str(template.path)) + 1]
    outside = type(template)(tmp_path)
    outside.python(*words[1:])
    mine = type(template)(tmp_path / "my_project")
    git(mine, *command("git remote rename")[1:])
    mine.edit("project.yml", 'name: "event_scheduling"', 'name: "menus"')
    mine.write("assets/menus.jsonl", "")
    git(mine, "add", ".")
    git(mine, "commit", "-q", "-m", "mine")
    template.edit("project.yml", "seed: 0", "seed: 1")
    template.write("configs/later.cfg", '[recipe]\nextends = "cnn"\n')
    git(template, "add", ".")
    git(template, "commit", "-q", "-m", "later")
    fetch, merge = " ".join(command("git merge")).split(" && ")
    git(mine, *fetch.split()[1:])
    git(mine, *merge.split()[1:])
    assert 'name: "menus"' in mine.read("project.yml") and "seed: 1" in mine.read("project.yml")
    assert (mine.path / "configs/later.cfg").exists() and (mine.path / "assets/menus.jsonl").exists()


def test_the_service_tells_its_options():
    done = subprocess.run(
        [sys.executable, *command("scripts.serve --help")[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0 and "--max-text" in done.stdout
