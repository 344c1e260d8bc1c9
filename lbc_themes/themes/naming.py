"""Working titles for themes, from their most telling words and the phrases that people say."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from lbc_themes.text.fillers import filler_pattern, without_stage_notes
from lbc_themes.text.names import either_of, plain_surnames
from lbc_themes.text.names import words_of as list_of
from lbc_themes.text.simplify import simplified
from lbc_themes.text.word_tables import lines_of_file
from lbc_themes.text.words import word_cutter

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
