"""The pictures of a report, as HTML that stands alone."""

from dataclasses import dataclass
from importlib.util import find_spec

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.report.theme_pictures import Picture, theme_pictures
from lbc_themes.run.result import RunResult

KINDS = ("themes", "bertopic", "none")
WIDTH = 238
"""Pixels of one of BERTopic's four columns: together they fill the page."""

_FONT = "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, sans-serif"


def bertopic_bars(result: RunResult) -> str:
    """Return BERTopic's own picture of the words of each theme, drawn from our themes; the page brings plotly."""
    model = result.themes.to_bertopic()
    model.set_topic_labels({theme.id: f"{theme.id}　{theme.name}" for theme in result.themes.themes_})
    figure = model.visualize_barchart(
        top_n_topics=min(12, len(result.themes.themes_)), n_words=6, custom_labels=True, width=WIDTH, height=230
    )
    figure.update_layout(font={"family": _FONT, "size": 13}, title={"text": ""}, margin={"l": 90, "r": 20, "t": 40})
    html: str = figure.to_html(include_plotlyjs=False, full_html=False, config={"displayModeBar": False})
    return html


def refuse_pictures(kind: str) -> None:
    """Refuse pictures of an unknown kind, and those whose package is not installed, before a run has begun."""
    if kind not in KINDS:
        raise InputError(f"--pictures must be one of {', '.join(KINDS)}, not {kind!r}")
    if kind == "bertopic" and find_spec("bertopic") is None:
        raise MissingExtraError(package="bertopic", extra="bertopic", purpose="--pictures bertopic")
    if kind != "none" and find_spec("plotly") is None:
        raise MissingExtraError(package="plotly", extra="plots", purpose=f"--pictures {kind}")


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What a report draws: plotly's script, once, our pictures, and BERTopic's where it was asked for."""

    script: str = ""
    themes: tuple[Picture, ...] = ()
    bertopic: str = ""


def pictures(result: RunResult) -> Pictures:
    """Return the pictures asked for: "themes", "bertopic" (those and BERTopic's words, an extra) or "none"."""
    kind = result.options.pictures
    refuse_pictures(kind)
    if kind == "none" or not result.themes.themes_:
        return Pictures()
    from plotly.offline import get_plotlyjs

    bars = bertopic_bars(result) if kind == "bertopic" else ""
    return Pictures(script=get_plotlyjs(), themes=tuple(theme_pictures(result)), bertopic=bars)
