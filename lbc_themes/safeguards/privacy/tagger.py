"""How likely each character of a text stands in a name: a linear model over characters, words and their neighbours.

Each character is described by the characters around it, by the words of jieba's dictionary around it (their length,
frequency and tag), and by the lists of surnames, of characters of given names and of the ends of small places. Each
description has a weight for every tag, so a name that nobody has met is told by how it is made and where it stands.
Multinomial logistic regression, features hashed (Weinberger et al. 2009, arXiv:0902.2206); see
``models/name-tagger-zh/README.md`` for what it learned from.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.assets import model_folder
from lbc_themes.safeguards.privacy.entities import frequency_of, is_name_tagged, is_place_tagged, tag_of
from lbc_themes.safeguards.privacy.people import Dictionary
from lbc_themes.text.names import plain_surnames, rows_of, words_of
from lbc_themes.text.words import word_cutter

TAGS = ("outside", "person begins", "person goes on", "place begins", "place goes on")
BITS = 18
PARTED = "\n\n\n"
_EDGE = 3
_NOTHING = np.uint64(1)

Codes = NDArray[np.uint64]
Floats = NDArray[np.float32]


def features(text: str) -> NDArray[np.int64]:
    """Return the numbers of the features of each character of ``text`` (simplified), shape (characters, features).

    Lines that are parted by `PARTED` do not see each other.
    """
    text = PARTED + text + PARTED
    characters = np.array([_code(character) for character in text], np.uint64)
    classes = np.array([_classes(character) for character in text], np.uint64)
    of_word, before, after, tags = _of_words(text)
    c = {at: _moved(characters, at) for at in range(-_EDGE, _EDGE + 1)}
    k = {at: _moved(classes, at) for at in range(-2, 3)}
    w = {at: _moved(of_word, at) for at in (-1, 0, 1)}
    pairs = {at: _moved(_pairs(text), at) for at in (-1, 0, 1)}
    twice = (c[0] == c[1]).astype(np.uint64) + 2 * (c[-1] == c[0]).astype(np.uint64)
    described = (
        (c[0],), (c[-1],), (c[1],), (c[-2],), (c[2],), (c[-3],), (c[3],),
        (c[-2], c[-1]), (c[-1], c[0]), (c[0], c[1]), (c[1], c[2]), (c[-3], c[-2]), (c[2], c[3]),
        (c[-1], c[1]), (c[-1], c[2]), (c[-1], c[3]), (c[-2], c[1]), (c[-2], c[2]), (c[-3], c[1]),
        (c[-3], c[-2], c[-1]), (c[-2], c[-1], c[0]), (c[-1], c[0], c[1]), (c[0], c[1], c[2]), (c[1], c[2], c[3]),
        (k[0],), (k[-1], k[0]), (k[0], k[1]), (k[-1], k[0], k[1]), (k[0], k[1], k[2]), (k[-2], k[-1], k[0]),
        (w[0],), (w[-1], w[0]), (w[0], w[1]), (w[-1], w[0], w[1]), (w[0], k[0]), (w[0], k[0], k[1]),
        (before,), (after,), (before, w[0]), (w[0], after), (before, after), (before, k[0]), (k[0], after),
        (tags,), (tags, k[0]), (pairs[-1], pairs[0]), (pairs[0], k[0]), (pairs[-1], pairs[0], pairs[1], twice),
        (twice, k[0]), (c[-1], w[0]), (c[1], w[0]), (c[-1], k[0], k[1]), (c[1], k[-1], k[0]), (c[2], k[0], k[1]),
        (c[-2], k[-1], k[0]),
    )  # fmt: skip
    inside = slice(len(PARTED), len(text) - len(PARTED))
    return np.stack([_hashed(number, parts)[inside] for number, parts in enumerate(described)], axis=1)


def _hashed(number: int, parts: Sequence[Codes]) -> NDArray[np.int64]:
    mixed = np.full(len(parts[0]), number + 1, np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for part in parts:
        mixed = (mixed ^ part) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _moved(codes: Codes, by: int) -> Codes:
    """Return at each place the code ``by`` places further on, and 1 beyond the ends."""
    padded = np.concatenate([np.full(_EDGE, _NOTHING), codes, np.full(_EDGE, _NOTHING)])
    return padded[_EDGE + by : _EDGE + by + len(codes)]


_STOPS = dict.fromkeys("。！？；：:!?;…\n\r\t 　", "，") | {",": "，"}


@lru_cache(maxsize=16384)
def _code(character: str) -> int:
    if character.isdigit():
        return ord("0")
    if character.isascii() and character.isalpha():
        return ord("a")
    return ord(_STOPS.get(character, character))


_LAND = (
    "窝坑厝寮坳岔凼坪坝湾沟冲垭岭庄营屯寨塘岗洼塬峪凹圩埠桥铺集渡滩嘴咀井窑坡梁坎崖洞溪河江湖"
    "山岛港口村镇乡堡墩县市区路街巷里坊坞庙潭泉岩石门店台坨峁埭"
)
_NUMBERS = "一二三四五六七八九十两几零百千万半第0123456789"
_HEADS = "大小老阿幺二三四五六七八九狗猫牛虎铁石黑胖毛"
_TAILS = "娃蛋妮妞伢崽囡柱锁栓娣丫毛牛虎狗子儿仔妹弟哥宝壮墩胖根生喜贵财旺福顺娥"
_TRADE = "厂店校中小学院所矿场司行吧馆部社"


@cache
def _lists() -> tuple[frozenset[str], ...]:
    rows = {row[0]: row[1].split() for row in rows_of("contexts.tsv")}
    surnames = frozenset(word for word in words_of("surnames.txt") if len(word) == 1)
    compound = frozenset("".join(word for word in words_of("surnames.txt") if len(word) > 1))
    return (
        plain_surnames() & surnames, surnames - plain_surnames(), compound, words_of("given_characters.txt"),
        words_of("nickname_characters.txt"), frozenset("".join(words_of("transliterated.txt"))), frozenset(_LAND),
        frozenset(_NUMBERS), frozenset(_HEADS), frozenset(_TAILS), frozenset(_TRADE), frozenset(rows["never"]),
        frozenset(rows["no"]), frozenset("".join(rows["kin"])),
    )  # fmt: skip


@lru_cache(maxsize=16384)
def _classes(character: str) -> int:
    """Return which lists a character is in, as bits; what is no Chinese character has a bit of its own."""
    bits = sum(1 << number for number, members in enumerate(_lists()) if character in members)
    return bits + (0 if "\u3400" <= character <= "\u9fff" else 1 << 20)


@lru_cache(maxsize=65536)
def _word(word: str) -> tuple[int, int, int]:
    """Return what describes a word: its length, how frequent it is and its tag, as codes, and the word's own code."""
    often = _often(word)
    tag = crc32(tag_of(word)[:2].encode()) & 0xFFFF
    own = crc32(word.encode()) if "\u3400" <= word[0] <= "\u9fff" else _code(word[0])
    return (min(len(word), 5) << 20) + (often << 16) + tag, tag, own + (1 << 33)


