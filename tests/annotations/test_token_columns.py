"""Tokens with tags in columns as people have them: any layout, any scheme, and what is wrong in them."""

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tagged_texts import EXPECTED, MANY, SENTENCES, accounted, conll, entities, found, notes, plain, read, write

from spacy_domain.annotations import AnnotatedText
from spacy_domain.annotations.formats import writers
from spacy_domain.annotations.parts import read_annotations
from spacy_domain.annotations.tagged.tags import find_scheme
from spacy_domain.project.errors import ProjectError

LAYOUTS = {
    "token numbers from 0": lambda i, w, t: f"{i}\t{w}\t{t}",
    "token numbers and an annotator": lambda i, w, t: f"{i + 1}\t{w}\t{t}\t-\tana",
    "document, part and token number": lambda i, w, t: f"doc/a\t0\t{i}\t{w}\t{t}",
    "tag first": lambda i, w, t: f"{t}\t{w}",
    "tag first, spaces": lambda i, w, t: f"{t} {w}",
    "phrases before the tag": lambda i, w, t: f"{w} NNP {'B-NP' if i == 0 else 'I-NP'} {t}",
    "phrases behind the tag": lambda i, w, t: f"{w} NNP {t} {'B-NP' if i == 0 else 'I-NP'}",
    "a constant column": lambda i, w, t: f"{w} _ _ {t}",
    "offsets": lambda i, w, t: f"{w}\t{5 * i}\t{5 * i + len(w)}\t{t}",
    "offsets between tag and token": lambda i, w, t: f"{t}\t{5 * i}\t{5 * i + len(w)}\t{w}",
    "tabs that align": lambda i, w, t: f"{w}{chr(9) * (1 + (len(w) < 4))}{t}",
    "a tab at the end": lambda i, w, t: f"{w}\t{t}\t",
    "features": lambda i, w, t: f"{i + 1}\t{w}\t{w}\tX\t_\tA=B\t0\tdep\t_\tname={t}|X=y",
    "features of entities alone": lambda i, w, t: f"{i + 1}\t{w}\tX\t{'_' if t == 'O' else 'NER=' + t}",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_are_told_from_what_is_in_them(tmp_path, layout, end):
    content = conll(LAYOUTS[layout], between=" \n").replace("\n", end).rstrip()
    assert found(write(tmp_path / "a.txt", "\ufeff" + content)) == EXPECTED * MANY


def test_columns_that_were_chosen_are_said(tmp_path):
    path = write(tmp_path / "a.tsv", conll(LAYOUTS["token numbers and an annotator"]))
    assert "Tokens are column 2, tags column 3" in notes(read(path))
    assert "Tokens are" not in notes(read(write(tmp_path / "b.tsv", conll(plain))))


@pytest.mark.parametrize(
    "header", ["Word\tTag\n", "TOKEN\tNE-COARSE-LIT\n", "token\tlabel\n\n", "Palavra\tEtiqueta\n", "szó\tcímke\n"]
)
def test_a_header_is_no_token(tmp_path, header):
    records = read(write(tmp_path / "a.tsv", conll(plain, before=header)))
    assert [(record.text, entities(record)) for record in records] == EXPECTED * MANY
    assert "The first line names the columns" in notes(records)


def test_a_first_word_without_a_tag_is_no_header(tmp_path):
    """Where its tag is the label of others, the mark was forgotten."""
    path = write(tmp_path / "a.tsv", "Lima\tLOC\nis\tO\n\n" + conll(lambda i, w, t: f"{w}\t{t}"))
    assert "names the columns" not in notes(read(path))


@pytest.mark.parametrize("outside", ["O", "0", "o", "out"])
def test_marks_without_labels_and_any_word_for_o(tmp_path, outside):
    path = write(tmp_path / "a.tsv", conll(lambda i, w, t: f"{w}\t{outside if t == 'O' else t[0]}"))
    assert Counter(label for _, ones in found(path) for _, label in ones).keys() == {"ENTITY"}


def test_the_outer_layer_is_read_where_the_inner_one_has_labels_of_its_own(tmp_path):
    inner = {w: "B-PART" for one in SENTENCES for w, t in one if t.startswith("B-")}
    first = next(iter(inner))
    path = write(tmp_path / "a.tsv", conll(lambda i, w, t: f"{i}\t{w}\t{t}\t{inner[w] if w == first else 'O'}"))
    records = read(path)
    assert [(record.text, entities(record)) for record in records] == EXPECTED * MANY
    assert sum(count for record in records for count in record.unread.values()) == MANY


def test_the_layer_with_many_times_as_many_entities_is_read(tmp_path):
    """Though the last one has labels of its own; of layers with about as many, it is the last."""
    row = "Ana\tB-PERSON\tO\nleft\tO\tO\nLima\tB-PLACE\tO\n.\tO\tO\n\n"
    other = "so\tO\tB-MOOD\n.\tO\tO\n\n"
    path = write(tmp_path / "a.tsv", row * 10 + other * 3)
    assert {label for _, entities in found(path) for _, label in entities} == {"PERSON", "PLACE"}
    path = write(tmp_path / "b.tsv", row * 10 + other * 10)
    assert {label for _, entities in found(path) for _, label in entities} == {"MOOD"}


def test_what_a_text_is_about_in_its_last_line_is_no_token(tmp_path):
    """As data of intents and slots have it."""
    blocks = ["".join(f"{word} {tag}\n" for word, tag in one) + "weather/find\n" for one in SENTENCES * MANY]
    path = write(tmp_path / "a.txt", "\n".join(blocks))
    assert found(path) == EXPECTED * MANY
    assert sum(record.unread["text(s) with a class in the last line"] for record in read(path)) == len(blocks)


def test_comments_about_intents_are_no_headings_of_rasa(tmp_path):
    blocks = ["# intent: weather\n" + "".join(f"{word} {tag}\n" for word, tag in one) for one in SENTENCES * MANY]
    assert found(write(tmp_path / "a.txt", "\n".join(blocks))) == EXPECTED * MANY


@pytest.mark.parametrize("mark", ["-DOCSTART FILE documents/0001", "-DOCSTART CONFIG FEATURES orth base ctag"])
def test_other_marks_of_documents(tmp_path, mark):
    """As Liner2 writes them, over each text."""
    blocks = [f"{mark}\n" + "".join(f"{word}\t{tag}\n" for word, tag in one) for one in SENTENCES * MANY]
    assert found(write(tmp_path / "a.iob", "\n".join(blocks))) == EXPECTED * MANY


def test_a_label_without_a_mark_is_an_entity(tmp_path):
    """Where others have its mark it was forgotten; where none has one, and it is there often, it needs none."""
    text = "Ana B-PER\nsaw O\nLima LOC\n\n" + "Bo B-PER\nleft O\nLima B-LOC\n\n" * 9
    assert found(write(tmp_path / "a.txt", text))[:2] == [
        ("Ana saw Lima", [("Ana", "PER"), ("Lima", "LOC")]),
        ("Bo left Lima", [("Bo", "PER"), ("Lima", "LOC")]),
    ]
    path = write(
        tmp_path / "b.txt", "Ana B-PER\nleft O\nlast TIM\nweek TIM\n\n" * 12 + "Bo B-PER\nmet O\nEva B-PER\n\n" * 60
    )
    assert found(path)[0] == ("Ana left last week", [("Ana", "PER"), ("last week", "TIM")])
    assert "TIM (24)" in notes(read(path))
    path = write(tmp_path / "c.txt", "Ana B-PER\nleft NN\n\n" + "Bo B-PER\nslept O\n\n" * 12)
    assert [bool(record.rejected) for record in read(path)] == [True] + 12 * [False]


NUMBERED = {
    "CSV": lambda n, i, w, t: f"{n},{w},{t}",
    "CSV with parts of speech, as Kaggle's": lambda n, i, w, t: f"{f'Sentence: {n}' if i == 0 else ''},{w},NN,{t}",
    "semicolons, behind": lambda n, i, w, t: f"{w};{t};{n}",
    "tabs": lambda n, i, w, t: f"{n}\t{w}\t{t}",
    "spaces, with gaps": lambda n, i, w, t: f"{3 * n} {w} {t}",
    "tabs and numbers of tokens": lambda n, i, w, t: f"{n}\t{i}\t{w}\t{t}",
}


@pytest.mark.parametrize("row", NUMBERED.values(), ids=NUMBERED)
def test_a_column_without_a_name_numbers_sentences(tmp_path, row):
    sentences = enumerate(SENTENCES * MANY)
    lines = [row(n, i, word, tag) for n, one in sentences for i, (word, tag) in enumerate(one)]
    path = write(tmp_path / "a.csv", "".join(f"{line}\n" for line in lines))
    assert found(path) == EXPECTED * MANY
    assert "tells sentences apart" in notes(read(path))


def test_the_name_of_a_text_in_its_first_line_is_no_token(tmp_path):
    blocks = [
        f"IMGID:{n}\n" + "".join(f"{word}\t{tag}\n" for word, tag in one) for n, one in enumerate(SENTENCES * MANY)
    ]
    path = write(tmp_path / "a.txt", "\n".join(blocks))
    assert found(path) == EXPECTED * MANY
    assert "The first line of each text is what it is called" in notes(read(path))
    (record,) = [one for one in read(write(tmp_path / "b.txt", "\n".join([*blocks, "7\nAna\n"]))) if one.rejected]
    assert record.rejected.startswith("Token without tag")


def test_a_long_file_without_blank_lines_is_cut_behind_sentences_and_a_long_text_is_not(tmp_path):
    many = SENTENCES * 40
    path = write(tmp_path / "a.txt", conll(plain, between="", sentences=many))
    assert found(path) == EXPECTED * 40
    assert "cut behind what ends a sentence" in notes(read(path))
    for name, content in (
        ("two.txt", conll(plain, between="", sentences=many) + "\nAna\tB-PER\nleft\tO\n"),
        ("comment.txt", conll(plain, "# text = x\n", between="", sentences=many)),
        ("short.txt", conll(plain, between="", sentences=many[:60])),
    ):
        assert len(read(write(tmp_path / name, content))) == 1 + (name == "two.txt")


def test_the_outer_layer_is_read_and_the_inner_one_is_named(tmp_path):
    for outer in (2, 3):

        def row(i, token, tag, outer=outer):
            inner = "B-LOCpart" if token == "York" else tag if token == "Lima" else "O"
            return "\t".join([str(i + 1), token, *((tag, inner) if outer == 2 else (inner, tag))])

        content = conll(row, before="#\tn-tv.de vom 26.02.2005\t[2005-02-26]\n")
        records = read(write(tmp_path / "a.tsv", content))
        assert [(record.text, entities(record)) for record in records] == EXPECTED * MANY
        assert accounted(records) == len(re.findall(r"\tB-", content)) == 6 * MANY
        (unread,) = {what for record in records for what in record.unread}
        assert f"column {3 if outer == 3 else 4}" in unread
        assert sum(record.unread.get(unread, 0) for record in records) == 2 * MANY


def test_comments_and_tokens_that_begin_like_them(tmp_path):
    first = [("#Lima", "B-LOC"), ("#", "O"), ("Hiro", "B-PER")]
    content = conll(plain, before="# sent_id = 1\n# a comment\n", sentences=[first, *SENTENCES])
    assert found(write(tmp_path / "a.tsv", content))[0] == ("#Lima # Hiro", [("#Lima", "LOC"), ("Hiro", "PER")])
    content = conll(lambda i, w, t: f"{w} {t}", before="# a comment\n", sentences=[first, *SENTENCES])
    assert found(write(tmp_path / "b.txt", content))[0] == ("#Lima # Hiro", [("#Lima", "LOC"), ("Hiro", "PER")])


CONLLU = """\
# global.columns = ID FORM UPOS NER MISC
# text = Petra vio al mar Chico.
1\tPetra\tX\tB-PER\t_
2\tvio\tX\tO\t_
3-4\tal\t_\t_\t_
3\ta\tX\tO\t_
4\tel\tX\tB-LOC\t_
5\tmar\tX\tI-LOC\t_
5.1\tnada\tX\tO\t_
6\tChico\tX\tI-LOC\tSpaceAfter=No
7\t.\tX\tO\t_

"""


@pytest.mark.parametrize("text", [True, False])
def test_conllu_with_ranges_and_empty_nodes(tmp_path, text):
    content = CONLLU if text else CONLLU.replace("# text = Petra vio al mar Chico.\n", "")
    records = found(write(tmp_path / "a.conllup", content * 3))
    assert records == [("Petra vio al mar Chico.", [("Petra", "PER"), ("al mar Chico", "LOC")])] * 3


def test_more_comments_than_tokens(tmp_path):
    for row in (plain, lambda i, w, t: f"{w} {t}"):
        content = conll(row, before="# a line of the licence\n" * 600, between="\n" + "# one more comment\n" * 9)
        assert found(write(tmp_path / "a.txt", content)) == EXPECTED * MANY


def test_brackets_of_ontonotes(tmp_path):
    tags = [("Hiro", "(PERSON*"), ("Romero", "*)"), ("saw", "*"), ("Lima", "(GPE)"), (".", "*")]
    rows = "".join(f"a/b   0 {i} {w} NN (NP* - - - Ana {t} (V*) (1|(2)\n" for i, (w, t) in enumerate(tags))
    path = write(tmp_path / "a.conll", f"#begin document (a/b); part 000\n{rows}\n{rows}\n#end document\n")
    expected = ("Hiro Romero saw Lima .", [("Hiro Romero", "PERSON"), ("Lima", "GPE")])
    assert found(path) == [expected] * 2


@pytest.mark.parametrize("white", ["\u00a0", "", " ", "\u2003"])
def test_a_token_of_white_space_loses_nothing(tmp_path, white):
    one = [("Hiro", "B-PER"), (white, "I-PER"), ("Romero", "I-PER"), (white, "O"), (white, "B-LOC")]
    records = read(write(tmp_path / "a.tsv", conll(plain, sentences=[*SENTENCES, one])))
    assert (records[-1].text.rstrip(), entities(records[-1])) == ("Hiro Romero", [("Hiro Romero", "PER")])
    assert accounted(records) == 4 + 2 and "LOC" in records[-1].dropped[0]
    lines = conll(lambda i, w, t: f"{w} {t}", sentences=[*SENTENCES, one[:4]])
    assert found(write(tmp_path / "b.txt", lines))[-1][1] == [("Hiro Romero", "PER")]


def test_white_space_inside_of_a_token_stays(tmp_path):
    content = conll(plain).replace("Lima", "New Lima")
    assert found(write(tmp_path / "a.tsv", content))[0][1] == [("Hiro Romero", "PER"), ("New Lima", "LOC")]
    content = conll(lambda i, w, t: f"{w} {t}").replace("Lima", "New\u00a0Lima")
    assert found(write(tmp_path / "b.txt", content))[0][1] == [("Hiro Romero", "PER"), ("New\u00a0Lima", "LOC")]


def test_an_escape_that_is_none(tmp_path):
    content = conll(lambda i, w, t: f"{w}\t{'SpacesAfter=' + chr(92) + 'x' if i == 0 else '_'}\t{t}")
    records = read(write(tmp_path / "a.conll", content))
    assert [(record.text, entities(record)) for record in records] == EXPECTED * MANY
    assert "is no white space" in notes(records)


def test_a_space_at_the_end_is_exported(tmp_path):
    record = AnnotatedText("see you ", [], "", 1)
    path = write(tmp_path / "a.conll", "".join(writers.get("iob").write([record])))
    assert found(path) == [("see you ", [])]


FAULTS = {
    "one column": ("moved\tO", "moved", "Token without tag"),
    "three columns": ("moved\tO", "moved\tX\tO", "Token with too many columns"),
    "0 for O": ("moved\tO", "moved\t0", "Unknown tag: '0'"),
    "a mark that is none": ("moved\tO", "moved\tX-PER", "Unknown tag: 'X-PER'"),
    "no label": ("moved\tO", "moved\tB-", "Unknown tag: 'B-'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_line_sets_its_text_aside(tmp_path, fault):
    right, wrong, title = FAULTS[fault]
    path = write(tmp_path / "a.tsv", conll(plain).replace(right, wrong, 1))
    first, *others = read(path)
    assert first.rejected.startswith(title) and first.broken and len(first.dropped) == 2
    assert [(record.text, entities(record)) for record in others] == (EXPECTED * MANY)[1:]
    with pytest.raises(ProjectError) as caught:
        list(read_annotations(path))
    assert caught.value.places[0].line == 3
    assert "Unknown" not in title or "O, B-" in caught.value.places[0].message


def test_an_entity_on_a_broken_line_is_counted(tmp_path):
    content = conll(plain).replace("Lima\tB-LOC", "Lima B-LOC", 1)
    records = read(write(tmp_path / "a.tsv", content))
    assert records[0].rejected and not records[1].rejected
    assert accounted(records) == content.count("B-")


def test_lines_that_end_in_cr_alone_are_refused(tmp_path):
    with pytest.raises(ProjectError, match="Line ends of old Macs"):
        read(write(tmp_path / "a.tsv", conll(plain).replace("\n", "\r")))


@pytest.mark.parametrize("row", [lambda i, w, t: f"{w}|{t}", lambda i, w, t: f"{w}|NN|{t}"])
def test_pipes_with_a_token_a_line(tmp_path, row):
    assert found(write(tmp_path / "a.txt", conll(row, before="# a comment\n"))) == EXPECTED * MANY


def swapped(tag, between):
    return between.join(reversed(tag.split("-"))) if tag != "O" else tag


# Each makes the tag of a token from that in BIO, and that of the token behind it
SCHEMES = {
    "BIO": lambda tag, following: tag,
    "IOB1": lambda tag, following: tag.replace("B-", "I-"),
    "BILUO": lambda tag, following: ended(tag, following, "U", "L"),
    "BIOES": lambda tag, following: ended(tag, following, "S", "E"),
    "BMES": lambda tag, following: ended(tag, following, "S", "E").replace("I-", "M-"),
    "BMEWO": lambda tag, following: ended(tag, following, "W", "E").replace("I-", "M-"),
    "suffix": lambda tag, following: swapped(tag, "-"),
    "underscore": lambda tag, following: tag.replace("-", "_"),
    "underscore, suffix": lambda tag, following: swapped(tag, "_"),
    "IO": lambda tag, following: tag.rpartition("-")[2],
    "0 for O": lambda tag, following: "0" if tag == "O" else tag,
    "lower case": lambda tag, following: tag[0].lower() + tag[1:],
    "both cases": lambda tag, following: tag[0].lower() + tag[1:] if "PER" in tag else tag,
    "OTHER for O, labels alone": lambda tag, following: "OTHER" if tag == "O" else tag[2:],
    "another word for O": lambda tag, following: "null" if tag == "O" else tag,
}


def ended(tag, following, single, last):
    if tag == "O" or following.startswith("I-"):
        return tag
    return f"{single if tag[0] == 'B' else last}-{tag[2:]}"


def in_scheme(scheme, sentences):
    for sentence in sentences:
        following = [*(tag for _, tag in sentence[1:]), "O"]
        yield [(w, SCHEMES[scheme](tag, other)) for (w, tag), other in zip(sentence, following, strict=True)]


LONG = [("Ana", "B-PER"), ("Maria", "I-PER"), ("del", "I-PER"), ("Rey", "I-PER"), ("came", "O")]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("shape", ["columns", "pipes", "words.csv"])
def test_the_scheme_is_told_from_the_tags(tmp_path, scheme, shape):
    sentences = list(in_scheme(scheme, [LONG, *SENTENCES] * MANY))
    if shape == "columns":
        content = conll(plain, sentences=sentences)
    elif shape == "pipes":
        content = "\n".join(" ".join(f"{w}|NN|{tag}" for w, tag in sentence) for sentence in sentences)
    else:
        content = "token,label\n" + conll(lambda i, w, tag: f"{w},{tag}", sentences=sentences)
    expected = [("Ana Maria del Rey came", [("Ana Maria del Rey", "PER")]), *EXPECTED] * MANY
    assert found(write(tmp_path / "a.txt", content)) == expected


def test_marks_without_label_are_one_label_and_it_is_said(tmp_path):
    records = read(write(tmp_path / "a.tsv", conll(lambda i, w, t: f"{w}\t{t[0]}")))
    assert Counter(span.label for record in records for span in record.spans) == {"ENTITY": 4 * MANY}
    assert "all entities are called ENTITY" in notes(records)


def test_labels_that_hold_what_is_between_mark_and_label(tmp_path):
    content = conll(lambda i, w, t: f"{w}\t{t.replace('PER', 'geo-loc').replace('LOC', 'product_x')}")
    assert found(write(tmp_path / "a.tsv", content))[0][1] == [("Hiro Romero", "geo-loc"), ("Lima", "product_x")]


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"NN": 50, "VB": 30, "O": 1}, False),
        ({"A": 9, "B": 9, "AB": 3, "O": 9}, False),  # blood groups
        ({"B": 9, "M": 9, "E": 9, "S": 9}, False),  # words cut into characters
        ({"positive": 9, "negative": 9}, False),
        ({"O": 90, "B-x": 9, "I-x": 3, "oops": 1}, True),
        ({"O": 90, "Person": 9}, True),
        ({"O": 90}, True),
        ({"B-x": 60, "x": 40, "O": 90}, False),  # two schemes
        ({"the": 9, "B-x": 1, "a": 3}, False),
    ],
)
def test_what_is_a_scheme(tags, told):
    assert (find_scheme(tags) is not None) == told


