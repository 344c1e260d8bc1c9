"""From labels to theme records: order, words, names, typical passages."""

import math
import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Theme, Transcript
from lbc_themes.text.fillers import without_stage_notes
from lbc_themes.text.simplify import simplified
from lbc_themes.themes.clustering import centres
from lbc_themes.themes.features import Features, Labels, Material, is_whole, unit
from lbc_themes.themes.naming import (
    MOST_WORDS,
    WORDS_TO_NAME,
    WordCounts,
    clause_that_tells,
    fits_a_name,
    names_of,
    phrases_in,
    ranked_words,
    telling_words_of,
    word_counts,
)

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.model import ThemeModel


# --- The tree of themes: which themes are nearest, step by step up to one.

FIRST_NODE = 100_000


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
    names = _node_names(word_counts(words, labels.tolist()), [(node, a, b) for node, a, b, _ in steps])
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


def _node_names(counts: dict[int, WordCounts], steps: Sequence[tuple[int, int, int]]) -> dict[int, str]:
    names: dict[int, str] = {}
    if not steps:
        return names
    every = reduce(operator.add, counts.values())
    for node, a, b in steps:
        counts[node] = counts.pop(a) + counts.pop(b)
        usual = sum(every.said.values()) / (2 if counts[node].rows < every.rows else 1)
        names[node] = names_of({0: ranked_words(counts[node], every.said, usual, WORDS_TO_NAME)})[0]
    return names


def groups_at(tree: Sequence[TreeNode], themes: Sequence[int], n_themes: int) -> list[tuple[int, ...]]:
    """Return the themes in ``n_themes`` groups: the tree cut where so many branches are left."""
    groups: dict[int, tuple[int, ...]] = {theme: (theme,) for theme in themes}
    for node in tree[: max(0, len(themes) - n_themes)]:
        groups[node.id] = tuple(sorted(groups.pop(node.children[0]) + groups.pop(node.children[1])))
    return sorted(groups.values())


TYPICAL = 5
SPREAD = 1.0
DISTINCT = 5
SHORTEST = 8
MOSTLY = 0.5
MOST_TO_NAME = 40


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
    words = [material.words[i] for i in material.order]
    counts = word_counts(words, labels.tolist())
    keywords = telling_words_of(counts, MOST_WORDS)
    keywords = {theme: keywords[theme] for theme in sorted(keywords)}
    near = typical_rows(material, labels)
    names = _theme_names(material, rows, labels, near) | dict(given_names)
    parents = {child: node.id for node in tree for child in node.children}
    codes = _codes_of(material, labels)
    distinct = _distinct_words(counts, codes)
    return tuple(
        Theme(
            id=theme, name=names[theme], keywords=words, parent=parents.get(theme), stability=stability.get(theme),
            passages=tuple(sorted(int(i) for i in material.order[labels == theme])),
            typical=tuple(int(i) for i in material.order[near[theme][:TYPICAL]]),
            code=codes.get(theme), distinct=distinct.get(theme, ()),
        )
        for theme, words in keywords.items()
    )  # fmt: skip


def _codes_of(material: Material, labels: Labels) -> dict[int, str]:
    """Return the code that each theme lies in, the one with the greatest mean share; none without a codebook."""
    view = material.view
    if view is None or not view.codes:
        return {}
    shares = view.shares[material.order]
    return {
        int(theme): view.codes[int(shares[labels == theme].mean(axis=0).argmax())]
        for theme in np.unique(labels[labels >= 0])
    }


