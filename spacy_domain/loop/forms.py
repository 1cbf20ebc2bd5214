"""What two texts have in common that nobody needs to annotate twice."""

from ..corpora.normal_form import normal_form


def form_of(text: str) -> str:
    """RETURNS (str): A text without case, punctuation and white space."""
    return "".join(normal_form(text).split())
