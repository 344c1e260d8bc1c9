"""What all pictures share: fonts, colours, heights, wrapped text."""

import colorsys
import html
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Bilingual, Codebook, Language
from lbc_themes.themes.features import Features, on_one_thread
from lbc_themes.themes.mapping import ThemeMap
from lbc_themes.themes.model_selection import CurvePoint
from lbc_themes.themes.saturation import USUAL, Saturation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from lbc_themes.themes.model import ThemeModel

_WORDS = word_table("themes.plots")


def _word(key: str, language: Language) -> str:
    return _WORDS[key].said(language)


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
        raise MissingExtraError(package="plotly", extra="plots", purpose=message("core.purpose.theme_plots")) from error
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


# --- Who voices which code: codes by an attribute of the participants.


def code_attribute_matrix(
    codes: Mapping[str, Iterable[str]],
    attributes: Mapping[str, Mapping[str, str]],
    by: str | Sequence[str],
    codebook: Codebook,
    language: Language = "zh",
) -> "Figure":
    """Return codes (rows, those that were seen) by the values of one attribute, or of several side by side.

    ``codes`` are the codes of each participant, ``attributes`` their attributes; ``by`` names one ("role", "gender") or
    several. A cell is the share of the participants with that value who voice the code; the column says how many they
    are.
    """
    own = {person: set(said) for person, said in codes.items()}
    seen = set().union(*own.values())
    rows = [code for code in codebook if code.id in seen]
    columns: list[tuple[str, list[str]]] = []
    for name in [by] if isinstance(by, str) else by:
        columns += [("", [])] * bool(columns) + _columns(name, own, attributes, language)
    values = [[sum(c.id in own[p] for p in who) / len(who) if who else None for _, who in columns] for c in rows]
    hover = "%{customdata[0]}<br>%{customdata[1]}<br>%{z:.0%}<extra></extra>"
    labels = [f"{value}（{len(who)}）" if who else "" for value, who in columns]
    figure = heatmap(values, [code.name.said(language) for code in rows], labels, hover=hover, percent=True)
    return laid_out(figure, _WORDS["attributes_title"], language, margin={"t": 90})


def _columns(
    by: str, codes: Mapping[str, set[str]], attributes: Mapping[str, Mapping[str, str]], language: Language
) -> list[tuple[str, list[str]]]:
    people: dict[str, list[str]] = {}
    for person in codes:
        if value := attributes.get(person, {}).get(by, ""):
            people.setdefault(value, []).append(person)
    if not people:
        have = sorted({key for own in attributes.values() for key in own})
        raise InputError(message("themes.unknown_attribute", name=by, known=[*have] or message("core.none")))
    return [(_said(by, value, language), people[value]) for value in sorted(people)]


def _said(by: str, value: str, language: Language) -> str:
    roles = word_table("words.roles")
    if by == "role" and value in roles:
        return roles[value].said(language)
    return f"{by} {value}" if value.isdecimal() else value


# --- Codes that stand together on a passage.


def code_cooccurrence(codes: Sequence[Iterable[str]], codebook: Codebook, language: Language = "zh") -> "Figure":
    """Return how many passages carry each pair of codes; ``codes`` are those of each passage.

    Codes that stand with no other are left out; where none do, all codes that were seen are shown.
    """
    sets = [{codebook[code_id].id for code_id in own} for own in codes]
    at = {code_id: i for i, code_id in enumerate(codebook.ids)}
    counts = np.zeros((len(at), len(at)), int)
    for own in sets:
        for a, b in combinations(sorted(own), 2):
            counts[at[a], at[b]] += 1
            counts[at[b], at[a]] += 1
    kept = np.flatnonzero(counts.sum(axis=0))
    if not len(kept):
        kept = np.array(sorted(at[code_id] for code_id in set().union(*sets)), int)
    names = [codebook[codebook.ids[i]].name.said(language) for i in kept]
    hover = "%{customdata[0]}<br>%{customdata[1]}<br>%{z}<extra></extra>"
    figure = heatmap(counts[np.ix_(kept, kept)].tolist(), names, names, hover=hover, percent=False)
    return laid_out(figure, _WORDS["cooccurrence_title"], language)


