"""From labels to theme records: order, words, names, typical passages."""

import math
import operator
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.frames import data_frame
from lbc_themes.core.messages import message
from lbc_themes.core.records import Theme, Transcript
from lbc_themes.text.names import either_of, plain_surnames
from lbc_themes.text.names import words_of as list_of
from lbc_themes.text.words import filler_pattern, lines_of_file, simplified, without_stage_notes, word_cutter
from lbc_themes.themes.clustering import centres
from lbc_themes.themes.features import Features, Labels, Material, is_whole, unit

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.model import ThemeModel


# --- Names: the words, phrases and clauses that tell a theme.

# --- Which words may stand in the name of a theme.

_LIST = Path(__file__).parent / "data" / "not_in_names.txt"
_COUNTED = re.compile(r"[一二三四五六七八九十百千万两几半第\d].{0,3}")
_LITTLE_NEGATED = re.compile(r"[不没别无未]+[太跟了来去是有会能要得好过到给在用行对上下出起叫没再先就都也]*")
_KIN = frozenset("叔婶姑姨舅伯爷奶娘爹妈爸哥姐弟妹嫂公婆孙孩")
_EVERYDAY = 30
_EVERYDAY_OLD = 400


@cache
def not_in_names() -> frozenset[str]:
    """Return the words that say little in a title, simplified."""
    return frozenset(word for _, line in lines_of_file(_LIST) for word in line.split())


@cache
def fits_a_name(word: str) -> bool:
    """Say whether a word may stand in a name: two characters or more, no amount, no person, and it says something.

    >>> [fits_a_name(word) for word in ("奶奶", "打", "四亩", "不了", "不想", "没人管", "今天", "老王")]
    [True, False, False, False, True, True, False, False]
    """
    plain = simplified(word)
    if len(plain) < 2 or plain in not_in_names() or is_a_person(plain):
        return False
    return not (_COUNTED.fullmatch(plain) or _LITTLE_NEGATED.fullmatch(plain))


@cache
def is_a_person(word: str) -> bool:
    """Say whether a word looks like what one person is called (小海, 老杨头, 李老师); kin (小姨, 奶奶) are roles.

    A name in the title of a theme says who spoke or is spoken of, and nothing of what is said.

    >>> [is_a_person(word) for word in ("小海", "老杨头", "李老师", "小姨", "小学", "老师", "老家")]
    [True, True, True, False, False, False, False]
    """
    plain = simplified(word)
    if plain in list_of("no_names.txt") or plain in list_of("titles.txt"):
        return False
    if len(plain) == 2 and plain[0] in "小阿老":
        return plain[1] not in _KIN and _is_nickname(plain)
    return _full_name().fullmatch(plain) is not None and _said(plain) < _EVERYDAY


def _is_nickname(word: str) -> bool:
    if word[0] == "老":
        return word[1] in list_of("surnames.txt") and _said(word) < _EVERYDAY_OLD
    return _said(word) < _EVERYDAY


def _said(word: str) -> int:
    return word_cutter(None).frequency(word)


@cache
def _full_name() -> re.Pattern[str]:
    surname, given = either_of(plain_surnames()), either_of(list_of("given_characters.txt"))
    title, second = either_of(list_of("titles.txt")), either_of(list_of("nickname_surnames.txt"))
    return re.compile(rf"{surname}(?:{title}|{given}{{1,2}})|[小老]{second}[头哥姐]?")


# --- What people say in one breath: phrases of a theme's passages that may stand in its name.

Words = Sequence[str]
Phrases = Mapping[str, Sequence[str]]
"""Phrases by the word that they begin or end with, the commonest first."""

_LONGEST = 8
_TEXTS = 2
_SHARE = 1 / 3
_BETWEEN = frozenset({"", "的", "和", "跟"})
_EMPTY = frozenset("说讲问要给来去叫弄搞整会能有到在先再完没想做干算看老大小多好新爸妈爷奶哥姐弟妹爹娘他她我你")


