"""spaCy's own commands take what fill-config wrote: they find every function in it, without --code."""

import pytest
from projects import ROOT

# One after the other in one process, for to start it takes longer than most of them
COMMANDS = """
import sys
from spacy.cli import setup_cli
for words in [line.split() for line in sys.argv[1:]]:
    sys.argv, code = ["spacy", *words], 0
    try:
        setup_cli()
    except SystemExit as error:
        code = error.code or 0
    print("exit code", code, *words[:2], flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "function"), [("crf", "crf_word_classes"), ("cnn", "seen_entities")])
def test_debug_config_debug_data_and_train_take_the_config(short_run, tmp_path, recipe, function):
    project = short_run.copy(tmp_path / "project")
    project.write(f"configs/{recipe}.cfg", (ROOT / f"configs/{recipe}.cfg").read_text(encoding="utf-8"))
    project.run_here("fill-config", f"--vars.recipe={recipe}")
    assert f"template.{function}.v1" in project.read("training/config.cfg")
    lines = [
        "debug config training/config.cfg",
        "debug data training/config.cfg",
        "train training/config.cfg --output mine --training.max_steps=2 --training.eval_frequency=1",
    ]
    done = project.python("-c", COMMANDS, *lines, check=False)
    for words in ("debug config", "debug data", "train training/config.cfg"):
        assert f"exit code 0 {words}" in done.stdout, done.stdout + done.stderr
    assert (project.path / "mine/model-last/meta.json").is_file()
