"""From labels to theme records: order, words, names, typical passages."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from lbc_themes.core.records import Theme
from lbc_themes.text.fillers import without_stage_notes
from lbc_themes.themes.features import Features
from lbc_themes.themes.material import Labels, Material
from lbc_themes.themes.naming import names_of
from lbc_themes.themes.phrases import phrases_in
from lbc_themes.themes.tree import TreeNode
from lbc_themes.themes.wording import telling_words

TYPICAL = 5
WORDS_TO_NAME = 30
SPREAD = 1.0


def numbered(labels: Labels) -> Labels:
    """Return labels renumbered by size, largest first; equal sizes by their first row."""
    themes = [int(theme) for theme in np.unique(labels) if theme >= 0]
    themes.sort(key=lambda theme: (-int((labels == theme).sum()), int(np.flatnonzero(labels == theme)[0])))
    new = {old: number for number, old in enumerate(themes)}
    return np.array([new.get(int(label), -1) for label in labels], np.int64)


def aligned(labels: Labels, order: Labels, n: int) -> Labels:
    """Return the labels of ordered rows as labels of all ``n`` inputs, -1 where a text was not clustered."""
    every = np.full(n, -1, np.int64)
    every[order] = labels
    return every


def themes_of(
    material: Material,
    rows: Features,
    labels: Labels,
    tree: Sequence[TreeNode],
    stability: Mapping[int, float],
    given_names: Mapping[int, str],
) -> tuple[Theme, ...]:
    """Return the theme records; ``rows`` and ``labels`` are those of ``material.order``."""
    keywords = telling_words([material.words[i] for i in material.order], labels.tolist())
    keywords = {theme: keywords[theme] for theme in sorted(keywords)}
    names = _names(material, rows, labels) | dict(given_names)
    parents = {child: node.id for node in tree for child in node.children}
    return tuple(
        Theme(
            id=theme, name=names[theme], keywords=words, parent=parents.get(theme), stability=stability.get(theme),
            passages=tuple(sorted(int(i) for i in material.order[labels == theme])),
            typical=tuple(int(i) for i in material.order[by_closeness(rows, labels, theme)[:TYPICAL]]),
        )
        for theme, words in keywords.items()
    )  # fmt: skip


def _names(material: Material, rows: Features, labels: Labels) -> dict[int, str]:
    """Return names from the words that tell most, a passage at the centre counting twice as much as one at the rim."""
    words = [material.words[i] for i in material.order]
    weights, phrases = np.ones(len(labels)), {}
    for theme in sorted({int(label) for label in labels if label >= 0}):
        near = by_closeness(rows, labels, theme)
        weights[near] = np.linspace(2, 1, len(near))
        phrases[theme] = phrases_in(
            [without_stage_notes(material.texts[material.order[i]]) for i in near], [words[i] for i in near]
        )
    telling = telling_words(words, labels.tolist(), WORDS_TO_NAME, weights.tolist(), spread=SPREAD)
    common = {theme: _common([words[i] for i in np.flatnonzero(labels == theme)]) for theme in telling}
    return names_of({theme: telling[theme] for theme in sorted(telling)}, phrases, common)


def _common(words: Sequence[Sequence[str]]) -> set[str]:
    counts = Counter(word for own in words for word in set(own))
    return {word for word, count in counts.items() if count > 1}


def by_closeness(rows: Features, labels: Labels, theme: int) -> Labels:
    """Return the rows of a theme, nearest its centre first."""
    own = np.flatnonzero(labels == theme)
    distance = np.round(((rows[own] - rows[own].mean(axis=0)) ** 2).sum(axis=1), 9)
    nearest: Labels = own[np.argsort(distance, kind="stable")]
    return nearest