NO_TOKENS = {
    "prose.txt": "This is plain text.\nIt has lines. And B, O and I.\n\nNothing else is here O\n" * 9,
    "notes.md": "# Title\n\n| a | b |\n|---|---|\n| x | O |\n\n- one\n- two\n",
    "classes.csv": "text,label\ngood one,positive\nbad one,negative\n",
    "others.csv": "text,label\nhello there,other\nbye now,bye\nhm,other\n" * 9,
    "others.tsv": "hello\tother\nbye\tgoodbye\nhm\tother\n" * 9,
    "a text a line.txt": "Hiro B-PER Romero I-PER moved O to O Lima B-LOC . O\n" * 9,
    "numbers.csv": "a,b,c\n1,2,O\n3,4,O\n",
    "grades.tsv": "Ana\tA\nBen\tB\nCy\tO\nDo\tAB\n" * 5,
    "speech.tsv": conll(lambda i, w, t: f"{w}\t{('NOUN', 'VERB')[i % 2]}"),
    "plain.conllu": conll(lambda i, w, t: f"{i + 1}\t{w}\t{w}\tX\t_\tA=B\t0\tdep\t_\t_"),
}


@pytest.mark.parametrize("name", NO_TOKENS)
def test_other_files_are_not_taken_for_tokens(tmp_path, name):
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read(write(tmp_path / name, NO_TOKENS[name]))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_span_is_lost_whatever_the_columns_and_the_scheme(tmp_path_factory, data):
    """Any sentences, in any layout and scheme: as many spans as there are beginnings."""
    word = st.text(st.sampled_from("abcXYZäß0129.#'"), min_size=1, max_size=6)
    label = st.sampled_from(["PER", "geo-loc", "a_b", "X"])
    sentences = [*SENTENCES]  # so that not all tokens are numbers, or the same
    for _ in range(data.draw(st.integers(5, 12))):
        sentence = []
        for _ in range(data.draw(st.integers(1, 4))):
            name = data.draw(label)
            sentence += [(data.draw(word), "O") for _ in range(data.draw(st.integers(1, 3)))]
            sentence += [(data.draw(word), f"{'I' if k else 'B'}-{name}") for k in range(data.draw(st.integers(1, 3)))]
        sentences.append(sentence)
    scheme = data.draw(st.sampled_from(["BIO", "BILUO", "BIOES", "BMES", "0 for O", "lower case"]))
    layout = data.draw(st.sampled_from([name for name in LAYOUTS if "features" not in name]))
    content = conll(LAYOUTS[layout], sentences=list(in_scheme(scheme, sentences)))
    path = write(tmp_path_factory.mktemp("any") / "a.txt", content)
    records = read(path)
    assert accounted(records) == sum(tag.startswith("B-") for sentence in sentences for _, tag in sentence)
    assert [record.text.split() for record in records] == [[w for w, _ in sentence] for sentence in sentences]


def test_offsets_of_entities_without_texts_are_no_tokens(tmp_path):
    rows = "".join(f"128170915627005{n} {n} {n + 7} B-{'PER' if n % 2 else 'ORG'}\n" for n in range(30))
    for header in ("", "tweet_id start_pos end_pos B-NAMED_ENTITY_TYPE\n"):
        with pytest.raises(ProjectError, match="Cannot tell the format"):
            read(write(tmp_path / "a.txt", header + rows))
