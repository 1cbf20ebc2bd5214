"""Where the pipeline to build on lies, and what is said where it is not found."""

import pytest
import spacy

from spacy_domain.base.location import BaseFolder, find_base, other_spacy
from spacy_domain.project.errors import ProjectError


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
