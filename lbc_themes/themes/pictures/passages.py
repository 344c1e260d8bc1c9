"""The map of passages: like lies by like."""

from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Language
from lbc_themes.themes.features import Features
from lbc_themes.themes.pictures.style import colours, graph_objects, laid_out, shortened, wrapped
from lbc_themes.themes.threads import on_one_thread

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from lbc_themes.themes.model import ThemeModel

_TSNE_FROM = 30
_MOST_FOR_TSNE = 1000
_BESIDE = 3
_TITLE = Bilingual(zh="话语地图：相近的话挨在一起", en="Map of passages: like lies by like")
_NONE = Bilingual(zh="未归入主题", en="no theme")


def passage_map(model: "ThemeModel", language: Language = "zh", *, show_text: bool = True) -> "Figure":
    """Return the passages of a fitted model in two dimensions, coloured by theme, theme numbers at their middle.

    The places come from t-SNE with a fixed seed (principal components below 30 passages; beyond 1,000 the rest lie by
    their nearest): near means alike, but distances across the map mean nothing. Hovering shows theme, speaker and,
    unless ``show_text`` is False, the words; leave them out where the file goes to people who may not read the
    transcripts.
    """
    go = graph_objects()

    if not len(model.rows_):
        raise InputError("there is no passage to draw; fit the model on texts that say something")
    places, labels = places_of(model.rows_, model.random_state), model.row_labels_
    figure = go.Figure()
    names = {theme.id: f"{theme.id} {theme.name}" for theme in model.themes_} | {-1: _NONE.said(language)}
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
    return laid_out(figure, _TITLE, language, height=max(600, 120 + 21 * len(shown)), legend={"itemsizing": "constant"})


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
