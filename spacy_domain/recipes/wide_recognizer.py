"""How a trained entity recognizer begins to learn other labels; configs name these callbacks with `@`."""

from collections.abc import Callable
from copy import copy, deepcopy
from pathlib import Path
from typing import Any

from spacy.attrs import NORM, ORTH, SPACY
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus
from spacy.util import registry
from thinc.api import Model, Shim, concatenate, noop

CONCATENATE = "concatenate.v1"
SEEN = [ORTH, NORM, SPACY]  # what a tok2vec sees of a token follows from these
KEPT = 30_000_000  # numbers, outputs of what rests: 120 MB, for 300,000 words in a small pipeline
# Where outputs and inputs are in the weights of the layers of spaCy's transition-based parser
AXES: dict[str, dict[str, tuple[int, int | None]]] = {
    "linear": {"W": (0, 1), "b": (0, None)},
    "precomputable_affine": {"W": (1, 3), "b": (0, None), "pad": (2, None)},
}


@registry.callbacks("template.new_entity_layer.v1")
def create_new_entity_layer(component: str, train: Path) -> Callable[[Language], Language]:
    """Have a trained entity recognizer forget its labels, and keep what it knows of words: its tok2vec or transformer.

    component (str): Name of the recognizer.
    train (Path): The training corpus, for the new labels.
    RETURNS (Callable[[Language], Language]): What to do once the pipeline is initialized.
    """

    def forget_labels(nlp: Language) -> Language:
        ner: Any = nlp.get_pipe(component)
        ner.moves.initialize_actions(ner.moves.get_actions(examples=Corpus(train)(nlp)))
        config = nlp.get_pipe_config(component)["model"]
        tok2vec, *_, linear = ner.model.get_ref("tok2vec").layers
        ner.model = _make_parser(config, ner.moves.n_moves, tok2vec, linear.get_dim("nI"))
        for layer in _own_layers(ner.model):
            layer.initialize()
        _drop_old_model(ner)
        return nlp

    return forget_labels


@registry.callbacks("template.grow.v1")
def create_growth(component: str, annotated: Path) -> Callable[[Language], Language]:
    """Have a trained entity recognizer learn new labels without unlearning the others: make it twice as wide.

    One half is what it was, and training does not touch it. The other half begins as a copy, sees both, and scores the
    actions of the annotated labels; the scores of all other actions are what they were. What is left to forget is to
    take an entity with an old label for one with a new label; for that, it rehearses. (Rusu et al. 2016, Progressive
    Neural Networks, arXiv:1606.04671.) On disk it is a recognizer like any other, of spaCy's own architectures.

    component (str): Name of the recognizer, whose tok2vec or transformer is its own.
    annotated (Path): The annotated training corpus, for its labels.
    RETURNS (Callable[[Language], Language]): What to do once the pipeline is initialized.
    """

    def grow(nlp: Language) -> Language:
        ner: Any = nlp.get_pipe(component)
        labels = {ent.label_ for example in Corpus(annotated)(nlp) for ent in example.reference.ents}
        for label in sorted(labels):
            ner.add_label(label)
        config = nlp.get_pipe_config(component)["model"]
        config["tok2vec"] = _twice(config["tok2vec"])
        config["hidden_width"] *= 2
        names = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]
        ner.model = _widen(ner.model, config, [name.partition("-")[2] in labels for name in names])
        _drop_old_model(ner)
        return nlp

    return grow


def _twice(tok2vec: dict[str, Any]) -> dict[str, Any]:
    parts = list(tok2vec["*"].values()) if tok2vec.get("@layers") == CONCATENATE else [tok2vec]
    return {"@layers": CONCATENATE, "*": {f"part{n}": deepcopy(part) for n, part in enumerate(parts * 2, 1)}}


def _widen(old: Model, config: dict[str, Any], learned: list[bool]) -> Model:
    """Make a parser's model twice as wide, with the same scores.

    old (Model): The model.
    config (Dict[str, Any]): The wide model's config.
    learned (List[bool]): By action, whether training may change its scores.
    RETURNS (Model): The wide model. Training changes nothing in its first half.
    """
    tok2vec, *_, linear = old.get_ref("tok2vec").layers
    parts = tok2vec.layers if tok2vec.name.startswith("concatenate") else [tok2vec]
    copies = [_copy(part) for part in parts]
    for part in parts:
        _freeze(part)
    wide = _make_parser(config, len(learned), concatenate(*parts, *copies), 2 * linear.get_dim("nI"))
    *hidden, (actions, wide_actions) = zip(_own_layers(old), _own_layers(wide), strict=True)
    for small, large in hidden:
        _fill(small, large)
    _fill(actions, wide_actions, learned)
    return wide


