"""Training: spaCy's own `train`, the threshold set, and the result built into the base pipeline."""

import math
from pathlib import Path
from typing import Any

import spacy
from spacy.cli.train import train as spacy_train
from spacy.language import Language
from spacy.lookups import Table
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus, Example
from spacy.util import load_config, resolve_dot_names

from ..project.errors import Place, ProjectError
from ..project.freshness import refuse_stale
from ..project.gpu import use_gpu
from ..recipes.joined_entities import WORDS
from .assembly import assemble
from .domain_words import weigh_words
from .folds import learn_in_folds
from .location import BLANK
from .pipeline import find_labels, find_ner, load_base
from .strategy import Strategy
from .threshold import find_rate, move_threshold
from .watching import Hopeless, watch

TEACHER = "teacher"  # its folder beside the model's
THRESHOLD = "threshold"  # what the pipeline's meta calls it
SAMPLE = 200  # raw texts on which the threshold of an updated recognizer is bounded
SAME_F = 0.02  # a GPU does not compute the same to the last digit each time


def train_pipeline(
    config: Path,
    folder: Path,
    base_model: str,
    strategy: Strategy,
    gpu_id: int,
    overrides: dict[str, Any] | None = None,
    hopeless: Hopeless | None = None,
) -> Path:
    """Train a pipeline.

    config (Path): The complete training config.
    folder (Path): An empty folder to work in; the log will be there, too, as log.jsonl.
    base_model (str): The pipeline to build on.
    strategy (Strategy): What becomes of the base's entity recognizer.
    gpu_id (int): GPU to train on, -1 for CPU.
    overrides (Optional[dict[str, Any]]): Values of the config to replace, by dotted name.
    hopeless (Optional[Callable[[int, float], bool]]): Ends the training, as `watch` has it.
    RETURNS (Path): The pipeline that did best on dev, or one that goes on learning as it was in the end, in the folder.
    RAISES (ProjectError): If the GPU cannot be used, there are no texts to train on, or the pipeline is not what it was
        in training once it was saved and loaded.
    """
    use_gpu(gpu_id)
    _refuse_nothing(load_config(config, overrides or {}, interpolate=True)["paths"])
    if hopeless:
        config = watch(config, folder, hopeless)
    spacy_train(config, folder, use_gpu=gpu_id, overrides={"paths.log": str(folder / "log.jsonl"), **(overrides or {})})
    from_nothing = base_model.startswith(BLANK)
    goes_on = strategy is Strategy.update and not from_nothing and bool(find_ner(load_base(base_model)))
    # A network that goes on learning is at its best on old and new labels together, perhaps, before it knows a new one
    nlp = spacy.load(folder / ("model-last" if goes_on else "model-best"))
    nlp.meta[THRESHOLD] = None
    component = find_ner(nlp)
    settings = nlp.config.interpolate()
    (corpus,) = resolve_dot_names(settings, [nlp.config["training"]["dev_corpus"]])
    if component:
        dev = list(corpus(nlp))
        _require_as_trained(nlp, dev)
        nlp.meta[THRESHOLD] = _set_threshold(nlp, component, dev, base_model, strategy)
    pipeline = nlp
    if not from_nothing:
        outside = Corpus(settings["paths"]["outside"]) if "outside" in settings["paths"] else lambda nlp: ()
        pipeline = assemble(base_model, strategy, nlp, corpus, outside, _weigh_words(nlp, settings["paths"]))
        pipeline.meta["performance"] = {**pipeline.meta.get("performance", {}), **nlp.meta["performance"]}
        pipeline.meta[THRESHOLD] = nlp.meta[THRESHOLD]
    pipeline.to_disk(folder / "pipeline")
    return folder / "pipeline"


def _weigh_words(nlp: Language, paths: dict[str, Any]) -> Table:
    """Only a recognizer beside the base's learns from raw texts as they are."""
    if not paths.get("outside"):
        return Table(WORDS)
    annotated, mixed = _read_annotated(nlp, paths)
    texts = {doc.text for doc in annotated}
    return weigh_words(annotated, (doc for doc in mixed if doc.text not in texts))


