"""What the README says can be copied and pasted."""

import hashlib
import json
import re
import subprocess
import sys

import bases
import pytest
from projects import ROOT, copy_template, limit_steps, readme_command

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_two_commands_come_first():
    """.ci/run takes them from here and runs them on a clean clone."""
    first, second = blocks("bash")[:2]
    assert first.endswith("spacy project run all\n") and second.endswith("pytest\n")
    assert first.count("\n") == second.count("\n") == 1
    assert README.index(first) < README.index("## ")


def test_wheel_as_the_readme_uses_it(full_run, tmp_path):
    """Its pip command (to a folder of its own), its program, and the output that it prints."""
    command = blocks("bash")[2].split()
    assert command[:2] == ["pip", "install"]
    wheel = full_run.path / command[2]
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(tmp_path), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    use, look, *_ = blocks("python")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{use}\n{look}\nassert 'DATE' in html"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    entities = json.loads(done.stdout)
    assert entities == json.loads(blocks("json")[0])
    assert {(entity["text"], entity["label"]) for entity in entities} >= {
        ("reserve", "ACTION"),
        ("team brainstorming session", "EVENT"),
        ("coming Wednesday", "DATE"),
        ("11 AM", "TIME"),
    }


def test_own_data_as_the_readme_says(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    rows = project.read("assets/events.jsonl").splitlines()[:300]
    project.write("assets/mine.jsonl", "\n".join(rows) + "\n")
    program, *arguments = blocks("bash")[3].split()
    assert program == "spacy"
    project.python("-m", "spacy", *arguments)
    assert (project.path / "packages" / "en_my_domain-1.0.0-py3-none-any.whl").exists()


def test_quick_recipe_as_the_readme_says(tmp_path):
    """A usable model of the shipped example, in few steps."""
    project = copy_template(tmp_path / "project")
    project.python("-m", "spacy", *readme_command("--vars.recipe=quick"))
    metrics = json.loads(project.read("metrics/metrics.json"))
    assert metrics["ents_f"] > metrics["baseline"]["ents_f"]
    assert (project.path / "packages" / "en_event_scheduling-1.0.0-py3-none-any.whl").exists()


@pytest.mark.parametrize(
    "name", ["en_core_web_sm", "en_core_web_lg", pytest.param("en_core_web_trf", marks=pytest.mark.transformer)]
)
def test_building_on_a_pipeline_as_the_readme_says(tmp_path, name):
    """With a stand-in of its shape, installed under its name: the real one is a download of up to 600 MB."""
    (line,) = [line for line in blocks("bash")[4].splitlines() if name in line]
    download, run = line.split(" && ")
    assert download == f"python -m spacy download {name}"
    arguments = run.removesuffix(" --vars.gpu_id=0").split()[1:]
    build = bases.curated_transformer if name.endswith("trf") else bases.own_tok2vec
    more = [tmp_path / "bert"] if name.endswith("trf") else []
    bases.install_base(build, tmp_path / "installed", name, *more, steps=5)
    project = copy_template(tmp_path / "project")
    for recipe in ("cnn", "transformer"):
        limit_steps(project, 10, 5, recipe)
    lines = project.read("assets/events.jsonl").splitlines()[:200]
    project.write("assets/events.jsonl", "\n".join(lines) + "\n")
    checksum = hashlib.md5((project.path / "assets/events.jsonl").read_bytes()).hexdigest()
    project.write("project.yml", re.sub(r"checksum: .*", f'checksum: "{checksum}"', project.read("project.yml")))
    environment = {"PYTHONPATH": str(tmp_path / "installed"), "HF_HUB_OFFLINE": "1"}
    project.python("-m", "spacy", *arguments, **environment)
    meta = json.loads(project.read("training/model-best/meta.json"))
    assert {"CITY", "FIRM", "EVENT", "DATE"} <= {label for labels in meta["labels"].values() for label in labels}
    assert f"base_model={name}" in meta["provenance"]["files"]


def test_readme_tells_the_scores_of_the_shipped_example(full_run):
    """The README's numbers are those that its first command makes, on one of the processors that it names."""
    metrics = json.loads(full_run.read("metrics/metrics.json"))
    row = re.search(r"^\| 0 \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", README, re.MULTILINE)
    assert any(float(score) == pytest.approx(100 * metrics["ents_f"], abs=2) for score in row.groups()[:2])
    assert float(row[3]) == pytest.approx(100 * metrics["baseline"]["ents_f"], abs=0.1)


def test_model_beats_the_lookup(full_run):
    metrics = json.loads(full_run.read("metrics/metrics.json"))
    assert metrics["ents_f"] > metrics["baseline"]["ents_f"] + 0.05
    assert "no better than looking up" not in full_run.read("metrics/report.html")


def test_every_file_and_var_that_the_readme_names_exists(full_run):
    for name in re.findall(r"`((?:assets|configs|corpus|training|metrics|scripts)/[\w./-]+)`", README):
        assert (full_run.path / name).exists() or any(part in name for part in ("mine", "export", "studies")), name
    project = full_run.read("project.yml")
    for name in re.findall(r"vars\.(\w+)", README):
        assert f"\n  {name}:" in project