def _copy(layer: Model) -> Model:
    """Copy a layer and all in it. (`Model.copy` gives a plain Model for a transformer's, and a mere deepcopy one whose
    weights optimizers take for those of the original.)
    """
    copied = deepcopy(layer)
    for node in copied.walk():
        weights = [(name, node.get_param(name)) for name in node.param_names if node.has_param(name)]
        node.id = noop().id
        for name, weight in weights:
            node.set_param(name, weight)
        for shim in node.shims:
            shim.id = Shim(None).id
    return copied


def _make_parser(config: dict[str, Any], actions: int, tok2vec: Model, width: int) -> Model:
    """Make a parser's model around a tok2vec that is trained: spaCy's own initialization would begin it anew.

    config (Dict[str, Any]): The model's config.
    actions (int): The number of actions.
    tok2vec (Model): The tok2vec.
    width (int): Width of the tok2vec.
    RETURNS (Model): The model; its own layers are still to be initialized.
    """
    settings = {key: value for key, value in config.items() if key not in ("@architectures", "tok2vec")}
    architecture = registry.architectures.get(config["@architectures"])
    model = architecture(**{**settings, "tok2vec": tok2vec, "nO": actions})
    linear, *_ = _own_layers(model)
    linear.set_dim("nI", width)
    if model.attrs["has_upper"]:
        model.get_ref("upper").set_dim("nI", linear.get_dim("nO"))
    return model


def _own_layers(model: Model) -> list[Model]:
    """RETURNS (List[Model]): The layers of a parser's model above its tok2vec; the last one scores actions."""
    layers = [model.get_ref("tok2vec").layers[-1], model.get_ref("lower")]
    return [*layers, model.get_ref("upper")] if model.attrs["has_upper"] else layers


def _fill(small: Model, large: Model, learned: list[bool] | None = None) -> None:
    """Set the weights of a layer with twice the inputs, and see to it that training leaves those alone that the small
    one had.

    small (Model): The layer as it was.
    large (Model): The wide one. It has twice the outputs, too, unless they are actions.
    learned (Optional[List[bool]]): If they are actions: which of them training may change.
    """
    large.initialize()
    free = {}
    for name, (outputs, inputs) in AXES[small.name].items():
        weights = small.get_param(name)
        wide = large.ops.xp.zeros_like(large.get_param(name))
        free[name] = large.ops.xp.ones_like(wide)
        for half in (0, 1) if learned is None else (0,):
            place = [slice(None)] * weights.ndim
            for axis in (outputs, inputs) if learned is None else (inputs,):
                if axis is not None:
                    place[axis] = slice(half * weights.shape[axis], (half + 1) * weights.shape[axis])
            wide[tuple(place)] = weights
        fixed = [n for n, is_free in enumerate(learned) if not is_free] if learned else range(weights.shape[outputs])
        free[name][tuple([slice(None)] * outputs + [list(fixed)])] = 0
        large.set_param(name, wide)
    _mask_gradients(large, free)


def _freeze(layer: Model) -> None:
    """Have training leave a tok2vec and all in it alone. What it says of a text is worked out once: it stays so."""
    resting = copy(layer)  # the same weights and layers, with the forward pass that it has now
    known: dict[bytes, Any] = {}
    room = KEPT

    def forward(model: Model, docs: list[Doc], is_train: bool) -> tuple[Any, Callable]:
        nonlocal room
        keys = [doc.to_array(SEEN).tobytes() for doc in docs]
        new = [n for n, key in enumerate(keys) if key not in known]
        found = resting.predict([docs[n] for n in new]) if new else []
        if not isinstance(found, list):
            return found, lambda dY: []  # of a transformer, whose outputs are one thing for all texts
        fresh = {keys[n]: output for n, output in zip(new, found, strict=True)}
        outputs = [known.get(key, fresh.get(key)) for key in keys]
        if room > 0:
            known.update(fresh)
            room -= sum(output.size for output in fresh.values())
        return outputs, lambda dY: []

    layer.replace_callbacks(forward, init=layer.init)


def _mask_gradients(layer: Model, free: dict[str, Any]) -> None:
    """Multiply a layer's gradients with ones and zeros after each backward pass."""
    unmasked = copy(layer)  # the same weights, with the forward pass that it has now

    def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
        Y, backprop = unmasked(X, is_train)

        def masked_backprop(dY: Any) -> Any:
            dX = backprop(dY)
            for name, mask in free.items():
                model.set_grad(name, model.get_grad(name) * mask)
            return dX

        return Y, masked_backprop

    layer.replace_callbacks(forward, init=layer.init)


def _drop_old_model(ner: Any) -> None:
    """Drop the model that `Language.resume_training` copied for `Language.rehearse`: it would not fit the new one, and
    takes as much memory again. spaCy has no public name for it.
    """
    ner._rehearsal_model = None
