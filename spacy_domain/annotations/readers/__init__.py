"""A reader a format, with its traps; and writers of those that are written, too.

Each adds itself to the registry when it is imported, and each file in this folder is: a new format is a new file.
"""

import pkgutil
from importlib import import_module


def load_readers() -> None:
    """Import all readers, in the order of their names."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
