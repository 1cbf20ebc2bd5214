"""What weasel's project.lock believes is looked at before it counts."""

from pathlib import Path

import srsly
from projects import COMMANDS, OUTPUTS, STEPS
from weasel.cli.run import check_rerun

from spacy_domain.project.lock import forget_stale, remove_half_written


def test_outputs_that_are_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").touch()
    entries = {
        "made": {"outs": [{"path": "there", "md5": "1"}]},
        "never made": {"outs": [{"path": "there", "md5": "1"}, {"path": "not there", "md5": None}]},
        "gone": {"outs": [{"path": "gone", "md5": "1"}]},
        "half written": {"outs": ["pa"]},
        "without": {"outs": None},
    }
    srsly.write_yaml("project.lock", entries)
    again = dict(forget_stale(Path("project.lock"), []))
    assert again == {
        "never made": "not there is missing",
        "gone": "gone is missing",
        "half written": "an output is missing",
    }
    assert set(srsly.read_yaml("project.lock")) == {"made", "without"}


def test_every_output_that_is_missing_is_made_again(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    lock, maker = project.path / "project.lock", {path: name for name in STEPS for path in COMMANDS[name]["outputs"]}
    before = lock.read_bytes()
    with project.inside():
        for path in OUTPUTS:
            aside = project.path / "aside"
            (project.path / path).rename(aside)
            assert dict(forget_stale(Path("project.lock"), [])) == {maker[path]: f"{path} is missing"}
            assert check_rerun(Path(), COMMANDS[maker[path]])
            aside.rename(project.path / path)
            lock.write_bytes(before)


def test_a_half_written_lock_is_mended(short_run, tmp_path):
    """weasel writes project.lock in place, and a kill may leave any part of it."""
    project = short_run.copy(tmp_path / "project")
    lock = project.path / "project.lock"
    entries = srsly.read_yaml(lock)
    # Two steps, for srsly takes long to read YAML
    srsly.write_yaml(lock, {step: entries[step] for step in ("fill-config", "train")})
    whole, removed, believed = lock.read_bytes(), 0, 0
    with project.inside():
        assert not check_rerun(Path(), COMMANDS["fill-config"])
        for size in [*range(20), *range(20, len(whole), 199)]:
            lock.write_bytes(whole[:size])
            if remove_half_written(Path("project.lock")):
                assert not lock.exists()
                removed += 1
                continue
            for step, entry in srsly.read_yaml(lock).items():
                believed += 1
                assert entry == entries[step] or check_rerun(Path(), COMMANDS[step]), f"{step} cut at {size}"
    assert removed and believed


def test_an_empty_lock_is_told(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    project.write("project.lock", "")
    assert "project.lock was half written" in project.run_here("preflight").stdout
    assert not set(srsly.read_yaml(project.path / "project.lock")) & set(STEPS), "all commands run again"
