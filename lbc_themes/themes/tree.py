"""The tree of themes: which themes are nearest, step by step up to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.themes.features import Features
from lbc_themes.themes.material import Labels
from lbc_themes.themes.naming import names_of
from lbc_themes.themes.wording import telling_words

FIRST_NODE = 100_000
WORDS_TO_NAME = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeNode:
    """A group of two or more themes.

    ``id`` is 100,000 or more, so that it is never a theme's; ``children`` are ids of themes or nodes; ``height`` is the
    Ward distance at which they join; ``themes`` are the themes below; ``parent`` is None at the root.
    """

    id: int
    parent: int | None
    children: tuple[int, int]
    height: float
    themes: tuple[int, ...]
    name: str


def tree_of(rows: Features, labels: Labels, words: Sequence[Sequence[str]]) -> tuple[TreeNode, ...]:
    """Return the nodes above the themes, lowest first, joined by Ward's rule from the themes' centres and sizes.

    ``rows``, ``labels`` and ``words`` are aligned; rows with the label -1 take no part.
    """
    themes = [int(theme) for theme in np.unique(labels) if theme >= 0]
    middle = {theme: rows[labels == theme].mean(axis=0) for theme in themes}
    size = {theme: int((labels == theme).sum()) for theme in themes}
    below: dict[int, tuple[int, ...]] = {theme: (theme,) for theme in themes}
    steps: list[tuple[int, int, int, float]] = []
    while len(middle) > 1:
        a, b, height = _nearest(middle, size)
        node = FIRST_NODE + len(steps)
        steps.append((node, a, b, height))
        size[node] = size[a] + size[b]
        middle[node] = (middle.pop(a) * size[a] + middle.pop(b) * size[b]) / size[node]
        below[node] = tuple(sorted(below[a] + below[b]))
    parents = {child: node for node, a, b, _ in steps for child in (a, b)}
    names = _names(labels, words, {node: below[node] for node, *_ in steps})
    return tuple(
        TreeNode(
            id=node, parent=parents.get(node), children=(a, b), height=height, themes=below[node], name=names[node]
        )
        for node, a, b, height in steps
    )


def _nearest(middle: Mapping[int, NDArray[np.float64]], size: Mapping[int, int]) -> tuple[int, int, float]:
    ids = sorted(middle)
    rows = np.stack([middle[i] for i in ids])
    sizes = np.array([size[i] for i in ids], float)
    squares = (rows**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares[None] - 2 * rows @ rows.T, 0)
    cost = distance * sizes[:, None] * sizes[None] / (sizes[:, None] + sizes[None])
    cost[np.tril_indices(len(ids))] = np.inf
    a, b = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return ids[a], ids[b], float(np.sqrt(2 * cost[a, b]))


def _names(labels: Labels, words: Sequence[Sequence[str]], below: Mapping[int, tuple[int, ...]]) -> dict[int, str]:
    names = {}
    for node, themes in below.items():
        inside = [0 if label in themes else 1 if label >= 0 else -1 for label in labels]
        names[node] = names_of({0: telling_words(words, inside, WORDS_TO_NAME).get(0, ())})[0]
    return names


def groups_at(tree: Sequence[TreeNode], themes: Sequence[int], n_themes: int) -> list[tuple[int, ...]]:
    """Return the themes in ``n_themes`` groups: the tree cut where so many branches are left."""
    groups: dict[int, tuple[int, ...]] = {theme: (theme,) for theme in themes}
    for node in tree[: max(0, len(themes) - n_themes)]:
        groups[node.id] = tuple(sorted(groups.pop(node.children[0]) + groups.pop(node.children[1])))
    return sorted(groups.values())
