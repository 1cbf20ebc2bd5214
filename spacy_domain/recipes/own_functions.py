"""The project's own functions, in `scripts/functions.py`: found where a command runs in the project's folder."""

from importlib import import_module
from importlib.util import find_spec

if find_spec("scripts") and find_spec("scripts.functions"):
    import_module("scripts.functions")
