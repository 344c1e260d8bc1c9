"""The curve of the number of themes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lbc_themes.core.records import Bilingual, Language
from lbc_themes.themes.curve import CurvePoint
from lbc_themes.themes.pictures.style import graph_objects, laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TITLE = Bilingual(zh="主题数量：稳定性与区分度", en="Number of themes: stability and separation")
_NUMBER = Bilingual(zh="主题数量", en="number of themes")
_LINES = {
    "stability": Bilingual(zh="稳定性（重抽样的调整兰德指数）", en="stability (adjusted Rand index of resamples)"),
    "separation": Bilingual(zh="区分度（轮廓系数）", en="separation (silhouette)"),
    "score": Bilingual(zh="综合得分", en="score of both"),
}
_LOOKS = (("#0072b2", "solid"), ("#d55e00", "dot"), ("#333333", "dash"))


def number_curve(curve: Sequence[CurvePoint], language: Language = "zh") -> "Figure":
    """Return the figures of ``ThemeModel.curve_`` by number of themes, the chosen number marked."""
    go = graph_objects()

    x = [point.n_themes for point in curve]
    figure = go.Figure(
        [
            go.Scatter(
                x=x,
                y=[getattr(point, key) for point in curve],
                mode="lines+markers",
                name=name.said(language),
                line={"color": colour, "dash": dash},
            )
            for (key, name), (colour, dash) in zip(_LINES.items(), _LOOKS, strict=True)
        ]
    )
    for point in curve:
        if point.chosen:
            figure.add_vline(
                x=point.n_themes,
                line={"dash": "dash", "color": "#333333"},
                annotation={"text": f"<b>{point.n_themes}</b>"},
            )
    figure.update_xaxes(title=_NUMBER.said(language), gridcolor="#eeeeee")
    figure.update_yaxes(rangemode="tozero", gridcolor="#eeeeee")
    return laid_out(figure, _TITLE, language, height=440)