def _read_annotated(nlp: Language, paths: dict[str, Any]) -> list[list[Doc]]:
    """The annotated texts, and these among raw ones, as a recognizer beside the base's learns from them."""
    return [[example.reference for example in Corpus(paths[name])(nlp)] for name in ("annotated", "train")]


def _refuse_nothing(paths: dict[str, Any]) -> None:
    """A folder of texts may be there for another recipe, base or strategy, and empty."""
    for folder in map(Path, (paths["train"], paths["dev"])):
        if folder.is_dir() and not any(len(DocBin().from_disk(file)) for file in folder.glob("*.spacy")):
            raise ProjectError(
                "There is nothing to train on",
                "The corpora were made for another recipe, base or strategy: spacy project run all makes them anew.",
                [Place(str(folder), None, "holds no texts")],
            )


def _require_as_trained(nlp: Language, dev: list[Example]) -> None:
    """Not everything that code can set in a pipeline is saved with it, and spaCy does not look."""
    trained, loaded = nlp.meta["performance"].get("ents_f"), nlp.evaluate(dev)["ents_f"]
    if trained is not None and abs((loaded or 0.0) - trained) > SAME_F:
        raise ProjectError(
            "The pipeline is another after it was saved",
            f"Its F on dev was {100 * trained:.1f} in training and is {100 * (loaded or 0.0):.1f} now that it was "
            "loaded. Have what [initialize] sets saved with it. (spaCy 3.8 does not save the attribute that vectors "
            "are looked up by, unless they are floret vectors.)",
        )


def _set_threshold(
    nlp: Language, component: str, dev: list[Example], base_model: str, strategy: Strategy
) -> dict[str, float] | None:
    paths = nlp.config.interpolate()["paths"]
    labels = set(nlp.pipe_labels[component])
    raw, new, rarer = [], set[str](), 0.0
    if paths.get("outside"):
        base = load_base(base_model)
        annotated, mixed = _read_annotated(nlp, paths)
        used = {ent.label_ for doc in annotated for ent in doc.ents}
        new = used - find_labels(base)
        updates = bool(labels - used)  # the base's are what they were, in a network as wide as two: that is slow
        labels = used
        raw = [example.predicted for example in Corpus(paths["outside"], limit=SAMPLE if updates else 0)(nlp)]
        if new:
            rarer = math.log(find_rate(annotated, new) / find_rate(mixed, new))
    taught = paths.get("outside") or paths.get("silver")  # by what knows all texts
    folds = [] if taught else list(learn_in_folds(nlp, component, dev))
    held_out = {example.text for fold in folds for example in fold.examples}
    unseen = [example for example in dev if example.text not in held_out]  # with too few texts, all are in both
    moved = move_threshold(nlp, component, unseen, labels, raw, new, rarer, folds)
    if not moved.by:
        return None
    before, after = nlp.meta["performance"], nlp.evaluate(dev)
    nlp.meta["performance"] = {**before, **{key: after[key] for key in before if key in after}}
    texts = len(unseen) + sum(len(fold.examples) for fold in folds)
    return {"moved": moved.by, "texts": texts, "f_before": moved.before, "f": moved.after}


def find_silver(silver: str | None, output_dir: Path) -> list[Path]:
    """Find what a teacher labelled, for recipes that learn from one.

    silver (Optional[str]): A folder of DocBins; None if the recipe has no teacher.
    output_dir (Path): Where the teacher is.
    RETURNS (list[Path]): The folder, if there is a teacher.
    RAISES (ProjectError): If it is empty, of other texts, or of a teacher that was trained on something else.
    """
    if not silver:
        return []
    if not any(Path(silver).glob("*.spacy")):
        remedy = "Run: spacy project run all . --vars.recipe=distil"
        raise ProjectError("No teacher has labelled texts", remedy, [Place(silver, None, "is empty")])
    refuse_stale(output_dir / TEACHER, "teach")
    refuse_stale(Path(silver), "label-raw-text")
    return [Path(silver)]
