"""Bulk annotation: whatever is killed, full or broken, each record is in the output exactly once, or set aside."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from decimal import Decimal

import psutil
import pyarrow
import pytest
import spacy
from commands import run_command
from projects import ROOT, Project
from pyarrow import parquet
from texts import (
    count,
    find_workers,
    make_model,
    make_texts,
    manifests,
    read_output,
    start,
    wait_until,
    write_lines,
    write_numbered,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("model") / "cities")


@pytest.fixture
def here(tmp_path):
    return Project(tmp_path)


def annotate(here, model, texts="texts", *options, check=True):
    return run_command(here, "annotate", texts, "out", "--model", model, *options, check=check)


def left_over(here):
    return [path.name for path in here.path.rglob(".*.tmp")]


def test_all_kinds_of_files_in_one_folder(here, model):
    """JSONL, CSV (with line ends in cells), Parquet and text; in small shards, the columns of each as they were."""
    texts = make_texts(400)
    folder = here.path / "texts"
    write_lines(folder / "a/one.jsonl", [{"id": number, "text": text} for number, text in enumerate(texts[:100])])
    with (folder / "two.csv").open("w", encoding="utf-8-sig", newline="") as file_:
        rows = csv.writer(file_)
        rows.writerows(
            [["id", "text", "Note"], *([100 + at, text, 'a "b",\r\n\nc'] for at, text in enumerate(texts[100:200]))]
        )
    table = pyarrow.table({"id": range(200, 300), "text": texts[200:300]})
    parquet.write_table(table, folder / "three.parquet", row_group_size=33)
    (folder / "four.txt").write_text("\n\n".join(texts[300:]) + "\n \n", encoding="utf-8")
    (folder / "notes.pdf").write_bytes(b"%PDF")
    done = annotate(here, model, "texts", "--shard-mb=0.0005")
    assert "1 files are of no kind that is read" in " ".join(done.stdout.split())
    found = read_output(here)
    assert count(here) == (400, 400, 0) and len(list((here.path / "out/shards").iterdir())) > 20
    by_id = {int(row["id"]): row for row in found if "id" in row}
    assert [by_id[number]["text"] for number in range(300)] == texts[:300] and len(found) == 400
    assert sorted(row["text"] for row in found if "id" not in row) == sorted(texts[300:])
    assert by_id[150]["Note"] == 'a "b",\r\n\nc' and by_id[150]["id"] == "150"
    nlp = spacy.load(model)
    for row in found:
        expected = [(ent.text, ent.label_, ent.start_char, ent.end_char) for ent in nlp(row["text"]).ents]
        assert [tuple(entity.values()) for entity in row["entities"]] == expected
        assert row["model"].startswith("en_cities-1.2.3@")
    assert sum(len(row["entities"]) for row in found) > 100


def test_records_that_cannot_be_annotated(here, model):
    """They are set aside with their place and why, and the others are there to the byte, wherever shards are cut."""
    good = [f'{{"n": 1e400, "x": 0.10, "text": {json.dumps(text)},  "text_2": "\\u00e9"}}' for text in make_texts(60)]
    bad = {
        7: (b'{"text": "cut off', "broken JSON"),
        13: (b"[1]", "not a JSON object"),
        21: (b'{"text": 3}', "text is no text"),
        22: (b'{"texts": "a"}', "has no text"),
        40: (b'{"text": "caf\xe9"}', "not UTF-8: byte 0xe9"),
        44: (b'{"text": "a \\ud800 b"}', "UnicodeEncodeError"),
        58: (b'{"text": "a", "entities": []}', "has a column entities of its own"),
    }
    lines = [bad[number][0] if number in bad else good[number].encode() for number in range(60)]
    lines.insert(30, b"  ")
    (here.path / "texts.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    (here.path / "more.csv").write_bytes(b'id;text\n1;Priya\n2;"cut off\n3;Yerevan\n4\n5;"a\nb"\n')
    done = annotate(here, model, "*", "--shard-mb=0.0004", check=False)
    assert done.returncode == 1 and "columns that would be added" in " ".join(done.stdout.split())
    lines[59] = good[58].encode()
    (here.path / "texts.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    annotate(here, model, "*", "--shard-mb=0.0004")
    aside = [json.loads(line) for line in here.read("out/set_aside.jsonl").splitlines()]
    del bad[58]
    expected = [("more.csv", 3, "';' expected after"), ("more.csv", 5, "1 columns for 2 names")]
    expected += [("texts.jsonl", number + 1 + (number >= 30), why) for number, (_, why) in bad.items()]
    assert [(row["file"], row["line"]) for row in aside] == [place[:2] for place in expected]
    assert [why if why in row["reason"] else row["reason"] for row, (*_, why) in zip(aside, expected, strict=True)] == [
        why for *_, why in expected
    ]
    assert count(here) == (65, 57, 8)
    written = b"".join(path.read_bytes() for path in sorted((here.path / "out/shards").iterdir())).splitlines()
    assert [row for row in written if b"1e400" in row] == [
        row for row in written for line in lines if row.startswith(line.rstrip(b"}") + b', "entities": ')
    ]
    assert len([row for row in written if b"1e400" in row]) == 54


def test_columns_that_would_be_lost(here, model):
    """Two columns of one name, or one that is called as what is added: nothing is left out without a word."""
    (here.path / "texts.csv").write_text("id;text;text\n1;Priya;Yerevan\n", encoding="utf-8")
    done = annotate(here, model, "texts.csv", check=False)
    told = " ".join(done.stdout.split())
    assert done.returncode == 1 and "Two columns are called 'text'" in told and "texts.csv:1" in told
    (here.path / "texts.csv").write_text("id;text;;\n1;Priya;;\n", encoding="utf-8")  # as spreadsheets write them
    annotate(here, model, "texts.csv")
    assert [row["text"] for row in read_output(here)] == ["Priya"]


def test_parquet_keeps_its_types(here, model):
    texts = make_texts(50)
    when = pyarrow.array([1_600_000_000_000_000_001] * 50, pyarrow.timestamp("ns", "Asia/Yerevan"))
    table = pyarrow.table(
        {
            "when": when,
            "price": pyarrow.array([Decimal("1.10")] * 50, pyarrow.decimal128(9, 2)),
            "body": pyarrow.array(texts).dictionary_encode(),
            "nested": [{"a": [1, None]}] * 50,
        }
    )
    parquet.write_table(table, here.path / "texts.parquet", row_group_size=7)
    options = ("--column=body", "--to=parquet", "--shard-mb=0.0005", "--prefix=found_")
    annotate(here, model, "texts.parquet", *options)
    found = parquet.read_table(here.path / "out/shards")
    assert found.select(table.column_names).cast(table.schema).equals(table)
    assert [field.type for field in found.schema][:4] == [field.type for field in table.schema]
    people = [row for row in found.to_pylist() if "Priya" in row["body"]]
    assert people and all("PERSON" in [one["label"] for one in row["found_entities"]] for row in people)
    assert annotate(here, model, "texts.parquet", *options).returncode == 0, "there is nothing left to do"


def test_parquet_from_json_loses_nothing(here, model):
    """What does not fit the types that the first records have is kept as JSON."""
    rows = [
        {"text": text, "id": number, "score": number / 2, "tags": ["a"]} for number, text in enumerate(make_texts(600))
    ]
    rows[550] |= {"id": "x-550", "late": True, "score": None}
    write_lines(here.path / "texts.jsonl", rows)
    annotate(here, model, "texts.jsonl", "--to=parquet", "--shard-mb=0.01")
    found = parquet.read_table(here.path / "out/shards").to_pylist()
    back = [
        {**{key: row[key] for key in ("text", "id", "score")}, **json.loads(row["other_columns"] or "{}")}
        for row in found
    ]
    assert back == rows


def test_killed_in_the_middle(here, model):
    """kill -9 of a worker, then of the command, then a manifest cut in half and a shard cut short: run again, and each
    record is there exactly once; what was done is not done again."""
    write_numbered(here.path / "texts.jsonl", 20_000)
    process = start(here, model, "--workers=2", "--shard-mb=0.05")
    wait_until(lambda: len(find_workers(here)) == 2, process)
    parent = psutil.Process(process.pid)
    psutil.Process(find_workers(here)[0]).kill()
    before = len(manifests(here))
    wait_until(lambda: len(manifests(here)) > before + 3, process)
    workers = parent.children(recursive=True)
    process.kill()
    process.wait()
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert gone and not alive, "workers end with the command"
    done = manifests(here)
    shards = len(here.read("out/plan.jsonl").splitlines())
    assert 5 < len(done) < shards
    done[0].write_bytes(done[0].read_bytes()[:100])
    output = here.path / "out/shards" / f"{done[1].stem}.jsonl"
    output.write_bytes(output.read_bytes()[:-1000])
    (here.path / "out/shards/.000001.jsonl.abc.tmp").write_text("half")
    kept = {path: path.stat().st_mtime_ns for path in done[2:]}
    annotate(here, model, "texts.jsonl", "--shard-mb=0.05")
    assert [row["id"] for row in read_output(here)] == list(range(20_000))
    assert count(here) == (20_000, 20_000, 0) and not left_over(here)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_asked_to_end(here, model):
    """SIGTERM: the workers end at once, and the next run goes on."""
    write_numbered(here.path / "texts.jsonl", 8_000)
    process = start(here, model, "--workers=2", "--shard-mb=0.05")
    wait_until(lambda: manifests(here), process)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == 128 + signal.SIGTERM and "annotate was stopped" in said and "run it again" in said
    assert not psutil.wait_procs(workers, timeout=10)[1]
    annotate(here, model, "texts.jsonl", "--shard-mb=0.05")
    assert [row["id"] for row in read_output(here)] == list(range(8_000))


def test_another_run_in_the_same_folder_is_refused(here, model):
    write_lines(here.path / "texts/a.jsonl", [{"text": "Yerevan"}])
    annotate(here, model)
    for options in (["--prefix=p_"], ["--no-confidence"]):
        done = annotate(here, model, "texts", *options, check=False)
        assert done.returncode == 1 and "holds annotations of something else" in " ".join(done.stdout.split())
    write_lines(here.path / "texts/b.jsonl", [{"text": "Priya"}])
    done = annotate(here, model, check=False)
    assert done.returncode == 1 and "files have been added" in " ".join(done.stdout.split())
    done = annotate(here, model, ".", check=False)
    assert done.returncode == 1 and "Output among the texts" in done.stdout
    done = annotate(here, "en_no_such_model", check=False)
    assert done.returncode == 1 and "No pipeline" in done.stdout and "What to do" in done.stdout
    done = annotate(here, model, "texts", "--column=body", check=False)
    assert done.returncode == 1 and "holds annotations" in done.stdout
    here.path.joinpath("out").rename(here.path / "old")
    for texts in ("nothing", "texts/*.x"):
        done = annotate(here, model, texts, check=False)
        assert done.returncode == 1 and "No texts found" in done.stdout
    done = annotate(here, model, "texts", "--column=body", check=False)
    assert done.returncode == 1 and "has no body" in done.stdout and not (here.path / "out/plan.json").exists()


def test_dry_run(here, model):
    write_lines(here.path / "texts.jsonl", [{"text": text} for text in make_texts(5_000)])
    said = " ".join(annotate(here, model, "texts.jsonl", "--dry-run", "--workers=4", "--price=3600").stdout.split())
    texts = re.search(r"about ([\d,]+) texts", said)[1].replace(",", "")
    assert int(texts) == pytest.approx(5_000, rel=0.1)
    assert "4 workers:" in said and "to pay" in said and not (here.path / "out").exists()


if sys.platform == "linux" and not subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode:
    ON_A_SMALL_DISK = """
