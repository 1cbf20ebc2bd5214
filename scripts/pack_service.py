"""Pack the service into one file, which runs wherever the wheel and requirements/serve.lock are installed."""

import os
import shutil
import tempfile
import zipapp
from pathlib import Path

from spacy_domain.project.code import find_code
from spacy_domain.project.outputs import replacing
from spacy_domain.project.terminal import Arg, msg, run

# Worker processes import it, too
MAIN = 'from scripts.serve import main\n\nif __name__ == "__main__":\n    main()\n'
TIME = 315619200  # 1980-01-02: the same code makes the same file


def pack_service(output: Path = Arg(..., help="The file, ending in .pyz")) -> None:
    """Pack the service into one file: python serve.pyz en_event_scheduling."""
    with tempfile.TemporaryDirectory() as folder:
        for name, path in find_code("scripts.serve")[0].items():
            target = Path(folder) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        Path(folder, "__main__.py").write_text(MAIN, encoding="utf-8", newline="\n")
        for path in Path(folder).rglob("*"):
            os.utime(path, (TIME, TIME))
        with replacing(output) as temporary:
            zipapp.create_archive(folder, temporary, "/usr/bin/env python3", compressed=True)
    msg.good(f"{output}: {output.stat().st_size / 1e3:.0f} KB. python {output} <package> serves a package")


if __name__ == "__main__":
    run(pack_service)
