"""The pictures of a report, as HTML that stands alone."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Language
from lbc_themes.pipeline import RunResult
from lbc_themes.themes import plots as drawn
from lbc_themes.themes import saturation
from lbc_themes.themes.summaries import attribute_values

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


# --- The pictures of themes and codes in a report, in both languages.

_BESIDE = 0.5
_MOST_VALUES = 6
_MOST_ATTRIBUTES = 3
_FEWEST_INTERVIEWS = 2
_FEWEST_PEOPLE = 2
_USUAL_HEIGHT = 450
_LEFT_OUT = frozenset({"participant", "file", "name"})

Draw = Callable[[Language], "Figure"]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture: plotly's JSON in each language, its height in pixels, and a line that says how to read it."""

    id: str
    title: Bilingual
    hint: Bilingual
    height: int
    zh: str
    en: str


def theme_pictures(result: RunResult) -> list[Picture]:
    """Return the pictures that the run has material for, in the order of reading."""
    if not result.themes.themes_:
        return []
    return [_picture(name, draw) for name, draw in _drawings(result)]


def _picture(name: str, draw: Draw) -> Picture:
    zh, en = draw("zh"), draw("en")
    title = Bilingual(zh=zh.layout.title.text, en=en.layout.title.text)
    height = int(zh.layout.height or _USUAL_HEIGHT)
    return Picture(id=name, title=title, hint=_hint(name), height=height, zh=_untitled_json(zh), en=_untitled_json(en))


def _hint(name: str) -> Bilingual:
    codes_are = message("report.pictures.codes_are")
    hints = {
        "map": message("report.pictures.map"),
        "tree": message("report.pictures.tree"),
        "number": message("report.pictures.number"),
        "heat": codes_are,
        "attributes": message("report.pictures.attributes", codes_are=codes_are),
        "together": message("report.pictures.together"),
        "saturation": message("report.pictures.saturation", codes_are=codes_are),
    }
    return hints[name]


def _untitled_json(figure: "Figure") -> str:
    """Return the figure without its title, which the page says."""
    margin = figure.layout.margin.t or 0
    figure.update_layout(title={"text": ""}, margin={"t": max(40, margin - 30)})
    text: str = figure.to_json()
    return text


def _drawings(result: RunResult) -> Iterator[tuple[str, Draw]]:
    model, book, codes = result.themes, result.codebook, _first_codes(result)
    yield "map", lambda language: drawn.passage_map(model, language)
    if len(model.themes_) > 1:
        yield "tree", lambda language: drawn.theme_tree(model, language)
    if model.curve_:
        yield "number", lambda language: drawn.number_curve(model.curve_, language)
    if any(codes.values()):
        yield "heat", lambda language: drawn.theme_code_heatmap(result.theme_map, language)
        known = participants(result)
        if by := telling_attributes(known):
            yield "attributes", lambda language: drawn.code_attribute_matrix(codes, known, by, book, language)
    together = _codes_together(result)
    if any(len(own) > 1 for own in together):
        yield "together", lambda language: drawn.code_cooccurrence(together, book, language)
    if len(codes) >= _FEWEST_INTERVIEWS:
        yield "saturation", lambda language: drawn.saturation_curve(saturation(codes), language)


def participants(result: RunResult) -> dict[str, dict[str, str]]:
    """Return the attributes of each participant."""
    given = {t.metadata.get("participant") or t.id: dict(t.metadata) for t in result.transcripts}
    return attribute_values(result.themes.material_, given)


def telling_attributes(known: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return up to three attributes that part the participants, role and gender before others.

    They have two to six values, each of two participants or more: a name or an age parts nobody.
    """
    found = []
    for name in dict.fromkeys(key for own in known.values() for key in own if key not in _LEFT_OUT):
        counts = Counter(own[name] for own in known.values() if own.get(name))
        if 2 <= len(counts) <= _MOST_VALUES and min(counts.values()) >= _FEWEST_PEOPLE:
            found.append(name)
    return sorted(found, key=lambda name: ("role", "gender").index(name) if name in {"role", "gender"} else 2)[
        :_MOST_ATTRIBUTES
    ]


def _first_codes(result: RunResult) -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {t.metadata.get("participant") or t.id: set() for t in result.transcripts}
    for group, suggestion in zip(result.themes.material_.groups, result.suggestions, strict=True):
        codes.setdefault(group, set()).update(code.code_id for code in suggestion.codes[:1])
    return codes


def _codes_together(result: RunResult) -> list[list[str]]:
    return [
        [code.code_id for code in s.codes if code.probability >= _BESIDE * s.codes[0].probability]
        for s in result.suggestions
    ]


KINDS = ("themes", "bertopic", "none")
WIDTH = 238
"""Pixels of one of BERTopic's four columns: together they fill the page."""

_FONT = "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, sans-serif"


def bertopic_bars(result: RunResult) -> Picture:
    """Return BERTopic's own picture of the words of each theme, drawn from our themes."""
    model = result.themes.to_bertopic()
    model.set_topic_labels({theme.id: f"{theme.id}　{theme.name}" for theme in result.themes.themes_})
    figure = model.visualize_barchart(
        top_n_topics=min(12, len(result.themes.themes_)), n_words=6, custom_labels=True, width=WIDTH, height=230
    )
    figure.update_layout(font={"family": _FONT, "size": 13}, title={"text": ""}, margin={"l": 90, "r": 20, "t": 40})
    drawn: str = figure.to_json()
    return Picture(
        id="bertopic",
        title=message("report.pictures.bertopic_title"),
        hint=message("report.pictures.bertopic"),
        height=int(figure.layout.height or _USUAL_HEIGHT),
        zh=drawn,
        en=drawn,
    )


def refuse_pictures(kind: str) -> None:
    """Refuse pictures of an unknown kind, and those whose package is not installed, before a run has begun."""
    if kind not in KINDS:
        raise InputError(message("report.pictures.unknown_kind", allowed=KINDS, kind=kind))
    if kind == "bertopic" and find_spec("bertopic") is None:
        purpose = message("report.pictures.need_plotly", kind=kind)
        raise MissingExtraError(package="bertopic", extra="bertopic", purpose=purpose)
    if kind != "none" and find_spec("plotly") is None:
        purpose = message("report.pictures.need_plotly", kind=kind)
        raise MissingExtraError(package="plotly", extra="plots", purpose=purpose)


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What a report draws, and plotly's script to draw it with, once."""

    script: str = ""
    themes: tuple[Picture, ...] = ()


def pictures(result: RunResult) -> Pictures:
    """Return the pictures asked for: "themes", "bertopic" (those and BERTopic's words, an extra) or "none"."""
    kind = result.options.pictures
    refuse_pictures(kind)
    if kind == "none" or not result.themes.themes_:
        return Pictures()
    from plotly.offline import get_plotlyjs

    bars = [bertopic_bars(result)] if kind == "bertopic" else []
    return Pictures(script=get_plotlyjs(), themes=(*theme_pictures(result), *bars))
