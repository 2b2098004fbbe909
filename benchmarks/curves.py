"""Small multiples of curves as an SVG, readable on a light and on a dark page."""

import math
from dataclasses import dataclass
from html import escape

COLUMNS, WIDTH, HEIGHT = 4, 240, 170  # panels in a row; px of one panel
LEFT, TOP, RIGHT, BOTTOM = 36, 30, 18, 24  # px round the plot of a panel
LEGEND = 40  # px above the panels
STYLE = """
text { font: 10px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; font-size: 11px; fill: #24292f }
.grid { stroke: #d0d7de }
polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round }
.dashed { stroke-dasharray: 4 3 }
.colour0 { stroke: #0969da } .colour1 { stroke: #bc4c00 } .colour2 { stroke: #6e7781 }
@media (prefers-color-scheme: dark) {
  text { fill: #8b949e } .title { fill: #e6edf3 } .grid { stroke: #30363d }
  .colour0 { stroke: #58a6ff } .colour1 { stroke: #f0883e } .colour2 { stroke: #9198a1 }
}
"""


@dataclass(frozen=True)
class Curve:
    """One curve of a panel.

    Attributes:
        shares: a share in [0, 1] for each tick.
        colour: 0, 1 or 2.
        dashed: whether it is drawn dashed.
    """

    shares: list[float]
    colour: int
    dashed: bool


@dataclass(frozen=True)
class Panel:
    """A plot of shares over ticks that are evenly spaced."""

    title: str
    ticks: list[str]
    curves: list[Curve]


def draw_panels(panels: list[Panel], legend: list[tuple[str, int, bool]], title: str) -> str:
    """Return the SVG; an entry of the legend is a name, a colour and whether it is dashed."""
    width, height = COLUMNS * WIDTH, LEGEND + math.ceil(len(panels) / COLUMNS) * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        *(draw_entry(*entry, x=LEFT + place * (width - LEFT) // len(legend)) for place, entry in enumerate(legend)),
    ]
    for place, panel in enumerate(panels):
        row, column = divmod(place, COLUMNS)
        parts.append(f'<g transform="translate({column * WIDTH} {LEGEND + row * HEIGHT})">{draw_panel(panel)}</g>')
    return "\n".join([*parts, "</svg>\n"])


def draw_entry(name: str, colour: int, dashed: bool, x: int) -> str:
    """Return one entry of the legend."""
    line = draw_line([(x, 16), (x + 24, 16)], colour, dashed)
    return f'{line}<text x="{x + 30}" y="20">{escape(name)}</text>'


def draw_panel(panel: Panel) -> str:
    """Return one plot with its title, grid and ticks."""
    step = (WIDTH - LEFT - RIGHT) / (len(panel.ticks) - 1)
    parts = [f'<text class="title" x="{LEFT}" y="18">{escape(panel.title)}</text>']
    for share in (0, 0.5, 1):
        y = height_of(share)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 3}" text-anchor="end">{share:.0%}</text>')
    for place, tick in enumerate(panel.ticks):
        x = LEFT + place * step
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{escape(tick)}</text>')
    for curve in reversed(panel.curves):  # the first on top
        points = [(LEFT + place * step, height_of(share)) for place, share in enumerate(curve.shares)]
        parts.append(draw_line(points, curve.colour, curve.dashed))
    return "".join(parts)


def draw_line(points: list[tuple[float, float]], colour: int, dashed: bool) -> str:
    """Return a line through points."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="colour{colour}{" dashed" * dashed}" points="{places}"/>'


def height_of(share: float) -> float:
    """Return the y of a share in a panel."""
    return round(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM), 1)
