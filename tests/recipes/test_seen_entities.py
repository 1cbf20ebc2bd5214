"""What training has seen annotated is found again by a rule, unless it mostly means something else."""

import spacy
from spacy.tokens import DocBin

from spacy_domain.recipes.seen_entities import read_seen_entities


def write(path, texts):
    """Texts with entities in [brackets]; a token after ~ is one that nobody annotated."""
    nlp = spacy.blank("en")
    docs = DocBin()
    for text in texts:
        words, spans, unknown, start = [], [], [], 0
        for word in text.split():
            if word.startswith("["):
                start = len(words)
            if word.startswith("~"):
                unknown.append(len(words))
            words.append(word.strip("[]~"))
            if word.endswith("]"):
                spans.append((start, len(words)))
        doc = spacy.tokens.Doc(nlp.vocab, words)
        ents = [spacy.tokens.Span(doc, *ends, label="BRAND") for ends in spans]
        doc.set_ents(ents, missing=[doc[n : n + 1] for n in unknown])
        docs.add(doc)
    docs.to_disk(path)
    return path


def found(tmp_path, texts, text, precision=0.8):
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(read_seen_entities(write(tmp_path / "train.spacy", texts), precision))
    return [(ent.text, ent.label_) for ent in nlp(text).ents]


def test_in_any_case_and_the_longest(tmp_path):
    texts = ["boots by [The North Face]", "[North] sells boots"]
    assert found(tmp_path, texts, "the north face and NORTH") == [("the north face", "BRAND"), ("NORTH", "BRAND")]


def test_what_mostly_means_something_else_is_left_out(tmp_path):
    texts = ["a [Gap] shirt", "mind the gap", "the gap there", "a [Levis] shirt"]
    assert found(tmp_path, texts, "gap or levis") == [("levis", "BRAND")]
    assert found(tmp_path, texts, "gap or levis", precision=0.3) == [("gap", "BRAND"), ("levis", "BRAND")]


def test_what_nobody_annotated_does_not_count(tmp_path):
    assert found(tmp_path, ["a [Gap] shirt", "mind the ~gap"], "gap") == [("gap", "BRAND")]


def test_longer_entities_do_not_speak_against_shorter_ones(tmp_path):
    texts = ["[North Face] boots", "[North Face] again", "[North] boots"]
    assert ("north", "BRAND") in found(tmp_path, texts, "north of it")


def test_no_entities_no_patterns(tmp_path):
    assert read_seen_entities(write(tmp_path / "train.spacy", ["nothing here"]), 0.8) == []


def test_what_raw_texts_are_full_of_is_left_out(tmp_path):
    """They were not annotated, but a rule cannot tell; annotated texts among them count once."""
    texts = ["a [Gap] shirt", "a [Levis] shirt"]
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    write(folder / "00000.spacy", [*texts * 3, "~mind the ~gap", "~levi's ~shirts"])
    patterns = read_seen_entities(write(tmp_path / "train.spacy", texts), 0.8, folder)
    assert patterns == [{"label": "BRAND", "pattern": "levis"}]