def _distinct_words(counts: Mapping[int, WordCounts], codes: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """Return the words that tell each theme from the others of its code; none where it is alone there."""
    found: dict[int, tuple[str, ...]] = {}
    for code in set(codes.values()):
        beside = {theme: counts[theme] for theme, own in codes.items() if own == code}
        if len(beside) > 1:
            found |= telling_words_of(beside, DISTINCT)
    return found


def typical_rows(material: Material, labels: Labels) -> dict[int, Labels]:
    """Return the rows of each theme from the most typical on: nearest the theme's centre in meaning, and not another's.

    Meaning is the encoder's vectors less their mean. A row counts by its cosine to its theme's centre less half of its
    greatest cosine to another's. Rows that are marked as risk come last unless half of the theme is marked, and rows
    that are too short to show anything come after the others.
    """
    themes = [int(theme) for theme in np.unique(labels) if theme >= 0]
    if not themes:
        return {}
    vectors = material.vectors[material.order].astype(np.float64)
    rows = unit(vectors - vectors.mean(axis=0))
    at, held = np.searchsorted(themes, labels), labels >= 0
    likeness = rows @ unit(centres(rows[held], at[held], len(themes))).T
    marked = material.marked[material.order]
    short = np.array([len(material.texts[i]) < SHORTEST for i in material.order])
    found = {}
    for place, theme in enumerate(themes):
        own = np.flatnonzero(labels == theme)
        other = np.delete(likeness[own], place, axis=1).max(axis=1) if len(themes) > 1 else np.zeros(len(own))
        worth = np.round(likeness[own, place] - other / 2, 9)
        last = marked[own] & (marked[own].mean() < MOSTLY)
        found[theme] = own[np.lexsort((-worth, short[own], last))]
    return found


def _theme_names(material: Material, rows: Features, labels: Labels, near: Mapping[int, Labels]) -> dict[int, str]:
    """Return names: the clause that says most of a theme's telling words, or up to three of them where none does.

    Passages marked as risk name only a theme of which half is marked.
    """
    words = [material.words[i] for i in material.order]
    weights, phrases = np.ones(len(labels)), {}
    clauses: dict[int, str] = {}
    for theme in near:
        closest = by_closeness(rows, labels, theme)
        weights[closest] = np.linspace(2, 1, len(closest))
        said = [without_stage_notes(material.texts[material.order[i]]) for i in closest]
        phrases[theme] = phrases_in(said, [words[i] for i in closest])
    counts = word_counts(words, labels.tolist(), weights.tolist())
    telling = telling_words_of(counts, WORDS_TO_NAME, SPREAD)
    for theme in sorted(telling):
        of_words = [word for word in telling[theme] if fits_a_name(word)]
        own = near[theme]
        marked = material.marked[material.order[own]]
        faces = own[:MOST_TO_NAME] if marked.mean() >= MOSTLY else own[~marked][:MOST_TO_NAME]
        texts = [material.texts[material.order[i]] for i in faces]
        clause = clause_that_tells(texts, of_words, set(clauses.values()))
        if clause:
            clauses[theme] = clause
    common = {theme: _common([words[i] for i in np.flatnonzero(labels == theme)]) for theme in telling}
    rest = {theme: telling[theme] for theme in sorted(telling) if theme not in clauses}
    return clauses | names_of(rest, phrases, common)


def _common(words: Sequence[Sequence[str]]) -> set[str]:
    counts = Counter(word for own in words for word in set(own))
    return {word for word, count in counts.items() if count > 1}


def by_closeness(rows: Features, labels: Labels, theme: int) -> Labels:
    """Return the rows of a theme, nearest its centre first."""
    own = np.flatnonzero(labels == theme)
    distance = np.round(((rows[own] - rows[own].mean(axis=0)) ** 2).sum(axis=1), 9)
    nearest: Labels = own[np.argsort(distance, kind="stable")]
    return nearest


# --- Passages that show a theme: typical, borderline, contrary.

EXAMPLE_COLUMNS = ("theme", "kind", "position", "passage", "speaker", "role", "text", "nearest_other")
_NEGATIONS = ("不", "没", "别", "无", "未")


def examples_of(model: "ThemeModel", theme_id: int, count: int = 3) -> "pd.DataFrame":
    """Return up to ``count`` passages of each kind for a theme, with speaker.

    Typical passages are nearest the theme's centre in meaning. Borderline ones are nearly as near another theme's,
    which ``nearest_other`` names. Contrary ones negate a word that the theme mostly affirms, or affirm one that it
    negates: the negative cases that a careful analysis reports.
    """
    import pandas as pd

    if not is_whole(count) or count < 1:
        raise InputError(message("themes.count", count=count))
    theme = model.theme(theme_id)
    near = by_closeness(model.rows_, model.row_labels_, theme_id)
    face = typical_rows(model.material_, model.row_labels_)[theme_id]
    other, margin = _margins(model, theme_id, near)
    border = near[np.argsort(margin, kind="stable")][:count] if len(model.themes_) > 1 else near[:0]
    contrary = [
        row for row in near.tolist() if _contradicts(model.material_.texts[model.material_.order[row]], theme.keywords)
    ]
    rest = dict(zip(near.tolist(), other, strict=True))
    kinds = {"typical": face[:count].tolist(), "borderline": border.tolist(), "contrary": contrary[:count]}
    rows = [_example_row(model, theme_id, kind, row, rest[row]) for kind, those in kinds.items() for row in those]
    return pd.DataFrame(rows, columns=list(EXAMPLE_COLUMNS))


def _margins(model: "ThemeModel", theme_id: int, near: Labels) -> tuple[list[int | None], Features]:
    ids = [theme.id for theme in model.themes_]
    if len(ids) == 1:
        return [None] * len(near), np.zeros(len(near))
    at = np.searchsorted(ids, model.row_labels_)
    held = model.row_labels_ >= 0
    middle = centres(model.rows_[held], at[held], len(ids))
    distance = np.linalg.norm(model.rows_[near][:, None] - middle[None], axis=2)
    own = distance[:, ids.index(theme_id)].copy()
    distance[:, ids.index(theme_id)] = np.inf
    return [ids[i] for i in distance.argmin(axis=1)], distance.min(axis=1) - own


def _contradicts(text: str, keywords: tuple[str, ...]) -> bool:
    said = simplified(text)
    for word in map(simplified, keywords):
        bare = word.lstrip("".join(_NEGATIONS))
        if bare != word:
            if len(bare) > 1 and bare in said and not any(sign + bare in said for sign in _NEGATIONS):
                return True
        elif len(word) > 1 and any(sign + word in said for sign in _NEGATIONS):
            return True
    return False


def _example_row(model: "ThemeModel", theme_id: int, kind: str, row: int, other: int | None) -> dict[str, object]:
    position = int(model.material_.order[row])
    passage = model.material_.passages[position] if model.material_.passages else None
    return {
        "theme": theme_id,
        "kind": kind,
        "position": position,
        "passage": passage.id if passage else "",
        "speaker": passage.speaker if passage else model.material_.groups[position],
        "role": str(passage.role) if passage else "",
        "text": model.material_.texts[position],
        "nearest_other": other,
    }


# --- Intervals of shares.

_Z95 = 1.959963984540054


def wilson(seen: int, of: int) -> tuple[float, float, float]:
    """Return a share with its 95 % interval: Wilson (1927), JASA 22(158). Not a number where there is nothing to count.

    >>> [round(figure, 3) for figure in wilson(5, 10)]
    [0.5, 0.237, 0.763]
    """
    if of == 0:
        return math.nan, math.nan, math.nan
    share, square = seen / of, _Z95**2 / of
    middle = (share + square / 2) / (1 + square)
    half = _Z95 / (1 + square) * math.sqrt(share * (1 - share) / of + square / (4 * of))
    return share, middle - half if seen else 0.0, middle + half if seen < of else 1.0


# --- Who speaks of a theme: participants by role and attribute, with intervals.

Attributes = Mapping[str, Mapping[str, str]]
SHARE_COLUMNS = ("theme", "name", "attribute", "value", "participants", "of", "share", "low", "high")
EVERYONE = "all"


def shares_of(
    model: "ThemeModel",
    by: str | Sequence[str] | None = None,
    attributes: Attributes | Iterable[Transcript] | None = None,
) -> "pd.DataFrame":
    """Return, for each theme and each value of each attribute, how many participants speak of it.

    Participants are the groups of ``fit``. ``attributes`` maps each to its attributes ("gender", "age", ...), or are
    the transcripts, whose metadata are taken; "role" comes from the passages where it is not among them. ``by`` is the
    role where nothing else is said and roles are known. The first row of a theme, with the attribute "all", counts
    everyone. ``low`` and ``high`` bound the share at 95 % (Wilson).
    """
    import pandas as pd

    known = attribute_values(model.material_, attributes)
    if isinstance(by, str):
        by = (by,)
    if by is None:
        by = ("role",) if any("role" in own for own in known.values()) else ()
    for name in by:
        if not any(name in own for own in known.values()):
            have = sorted({key for own in known.values() for key in own})
            raise InputError(message("themes.unknown_attribute", name=name, known=[*have] or message("core.none")))
    rows = [
        row
        for theme in model.themes_
        for who in [{model.material_.groups[i] for i in theme.passages} - {""}]
        for row in _rows(theme.id, theme.name, who, by, known)
    ]
    return pd.DataFrame(rows, columns=list(SHARE_COLUMNS))


def attribute_values(
    material: Material, attributes: Attributes | Iterable[Transcript] | None
) -> dict[str, dict[str, str]]:
    """Return the attributes of each participant in the material, role included."""
    given: Attributes = (
        attributes
        if isinstance(attributes, Mapping)
        else {
            name: each.metadata for each in attributes or () for name in (each.id, each.metadata.get("participant", ""))
        }
    )
    known: dict[str, dict[str, str]] = {}
    for group, role in zip(material.groups, material.roles, strict=True):
        if group and group not in known:
            known[group] = ({"role": role} if role else {}) | {k: v for k, v in given.get(group, {}).items() if v}
    return known


def _rows(
    theme: int, name: str, who: set[str], by: Sequence[str], known: Mapping[str, Mapping[str, str]]
) -> Iterable[tuple[object, ...]]:
    yield (theme, name, EVERYONE, EVERYONE, len(who), len(known), *wilson(len(who), len(known)))
    for attribute in by:
        for value in sorted({own[attribute] for own in known.values() if attribute in own}):
            people = {person for person, own in known.items() if own.get(attribute) == value}
            yield theme, name, attribute, value, len(who & people), len(people), *wilson(len(who & people), len(people))


# --- Themes as a table.

THEME_COLUMNS = (
    "theme", "name", "parent", "passages", "share", "participants", "participants_share", "participants_low",
    "participants_high", "stability", "keywords", "typical", "speaker",
)  # fmt: skip


def frame_of(material: Material, themes: Sequence[Theme]) -> pd.DataFrame:
    """Return one row a theme, with a 95 % Wilson interval of the share of participants who speak of it."""
    return pd.DataFrame([_theme_row(material, theme) for theme in themes], columns=list(THEME_COLUMNS))


def _theme_row(material: Material, theme: Theme) -> dict[str, object]:
    people = {group for group in material.groups if group}
    who = {material.groups[i] for i in theme.passages} - {""}
    share, low, high = wilson(len(who), len(people))
    best = theme.typical[0]
    return {
        "theme": theme.id,
        "name": theme.name,
        "parent": theme.parent,
        "passages": len(theme.passages),
        "share": len(theme.passages) / len(material),
        "participants": len(who),
        "participants_share": share,
        "participants_low": low,
        "participants_high": high,
        "stability": theme.stability,
        "keywords": "、".join(theme.keywords),
        "typical": material.texts[best],
        "speaker": material.passages[best].speaker if material.passages else material.groups[best],
    }