@lru_cache(maxsize=65536)
def _often(word: str) -> int:
    frequency = frequency_of(word)
    return int(np.searchsorted([1, 3, 30, 300, 3000, 30000], frequency, side="right"))


def _of_words(text: str) -> tuple[Codes, Codes, Codes, Codes]:
    """Return for each character its word and place in it, the words before and after, and the tags of the three."""
    words = list(word_cutter().known_words(text))
    described = [_word(word) for word in words]
    shape, before, after, tags = [], [], [], []
    for number, word in enumerate(words):
        form, tag, _ = described[number]
        last, next_ = described[number - 1] if number else (1, 1, 1), (*described, (1, 1, 1))[number + 1]
        for at in range(len(word)):
            shape.append((form << 3) + min(at, 3) + 4 * (at == len(word) - 1))
            before.append(last[2])
            after.append(next_[2])
            tags.append((last[1] << 32) + (tag << 16) + next_[1])
    return tuple(np.array(codes, np.uint64) for codes in (shape, before, after, tags))  # type: ignore[return-value]


def _pairs(text: str) -> Codes:
    """Return for each character how frequent the word is that it makes with the next, and its tag."""
    codes = [(_often(a + b) << 16) + (crc32(tag_of(a + b)[:2].encode()) & 0xFFFF) for a, b in pairwise(text)]
    return np.array([*codes, 0][: len(text)], np.uint64)


@cache
def _weights() -> tuple[Floats, Floats]:
    from safetensors.numpy import load_file

    stored = load_file(model_folder("name-tagger-zh") / "model.safetensors")
    return stored["weights"].astype(np.float32) * stored["scale"], stored["intercept"]


@lru_cache(maxsize=8192)
def probabilities(text: str) -> Floats:
    """Return how likely each character of ``text`` (simplified) has each of `TAGS`, shape (characters, tags)."""
    if not text:
        return np.zeros((0, len(TAGS)), np.float32)
    weights, intercept = _weights()
    scores = weights[features(text)].sum(axis=1) + intercept
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)


# Names, from the probabilities of characters

SURE, EDGE, GOES_ON, NEVER = 0.85, 0.8, 0.4, 0.03
DOUBTED, DOUBTED_AT_MOST = 0.12, 0.25
_OFTEN, _USED_AS_NAME, _USED_AS_LIKELY_NAME, _RARE_AS_NAME = 30, 0.6, 0.25, 0.55


@dataclass(frozen=True, kw_only=True, slots=True)
class Tagged:
    """A slice of a text that may be a name, its kind ("person" or "place"), and how sure it is, edges included."""

    start: int
    end: int
    kind: str
    sure: float


