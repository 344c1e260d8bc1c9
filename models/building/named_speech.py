"""Sentences with marked names to teach the name tagger with: invented clauses, and talk into which names are put.

A marked sentence is a text and its names, slices with "person" or "place" (schools, shops and streets are places here).
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from building import invented_names as names

Name = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """A text in simplified characters and the names in it, in order."""

    text: str
    names: tuple[Name, ...] = ()


class Writer:
    """A text that is being put together, piece by piece."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.pieces: list[str] = []
        self.names: list[Name] = []
        self.length = 0

    def add(self, piece: str, kind: str = "") -> None:
        """Add a piece of text; with a ``kind``, it is a name."""
        if kind and piece:
            self.names.append((self.length, self.length + len(piece), kind))
        self.pieces.append(piece)
        self.length += len(piece)

    def add_marked(self, marked: Marked) -> None:
        """Add another marked text."""
        self.names += [(self.length + start, self.length + end, kind) for start, end, kind in marked.names]
        self.pieces.append(marked.text)
        self.length += len(marked.text)

    def done(self) -> Marked:
        """Return what was put together."""
        return Marked(text="".join(self.pieces), names=tuple(self.names))


# Clauses with slots

_SLOT = re.compile(r"\{([A-Z])\}")
_JOINS = ("、", "、", "、", "，", "，", "和", "跟", "还有", "，还有", " ")
_PLACES: dict[str, Callable[[random.Random], str]] = {"L": names.place, "S": names.school, "O": names.shop}


