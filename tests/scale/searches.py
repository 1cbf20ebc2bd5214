"""What the tests of a search try, and where it says what it has found."""

import contextlib
import json
import sqlite3

from projects import readme_command

TUNE = "metrics/studies/tune.json"
# Half of what may be tried cannot be trained
SPACE = """
"initialize.components.crf.fit.c1" = { low = 0.01, high = 2.0, log = true }
"components.crf.features.affixes.longest" = [4, "many"]
"components.crf.features.word.window" = { low = 0, high = 2 }
"""
# As docs/scaling.md has it, but for these
COMMAND = [
    word for word in readme_command("tune") if word.startswith("--vars.") and "tries" not in word and "jobs" not in word
]
OPTIONS = (*COMMAND, "--vars.search=assets/mine.toml")


def read_trials(project):
    return json.loads(project.read(TUNE))["trials"]


def count_done(project):
    """How many trials have ended, as the database has it."""
    kept = project.path / "training/tune/search.db"
    if not kept.exists():
        return 0
    with contextlib.closing(sqlite3.connect(kept)) as database, contextlib.suppress(sqlite3.OperationalError):
        (found,) = database.execute(
            "select count(*) from trials where state = 'COMPLETE' or trial_id in "
            "(select trial_id from trial_user_attributes where key = 'error')"
        ).fetchone()
        return found
    return 0
