"""The pipeline to build on, loaded, and what its entity recognizer is made of."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any
from warnings import catch_warnings, filterwarnings

import spacy
from spacy.language import Language
from spacy.ty import ListenedToComponent
from spacy.util import walk_dict

from .. import recipes  # noqa: F401  # registers factories that a pipeline may need
from ..project.errors import Place, ProjectError
from .location import BLANK, FIND_ENTITIES, RECOGNIZERS, BaseFolder, find_base
from .packages import refuse_missing_packages


def load_base(base_model: str) -> Language:
    """Load the pipeline to build on.

    base_model (str): "blank:<lang>" for a language's tokenizer alone, an installed pipeline's name, or a folder.
    RETURNS (Language): The pipeline. Where it is a tokenizer alone, `load_tokenizer` has the same one.
    RAISES (ProjectError): If there is none, or it cannot be loaded, with what to install.
    """
    folder = find_base(base_model)
    return load_tokenizer(base_model) if folder is None else _load(folder, [])


UNSPACED_TEXTS = ("今天天气很好", "วันนี้อากาศดี")


@cache
def load_tokenizer(base_model: str) -> Language:
    """Load a pipeline's language and tokenizer, once for each process, without its components.

    base_model (str): As for `load_base`.
    RETURNS (Language): A pipeline of no components.
    RAISES (ProjectError): As `load_base` does.
    """
    folder = find_base(base_model)
    if folder is None:
        return _blank(base_model)
    names = spacy.util.load_config(folder.path / "config.cfg")["nlp"].get("pipeline", [])
    try:
        return _load(folder, [*names, "vectors"])
    except ProjectError:  # a callback may need the components
        nlp = _load(folder, [])
    for name in nlp.component_names:
        nlp.remove_pipe(name)
    return nlp


def cuts_unspaced(nlp: Language) -> bool:
    """RETURNS (bool): Whether a pipeline's tokenizer cuts a text of a script that is written without spaces."""
    return any(len(nlp.make_doc(text)) > 1 for text in UNSPACED_TEXTS)


def _blank(base_model: str) -> Language:
    lang = base_model[len(BLANK) :]
    try:
        return spacy.blank(lang)
    except ImportError as error:
        raise ProjectError(
            f"Cannot make a tokenizer for {lang!r} ({str(error).splitlines()[0]})",
            f"Install what it needs. Or set base_model to {BLANK} and one of the codes on "
            "https://spacy.io/usage/models#languages.",
        ) from None


def _load(folder: BaseFolder, exclude: list[str]) -> Language:
    refuse_missing_packages(folder)
    try:
        with catch_warnings():
            filterwarnings("ignore", r"\[W095\]")  # preflight says so
            return spacy.load(folder.path, exclude=exclude)
    except Exception as error:  # it may run any code: of a tokenizer, say, or of a component's own
        said = next(iter(str(error).splitlines()), "") or type(error).__name__
        beside = [f"{folder.path.parent.name}.{path.stem}" for path in sorted(folder.path.parent.glob("[!_]*.py"))]
        remedy = (
            "Put the code that registers it into scripts/functions.py, which travels with the model, or import it, "
            f"and the wheel requires that package{f' (import {beside[0]})' if beside else ''}."
            if "E002" in said or "E893" in said
            else "Install or copy it anew, with what it needs, or build on another."
        )
        raise ProjectError(f"Cannot load {folder.name!r}", remedy, [Place(str(folder.path), None, said)]) from None


def find_ner(nlp: Language) -> str | None:
    """Find the entity recognizer of a pipeline.

    nlp (Language): The pipeline.
    RETURNS (Optional[str]): The name of the first; None if there is none that is enabled.
    """
    return next(iter(list_pipes(nlp, RECOGNIZERS)), None)


def list_pipes(nlp: Language, factories: Collection[str]) -> list[str]:
    """RETURNS (list[str]): The names of a pipeline's components of some factories, but for those that are disabled."""
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in factories]


def find_labels(nlp: Language) -> set[str]:
    """RETURNS (set[str]): The labels of all entities that a pipeline may find, by its recognizers and by rules."""
    names = list_pipes(nlp, FIND_ENTITIES)
    return {label for name in names if _sets_entities(nlp, name) for label in nlp.pipe_labels.get(name, ())}


def _sets_entities(nlp: Language, name: str) -> bool:
    return bool(nlp.get_pipe_config(name).get("annotate_ents", True))  # of a span_ruler, if it shall


def find_upstream(nlp: Language, component: str) -> str | None:
    """Find the tok2vec or transformer that a component listens to.

    nlp (Language): The pipeline.
    component (str): Name of the component.
    RETURNS (Optional[str]): Its name; None if the component listens to none.
    """
    return next((name for name, upstream in _upstreams(nlp) if component in upstream.listening_components), None)


def list_before(nlp: Language, component: str) -> list[str]:
    """List what has to run for a component to find what it finds in the whole pipeline. (That a parser has ended a
    sentence matters to a recognizer: no entity goes on behind it.)

    nlp (Language): The pipeline.
    component (str): Name of the component.
    RETURNS (list[str]): The names of those before it that are enabled, its tok2vec or transformer, and its own.
    """
    order = nlp.component_names
    before = [name for name in nlp.pipe_names if order.index(name) < order.index(component)]
    upstream = find_upstream(nlp, component)
    return [*before, *([upstream] if upstream and upstream not in before else []), component]


def find_listeners(nlp: Language, upstream: str) -> list[str]:
    """List the components that listen to a tok2vec or transformer.

    nlp (Language): The pipeline.
    upstream (str): Its name.
    RETURNS (list[str]): Their names.
    """
    return [component for name, pipe in _upstreams(nlp) if name == upstream for component in pipe.listening_components]


def _upstreams(nlp: Language) -> Iterator[tuple[str, Any]]:
    return ((name, pipe) for name, pipe in nlp.components if isinstance(pipe, ListenedToComponent))


def listener_paths(nlp: Language, component: str) -> list[str]:
    """List where in a component's config listeners are, as `Language.replace_listeners` takes them.

    nlp (Language): The pipeline.
    component (str): Name of the component.
    RETURNS (list[str]): The paths, such as "model.tok2vec"; empty if the component listens to none.
    """
    if find_upstream(nlp, component) is None:
        return []

    leaves = walk_dict(nlp.get_pipe_config(component)["model"], ["model"])
    return [".".join(path) for (*path, key), value in leaves if key == "@architectures" and "Listener" in str(value)]


def own_upstream(nlp: Language, component: str) -> None:
    """Give a component a tok2vec or transformer of its own where it shares one, with the same weights.

    nlp (Language): The pipeline, changed in place; an upstream that nobody listens to any more is removed.
    component (str): Name of the component.
    """
    upstream = find_upstream(nlp, component)
    if upstream:
        nlp.replace_listeners(upstream, component, listener_paths(nlp, component))
        if not find_listeners(nlp, upstream):
            nlp.remove_pipe(upstream)
