"""The tree of themes."""

from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Language
from lbc_themes.themes.pictures.style import ROW, graph_objects, laid_out, shortened, wrapped

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from lbc_themes.themes.model import ThemeModel

_TITLE = Bilingual(zh="主题树：越靠左合并的主题越相近", en="Tree of themes: the farther left two join, the more alike")
_HEIGHT = Bilingual(zh="合并距离", en="distance at which they join")


def theme_tree(model: "ThemeModel", language: Language = "zh") -> "Figure":
    """Return the tree of a fitted model, one theme a line; hovering over a joint names the group."""
    go = graph_objects()

    if not model.themes_:
        raise InputError("there is no theme to draw; fit the model on texts that say something")
    order = _leaves(model)
    at = {theme: (0.0, float(line)) for line, theme in enumerate(order)}
    figure = go.Figure()
    joints: list[tuple[float, float, str]] = []
    for node in model.tree_:
        (x0, y0), (x1, y1) = (at[child] for child in node.children)
        figure.add_trace(
            go.Scatter(
                x=[x0, node.height, node.height, x1], y=[y0, y0, y1, y1], mode="lines", hoverinfo="skip",
                line={"color": "#4a6fa5", "width": 1.5}, showlegend=False,
            )
        )  # fmt: skip
        at[node.id] = (node.height, (y0 + y1) / 2)
        joints.append((*at[node.id], f"<b>{wrapped(node.name)}</b><br>{len(node.themes)}"))
    figure.add_trace(
        go.Scatter(
            x=[x for x, _, _ in joints], y=[y for _, y, _ in joints], mode="markers", showlegend=False,
            text=[text for _, _, text in joints], hovertemplate="%{text}<extra></extra>",
            marker={"size": 7, "color": "#4a6fa5"},
        )
    )  # fmt: skip
    names = [f"{theme} {model.theme(theme).name}（{len(model.theme(theme).passages)}）" for theme in order]
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(order))), ticktext=[shortened(name, 24) for name in names],
        range=[len(order) - 0.4, -0.6], automargin=True, showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_xaxes(title=_HEIGHT.said(language), rangemode="tozero", gridcolor="#eeeeee", zeroline=False)
    return laid_out(figure, _TITLE, language, height=max(320, 130 + ROW * len(order)))


def _leaves(model: "ThemeModel") -> list[int]:
    below = {node.id: node.children for node in model.tree_}
    waiting, found = [model.tree_[-1].id if model.tree_ else model.themes_[0].id], []
    while waiting:
        node = waiting.pop()
        if node in below:
            waiting.extend(reversed(below[node]))
        else:
            found.append(node)
    return found