mount -t tmpfs -o size=300k none out
{command}
echo "exit code $?"
find out -name '.*.tmp'
mount -o remount,size=30m out
{command}
echo "exit code $?"
cp -r out/. after
"""

    def test_a_full_disk(here, model):
        """The command says so, and goes on when there is space."""
        write_numbered(here.path / "texts.jsonl", 5_000)
        for name in ("out", "after"):
            (here.path / name).mkdir()
        command = f"{sys.executable} -m scripts.annotate texts.jsonl out --model {model} --shard-mb=0.05"
        done = subprocess.run(
            ["unshare", "-Urm", "sh", "-c", ON_A_SMALL_DISK.format(command=command)],
            cwd=here.path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        first, _, second = done.stdout.partition("exit code 1")
        assert "No space left on the disk" in first and "Traceback" not in done.stderr, done.stderr
        assert "exit code 0" in second and ".tmp" not in second
        (here.path / "out").rmdir()
        (here.path / "after").rename(here.path / "out")
        assert [row["id"] for row in read_output(here)] == list(range(5_000)) and count(here) == (5_000, 5_000, 0)


def test_categories_and_a_text_that_is_too_long(here, tmp_path):
    nlp = spacy.blank("en")
    component = nlp.add_pipe("textcat")
    component.add_label("A")
    component.add_label("B")
    nlp.initialize()
    nlp.to_disk(tmp_path / "categories")
    write_lines(tmp_path / "texts.jsonl", [{"text": "Call Priya", "date": "2026-01-02"}, {"text": "a" * 1_000_001}])
    for to in ("jsonl", "parquet"):
        annotate(here, tmp_path / "categories", "texts.jsonl", f"--to={to}")
        if to == "jsonl":
            (row,) = read_output(here)
            assert set(row["cats"]) == {"A", "B"} and sum(row["cats"].values()) == pytest.approx(1, abs=1e-3)
        else:
            (row,) = parquet.read_table(tmp_path / "out/shards").to_pylist()
            assert dict(row["cats"]).keys() == {"A", "B"} and row["date"] == "2026-01-02"
        (long,) = map(json.loads, here.read("out/set_aside.jsonl").splitlines())
        assert long["line"] == 2 and "1000001 characters" in long["reason"] and count(here) == (2, 1, 1)
        (tmp_path / "out").rename(tmp_path / to)
