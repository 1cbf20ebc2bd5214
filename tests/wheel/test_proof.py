"""A wheel stands alone: it is proven without the engine, and two of them, of two versions, load in one process."""

import re
import zipfile
from pathlib import Path

import pytest
import spacy
from projects import Project
from spacy.tokens import Doc, DocBin
from spacy.util import import_file

from spacy_domain.project.errors import ProjectError
from spacy_domain.recipes import joined_entities
from spacy_domain.wheel import build
from spacy_domain.wheel.meta import list_requirements
from spacy_domain.wheel.proof import WITHOUT_ENGINE, prove_wheel

SHOUT = """
from spacy.language import Language


@Language.component("test_shout")
def shout(doc):
    doc.set_ents([doc[number : number + 1] for number in range(len(doc)) if doc[number].is_upper])
    return doc
"""


def make_pipeline(name):
    """A pipeline that finds Oslo, and says how sure it is."""
    nlp = spacy.blank("xx", meta={"name": name, "version": "1.0.0"})
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "CITY", "pattern": "Oslo"}])
    return nlp


def make_wheel(nlp, folder, base=None):
    """Save a pipeline and make its wheel; returns both."""
    folder.mkdir(parents=True)
    nlp.to_disk(folder / "model")
    meta = {**nlp.meta, "license": "MIT", "author": "", "sources": [], "requirements": []}
    return build.build_wheel(folder / "model", meta, "# Card\n", folder / "build", base), folder / "model"


@pytest.fixture
def corpus(tmp_path):
    vocab = spacy.blank("xx").vocab
    docs = [Doc(vocab, ["In", "Oslo"]), Doc(vocab, ["Not", "HERE"])]
    DocBin(docs=docs).to_disk(tmp_path / "test.spacy")
    return tmp_path / "test.spacy"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A project's folder with functions of its own, registered here, too."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "scripts" / "functions.py"
    path.parent.mkdir()
    path.write_text(SHOUT, encoding="utf-8")
    import_file("own_functions", path)
    return path


def test_own_functions_travel_and_without_them_a_wheel_is_refused(own, corpus, tmp_path):
    nlp = make_pipeline("shouting")
    nlp.add_pipe("test_shout")
    base = tmp_path / "base"
    base.mkdir()
    for name, text in (("LICENSE", "As is."), ("LICENSES_SOURCES", "Some news: theirs.")):
        (base / name).write_text(text)
    wheel, model = make_wheel(nlp, tmp_path / "with", base)
    with zipfile.ZipFile(wheel) as archive:  # the licences of what it builds on, behind its own
        texts = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if "LICENSE" in name}
    assert "Licence: MIT" in texts["LICENSE"] and texts["LICENSE"].endswith("As is.")
    assert texts["LICENSES_SOURCES"] == "Some news: theirs."
    assert prove_wheel(wheel, model, corpus, tmp_path / "installed") == 2
    own.unlink()
    wheel, model = make_wheel(nlp, tmp_path / "without")
    with pytest.raises(ProjectError, match="does not load") as caught:
        prove_wheel(wheel, model, corpus, tmp_path / "elsewhere")
    assert "test_shout" in caught.value.remedy


def test_a_function_that_only_the_engine_has_is_refused(corpus, tmp_path, monkeypatch):
    """Here it is found, for the engine is installed; where the wheel goes, it is not."""
    monkeypatch.chdir(tmp_path)
    nlp = make_pipeline("needs_the_engine")
    nlp.add_pipe("entity_confidence", config={"temperature": {"@misc": "template.tenth.v1", "steps": 20}})
    wheel, model = make_wheel(nlp, tmp_path / "made")
    assert spacy.load(model).get_pipe("entity_confidence").temperature == 2
    with pytest.raises(ProjectError, match="does not load") as caught:
        prove_wheel(wheel, model, corpus, tmp_path / "installed")
    assert "template.tenth.v1" in caught.value.remedy


LOAD_BOTH = f"""{WITHOUT_ENGINE}
sys.path.insert(0, sys.argv[1])
import spacy
for name in ("xx_older", "xx_newer"):
    nlp = spacy.load(name)
    print([ent.text for ent in nlp("In Oslo").ents], nlp.pipe_names, sys.modules[name + ".joined_entities"].__file__)
"""


def test_wheels_of_two_versions_load_in_one_process(tmp_path, monkeypatch):
    """Each brings its own file of components, which register under the same names."""
    monkeypatch.chdir(tmp_path)
    code = Path(joined_entities.__file__).read_text(encoding="utf-8")
    for name, source in (("older", code), ("newer", code.replace("def join_base_entities(doc", "def join(doc"))):
        source = source.replace("func=join_base_entities", "func=join") if name == "newer" else source
        (tmp_path / name).mkdir()
        (tmp_path / name / "joined_entities.py").write_text(source, encoding="utf-8")
        monkeypatch.setattr(joined_entities, "__file__", str(tmp_path / name / "joined_entities.py"))
        nlp = make_pipeline(name)
        for factory in ("set_base_entities_aside", "join_base_entities", "entity_confidence"):
            nlp.add_pipe(factory)
        wheel, _ = make_wheel(nlp, tmp_path / name / "made")
        build.run_pip("install", "--target", str(tmp_path / "site"), "--no-compile", str(wheel))
    said = Project(tmp_path).python("-I", "-c", LOAD_BOTH, tmp_path / "site").stdout
    assert said.count("['Oslo']") == said.count("'join_base_entities'") == 2
    assert "xx_older" in said and "xx_newer" in said


def test_a_wheel_that_requires_another_spacy_proves_nothing(tmp_path, corpus):
    nlp = make_pipeline("older")
    nlp.meta["spacy_version"] = ">=3.1.0,<3.2.0"
    wheel, model = make_wheel(nlp, tmp_path / "older")
    with pytest.raises(ProjectError, match="requires what is not installed here: spacy"):
        prove_wheel(wheel, model, corpus, tmp_path / "install")


def test_a_wheel_requires_what_the_projects_own_functions_import(tmp_path, project):
    project.write("scripts/functions.py", f"import json\nimport numpy\nimport spacy\nimport yaml\n{SHOUT}")
    nlp = make_pipeline("imports")
    nlp.to_disk(tmp_path / "model")
    with project.inside():
        found = list_requirements(tmp_path / "model", {**nlp.meta, "requirements": ["spacy>=3.1,<3.2", "menus>=1"]})
    assert [re.split("[<>=]", line)[0] for line in found] == ["menus", "pyyaml"]
