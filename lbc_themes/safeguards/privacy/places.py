"""Finding places, schools, employers and offices: what the model sees, and words that end as their names do."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from lbc_themes.safeguards.privacy.entities import Found, Kind, Sight, is_everyday, is_place_word
from lbc_themes.safeguards.privacy.people import is_han
from lbc_themes.text.names import either_of, plain_surnames, rows_of, words_of

_SCHOOL_RANK, _PLACE_PATTERN, _PLACE_MODEL = 8, 4, 4
_KINDS = (
    "自治州 自治县 自治区 特别行政区 街道办事处 街道办 街道 社区 小区 居委会 村委会 开发区 新区 矿区 林场 农场 "
    "大道 公社 省 市 县 区 镇 乡 村 路 街 巷 弄"
)
ADMINISTRATIVE = f"(?:{_KINDS.replace(' ', '|')})"
_NATURAL = (
    "(?:家庄|家湾|家村|家沟|家坝|家寨|家屯|家营|家楼|家集|家店|家冲|家坪|家洼|家院子|"
    "庄|寨|屯|湾|坝|坪|岭|冲|沟|塘|垭|营|堡|圩|埠|洼|孜)"
)
_LEVEL = "(?:省|市|县|区|镇|乡|村)?"
_SORT = "实验|中心|希望|完全|附属|民族|寄宿制?|九年一贯制|职业|高级|初级|外国语|双语"
_SURE = "小学|中学|初中|高中|幼儿园|职高|中专|技校|教学点|中心校|完小|大学|学院"
SCHOOL = (
    f"(?:{_LEVEL}(?:第?[一二三四五六七八九十0-9]{{1,3}}|{_SORT}|私立|公立|师范)*"
    f"(?:{_SURE}|小学校|中学校|国小|国中|学校|村小|[一二三四五六七八九十]中|[一二三]小|实小))"
)
_SURE_SCHOOL = (
    f"(?:{_LEVEL}(?:第[一二三四五六七八九十0-9]{{1,3}}|{_SORT})*(?:{_SURE})|"
    "(?:县|市|镇|区|城关|中心|实验|希望|九年一贯制|民族|寄宿制)(?:学校|[一二三四五六七八九十][中小高]))"
)
_STOPS = (
    "的在从到去回来是我你他她它俺咱们儿归管和跟与同往向住离了着过又也都就还才把被给让叫对这那哪个些每某各本该此有没不很最更里上下中"
    "外前后边时候想要会能说讲问走进出看见读念考转搬家因为但可而或以及所于由被于靠近像当做干啥么什怎吧呢啊吗呀嗯么么哦天年月日"
)
CORE = rf"(?:(?![{_STOPS}])[\u4e00-\u9fff])"
_NO_PLACE = re.compile(r".*[室家里多上下边处厅铺间门口]|[不坐在去].*|.*族|[一二三四五六七八九十百千几两]+.?")
_TAIL = r"(?![长民支委里口上头儿部官城])"


@cache
def _place_rules() -> tuple[tuple[Kind, int, re.Pattern[str]], ...]:
    surname, after = either_of(plain_surnames()), r"(?=[，。！？；、\s的人那这]|$)"
    alone = f"(?:{surname}|[大小上下东西南北前后]){_NATURAL}"
    rules = (
        (Kind.SCHOOL, rf"({CORE}{{2,6}}?{_SURE_SCHOOL})(?!生|生活|时|毕业|部|阶段|教育)"),
        (Kind.PLACE, rf"({CORE}{{1,4}}?(?:自治县|县|镇|乡|村|街道|社区|小区|屯)){_TAIL}"),
        (Kind.PLACE, rf"({CORE}{{2,3}}(?:路|街|巷|大道))(?=[0-9０-９一二三四五六七八九十]{{1,5}}号)"),
        (Kind.PLACE, rf"(?:叫|住在?|是|在|到|去|从|[俺我]们?村)({CORE}{{1,3}}{_NATURAL}){after}"),
        (Kind.PLACE, rf"(?<![\u4e00-\u9fff])({alone}){_TAIL}{after}"),
        (Kind.PLACE, rf"(?:老?家|村|住|寨|嫁)(?:就)?(?:在|到|去)({CORE}{{2,4}})(?=[，。！？；、]|$)"),
        (
            Kind.PLACE,
            rf"(?:村|寨|组|队|屯|镇|乡|县|地方|地名|老家|那里|那儿)(?:子|里|就)?(?:名叫|叫做|叫作|叫)({CORE}{{2,4}})(?=[，。！？；、的]|$)",
        ),
        (Kind.PLACE, r"(?:住|搬到|搬去|在|去|到|进)([\u4e00-\u9fff]{2,4}(?:小区|花园|家园|新村|佳苑|公寓))"),
    )
    ranks = {Kind.SCHOOL: _SCHOOL_RANK, Kind.PLACE: _PLACE_PATTERN}
    return tuple((kind, ranks[kind], re.compile(rule)) for kind, rule in rules)


@cache
def _school() -> re.Pattern[str]:
    return re.compile(rf"(.*?)({SCHOOL})")


def is_school(word: str) -> bool:
    """Say whether ``word`` ends as the name of a school does."""
    return _school().fullmatch(word) is not None


_FROM = re.compile(rf"[我俺他她](?:们)?(?:家)?是({CORE}{{2,3}})[的人](?=[，。、！]|$)")
_CUT = re.compile(rf"[^省市县区镇乡村]{{1,}}?{ADMINISTRATIVE}")


def places(text: str, sights: Iterable[Sight], keep: frozenset[str]) -> Iterator[Found]:
    """Yield the places and schools of ``text`` (simplified characters), but for those in ``keep``."""
    for start, end, what in sights:
        word = text[start:end]
        if what == "institution" and (school := _school_in(word)):
            yield from _one(school, start, Kind.SCHOOL, _SCHOOL_RANK, keep)
        elif what == "place":
            yield from _model_place(word, start, keep)
    for kind, rank, rule in _place_rules():
        for match in rule.finditer(text):
            yield from _one(match[1], match.start(1), kind, rank, keep)
    for start, end in _home(text):
        yield from _one(text[start:end], start, Kind.PLACE, _PLACE_PATTERN, keep)


def _school_in(word: str) -> str:
    """Return the school that ``word`` is, or begins with where the model drew in one character too many."""
    whole = word if is_school(word) else ""
    return whole or next((word[:-cut] for cut in (1, 2) if len(word) > cut + 2 and is_school(word[:-cut])), "")


def _home(text: str) -> Iterator[tuple[int, int]]:
    """Yield what somebody says to be from (我是织金的), where it is no word of the dictionary or known as a place."""
    for match in _FROM.finditer(text):
        if is_place_word(match[1]):
            yield match.start(1), match.end(1)


def _model_place(word: str, start: int, keep: frozenset[str]) -> Iterator[Found]:
    if _school().fullmatch(word):
        yield from _one(word, start, Kind.SCHOOL, _SCHOOL_RANK, keep)
        return
    at = 0
    for match in _CUT.finditer(word):
        yield from _one(match[0], start + match.start(), Kind.PLACE, _PLACE_MODEL, keep)
        at = match.end()
    if len(word) - at > 1:
        yield from _one(word[at:], start + at, Kind.PLACE, _PLACE_MODEL, keep)


def _one(word: str, start: int, kind: Kind, rank: int, keep: frozenset[str]) -> Iterator[Found]:
    if not is_generic(word, keep):
        yield Found(start=start, end=start + len(word), kind=kind, rank=rank)


def is_generic(word: str, keep: frozenset[str]) -> bool:
    """Say whether ``word`` is a place that points to nobody: kept, or no name at all (村里, 县城, 镇上)."""
    core, suffix = split(word)
    if (
        not is_han(word)
        or _NO_PLACE.fullmatch(word)
        or (is_everyday(word) and word not in words_of("places_like_words.txt"))
        or word in words_of("no_places.txt")
        or word in keep
        or (core in keep and suffix in {"", "省", "市", "自治区"})
    ):
        return True
    return (
        len(core) == 0
        or core in words_of("empty_names.txt")
        or re.fullmatch(r"[\u4e00-\u9fff]", word) is not None
        or len(word) < 2
    )


def split(word: str) -> tuple[str, str]:
    """Return the name of a place or school and what kind of place it is.

    >>> split("竹寨村"), split("竹寨小学"), split("赵庄")
    (('竹寨', '村'), ('竹寨', '小学'), ('赵庄', ''))
    """
    school = _school().fullmatch(word)
    if school is not None:
        return school[1], school[2]
    match = re.fullmatch(rf"(.+?)({ADMINISTRATIVE})", word)
    return (match[1], match[2]) if match is not None else (word, "")


# Employers, hospitals, offices: what the model sees, and words that end as their names do

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
    if word.endswith(("族", *words_of("titles.txt"))):
        return False
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
