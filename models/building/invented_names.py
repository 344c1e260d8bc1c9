"""Invented names of people, places, schools and shops, as they are said in Mandarin talk."""

import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from lbc_themes.safeguards.privacy.entities import dictionary_words
from lbc_themes.text.names import in_order, words_of
from lbc_themes.text.words import lines_of_file

Maker = Callable[[random.Random], str]


@cache
def _parts() -> dict[str, tuple[str, ...]]:
    """Return the parts of names of ``invented_names.tsv``, by their kind."""
    rows = (line.split("\t") for _, line in lines_of_file(Path(__file__).with_suffix(".tsv")))
    return {kind: tuple(word.replace("-", "") for word in words.split(" ")) for kind, words in rows}


def _part(kind: str, chance: random.Random) -> str:
    return chance.choice(_parts()[kind])


@cache
def _named_characters() -> str:
    """Return the characters of the people's names of jieba's dictionary, each as often as it is met."""
    return "".join(word[1:] for word, _, tag in dictionary_words() if tag == "nr" and 2 <= len(word) <= 3)


@cache
def _words(tags: frozenset[str], least: int, most: int, size: int) -> tuple[str, ...]:
    rows = dictionary_words()
    return tuple(word for word, n, tag in rows if tag in tags and least <= n <= most and len(word) == size)


@cache
def _surnames() -> tuple[tuple[str, ...], tuple[str, ...]]:
    every = [word.rstrip("?") for word in in_order("surnames.txt")]
    return tuple(every[:110]), tuple(every[110:])


def surname(chance: random.Random) -> str:
    """Return a surname, in two of five cases a rare or compound one."""
    common, rare = _surnames()
    return chance.choice(common if chance.random() < 0.6 else rare)


def _given_character(chance: random.Random) -> str:
    given = sorted(words_of("given_characters.txt"))
    return chance.choice(given) if chance.random() < 0.5 else chance.choice(_named_characters())


def _given(chance: random.Random) -> str:
    return _given_character(chance) + _given_character(chance)


def _full(chance: random.Random) -> str:
    return surname(chance) + "".join(_given_character(chance) for _ in range(1 if chance.random() < 0.3 else 2))


def _doubled(chance: random.Random) -> str:
    common = (*sorted(words_of("nickname_characters.txt")), _given_character(chance), *_parts()["doubled"])
    return chance.choice(common) * 2


def _prefixed(chance: random.Random) -> str:
    return chance.choice("小小小小阿阿老大") + _given_character(chance) + chance.choice(["", "", "", "", "子", "儿"])


def _country(chance: random.Random) -> str:
    made = chance.random()
    if made < 0.35:
        return _part("nicknames", chance)
    if made < 0.85:
        return _part("nick heads", chance) + _part("nick tails", chance) + chance.choice(["", "", "", "", "儿", "子"])
    tails = (
        "老大",
        "老二",
        "老三",
        "老幺",
        "拐子",
        "麻子",
        "胖子",
        "瞎子",
        "二",
        "三",
        "大个子",
        "木匠",
        "铁匠",
        "瓦匠",
    )
    return surname(chance) + chance.choice(tails)


def _common_word(chance: random.Random) -> str:
    if chance.random() < 0.6:
        return chance.choice(sorted(words_of("words_as_names.txt")))
    return chance.choice(_words(frozenset({"n", "a", "an", "t", "z", "vn", "ns"}), 3, 2000, 2))


def _of_other_tongue(chance: random.Random) -> str:
    parts = sorted(words_of("transliterated.txt"))
    if chance.random() < 0.6:
        made = "".join(chance.choice(parts) for _ in range(chance.choice([1, 1, 2, 2])))
    else:
        made = "".join(_part("rare sounds", chance) for _ in range(chance.choice([2, 2, 3, 3, 4, 5])))
    return made + "·" + chance.choice(parts) if chance.random() < 0.05 else made


_PEOPLE: Sequence[tuple[float, Maker]] = (
    (24, _full), (16, _given), (10, _doubled), (11, _prefixed), (19, _country), (11, _common_word),
    (9, _of_other_tongue),
)  # fmt: skip


def person(chance: random.Random) -> str:
    """Return what somebody is called: a full or a given name, a nickname, a word, a name of another tongue."""
    make = chance.choices([make for _, make in _PEOPLE], [weight for weight, _ in _PEOPLE])[0]
    return make(chance)


def titled(chance: random.Random) -> tuple[str, str]:
    """Return a surname or given name, and the title that stands behind it."""
    made = chance.random()
    name = surname(chance) if made < 0.6 else _given(chance) if made < 0.85 else _full(chance)
    return name, _part("titles", chance)


def _attribute(chance: random.Random) -> str:
    made = chance.random()
    if made < 0.3:
        return _part("attributes", chance)
    if made < 0.5:
        return surname(chance) + "家"
    if made < 0.75:
        return _part("attributes two", chance)
    if made < 0.9:
        return _part("attributes", chance) + _part("attributes", chance)
    return chance.choice(_words(frozenset({"n", "nz", "a", "b", "s"}), 1, 3000, 2))


def _hamlet(chance: random.Random) -> str:
    land = _part("land", chance) if chance.random() < 0.85 else _part("land two", chance)
    return _attribute(chance) + land


def _county(chance: random.Random) -> str:
    return chance.choice(_words(frozenset({"ns"}), 1, 300, chance.choice([2, 2, 2, 3])))


def place(chance: random.Random) -> str:
    """Return a village, hamlet, small town or street."""
    made = chance.random()
    if made < 0.5:
        found = _hamlet(chance)
    elif made < 0.72:
        found = _county(chance)
    elif made < 0.8:
        found = _part("numbers", chance) + _part("classifiers", chance)
    elif made < 0.87:
        found = _given_character(chance) + chance.choice(
            [*_parts()["land"], _given_character(chance), _given_character(chance)]
        )
    elif made < 0.92:
        found = _part("attributes two", chance)
    else:
        return street(chance)
    return found + _part("place kinds", chance) if chance.random() < 0.12 and found[-1] not in "村镇乡县" else found


def street(chance: random.Random) -> str:
    """Return a street, market or housing estate."""
    core = chance.choice([_part("attributes two", chance), _given(chance), _attribute(chance), _hamlet(chance)])
    return core + _part("street", chance)


def school(chance: random.Random) -> str:
    """Return a school, by its place, its number or the name it was given."""
    if chance.random() < 0.5:
        head, number, kind = _part("school heads", chance), _part("numbers", chance), _part("school short", chance)
        return head + number + kind
    core = chance.choice([_hamlet(chance), _county(chance), _part("attributes two", chance), _given(chance)])
    return core + _part("school kinds", chance)


def shop(chance: random.Random) -> str:
    """Return a shop, factory or street by its name."""
    if chance.random() < 0.25:
        return street(chance)
    made = chance.random()
    if made < 0.6:
        core = _part("lucky", chance) + _part("lucky", chance)
    else:
        core = _part("shop heads", chance) if made < 0.8 else chance.choice([_hamlet(chance), _given(chance)])
    return core + _part("shop kinds", chance)
