"""The saturation curve."""

from typing import TYPE_CHECKING

from lbc_themes.core.records import Bilingual, Language
from lbc_themes.themes.pictures.style import graph_objects, laid_out, shortened
from lbc_themes.themes.saturation import USUAL, Saturation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TITLE = Bilingual(zh="饱和曲线", en="Saturation curve")
_INTERVIEWS = Bilingual(zh="访谈数", en="interviews")
_CODES = Bilingual(zh="累计数量", en="found so far")
_NEW = Bilingual(zh="本次新增", en="new in this interview")
_GIVEN = Bilingual(zh="按访谈顺序", en="in the given order")
_SHUFFLED = Bilingual(zh="打乱顺序的平均", en="mean of shuffled orders")
_BAND = Bilingual(zh="打乱顺序的 95% 范围", en="95 % of shuffled orders")
_POINT = Bilingual(zh="饱和点", en="saturation")
_NEVER = Bilingual(zh="尚未饱和", en="not reached")


def saturation_curve(found: Saturation, language: Language = "zh") -> "Figure":
    """Return what was found so far by interview, in the given order and over shuffled ones, with the saturation point.

    The subtitle gives the point in the given order, its median and 95 % range over the shuffled orders that reach it,
    their share, and the setting (base size, run length, threshold).
    """
    go = graph_objects()

    x = list(range(1, len(found.interviews) + 1))
    hover = [shortened(interview) for interview in found.interviews]
    figure = go.Figure(
        [
            go.Scatter(
                x=[*x, *reversed(x)], y=[*found.high_total, *reversed(found.low_total)], fill="toself",
                fillcolor="rgba(74,111,165,0.15)", line={"width": 0}, hoverinfo="skip", name=_BAND.said(language),
            ),
            go.Scatter(
                x=x, y=list(found.mean_total), line={"dash": "dot", "color": "#4a6fa5"}, name=_SHUFFLED.said(language),
            ),
            go.Scatter(
                x=x, y=list(found.total), mode="lines+markers", line={"color": "#b5523b"}, text=hover,
                name=_GIVEN.said(language), hovertemplate="%{x} %{text}: %{y}<extra></extra>",
            ),
            go.Bar(x=x, y=list(found.new), marker={"color": "rgba(181,82,59,0.35)"}, name=_NEW.said(language)),
        ]
    )  # fmt: skip
    if found.point is not None:
        figure.add_vline(
            x=found.point, line={"dash": "dash", "color": "#333333"},
            annotation={"text": f"{_POINT.said(language)} {found.point}+{found.run}"},
        )  # fmt: skip
    figure.update_xaxes(
        title=_INTERVIEWS.said(language), dtick=max(1, len(x) // 20), range=[0.4, len(x) + 0.6], gridcolor="#eeeeee"
    )
    figure.update_yaxes(title=_CODES.said(language), rangemode="tozero", gridcolor="#eeeeee")
    subtitle = {"subtitle": {"text": summary(found, language)}}
    return laid_out(figure, _TITLE, language, height=520, margin={"t": 90}).update_layout(title=subtitle)


def summary(found: Saturation, language: Language = "zh") -> str:
    """Return the saturation point, its uncertainty and the setting in one line."""
    zh = language == "zh"
    point = _NEVER.said(language) if found.point is None else f"{found.point}+{found.run}"
    setting = f"{found.base} / {found.run} / {found.threshold:.0%}"
    parts = [f"按访谈顺序：{point}" if zh else f"Given order: {point}"]
    if found.points:
        middle = f"{found.median_point:g} ({found.low_point:g}–{found.high_point:g})"
        parts.append(
            f"打乱顺序：{middle}，{found.reached:.0%} 达到"
            if zh
            else f"shuffled: {middle}, {found.reached:.0%} reach it"
        )
    low, high = USUAL
    parts.append(f"基数/连续/阈值：{setting}" if zh else f"base/run/threshold: {setting}")
    parts.append(f"常见范围 {low}–{high} 次" if zh else f"usual range {low}–{high}")
    return ("；" if zh else "; ").join(parts)
