"""Tables of words and of sentences, tables of spans, and TSV of WebAnno."""

from collections import Counter

import pytest
from tagged_texts import EXPECTED, MANY, SENTENCES, accounted, entities, found, notes, read, write

from spacy_domain.project.errors import ProjectError


def word_rows(row, header, sentences=SENTENCES * MANY):
    lines = (row(number, i, *pair) for number, one in enumerate(sentences) for i, pair in enumerate(one))
    return header + "\n" + "".join(f"{line}\n" for line in lines)


WORDS = {
    "Kaggle": ("Sentence #,Word,POS,Tag", lambda n, i, w, t: f"{f'Sentence: {n + 1}' if i == 0 else ''},{w},NN,{t}"),
    "a comma too many": ("Sentence #,Word,Tag,", lambda n, i, w, t: f"{f'Sentence: {n}' if i == 0 else ''},{w},{t},"),
    "each row": ("sentence_id,words,labels", lambda n, i, w, t: f"{n},{w},{t}"),
    "numbered rows": (",SENTENCE_ID,Words,Labels", lambda n, i, w, t: f"{10 * n + i},{n},{w},{t}"),
    "document and sentence": ("doc_id,sent_id,token,ner", lambda n, i, w, t: f"{n // 2},{n % 2},{w},{t}"),
    "semicolons": ("sentence;token;ner_tag", lambda n, i, w, t: f"{n};{w};{t}"),
    "phrases": ("sent_id,word,chunk_tag,ner", lambda n, i, w, t: f"{n},{w},B-NP,{t}"),
    "pipes": ("sentence_id|word|tag", lambda n, i, w, t: f"{n}|{w}|{t}"),
    "a blank line first": ("\nsentence_id,word,tag", lambda n, i, w, t: f"{n},{w},{t}"),
    "tabs": ("Sentence #\tWord\tTag", lambda n, i, w, t: f"{f'Sentence: {n}' if i == 0 else ''}\t{w}\t{t}"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_word_a_row(tmp_path, kind):
    header, row = WORDS[kind]
    records = read(write(tmp_path / "a.csv", word_rows(row, header)))
    assert [(record.text, entities(record)) for record in records] == EXPECTED * MANY
    assert "Words are in the column" in notes(records)


@pytest.mark.parametrize("wrong", ["moved,NN", "moved,NN,0", '"moved,NN,O'])
def test_a_broken_word_sets_its_sentence_aside(tmp_path, wrong):
    header, row = WORDS["Kaggle"]
    content = word_rows(row, header).replace("moved,NN,O", wrong, 1)
    first, *others = read(write(tmp_path / "a.csv", content))
    assert first.rejected and first.broken and len(first.dropped) == 2
    assert [(record.text, entities(record)) for record in others] == (EXPECTED * MANY)[1:]


@pytest.mark.parametrize("between", [",", "\t"])
def test_a_quote_may_be_a_word(tmp_path, between):
    one = [("Hiro", "B-PER"), ('"', "O"), ("Lima", "B-LOC"), ('"', "O"), ("\n", "O"), (".", "O")]

    def row(number, i, word, tag):
        return between.join([str(number), '"\n"' if word == "\n" else word, tag])

    content = word_rows(row, between.join(["sentence_id", "word", "tag"]), [one] * MANY)
    expected = ('Hiro " Lima " .', [("Hiro", "PER"), ("Lima", "LOC")])
    assert found(write(tmp_path / "a.csv", content)) == [expected] * MANY


def test_tags_in_other_columns_are_named(tmp_path):
    words = word_rows(lambda n, i, w, t: f"{n},{w},{t},{t}", "sentence_id,word,ner,fine_tag")
    rows = "".join(f'"{[w for w, _ in one]}","{[t for _, t in one]}","{[t for _, t in one]}"\n' for one in SENTENCES)
    for content in (words, "tokens,fine_tags,ner_tags\n" + rows):
        records = read(write(tmp_path / "a.csv", content))
        assert [(record.text, entities(record)) for record in records[:3]] == EXPECTED
        assert accounted(records) == content.count("B-")
        assert sum(sum(record.unread.values()) for record in records) == content.count("B-") / 2


def test_a_table_in_latin_1_is_a_clear_error(tmp_path):
    header, row = WORDS["Kaggle"]
    content = word_rows(row, header).replace("Petra", "Pétra")
    with pytest.raises(ProjectError, match="Not UTF-8"):
        read(write(tmp_path / "a.csv", content, "latin-1"))


SENTENCE_ROWS = {
    "lists": ("tokens,ner_tags", lambda words, tags: f'"{words}","{tags}"'),
    "text and lists": ("Sentence #,Sentence,POS,Tag", lambda words, tags: f'Sentence: 1,{" ".join(words)},x,"{tags}"'),
    "text": ("text,labels", lambda words, tags: f"{' '.join(words)},{' '.join(tags)}"),
    "phrases": ("tokens,ner_tags,chunk_tags", lambda words, tags: f'"{words}","{tags}","{["B-NP"] * len(words)}"'),
    "numpy": (
        "id,tokens,tags",
        lambda words, tags: f'1,"{str(words).replace(",", "")}","{str(tags).replace(",", "")}"',
    ),
}


@pytest.mark.parametrize("kind", SENTENCE_ROWS)
def test_a_sentence_a_row(tmp_path, kind):
    header, row = SENTENCE_ROWS[kind]
    rows = [row([w for w, _ in one], [t for _, t in one]) for one in SENTENCES * MANY]
    content = header + "\n" + "".join(f"{line}\n" for line in rows)
    assert found(write(tmp_path / "a.csv", content)) == EXPECTED * MANY
    first, *others = read(write(tmp_path / "b.csv", content.replace("I-PER", "X-PER", 1)))
    assert first.rejected and len(others) == len(rows) - 1


WEBANNO = """\
#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue|coarseValue
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value
#T_SP=webanno.custom.Mood|
#T_RL=webanno.custom.Knows|kind|BT_webanno.custom.Mood


#Text=🎉 Hiro Romero\\tleft "X\\\\Y" .
1-1\t0-2\t🎉\tNN\tN\t_\t_\t*\t_\t_\t
1-2\t3-7\tHiro\tNN\tN\thttp://x/Q1[1]|*[2]\tPER[1]|NA\\_ME[2]\t_\t_\t_\t
1-3\t8-14\tRomero\tNN\tN\thttp://x/Q1[1]\tPER[1]\t_\t_\t_\t
1-4\t15-19\tleft\tNN\tN\t_\t_\t*\tfriend\t1-1\t
1-5\t20-21\t"\tNN\tN\t_\t_\t_\t_\t_\t
1-6\t21-24\tX\\Y\tNN\tN\t_\t_\t_\t_\t_\t
1-6.1\t21-22\tX\t_\t_\t*\tORG\t_\t_\t_\t
1-7\t24-25\t"\tNN\tN\t_\t_\t_\t_\t_\t
1-8\t26-27\t.\tNN\tN\t*\t*\t_\t_\t_\t

#Text=Then Petra
2-1\t28-32\tThen\tNN\tN\t_\t_\t_\t_\t_\t
2-2\t33-38\tPetra\tNN\tN\t*[7]\tPER[7]\t_\t_\t_\t

#Text=Silva sat .
3-1\t39-44\tSilva\tNN\tN\t*[7]\tPER[7]\t_\t_\t_\t
3-2\t45-48\tsat\tNN\tN\t_\t_\t_\t_\t_\t
3-2.1\t48-48\t\t_\t_\t*\tGAP\t_\t_\t_\t
3-3\t49-50\t.\tNN\tN\t_\t_\t_\t_\t_\t
"""


def test_webanno(tmp_path):
    first, second = read(write(tmp_path / "a.tsv", WEBANNO))
    assert first.text == '🎉 Hiro Romero\tleft "X\\Y" .'
    assert set(entities(first)) == {
        ("Hiro Romero", "PER"),
        ("Hiro", "NA_ME"),
        ("X", "ORG"),
        (".", "NamedEntity"),  # an annotation without value
    }
    assert entities(second) == [("Petra\nSilva", "PER")] and len(second.dropped) == 1
    # 1: PER[1], NA_ME[2], ORG, "*"; 2 and 3: PER[7], GAP
    assert accounted([first, second]) == 6
    mood, knows, pos = "layer webanno.custom.Mood", "layer webanno.custom.Knows", "type.pos.POS"
    counts = Counter(first.unread) + Counter(second.unread)
    assert {key: sum(n for what, n in counts.items() if key in what) for key in (mood, knows)} == {mood: 2, knows: 1}
    assert any(pos in what for what in counts)


def test_webanno_where_it_is_not_clear_what_to_read(tmp_path):
    one = WEBANNO.replace("ner.type.NamedEntity", "my.Names")
    with pytest.raises(ProjectError, match="Cannot tell which layer") as caught:
        read(write(tmp_path / "a.tsv", one))
    assert "my.Names, webanno.custom.Mood" in caught.value.places[0].message


def test_webanno_with_a_broken_row_or_another_text(tmp_path):
    for right, wrong in (("1-4\t15-19\tleft", "1-4\tleft"), ("Romero\\tleft", "Romera\\tleft")):
        first, second = read(write(tmp_path / "a.tsv", WEBANNO.replace(right, wrong)))
        assert first.rejected and not first.spans and len(first.dropped) == 4
        assert entities(second) == [("Petra\nSilva", "PER")]


TABLE = """\
id,text,start,end,label,mood
1,Hiro came,0,4,PER,good
2,Lima it is,--0,4,LOC,
3,Oslo is,0,4,LOC,
3,Oslo was,0,4,LOC,
4,Graz,0,4
5,Riga,0.0,4.0,LOC,
6,"Rom "a,0,3,LOC,
7,Bari,0,4,LOC,
8,"Pisa,0,4,LOC,
9,Kiel,0,4,LOC,
"""


def test_broken_rows_of_a_table_are_set_aside(tmp_path):
    records = read(write(tmp_path / "a.csv", TABLE))
    used = [entities(record) for record in records if not record.rejected]
    assert used == [
        [(text, label)] for text, label in [("Hiro", "PER"), *((t, "LOC") for t in ("Oslo", "Riga", "Bari", "Kiel"))]
    ]
    assert accounted(records) == TABLE.count("\n") - 1
    assert [record.line for record in records if record.rejected] == [3, 5, 6, 8, 10]
    assert records[0].unread == {"value(s) in the column mood": 1}


@pytest.mark.parametrize("header", ["kalimat,label", "lines,tags", "id,frase,etiquetas"])
def test_a_sentence_a_row_in_columns_of_any_name(tmp_path, header):
    tags_of = [[tag if tag != "O" else "0" for _, tag in one] for one in SENTENCES]
    rows = [(" ".join(word for word, _ in one), " ".join(tags)) for one, tags in zip(SENTENCES, tags_of, strict=True)]
    before = "7," if header.startswith("id") else ""
    content = header + "\n" + "".join(f'{before}"{words}",{tags} \n' for words, tags in rows)
    assert [(record.text, entities(record)) for record in read(write(tmp_path / "a.csv", content))] == EXPECTED
    plain = content.replace("B-", "").replace("I-", "")
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read(write(tmp_path / "b.csv", plain.replace("label", "x").replace("tags", "x")))


def test_rows_of_a_text_that_do_not_follow_one_another(tmp_path):
    """As in a table that was sorted by its labels: these are no two annotators who disagree."""
    rows = ["Ana saw Lima,0,3,PER", "Bo left,0,2,PER", "Ana saw Lima,8,12,LOC"]
    path = write(tmp_path / "a.csv", "text,start,end,label\n" + "\n".join(rows) + "\n")
    assert found(path) == [("Bo left", [("Bo", "PER")]), ("Ana saw Lima", [("Ana", "PER"), ("Lima", "LOC")])]
    rows = ["Ana saw Lima,0,3,PER,x", "Ana saw Lima,8,12,LOC,y", "Ana saw Lima,8,12,CITY,x"]
    path = write(tmp_path / "b.csv", "text,start,end,label,annotator\n" + "\n".join(rows) + "\n")
    assert [(record.annotator, len(record.spans)) for record in read(path)] == [("y", 1), ("x", 2)]


def test_a_tag_a_character(tmp_path):
    """As Chinese has it: the text is what it was, spaces and all."""
    rows = ["0,王小明在 北京。,B-PER I-PER I-PER O O B-LOC I-LOC O,1", "1,我在上海,O O B-LOC I-LOC,2"]
    path = write(tmp_path / "a.csv", "id,text,BIO_anno,class\n" + "".join(f"{row}\n" for row in rows))
    assert found(path) == [("王小明在 北京。", [("王小明", "PER"), ("北京", "LOC")]), ("我在上海", [("上海", "LOC")])]


@pytest.mark.parametrize("name, head, row", [("a.tsv", "", "{}\t{}\n"), ("a.csv", "word,tag\n", "{},{}\n")])
def test_rows_without_a_word_are_between_texts_where_nothing_else_is(tmp_path, name, head, row):
    """As data frames make them of blank lines."""
    texts = [[("Ana", "B-PER"), ("left", "O")], [("Lima", "B-LOC"), ("is", "O"), ("far", "O")]]
    lines = "".join("".join(row.format(*pair) for pair in text) + row.format("", "O") for text in texts * 20)
    assert (
        found(write(tmp_path / name, head + lines))
        == [
            ("Ana left", [("Ana", "PER")]),
            ("Lima is far", [("Lima", "LOC")]),
        ]
        * 20
    )
