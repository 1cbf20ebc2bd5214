"""Figures that say where they come from, so that nobody has to take a report's word for them."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

MISSING = "–"


def as_percent(value: float) -> str:
    """RETURNS (str): A share from 0 to 1 in percent, with one digit."""
    return f"{100 * value:.1f}"


def as_points(value: float) -> str:
    """RETURNS (str): A difference of shares in percentage points, with its sign."""
    return f"{100 * value:+.1f}"


def as_count(value: float) -> str:
    """RETURNS (str): A number, its thousands apart."""
    return f"{value:,.0f}"


def as_decimal(value: float) -> str:
    """RETURNS (str): A number with two digits."""
    return f"{value:.2f}"


FORMATS: dict[str, Callable[[float], str]] = {
    "percent": as_percent,
    "points": as_points,
    "count": as_count,
    "decimal": as_decimal,
}


class Figures:
    """Looks up figures in what commands wrote.

    sources (dict[str, Any]): What was read from JSON, by the path of the file.
    """

    def __init__(self, sources: dict[str, Any]):
        self.sources = sources

    def __call__(self, file: str, *keys: str | int, form: str = "percent") -> Markup:
        """Write a figure as HTML.

        file (str): The file that it is in.
        keys (str | int): Where in the file.
        form (str): How to write it: percent, points, count or decimal.
        RETURNS (Markup): A data element with the value as it is in the file, and its JSON pointer (RFC 6901).
        """
        value: Any = self.sources[file]
        for key in keys:
            value = value[key]
        if value is None:
            return Markup("<span>{}</span>").format(MISSING)
        where = "/".join(["", *(str(key).replace("~", "~0").replace("/", "~1") for key in keys)])
        return Markup('<data value="{}" data-from="{}#{}" data-form="{}">{}</data>').format(
            value, file, where, form, FORMATS[form](value)
        )

    def interval(self, file: str, *keys: str | int, form: str = "percent") -> Markup:
        """Write an interval as HTML: as for a figure, for what holds its two ends."""
        ends: Any = self.sources[file]
        for key in keys:
            ends = ends[key]
        if ends is None:
            return Markup("<span>{}</span>").format(MISSING)
        return Markup("{} to {}").format(self(file, *keys, 0, form=form), self(file, *keys, 1, form=form))

    def cells(self, file: str, *keys: str | int) -> Markup:
        """Write precision, recall and F as three cells of a table: as for a figure, for what holds the three."""
        return Markup("").join(Markup("<td>{}</td>").format(self(file, *keys, key)) for key in "prf")