@lru_cache(maxsize=8192)
def tagged(text: str) -> tuple[Tagged, ...]:
    """Return what the most likely tags of ``text`` (simplified characters) make names, in order.

    How sure one is, is the least of the probabilities of its characters' tags and of its end.
    """
    chances = probabilities(text)
    tags = _best_tags(chances)
    found = []
    for start, tag in enumerate(tags):
        if tag in _BEGINS:
            end = next((at for at in range(start + 1, len(text)) if tags[at] != tag + 1), len(text))
            ends = 1 - chances[end, tag + 1] if end < len(text) else 1.0
            sure = min(ends, *(chances[at, tags[at]] for at in range(start, end)))
            found.append(Tagged(start=start, end=end, kind=TAGS[tag].split()[0], sure=float(sure)))
    return tuple(found)


_BEGINS = (1, 3)
_LEAST = 1e-6


def _best_tags(chances: Floats) -> list[int]:
    """Return the most likely tags together, in which a name goes on only where one of its kind began (Viterbi)."""
    logs = np.log(chances + _LEAST)
    allowed = np.array([[b not in {2, 4} or a in {b, b - 1} for b in range(len(TAGS))] for a in range(len(TAGS))])
    barred = np.where(allowed, 0.0, -np.inf)
    best = np.where([tag == 0 for tag in range(len(TAGS))], 0.0, -np.inf)
    came: list[NDArray[np.int64]] = []
    for row in logs:
        ways = best[:, None] + barred
        came.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + row
    tags = [int(best.argmax())] if came else []
    for back in reversed(came[1:]):
        tags.append(int(back[tags[-1]]))
    return tags[::-1]


@lru_cache(maxsize=8192)
def doubted(text: str) -> tuple[tuple[int, int], ...]:
    """Return runs of characters of which each may be a part of a name and one is likely to be: doubtful edges stay."""
    chances = inside(text, 0, len(text))
    runs, start = [], None
    for at, chance in enumerate([*chances, 0.0]):
        if chance >= DOUBTED and start is None:
            start = at
        elif chance < DOUBTED and start is not None:
            if at - start > 1 and max(chances[start:at]) >= DOUBTED_AT_MOST:
                runs.append((start, at))
            start = None
    return tuple(runs)


def inside(text: str, start: int, end: int) -> Floats:
    """Return how likely each character of a slice of ``text`` (simplified) is to stand in some name."""
    return np.asarray(1 - probabilities(text)[start:end, 0], np.float32)


def whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a slice of ``text`` that is a name or a part of one, with the characters beside it that belong to it."""
    chances = probabilities(text)
    begins, goes_on = chances[:, list(_BEGINS)].sum(axis=1), chances[:, [tag + 1 for tag in _BEGINS]].sum(axis=1)
    while start > 0 and goes_on[start] > begins[start] and begins[start - 1] + goes_on[start - 1] >= GOES_ON:
        start -= 1
    while end < len(text) and goes_on[end] >= GOES_ON:
        end += 1
    return start, end


def agreed(words: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Return those of ``words`` that somewhere in ``texts`` begin and end where the tagger sees a name (not 旺堆爱)."""
    found = set()
    sought = Dictionary(words)
    for text in texts:
        for start, end in sought.find(text):
            chances = inside(text, start, end)
            if min(chances[0], chances[-1]) >= DOUBTED:
                found.add(text[start:end])
    return found


def suspected(texts: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """Return for each of ``texts`` its runs (see `doubted`) but words that are no names in most of their uses.

    A word that everybody knows (眼镜, 海滩, 小说儿) stays where it looks like a name on average over all its uses; one
    that people are named after (高兴, 石头) needs less.
    """
    runs = {text: doubted(text) for text in texts}
    known = {text[a:b]: _known(text[a:b]) for text, some in runs.items() for a, b in some}
    chances: dict[str, list[float]] = defaultdict(list)
    words = Dictionary({word for word in known.values() if word})
    for text in runs:
        for start, end in words.find(text):
            chances[text[start:end]].append(float(max(inside(text, start, end))))
    names = {word for word, each in chances.items() if sum(each) / len(each) >= _least(word)}
    free = {run for run, word in known.items() if word in names}
    rare = {run for run, word in known.items() if not word}
    return {
        text: [
            (a, b)
            for a, b in some
            if text[a:b] in free or (text[a:b] in rare and max(inside(text, a, b)) >= _RARE_AS_NAME)
        ]
        for text, some in runs.items()
    }


def _known(run: str) -> str:
    """Return the everyday word that a run is, without 儿 behind it, or nothing."""
    for word in (run, run.removesuffix("儿")):
        if frequency_of(word) >= _OFTEN and not is_name_tagged(word):
            return word
    return ""


def _least(word: str) -> float:
    likely = word in words_of("words_as_names.txt") or is_place_tagged(word) or word[0] == word[-1]
    return _USED_AS_LIKELY_NAME if likely else _USED_AS_NAME
