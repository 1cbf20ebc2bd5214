"""The pipeline to build on, as `base_model` names it."""

from functools import cache

import spacy
from spacy.language import Language

from ..errors import ProjectError

BLANK = "blank:"


@cache
def load_base(base_model: str) -> Language:
    """Load the pipeline to build on, once for each process.

    base_model (str): "blank:<lang>" for a language's tokenizer alone.
    RETURNS (Language): The pipeline.
    RAISES (ProjectError): If there is none of that name.
    """
    if not base_model.startswith(BLANK):
        raise ProjectError(
            f"Cannot build on {base_model!r}",
            f'Set base_model to "{BLANK}" and a language code, such as {BLANK}en.',
        )
    lang = base_model[len(BLANK) :]
    try:
        return spacy.blank(lang)
    except ImportError as error:
        raise ProjectError(
            f"No language {lang!r} in spaCy ({str(error).splitlines()[0]})",
            f"Set base_model to {BLANK} and one of the codes on https://spacy.io/usage/models#languages, and install "
            "what its tokenizer needs.",
        ) from None
