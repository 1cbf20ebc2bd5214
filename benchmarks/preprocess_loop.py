"""The peer: the loop of spaCy's project templates, a typer command. Read all, make_doc, char_span, one DocBin."""

from pathlib import Path

import spacy
import srsly
import typer
from spacy.tokens import DocBin


def convert(input_path: Path, output_path: Path) -> None:
    """Turn JSONL with texts and spans into one DocBin.

    input_path (Path): The annotations.
    output_path (Path): The DocBin to write.
    """
    nlp = spacy.blank("en")
    docbin = DocBin()
    for record in list(srsly.read_jsonl(input_path)):
        doc = nlp.make_doc(record["text"])
        ents = []
        for span in record["spans"]:
            ent = doc.char_span(span["start"], span["end"], span["label"])
            if ent is not None:
                ents.append(ent)
        doc.ents = ents
        docbin.add(doc)
    docbin.to_disk(output_path)


if __name__ == "__main__":
    typer.run(convert)