def phrases_in(texts: Sequence[str], words: Sequence[Words]) -> dict[str, list[str]]:
    """Return the phrases of a theme's passages under each of their two words, commonest first.

    ``words`` are the content words of each text, in order. A phrase is two of them side by side or joined by 的, 和 or
    跟 (语文老师, 县里的老师), or one with a word of one character that is not empty (写作业, 腿疼); eight characters in
    all at most, said in two texts or more and in a third or more of the texts that hold the word.
    """
    holders: Counter[str] = Counter(word for own in words for word in set(own))
    found: Counter[tuple[str, str, str]] = Counter()
    for text, own in zip(texts, words, strict=True):
        found.update(set(_side_by_side(text, own)))
    kept: dict[str, list[str]] = {}
    for (phrase, *both), count in sorted(found.items(), key=lambda pair: (-pair[1], -len(pair[0][0]), pair[0])):
        for word in both:
            if len(word) > 1 and count >= max(_TEXTS, _SHARE * holders[word]):
                kept.setdefault(word, []).append(phrase)
    return kept


def _side_by_side(text: str, words: Words) -> Iterator[tuple[str, str, str]]:
    places: list[tuple[int, str]] = []
    at = 0
    for word in words:
        start = text.find(word, at)
        if start >= 0:
            places.append((start, word))
            at = start + len(word)
    for (start, first), (after, second) in pairwise(places):
        phrase, between = text[start : after + len(second)], text[start + len(first) : after]
        if between in _BETWEEN and len(phrase) <= _LONGEST and _go_together(first, second, between):
            yield phrase, first, second


def _go_together(first: str, second: str, between: str) -> bool:
    if first == second or not (_may_join(first) and _may_join(second)):
        return False
    short = (len(first) == 1) + (len(second) == 1)
    return short == 0 or (short == 1 and not between)


def _may_join(word: str) -> bool:
    return simplified(word) not in _EMPTY if len(word) == 1 else fits_a_name(word)


WORDS_IN_NAME = 3
UNNAMED = "未命名"


def names_of(
    keywords: Mapping[int, Words],
    phrases: Mapping[int, Phrases] | None = None,
    common: Mapping[int, Collection[str]] | None = None,
) -> dict[int, str]:
    """Return a name for each theme: up to three telling words that share nothing, told apart if need be.

    ``keywords`` are the words of each theme, best first. Words that only one passage says (not in ``common``), words of
    one character, persons, and words that say little in a title (今天, 一直, 看见, 两个月) are passed over while there
    are others; a word stands in the commonest of its phrases (``phrases``, from ``phrases_in``).

    >>> names_of({0: ["妈妈", "妈妈打电话", "想家"], 1: ["妈妈", "想家", "看见"]})
    {0: '妈妈、想家', 1: '妈妈、想家（2）'}
    """
    names: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for theme, words in keywords.items():
        shared = words if common is None else [word for word in words if word in common[theme]]
        name = "、".join(_chosen(_best_kind(shared, words), (phrases or {}).get(theme, {}))) or UNNAMED
        taken[name] += 1
        names[theme] = name if taken[name] == 1 else f"{name}（{taken[name]}）"
    return names


def _best_kind(shared: Words, every: Words) -> Words:
    kinds = (
        [word for word in shared if fits_a_name(word)],
        [word for word in shared if len(word) > 1 and not is_a_person(word)],
        [word for word in every if fits_a_name(word)],
        [word for word in every if len(word) > 1],
        every,
    )
    return next((words for words in kinds if words), ())


def _chosen(words: Words, phrases: Phrases) -> list[str]:
    chosen: list[str] = []
    for word in words:
        if len(chosen) == WORDS_IN_NAME:
            break
        title = next((said for said in (*phrases.get(word, ()), word) if not _shares(said, chosen)), None)
        if title is not None:
            chosen.append(title)
    return chosen


