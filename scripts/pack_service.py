"""Pack the service into one file, which runs wherever the wheel and requirements-serve.txt are installed."""

import os
import shutil
import tempfile
import zipapp
from pathlib import Path

from .cli import Arg, msg, run
from .outputs import replacing

CODE = Path(__file__).parent
PACKED = ("__init__.py", "errors.py", "serve.py", "service")
# Worker processes import it, too
MAIN = f'from {CODE.name}.serve import main\n\nif __name__ == "__main__":\n    main()\n'
TIME = 315619200  # 1980-01-02: the same code makes the same file


def pack_service(output: Path = Arg(..., help="The file, ending in .pyz")) -> None:
    """Pack the service into one file: python serve.pyz en_event_scheduling."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / CODE.name
        target.mkdir()
        for name in PACKED:
            copy = shutil.copytree if (CODE / name).is_dir() else shutil.copyfile
            copy(CODE / name, target / name)
        for cache in [*target.rglob("__pycache__")]:
            shutil.rmtree(cache)
        Path(folder, "__main__.py").write_text(MAIN, encoding="utf-8", newline="\n")
        for path in Path(folder).rglob("*"):
            os.utime(path, (TIME, TIME))
        with replacing(output) as temporary:
            zipapp.create_archive(folder, temporary, "/usr/bin/env python3", compressed=True)
    msg.good(f"{output}: {output.stat().st_size / 1e3:.0f} KB. python {output} <package> serves a package")


if __name__ == "__main__":
    run(pack_service)
