"""Write annotations in the format of another tool."""

from pathlib import Path

from tqdm import tqdm

from spacy_domain.annotations import find_unit, list_files, read_file
from spacy_domain.annotations.exporting import leave_out_unsayable, name_outputs
from spacy_domain.annotations.formats import find_writer
from spacy_domain.project.outputs import replacing
from spacy_domain.project.terminal import Arg, Opt, msg, run


def export(
    annotations: Path = Arg(..., help="Annotated texts: a file, or a folder"),
    output_dir: Path = Arg(..., help="Where to write: a file for each that is read"),
    to: str = Opt(..., help="Format to write: prodigy, doccano, label_studio, iob or table"),
    format_name: str = Opt("auto", "--format", help="Format of the annotations, auto to see it from their content"),
    offsets: str = Opt("auto", help="What offsets count: characters, utf-16 or utf-8, auto to see it"),
) -> None:
    """Write annotations in the format of another tool."""
    writer = find_writer(to)
    files = list_files(annotations).read
    names = name_outputs([Path(file.name) for file in files], annotations, writer.suffix)
    for file, name in zip(files, names, strict=True):
        records = read_file(file, "" if format_name == "auto" else format_name, find_unit(offsets))
        progress = tqdm(records, desc=name.name, unit=" records", disable=None, leave=False)
        left_out: list[str] = []
        path = output_dir / name
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as output:
            output.writelines(writer.write(leave_out_unsayable(progress, writer.rejects, left_out)))
        msg.good(f"{file.name} -> {path}")
        if left_out:
            msg.warn(f"{len(left_out)} thing(s) that {to} cannot say were left out")
            for line in left_out:
                print(f"  {line}")


if __name__ == "__main__":
    run(export)