def _shares(title: str, chosen: Words) -> bool:
    """Say whether a title holds, or is held by, two characters on end of one that is chosen."""
    pairs = {"".join(pair) for pair in pairwise(title)} or {title}
    return any(title in other or other in title or any(pair in other for pair in pairs) for other in chosen)


# --- The clause that stands for a theme: what people say, in their words.

_CLAUSE_LENGTHS = (4, 12)
_BREAK = re.compile(r"[^\w“”‘’《》]+|[_]")
_DIALECT_PRONOUN = re.compile("[俺咱恁侬阮伊偶您]")
_LOOSE_START = re.compile(
    "^(?:就是说?|然后|那个|这个|反正|其实|所以|因为|但是|可是|不过|而且|还有|那|就|也|又|嗯|啊|哦|对|的|了)+"
)
_LOOSE_END = re.compile("(?:的时候|就是|然后|那个|这个|因为|所以|但是|可是|[啊呀呢吧嘛哈哎呗的])+$")
_LATIN = re.compile(r"[A-Za-z0-9]")
_TELLING = 12


def clauses_in(text: str) -> list[str]:
    """Return the clauses of ``text`` that may name a theme: 4 to 12 characters, of nobody in particular.

    Fillers and connectives at the ends are left out; clauses with a person's name, a dialect pronoun, digits or Latin
    letters are passed over.

    >>> clauses_in("就是想叫妈多问一句。俺不说，小海也不说，半夜睡不着")
    ['想叫妈多问一句', '半夜睡不着']
    """
    found = []
    for piece in _BREAK.split(without_stage_notes(text)):
        clause = _LOOSE_END.sub("", _LOOSE_START.sub("", filler_pattern().sub("", piece)))
        if not _CLAUSE_LENGTHS[0] <= len(clause) <= _CLAUSE_LENGTHS[1]:
            continue
        if _LATIN.search(clause) or _DIALECT_PRONOUN.search(simplified(clause)):
            continue
        if not any(is_a_person(word) for word in word_cutter(None).cut(clause)):
            found.append(clause)
    return found


def clause_that_tells(texts: Sequence[str], telling: Sequence[str], taken: Collection[str] = ()) -> str:
    """Return the clause that says most of ``telling``, the theme's words from the most telling on, "" where none does.

    ``texts`` are passages of the theme from the most typical on. A clause counts by the words that it holds, each by
    its place among them, over the root of its length; one of a passage at the end counts three quarters of one at the
    start. It must hold two of the words, or one of the first three.
    """
    weight = {word: 1 / (2 + place) for place, word in enumerate(telling[:_TELLING])}
    best, most = "", 0.0
    for place, text in enumerate(texts):
        for clause in clauses_in(text):
            held = [word for word in weight if word in clause]
            enough = len(held) > 1 or any(word in telling[:3] for word in held)
            score = sum(weight[word] for word in held) / len(clause) ** 0.5 * (1 - 0.25 * place / len(texts))
            if enough and clause not in taken and score > most + 1e-12:
                best, most = clause, score
    return best


# --- The words that tell themes apart.

MOST_WORDS = 10
SHORT = 0.4


WORDS_TO_NAME = 30


@dataclass(frozen=True, kw_only=True)
class WordCounts:
    """The words of some texts: how often each is said, by how many it is held, both weighted, and in how many texts."""

    said: Mapping[str, float]
    held: Mapping[str, float]
    texts: Mapping[str, int]
    weight: float
    rows: int

    def __add__(self, other: "WordCounts") -> "WordCounts":
        """Return the counts of both groups of texts."""
        return WordCounts(
            said=_sum(self.said, other.said), held=_sum(self.held, other.held), texts=_sum(self.texts, other.texts),
            weight=self.weight + other.weight, rows=self.rows + other.rows,
        )  # fmt: skip