# --- The curve of the number of themes.

_LINES = word_table("themes.curve_lines")
_LOOKS = (("#0072b2", "solid"), ("#d55e00", "dot"))


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
    figure.update_xaxes(title=_word("number", language), gridcolor="#eeeeee")
    figure.update_yaxes(rangemode="tozero", gridcolor="#eeeeee")
    return laid_out(figure, _WORDS["number_title"], language, height=440)


# --- The map of passages: like lies by like.

_TSNE_FROM = 30
_MOST_FOR_TSNE = 1000
_BESIDE = 3


def passage_map(model: "ThemeModel", language: Language = "zh", *, show_text: bool = True) -> "Figure":
    """Return the passages of a fitted model in two dimensions, coloured by theme, theme numbers at their middle.

    The places come from t-SNE with a fixed seed (principal components below 30 passages; beyond 1,000 the rest lie by
    their nearest): near means alike, but distances across the map mean nothing. Hovering shows theme, speaker and,
    unless ``show_text`` is False, the words; leave them out where the file goes to people who may not read the
    transcripts.
    """
    go = graph_objects()

    if not len(model.rows_):
        raise InputError(message("themes.no_passage_to_draw"))
    places, labels = places_of(model.rows_, model.random_state), model.row_labels_
    figure = go.Figure()
    names = {theme.id: f"{theme.id} {theme.name}" for theme in model.themes_} | {-1: _word("no_theme", language)}
    shown = [*(theme.id for theme in model.themes_), *([-1] if (labels < 0).any() else [])]
    for theme, colour in zip(shown, [*colours(len(model.themes_)), "#bbbbbb"], strict=False):
        own = np.flatnonzero(labels == theme)
        figure.add_trace(
            go.Scatter(
                x=places[own, 0], y=places[own, 1], mode="markers", name=shortened(names[theme]),
                marker={"color": colour, "size": 7, "opacity": 0.75},
                text=[_hover(model, int(row), names[theme], show_text=show_text) for row in own],
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
        if theme >= 0:
            middle = np.median(places[own], axis=0)
            figure.add_annotation(
                x=float(middle[0]), y=float(middle[1]), text=f"<b>{theme}</b>", showarrow=False,
                font={"color": "#1f2430", "size": 12}, bgcolor="rgba(255,255,255,0.75)",
                bordercolor=colour, borderpad=1,
            )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return laid_out(
        figure,
        _WORDS["passages_title"],
        language,
        height=max(600, 120 + 21 * len(shown)),
        legend={"itemsizing": "constant"},
    )


def places_of(rows: Features, random_state: int) -> Features:
    """Return two coordinates for each row, the same on every run; beyond 1,000 rows the rest lie by their nearest."""
    if len(rows) < _TSNE_FROM:
        return _components(rows, random_state)
    drawn = np.arange(len(rows))
    if len(rows) > _MOST_FOR_TSNE:
        drawn = np.sort(np.random.default_rng(random_state).choice(len(rows), _MOST_FOR_TSNE, replace=False))
    map_ = _tsne(rows[drawn], random_state)
    near = np.argsort(-np.round(rows @ rows[drawn].T, 9), axis=1, kind="stable")[:, :_BESIDE]
    places: Features = map_[near].mean(axis=1)
    places[drawn] = map_
    return places


def _components(rows: Features, random_state: int) -> Features:
    from sklearn.decomposition import PCA

    places, few = np.zeros((len(rows), 2)), min(2, *rows.shape)
    if len(rows) > 1:
        places[:, :few] = PCA(few, random_state=random_state).fit_transform(rows)
    return places


def _tsne(rows: Features, random_state: int) -> Features:
    from sklearn.manifold import TSNE

    model = TSNE(perplexity=min(30, len(rows) / 4), init="pca", max_iter=500, random_state=random_state, n_jobs=1)
    places: Features = on_one_thread(model.fit_transform)(rows).astype(np.float64)
    return places


def _hover(model: "ThemeModel", row: int, name: str, *, show_text: bool) -> str:
    at = int(model.material_.order[row])
    who = model.material_.groups[at]
    said = f"<br>{wrapped(model.material_.texts[at])}" if show_text else ""
    return f"<b>{wrapped(name)}</b>{f'<br>{wrapped(who)}' if who else ''}{said}"


# --- The saturation curve.


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
                fillcolor="rgba(74,111,165,0.15)", line={"width": 0}, hoverinfo="skip",
                name=_word("shuffled_band", language),
            ),
            go.Scatter(
                x=x, y=list(found.mean_total), line={"dash": "dot", "color": "#4a6fa5"},
                name=_word("shuffled_orders", language),
            ),
            go.Scatter(
                x=x, y=list(found.total), mode="lines+markers", line={"color": "#b5523b"}, text=hover,
                name=_word("given_order", language), hovertemplate="%{x} %{text}: %{y}<extra></extra>",
            ),
            go.Bar(x=x, y=list(found.new), marker={"color": "rgba(181,82,59,0.35)"}, name=_word("new", language)),
        ]
    )  # fmt: skip
    if found.point is not None:
        figure.add_vline(
            x=found.point, line={"dash": "dash", "color": "#333333"},
            annotation={"text": _word("saturation", language) + f" {found.point}+{found.run}"},
        )  # fmt: skip
    figure.update_xaxes(
        title=_word("interviews", language), dtick=max(1, len(x) // 20), range=[0.4, len(x) + 0.6], gridcolor="#eeeeee"
    )
    figure.update_yaxes(title=_word("found_so_far", language), rangemode="tozero", gridcolor="#eeeeee")
    subtitle = {"subtitle": {"text": summary(found, language)}}
    return laid_out(figure, _WORDS["saturation_title"], language, height=520, margin={"t": 90}).update_layout(
        title=subtitle
    )


def summary(found: Saturation, language: Language = "zh") -> str:
    """Return the saturation point, its uncertainty and the setting in one line."""
    point = _WORDS["not_reached"] if found.point is None else f"{found.point}+{found.run}"
    parts = [message("themes.saturation_given", point=point)]
    if found.points:
        middle = f"{found.median_point:g} ({found.low_point:g}–{found.high_point:g})"
        parts.append(message("themes.saturation_shuffled", middle=middle, reached=found.reached))
    setting = f"{found.base} / {found.run} / {found.threshold:.0%}"
    parts.append(message("themes.saturation_setting", setting=setting))
    parts.append(message("themes.saturation_usual", low=USUAL[0], high=USUAL[1]))
    return ("；" if language == "zh" else "; ").join(part.said(language) for part in parts)


# --- Themes beside codes.


def theme_code_heatmap(found: ThemeMap, language: Language = "zh", *, all_codes: bool = False) -> "Figure":
    """Return themes by codes; codes that hold nothing of any theme are left out unless ``all_codes``."""
    columns = np.arange(len(found.codebook)) if all_codes else np.flatnonzero(found.matrix.sum(axis=0) > 0)
    names = [found.codebook[found.codebook.ids[i]].name.said(language) for i in columns]
    rows = [f"{theme.theme_id} {theme.name}" for theme in found.themes]
    values = found.matrix[:, columns].tolist()
    hover = "%{customdata[0]}<br>%{customdata[1]}<br>%{z:.0%}<extra></extra>"
    return laid_out(heatmap(values, rows, names, hover=hover, percent=True), _WORDS["theme_code_title"], language)


# --- The tree of themes.


def theme_tree(model: "ThemeModel", language: Language = "zh") -> "Figure":
    """Return the tree of a fitted model, one theme a line; hovering over a joint names the group."""
    go = graph_objects()

    if not model.themes_:
        raise InputError(message("themes.no_theme_to_draw"))
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
    figure.update_xaxes(
        title=_word("joining_distance", language), rangemode="tozero", gridcolor="#eeeeee", zeroline=False
    )
    return laid_out(figure, _WORDS["tree_title"], language, height=max(320, 130 + ROW * len(order)))


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


# --- Pictures of themes and codes, as plotly figures with Chinese or English titles.

__all__ = [
    "code_attribute_matrix", "code_cooccurrence", "number_curve", "passage_map", "saturation_curve",
    "theme_code_heatmap", "theme_tree",
]  # fmt: skip
