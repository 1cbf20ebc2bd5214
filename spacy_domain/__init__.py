"""The engine of the template: rooms that do the work of the commands in scripts/."""

__version__ = "1.2.0"