Number = TypeVar("Number", int, float)


def _sum(these: Mapping[str, Number], those: Mapping[str, Number]) -> dict[str, Number]:
    small, large = sorted((these, those), key=len)
    found = dict(large)
    for word, count in small.items():
        found[word] = found[word] + count if word in found else count
    return found


def word_counts(
    words: Sequence[Words], labels: Sequence[int], weights: Sequence[float] | None = None
) -> dict[int, WordCounts]:
    """Return the counts of each theme's words; ``words`` are those of each text, ``labels`` its theme, -1 for none."""
    places: dict[int, list[int]] = {}
    for at, label in enumerate(labels):
        if label >= 0:
            places.setdefault(int(label), []).append(at)
    return {
        theme: _counted([words[at] for at in own], [1.0 if weights is None else weights[at] for at in own])
        for theme, own in places.items()
    }


def _counted(words: Sequence[Words], weights: Sequence[float]) -> WordCounts:
    said: dict[str, float] = {}
    held: dict[str, float] = {}
    texts: Counter[str] = Counter()
    for own, weight in zip(words, weights, strict=True):
        for word in own:
            said[word] = said.get(word, 0.0) + weight
        once = dict.fromkeys(own)
        texts.update(once.keys())
        for word in once:
            held[word] = held.get(word, 0.0) + weight
    return WordCounts(said=said, held=held, texts=texts, weight=sum(weights), rows=len(words))


def telling_words(
    words: Sequence[Words],
    labels: Sequence[int],
    most: int = MOST_WORDS,
    weights: Sequence[float] | None = None,
    spread: float = 0.5,
) -> dict[int, tuple[str, ...]]:
    """Return the most telling words of each theme, best first.

    ``words`` are the content words of each text, ``labels`` its theme, -1 for none, ``weights`` how much each text
    counts, 1 where none are given. A word counts by class TF-IDF (Grootendorst 2022, arXiv:2203.05794: its share of
    the theme's words times log(1 + mean words per theme / its count overall)) times the share of the theme's texts
    that hold it to the power of ``spread``, so that one talkative passage names no theme. Words of one character
    (走, 打) say little by themselves and count 0.4 times as much. Words of one text only come last.
    """
    return telling_words_of(word_counts(words, labels, weights), most, spread)


def telling_words_of(counts: Mapping[int, WordCounts], most: int, spread: float = 0.5) -> dict[int, tuple[str, ...]]:
    """Return what ``telling_words`` does, from the counts of each theme."""
    overall: Counter[str] = Counter()
    for own in counts.values():
        for word, count in own.said.items():
            overall[word] += count  # type: ignore[assignment]
    usual = sum(overall.values()) / max(len(counts), 1)
    return {theme: ranked_words(own, overall, usual, most, spread) for theme, own in counts.items()}


def ranked_words(
    own: WordCounts, overall: Mapping[str, float], usual: float, most: int, spread: float = 0.5
) -> tuple[str, ...]:
    """Return the words of ``own`` that tell it from all, ``overall``; a group says ``usual`` words on average."""
    total, often = sum(own.said.values()), min(2, own.rows)
    score = {
        word: (count / total)
        * math.log1p(usual / overall[word])
        * (own.held[word] / own.weight) ** spread
        * (SHORT if len(word) == 1 else 1)
        for word, count in own.said.items()
    }
    return tuple(sorted(score, key=lambda word: (own.texts[word] < often, -score[word], word))[:most])


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
    return data_frame(rows, columns=list(EXAMPLE_COLUMNS), purpose="ThemeModel.examples()")


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
    return data_frame(rows, columns=list(SHARE_COLUMNS), purpose="ThemeModel.shares()")


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


def theme_row(material: Material, theme: Theme) -> dict[str, object]:
    """Return a theme's line by ``THEME_COLUMNS``, with a 95 % Wilson interval of the share who speak of it."""
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
