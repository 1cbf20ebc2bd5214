"""Line charts as SVG: they follow the page's colours, scale with it, and need nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 260, 44, 40, 14, 30
TICKS = 5


@dataclass(frozen=True)
class Point:
    """A point of a chart, and what it stands for.

    x (float): In the unit of the axis.
    y (float): A share from 0 to 1.
    low (Optional[float]): Lower end of its interval.
    high (Optional[float]): Upper end of its interval.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None


def draw_lines(points: Sequence[Point], title: str, x_name: str, y_name: str, diagonal: bool = False) -> Markup:
    """Draw a line through points.

    points (Sequence[Point]): From left to right.
    title (str): What there is to see, for those who cannot.
    x_name (str): What runs to the right.
    y_name (str): What runs up, from 0 to 1.
    diagonal (bool): Whether to draw where both are the same; the axis then runs from 0 to 1, too.
    RETURNS (Markup): The SVG.
    """
    low, high = (0.0, 1.0) if diagonal else (0.0, max((point.x for point in points), default=1.0) or 1.0)

    def place(x: float, y: float) -> tuple[float, float]:
        right = LEFT + (x - low) / (high - low) * (WIDTH - LEFT - RIGHT)
        return round(right, 1), round(HEIGHT - BOTTOM - y * (HEIGHT - BOTTOM - TOP), 1)

    parts = [Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, HEIGHT, title)]
    for number in range(TICKS + 1):
        share = number / TICKS
        x, y = place(low, share)
        parts.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(x, y, WIDTH - RIGHT))
        parts.append(Markup('<text x="{}" y="{}" class="up">{:.0f}</text>').format(x - 6, y + 4, 100 * share))
        value = low + share * (high - low)
        shown = f"{100 * value:.0f}" if diagonal else f"{value:,.0f}"
        parts.append(Markup('<text x="{}" y="{}">{}</text>').format(place(value, 0)[0], HEIGHT - BOTTOM + 16, shown))
    name = Markup('<text x="{}" y="{}" class="name">{}</text>')
    parts.append(name.format((LEFT + WIDTH) / 2, HEIGHT - 4, x_name))
    parts.append(Markup('<text x="{}" y="{}" class="name first">{}</text>').format(LEFT + 4, TOP + 12, y_name))
    if diagonal:
        parts.append(Markup('<path class="diagonal" d="M{} {}L{} {}"/>').format(*place(0, 0), *place(1, 1)))
    for point in points:
        if point.low is not None and point.high is not None:
            (x, y_low), (_, y_high) = place(point.x, point.low), place(point.x, point.high)
            parts.append(Markup('<path class="interval" d="M{} {}V{}"/>').format(x, y_low, y_high))
    line = " ".join(f"{x},{y}" for x, y in (place(point.x, point.y) for point in points))
    parts.append(Markup('<polyline points="{}"/>').format(line))
    if len(points) <= 25:
        for point in points:
            x, y = place(point.x, point.y)
            parts.append(Markup('<circle cx="{}" cy="{}" r="4"/>').format(x, y))
    return Markup("").join([*parts, Markup("</svg>")])
