"""A trained entity recognizer, put into the pipeline that it builds on."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.language import Language
from spacy.lookups import Table
from spacy.training import Example

from ..recipes.joined_entities import JOINING
from .joining import settle_joining
from .location import FIND_ENTITIES, NETWORKS, RECOGNIZERS
from .pipeline import find_labels, find_ner, list_pipes, load_base, own_upstream
from .strategy import Strategy

SEPARATE_NAME = "domain_ner"
CLEANERS = ("doc_cleaner",)  # factories
Reader = Callable[[Language], Iterable[Example]]  # as [corpora] of a config has them


def assemble(
    base_model: str, strategy: Strategy, trained: Language, dev: Reader, outside: Reader, words: Table
) -> Language:
    """Put a trained entity recognizer into its base pipeline; the base's other components stay as they are.

    base_model (str): The base pipeline, as in `load_base`.
    strategy (Strategy): What becomes of the base's own recognizer, if it has one.
    trained (Language): A pipeline with the trained recognizer.
    dev (Callable[[Language], Iterable[Example]]): Reads annotated texts that it did not see.
    outside (Callable[[Language], Iterable[Example]]): Reads raw texts that it did not see.
    words (Table): What words say of a text, as `JoinEntities.words` has it; may be empty.
    RETURNS (Language): The base pipeline with it. It is to be written to disk, and not used further.
    """
    base = load_base(base_model)
    old, new = find_ner(base), find_ner(trained)
    if new is None:
        raise ValueError("no entity recognizer was trained")
    own_upstream(trained, new)
    behind = trained.pipe_names[trained.pipe_names.index(new) + 1 :]
    is_network = trained.get_pipe_meta(new).factory in NETWORKS
    if old and strategy.keeps_recognizer(is_network):
        redefined, end = find_labels(base) & set(trained.pipe_labels[new]), _find_end(base)
        base.add_pipe("set_base_entities_aside", name=_free(base, "set_base_entities_aside"), **end)
        second, last = _free(base, SEPARATE_NAME), _free(base, "combine_recognizers")
        base.add_pipe(new, source=trained, name=second, **end)
        with base.select_pipes(disable=list_pipes(base, CLEANERS)):
            settings = settle_joining(base, second, strategy, redefined, list(dev(base)), list(outside(base)), words)
        join: Any = base.add_pipe("combine_recognizers", name=last, config=settings, **end)
        join.words = words
    elif old:
        others = [name for name in list_pipes(base, (*RECOGNIZERS, *JOINING)) if name != old]
        for name in (*others, old):
            own_upstream(base, name)  # so that nothing is left over which only the old one listened to
            position = base.component_names.index(name)
            base.remove_pipe(name)
        next_one = base.component_names[position:]
        base.add_pipe(new, source=trained, name=old, **({"before": next_one[0]} if next_one else {"last": True}))
        last = old
    else:
        last = _free(base, new)
        base.add_pipe(new, source=trained, name=last, **_find_end(base))
    # Made by this spaCy, whatever the base was made by
    base.meta |= {key: value for key, value in trained.meta.items() if key in ("spacy_version", "spacy_git_version")}
    for name in behind:
        base.add_pipe(name, source=trained, name=_free(base, name), after=last)
    return base


def _find_end(nlp: Language) -> dict[str, Any]:
    """Find where the end of a pipeline is, as `Language.add_pipe` takes it: before what clears away what recognizers
    listen to, if no entities come behind that."""
    names = nlp.component_names
    finders = [names.index(name) for name in list_pipes(nlp, FIND_ENTITIES)]
    cleaners = [name for name in list_pipes(nlp, CLEANERS) if names.index(name) > max(finders, default=-1)]
    return {"before": cleaners[0]} if cleaners else {"last": True}


def _free(nlp: Language, name: str) -> str:
    """A name that no component has: the base may have been built on in the same way."""
    numbers = (f"{name}_{number}" for number in range(2, len(nlp.component_names) + 3))
    return next(free for free in (name, *numbers) if free not in nlp.component_names)
