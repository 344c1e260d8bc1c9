"""What all pictures share: fonts, colours, heights, wrapped text."""

import colorsys
import html
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lbc_themes.core.errors import MissingExtraError
from lbc_themes.core.records import Bilingual, Language

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FONT = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
SCALE = "Blues"
ROW = 20
COLUMN = 16
FEW_COLUMNS = 8
SLANTED = 30
_FEW_COUNTS = 5
_ABOVE = 190
_GOLDEN = 0.618033988749895


def graph_objects() -> ModuleType:
    """Return plotly's module of figures; raises MissingExtraError where plotly is not installed."""
    try:
        from plotly import graph_objects as module
    except ImportError as error:
        raise MissingExtraError(package="plotly", extra="plots", purpose="drawing pictures of themes") from error
    figures: ModuleType = module
    return figures


def laid_out(figure: "Figure", title: Bilingual, language: Language, **layout: Any) -> "Figure":  # noqa: ANN401 (plotly)
    """Return ``figure`` with the shared layout, a title in ``language`` and what else is given."""
    figure.update_layout(
        title={"text": title.said(language)},
        font={"family": FONT, "size": 12},
        paper_bgcolor="white",
        plot_bgcolor="white",
        margin={"l": 20, "r": 50, "t": 60, "b": 40},
    )
    figure.update_layout(**layout)
    if figure.layout.xaxis.tickangle:
        figure.update_layout(
            margin={"t": _ABOVE}, title={"y": 1, "yanchor": "top", "yref": "container", "pad": {"t": 16}}
        )
    return figure


def colours(number: int) -> list[str]:
    """Return ``number`` colours that stay apart: hues by the golden ratio, three depths in turn."""
    found = []
    for at in range(number):
        red, green, blue = colorsys.hls_to_rgb(
            (at * _GOLDEN) % 1, (0.42, 0.56, 0.34)[at % 3], (0.65, 0.55, 0.75)[at % 3]
        )
        found.append(f"rgb({round(red * 255)},{round(green * 255)},{round(blue * 255)})")
    return found


def wrapped(text: str, width: int = 30, lines: int = 8) -> str:
    """Return ``text`` for hovering: escaped, broken every ``width`` characters, cut after ``lines`` lines."""
    flat = " ".join(text.split())
    pieces = [html.escape(flat[i : i + width]) for i in range(0, len(flat), width)]
    return "<br>".join(pieces[:lines]) + ("…" if len(pieces) > lines else "")


def shortened(text: str, most: int = 18) -> str:
    """Return a label of at most ``most`` characters, escaped."""
    return html.escape(text if len(text) <= most else text[: most - 1] + "…")


def heatmap(
    values: Sequence[Sequence[float | None]],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    hover: str,
    percent: bool,
) -> "Figure":
    """Return a heat map with one line of ``ROW`` pixels a label, first row on top, every label shown.

    None among ``values`` is an empty cell. The labels of the columns stand above them, where a tall picture begins:
    level up to eight, slanted up to thirty, upright beyond.
    """
    go = graph_objects()

    names = [[[html.escape(row), html.escape(column)] for column in columns] for row in rows]
    few = len(columns) <= FEW_COLUMNS
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in values], x=list(range(len(columns))), y=list(range(len(rows))), colorscale=SCALE,
            zmin=0, hovertemplate=hover, customdata=names, xgap=1, ygap=1, hoverongaps=False,
            colorbar={
                "tickformat": ".0%" if percent else "d", "len": 220, "lenmode": "pixels", "thickness": 12, "y": 1,
                "yanchor": "top", "dtick": 1 if not percent and _largest(values) <= _FEW_COUNTS else None,
            },
        )
    )  # fmt: skip
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(columns))), ticktext=[shortened(label) for label in columns],
        tickangle=0 if few else -60 if len(columns) <= SLANTED else -90, side="top",
        automargin=True, showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(rows))), ticktext=[shortened(label) for label in rows],
        autorange="reversed", automargin=True, showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_layout(
        height=max(360, (110 if few else 240) + ROW * len(rows)), width=max(640, 260 + COLUMN * len(columns))
    )
    return figure


def _largest(values: Sequence[Sequence[float | None]]) -> float:
    return max((value or 0 for row in values for value in row), default=0)