def templates(path: Path) -> list[str]:
    """Return the clauses with slots of ``path``."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def filled(clause: str, chance: random.Random) -> Marked:
    """Return ``clause`` with invented names in its slots."""
    writer = Writer()
    for number, part in enumerate(_SLOT.split(clause)):
        if number % 2 == 0:
            writer.add(part)
        elif part == "Q":
            _add_list(writer, chance)
        elif part == "T":
            name, title = names.titled(chance)
            writer.add(name, "person")
            writer.add(title)
        elif part in _PLACES:
            writer.add(_PLACES[part](chance), "place")
        elif part == "X":
            writer.add(names.surname(chance), "person")
        elif part == "N":
            writer.add(chance.choice(["六", "七", "八", "九", "十", "十一", "十二", "十三", "5", "9", "12"]))
        else:
            writer.add(names.person(chance), "person")
    return writer.done()


def _add_list(writer: Writer, chance: random.Random, kind: str = "person") -> None:
    join = chance.choice(_JOINS)
    for number in range(count := chance.randint(2, 4)):
        if number:
            last = number == count - 1 and chance.random() < 0.4
            writer.add(chance.choice(["和", "跟", "还有", "，还有"]) if last else join)
        writer.add(names.person(chance) if kind == "person" else names.place(chance), kind)


# Names put into talk that has none

_THIRD = r"(?<![其吉利])[他她](?!们|俩)"
_NEAR = (
    r"(?:我|俺|咱|他|她|你)?(?:弟弟|妹妹|哥哥|姐姐|同桌|表[哥姐弟妹]|堂[哥姐弟妹]|小姨|舅舅|姑姑|叔叔|儿子|女儿|孙子|孙女|闺女|媳妇|老公|"
    r"发小|同学)(?![们家的们])"
)
_PERSON_WORD = r"(?<![他她我你俺老大小])(?:老师|奶奶|爷爷|妈妈|爸爸|外婆|班长|校长|人家|别人)(?!们|家)"
_PLACE_WORD = (
    r"(?<=[去到在回从])(?:镇上|县城|县里|村里|城里|那边|那里|外地|外面|外头|老家|乡下|家里|街上|省城|国外|北京|上海|深圳|广州|这里|这边|那儿|"
    r"这儿)"
)
_SCHOOL_WORD = r"(?<=[去到在回从])(?:学校|班里|班上|教室|幼儿园|小学|初中|高中|大学)"
_WORK_WORD = r"(?<=[去到在回从])(?:厂里|工厂|工地|公司|医院|超市|单位|店里|车站|酒店|饭店)"
_YOU = r"(?:(?<=^)|(?<=[，。！？]))你(?=[^们])"
_EXCHANGE = re.compile(
    f"(?P<third>{_THIRD})|(?P<near>{_NEAR})|(?P<person>{_PERSON_WORD})|(?P<place>{_PLACE_WORD})"
    f"|(?P<school>{_SCHOOL_WORD})|(?P<work>{_WORK_WORD})|(?P<you>{_YOU})"
)
_OWN = re.compile(r"[妈爸爹娘爷奶哥姐弟妹]")


def with_names(marked: Marked, share: float, chance: random.Random) -> Marked:
    """Return ``marked`` with names in the place of pronouns, kin and places, each with the chance ``share``."""
    writer, at = Writer(), 0
    for match in _EXCHANGE.finditer(marked.text):
        taken = any(start < match.end() and match.start() < end for start, end, _ in marked.names)
        if taken or chance.random() > share:
            continue
        writer.add_marked(_part(marked, at, match.start()))
        _add_exchange(writer, match, chance)
        at = match.end()
    writer.add_marked(_part(marked, at, len(marked.text)))
    return writer.done()


def _add_exchange(writer: Writer, match: re.Match[str], chance: random.Random) -> None:
    kind = str(match.lastgroup)
    if kind in {"third", "person"}:
        if chance.random() < 0.1:
            _add_list(writer, chance)
        else:
            writer.add(names.person(chance), "person")
        if kind == "third" and _OWN.match(match.string, match.end()) and chance.random() < 0.6:
            writer.add(match[0])
    elif kind == "near":
        writer.add(match[0] if chance.random() < 0.7 else "")
        writer.add(names.person(chance), "person")
    elif kind == "you":
        writer.add(names.person(chance), "person")
        writer.add(chance.choice(["，", "，", "，", "！", "", " "]) + match[0])
    else:
        make = {"place": names.place, "school": names.school, "work": names.shop}[kind]
        writer.add(make(chance), "place")


def _part(marked: Marked, start: int, end: int) -> Marked:
    inside = tuple((a - start, b - start, kind) for a, b, kind in marked.names if start <= a and b <= end)
    return Marked(text=marked.text[start:end], names=inside)


def renamed(marked: Marked, share: float, chance: random.Random) -> Marked:
    """Return ``marked`` with other names in the place of its own, each with the chance ``share``."""
    writer, at = Writer(), 0
    for start, end, kind in marked.names:
        writer.add_marked(_part(marked, at, start))
        old = marked.text[start:end]
        if len(old) == 1 or chance.random() > share:
            writer.add(old, kind)
        elif kind == "person":
            writer.add(names.person(chance), kind)
        else:
            writer.add(_place_like(old, chance), kind)
        at = end
    writer.add_marked(_part(marked, at, len(marked.text)))
    return writer.done()


def _place_like(old: str, chance: random.Random) -> str:
    if old.endswith(("学", "中", "小", "校", "园")):
        return names.school(chance)
    if old.endswith(("店", "厂", "所", "司", "市", "行")) and len(old) > 3:
        return names.shop(chance)
    return names.place(chance)


# Turns

_MARKS = re.compile(r"[，。！？；：、]")
_STARTS = (
    *[""] * 30,
    "嗯，",
    "就是",
    "然后",
    "那个，",
    "对，",
    "后来",
    "反正",
    "因为",
    "其实",
    "我觉得",
    "那时候",
    "有时候",
    "上次",
)
_BETWEEN = ("，", "，", "，", "。", "。", " ", "")


def turn(parts: Sequence[Marked], chance: random.Random) -> Marked:
    """Return ``parts`` as one turn, in one of four cases without punctuation."""
    writer = Writer()
    writer.add(chance.choice(_STARTS))
    for number, part in enumerate(parts):
        if number and (not writer.pieces[-1] or not _MARKS.match(writer.pieces[-1][-1])):
            writer.add(chance.choice(_BETWEEN))
        writer.add_marked(part)
    if not _MARKS.match(writer.pieces[-1][-1:]):
        writer.add(chance.choice(["", "。", "。", "。", "吧。", "嘛", "呀。"]))
    whole = writer.done()
    return without_marks(whole, chance) if chance.random() < 0.25 else whole


def without_marks(marked: Marked, chance: random.Random) -> Marked:
    """Return ``marked`` without its punctuation, or with blanks in its place."""
    blank = " " if chance.random() < 0.3 else ""
    writer, at = Writer(), 0
    for match in _MARKS.finditer(marked.text):
        if any(start <= match.start() < end for start, end, _ in marked.names):
            continue
        writer.add_marked(_part(marked, at, match.start()))
        writer.add(blank)
        at = match.end()
    writer.add_marked(_part(marked, at, len(marked.text)))
    return writer.done()


_PIECE = re.compile(r"[\u4e00-\u9fff]")
_NOUNS = frozenset({"n", "vn", "s", "nz"})


def as_spoken(
    marked: Marked, cut: Callable[[str], Iterable[str]], tag: Callable[[str], str], chance: random.Random
) -> Marked:
    """Return ``marked`` with words begun twice (我我们) and 儿 behind nouns, outside names, as talk is taken down."""
    writer, at = Writer(), 0
    for start, end, kind in (*marked.names, (len(marked.text), len(marked.text), "")):
        for word in cut(marked.text[at:start]):
            if _PIECE.match(word) and chance.random() < 0.05:
                writer.add(word if chance.random() < 0.6 else word[0])
            writer.add(word)
            if len(word) == 2 and tag(word) in _NOUNS and chance.random() < 0.08:
                writer.add("儿")
        writer.add(marked.text[start:end], kind)
        at = end
    return writer.done()


def joined(parts: Sequence[Marked], chance: random.Random) -> Iterator[Marked]:
    """Yield turns of one to four neighbouring ``parts``."""
    at = 0
    while at < len(parts):
        size = chance.randint(1, 4)
        yield turn(parts[at : at + size], chance)
        at += size


# Talk whose names are found by another model

Seer = Callable[[str], Iterable[tuple[int, int, str]]]


def seen(texts: Sequence[str], see: Seer, known: Iterable[str], never: Callable[[str], bool]) -> list[Marked]:
    """Return ``texts`` with the names that ``see`` finds, and those of ``known``, wherever they stand.

    Args:
        texts: In simplified characters.
        see: What finds slices with "person", "place" or "institution".
        known: Names of people, looked up everywhere.
        never: Says of a word that it is no name, whatever ``see`` says.
    """
    lookup = sorted({word for word in known if len(word) > 1}, key=lambda word: (-len(word), word))
    rule = re.compile("|".join(map(re.escape, lookup))) if lookup else re.compile("(?!)")
    made = []
    for text in texts:
        found: list[Name] = [(m.start(), m.end(), "person") for m in rule.finditer(text)]
        for start, end, what in see(text):
            free = not any(a < end and start < b for a, b, _ in found)
            if free and end - start > 1 and not never(text[start:end]):
                found.append((start, end, "person" if what == "person" else "place"))
        made.append(Marked(text=text, names=tuple(sorted(found))))
    return made
