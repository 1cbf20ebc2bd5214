"""Small pipelines to build on, trained for a few seconds on labels other than the example's."""

import random

import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed

WIDTH = 32
EMBED = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "width": WIDTH,
    "depth": 1,
    "embed_size": 500,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
    "pretrained_vectors": None,
}
CITIES = ["Paris", "Lagos", "Quito", "Oslo", "Delhi", "Lima", "Cairo", "Seoul"]
FIRMS = ["Acme", "Initech", "Globex", "Umbrella", "Hooli", "Stark"]


def sentences(count, seed=0):
    """Texts with CITY and FIRM, tags included."""
    chance = random.Random(seed)
    for _ in range(count):
        words, ents, tags = [], [], []
        for part in chance.sample(["CITY", "FIRM", "plain", "plain"], 3):
            words += ["we", "went", "to"] if part != "plain" else ["it", "was", "late"]
            tags += ["PRP", "VBD", "TO"] if part != "plain" else ["PRP", "VBD", "JJ"]
            if part != "plain":
                ents.append((len(words), part))
                words.append(chance.choice(CITIES if part == "CITY" else FIRMS))
                tags.append("NNP")
        yield words, ents, tags


def examples(nlp, count, seed=0):
    for words, ents, tags in sentences(count, seed):
        iob = ["O"] * len(words)
        for place, label in ents:
            iob[place] = f"U-{label}"
        gold = Doc(nlp.vocab, words=words, tags=tags, ents=[tag.replace("U-", "B-") for tag in iob])
        yield Example(nlp.make_doc(gold.text), gold)


def listener(architecture="spacy.Tok2VecListener.v1", **more):
    return {"@architectures": architecture, **more}


def ner_config(tok2vec):
    return {
        "model": {
            "@architectures": "spacy.TransitionBasedParser.v2",
            "state_type": "ner",
            "extra_state_tokens": False,
            "hidden_width": 32,
            "maxout_pieces": 2,
            "use_upper": True,
            "nO": None,
            "tok2vec": tok2vec,
        }
    }


def tagger_config(tok2vec):
    return {"model": {"@architectures": "spacy.Tagger.v2", "nO": None, "normalize": False, "tok2vec": tok2vec}}


def own_tok2vec(nlp):
    """Like en_core_web_sm: the tagger listens, the recognizer has its own."""
    nlp.add_pipe("tok2vec", config={"model": EMBED})
    nlp.add_pipe("tagger", config=tagger_config(listener(width=WIDTH, upstream="*")))
    nlp.add_pipe("ner", config=ner_config(EMBED))


def shared_tok2vec(nlp):
    """Like what `spacy init config` makes: tagger and recognizer listen to the same."""
    nlp.add_pipe("tok2vec", config={"model": EMBED})
    nlp.add_pipe("tagger", config=tagger_config(listener(width=WIDTH, upstream="*")))
    nlp.add_pipe("ner", config=ner_config(listener(width=WIDTH, upstream="*")))


def tiny_bert(folder):
    """A Hugging Face encoder of two thin layers with random weights."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    letters = [chr(number) for number in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
    )
    BertModel(config).save_pretrained(folder, safe_serialization=False)
    BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    return folder


POOLING = {"@layers": "reduce_mean.v1"}


def transformer(nlp, folder):
    """A transformer of spacy-transformers, which tagger and recognizer listen to."""
    model = {
        "@architectures": "spacy-transformers.TransformerModel.v3",
        "name": str(tiny_bert(folder)),
        "get_spans": {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 96, "stride": 64},
    }
    nlp.add_pipe("transformer", config={"model": model})
    heard = {"architecture": "spacy-transformers.TransformerListener.v1", "grad_factor": 1.0, "pooling": POOLING}
    nlp.add_pipe("tagger", config=tagger_config(listener(**heard)))
    nlp.add_pipe("ner", config=ner_config(listener(**heard)))


def curated_transformer(nlp, folder):
    """The same with spacy-curated-transformers."""
    model = {
        "@architectures": "spacy-curated-transformers.BertTransformer.v1",
        "vocab_size": 193,
        "hidden_width": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_width": 64,
        "piece_encoder": {"@architectures": "spacy-curated-transformers.BertWordpieceEncoder.v1"},
        "with_spans": {"@architectures": "spacy-curated-transformers.WithStridedSpans.v1"},
    }
    nlp.add_pipe("curated_transformer", name="transformer", config={"model": model})
    loaders = {
        loader: {"@model_loaders": f"spacy-curated-transformers.{name}.v1", "name": str(tiny_bert(folder))}
        for loader, name in (
            ("encoder_loader", "HFTransformerEncoderLoader"),
            ("piecer_loader", "HFPieceEncoderLoader"),
        )
    }
    config = nlp.config.copy()
    config["initialize"]["components"]["transformer"] = loaders
    nlp.config = config
    heard = {
        "architecture": "spacy-curated-transformers.LastTransformerLayerListener.v1",
        "width": WIDTH,
        "pooling": POOLING,
    }
    nlp.add_pipe("tagger", config=tagger_config(listener(**heard)))
    nlp.add_pipe("ner", config=ner_config(listener(**heard)))


def train(nlp, steps=40, learn_rate=0.005):
    """Train all components for some steps."""
    fix_random_seed(0)
    optimizer = nlp.initialize(lambda: list(examples(nlp, 40)))
    optimizer.learn_rate = learn_rate
    for step in range(steps):
        nlp.update(list(examples(nlp, 16, seed=step)), sgd=optimizer)
    return nlp


def make_base(build, folder, *arguments, name="tiny", lang="en", **more):
    """Build a pipeline, train it and write it to disk. (With "xx", whose tokenizer has no special cases, it is made and
    loaded faster.)"""
    nlp = spacy.blank(lang)
    nlp.meta |= {"name": name, "version": "3.8.0"}
    build(nlp, *arguments)
    folder.parent.mkdir(parents=True, exist_ok=True)
    train(nlp, **more).to_disk(folder)
    return folder


def install_base(build, place, name, *arguments, **more):
    """Have a base as pip would install it: a package with its data, and the note that pip leaves."""
    package, data = place / name, f"{name}-3.8.0"
    make_base(build, package / data, *arguments, name=name.partition("_")[2], **more)
    (package / "meta.json").write_bytes((package / data / "meta.json").read_bytes())
    (package / "__init__.py").write_text(
        "from functools import partial\n\nfrom spacy.util import load_model_from_init_py\n\n"
        "load = partial(load_model_from_init_py, __file__)\n"
    )
    note = place / f"{data}.dist-info" / "METADATA"
    note.parent.mkdir()
    note.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.8.0\n")
