"""Finding employers, hospitals, offices and helpers: what the model sees, and words that end as their names do."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from lbc_themes.privacy.everyday import is_everyday, is_place_word
from lbc_themes.privacy.found import Found
from lbc_themes.privacy.kinds import Kind
from lbc_themes.privacy.model import Sight
from lbc_themes.privacy.persons import is_han
from lbc_themes.privacy.places import CORE, is_school
from lbc_themes.privacy.tables import either_of, rows_of, words_of

_MODEL, _PATTERN = 5, 4
_NO_NAME = re.compile(r"[我你他她它俺咱们把被给让去到来在搁拉送进住从的了着过这那哪谁么不没是有跟个叫]")
_WORKS = re.compile(rf"在({CORE}{{2,4}})(?:上班|打工|干活|做工|打螺丝|送外卖|跑运输)")
_NOT_THERE = re.compile(r"[里上下边面头家外内这那哪厂村镇县市省城区乡地方]")
_NAMED = re.compile(r"[A-Za-z]{2,}")


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(word for row in rows_of("organisations.tsv") if row[0] == kind for word in row[1].split())


@cache
def _ending() -> str:
    trade = either_of(_words("trade"))
    return f"(?:{trade}?(?:厂|城|店|行|(?:{either_of(_words('type'))}))|{trade})"


@cache
def _typed() -> re.Pattern[str]:
    """Match a name and what kind of organisation it is, the kind as long as can be."""
    trade, kind = either_of(_words("trade")), either_of(_words("type"))
    return re.compile(rf"(.*?)((?:{trade})?(?:{kind}|厂)|{trade})")


@cache
def _rules() -> tuple[re.Pattern[str], ...]:
    kind, trade = either_of(_words("type")), either_of(_words("trade"))
    sure = f"(?:(?:{trade})?{kind}|(?:{trade})厂)"
    return (
        re.compile(rf"({CORE}{{2,6}}?{sure})"),
        re.compile(rf"(?:在|去|进|给|从|到|是|叫|[，。、\s]|^)([\u4e00-\u9fff]{{2,4}}?{sure})"),
    )


def organisations(text: str, sights: Iterable[Sight], keep: frozenset[str]) -> Iterator[Found]:
    """Yield the employers and institutions of ``text`` (simplified characters); schools are found elsewhere."""
    for start, end, what in sights:
        ends = bool(split_organisation(text[start:end])[1]) or _goes_on(text, end)
        if what == "institution" or (what == "place" and ends):
            stop = _end(text, end)
            if _names_one(text[start:stop], keep, seen=True):
                yield Found(start=start, end=stop, kind=Kind.ORGANISATION, rank=_MODEL)
    for match in _WORKS.finditer(text):
        if is_place_word(match[1]) and not _NOT_THERE.search(match[1]) and match[1] not in keep:
            yield Found(start=match.start(1), end=match.end(1), kind=Kind.ORGANISATION, rank=_PATTERN)
    for rule in _rules():
        for match in rule.finditer(text):
            if _names_one(match[1], keep, seen=False):
                yield Found(start=match.start(1), end=match.end(1), kind=Kind.ORGANISATION, rank=_PATTERN)


@cache
def _next() -> re.Pattern[str]:
    return re.compile(_ending())


def _goes_on(text: str, end: int) -> bool:
    match = _next().match(text, end)
    return match is not None and match[0] not in {"城", "店", "行"}


def _end(text: str, end: int) -> int:
    match = _next().match(text, end) if _goes_on(text, end) else None
    return match.end() if match else end


def _names_one(word: str, keep: frozenset[str], *, seen: bool) -> bool:
    """Say whether ``word`` is the name of an organisation, and not merely what kind of thing it is (镇卫生院)."""
    if is_school(word) or word in _words("kept") or word in keep or word in words_of("no_places.txt"):
        return False
    core, kind = split_organisation(word)
    if core in keep or _is_plain(core) or _NO_NAME.search(core):
        return False
    if not is_han(word):
        return seen and _NAMED.fullmatch(word) is not None
    if not kind:
        return seen and len(word) > 1 and not is_everyday(word)
    return len(core) > 1 and (seen or not is_everyday(core)) and not core.endswith(("的", "家", "个", "间", "所"))


def _is_plain(core: str) -> bool:
    """Say whether ``core`` is made of nothing but words that name nothing."""
    plain = _words("plain")
    reached = {0}
    for end in range(1, len(core) + 1):
        if any(start in reached and core[start:end] in plain for start in range(max(0, end - 4), end)):
            reached.add(end)
    return len(core) in reached


def split_organisation(word: str) -> tuple[str, str]:
    """Return the name of an organisation and what kind it is.

    >>> split_organisation("鑫辉电子厂"), split_organisation("富士康")
    (('鑫辉', '电子厂'), ('富士康', ''))
    """
    match = _typed().fullmatch(word)
    return (match[1], match[2]) if match is not None else (word, "")
