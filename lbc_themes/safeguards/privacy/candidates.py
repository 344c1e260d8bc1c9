"""Words that may name a person or a place: evidence of form and of context, added up.

A name that is an everyday word (高兴, 夏天), a nickname (二娃, 狗蛋) or a name in characters of another language
(阿依古丽) is told from other words by how it is used: after 叫 or 同桌, before 他妈 or 哭了, in a list of names, and
again and again. Each use weighs something. Strong evidence lets `deidentify` replace the word; weaker evidence puts it
on the list that a person looks through. The weights were set by hand on ``benchmarks/planted/hard_open.txt`` and by how
many places of ordinary interviews they list.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from lbc_themes.safeguards.privacy.entities import (
    frequency_of,
    is_everyday,
    is_name_tagged,
    is_place_tagged,
    tag_of,
    word_bounds,
)
from lbc_themes.safeguards.privacy.people import surname_of
from lbc_themes.text.names import either_of, plain_surnames, rows_of, words_of
from lbc_themes.text.words import word_cutter

LIST, MARK = 2.0, 4.5
_FURTHER = 0.5
_SHARE, _LEAST_SHARE = 0.35, 0.1
_NAMED = 2.5
_LONGEST_WORD = 4
_SURE_USE = 3.0
DOTTED_RANK = 8
_USUAL, _COMMON, _VERY_COMMON = 30, 300, 3000

_END = r"[，。！？；、：:,.!?\s”」』）)]|$"


@cache
def _words(kind: str) -> tuple[str, ...]:
    return tuple(word for row in rows_of("contexts.tsv") if row[0] == kind for word in row[1].split())


def _one_of(*kinds: str) -> str:
    return "|".join(word for kind in kinds for word in _words(kind))


_HAN_CHARACTER = "[\u3400-\u9fff]"
_NAME_CHARACTER = f"(?:(?![{''.join(_words('no'))}]){_HAN_CHARACTER})"
_ANY_CHARACTER = f"(?:(?![{''.join(_words('never'))}]){_HAN_CHARACTER}|和(?=[平美顺]))"
_TALK = re.compile(f"[{''.join(c for c in _words('no') if c not in words_of('given_characters.txt') or c == '有')}]")
_KIN = f"(?:{_one_of('kin')})"
_WITH = f"(?:{_one_of('with')})"
_CLAUSE = rf"(?:^|[，。！？；：、\s]|{_one_of('clause')})"
_BEFORE = f"(?:{_CLAUSE}|{_WITH}|的)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A slice of a text that may be a name: how strong the evidence is, and of what kind ("person" or "place")."""

    start: int
    end: int
    kind: str
    reason: str
    weight: float


@cache
def _surname() -> str:
    return either_of(words_of("surnames.txt"))


@cache
def _transliterated() -> re.Pattern[str]:
    part = either_of(words_of("transliterated.txt") - {"尕"})
    ends = rf"(?={_END}|的|是|在|说|他|她|和|跟|也|就)"
    name = rf"(?:{_ANY_CHARACTER}?{part}(?:{part}|{_NAME_CHARACTER}{{1,3}}{ends})?)"
    return re.compile(rf"{_dotted().pattern}|{name}|尕{_NAME_CHARACTER}(?:{_NAME_CHARACTER})?")


_HEAD = "[大二三四五六七八九小幺老毛狗牛猪猫虎石铁铜银金黑白胖瘦丑臭憨傻苦福喜满腊冬春秋夏秀翠]"
_NICKNAME = re.compile(
    rf"{_NAME_CHARACTER}(?:娃|蛋|妮|妞|伢|崽|囡|柱|锁|栓|娣|丫)(?:子|儿)?|[二三四五六七八九幺丑黑毛]丫头?|幺(?:妹|娃|儿|弟|女)"
    rf"|[大二三四五六七八小][壮柱胖毛牛虎宝强军红燕英]|(?:铁|狗|牛|猫|毛|柱|石|春|冬|满|金|银|福|喜)(?:蛋|娃|子|头|妹|儿|生|仔)"
    rf"|[阿]{_NAME_CHARACTER}|老[二三四五六七八幺黑白胖瘦歪拐疤猫狗牛虎毛根憨蔫]|{either_of(plain_surnames())}[二三四五六七八幺](?:娃|子|麻子|胖子|毛|狗)?|来[福喜娣弟宝财运生顺]|[招盼引迎望念想][弟娣男来]|[大小](?:头|嘴|眼|胖|黑|不点|辫子|耳朵|个子)|{_NAME_CHARACTER}(?:皮|墩|猴|猴子|胖子|瓜皮)"
)
_DIMINUTIVE = re.compile(
    rf"[小老大阿胖瘦][^们时]{{2}}|[小老阿]{_NAME_CHARACTER}[子儿]|{_NAME_CHARACTER}{{1,2}}[儿子头]|({_NAME_CHARACTER})\1头"
)
_TWICE = re.compile(rf"({_NAME_CHARACTER})\1")


def dotted_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield the slices of names whose parts are joined by a dot (阿依古丽·买买提)."""
    yield from (match.span() for match in _dotted().finditer(text))


@cache
def _dotted() -> re.Pattern[str]:
    return re.compile(rf"{_ANY_CHARACTER}{{1,6}}(?:[·•]{_ANY_CHARACTER}{{1,7}})+")


@cache
def _full_name() -> re.Pattern[str]:
    return re.compile(rf"(?:{_surname()}){_NAME_CHARACTER}{{1,2}}")


@cache
def _no_person() -> frozenset[str]:
    lists = ("no_names.txt", "titles.txt", "roles.txt", "kept_places.txt")
    nicknames = {"二娃", "老二", "老三", "老四", "老幺", "二宝", "大宝", "小宝", "长江", "黄河"}
    return frozenset().union(*(words_of(name) for name in lists)) - nicknames


_KINDRED = re.compile(
    r"[俺我你他她男女][娃孩]|娃娃|幺[爸爷奶叔姑姨舅]|[俺我你他她大二三四五六七八九十小老堂表亲干后继]*(?:爸|妈|爹|娘|爷|奶|哥|姐|弟|妹|姑|叔|婶|伯|姨|舅|嫂|公|婆|孙|孙子|侄|侄子|嬷|爸爸|妈妈"
    r"|爷爷|奶奶|哥哥|姐姐|弟弟|妹妹|叔叔|阿姨|外公|外婆|媳妇|孩|孩子|学生|同学|老师|家长|女儿|儿子|人|人家|家|家人|伙伴|男|女|男生|女生|长|爹爹|大人|朋友|亲戚)"
)


def form_weight(word: str) -> float:
    """Return how much the form of ``word`` speaks for a name of a person: unknown, rare, a nickname, a full name."""
    frequency = frequency_of(word)
    weight = 0.0
    if _transliterated().fullmatch(word):
        weight += 3.0 if "·" in word or len(word) > 2 else 2.0
    elif _NICKNAME.fullmatch(word):
        weight += 2.5 if frequency < _USUAL else 1.0
    elif _TWICE.fullmatch(word):
        weight += 2.0 if frequency < _COMMON else 0.5
    elif _full_name().fullmatch(word):
        weight += 1.5 if frequency < _USUAL else 0.5
    elif len(word) == 2 and _of_given_characters(word) and frequency < _USUAL:
        weight += 1.0
    if frequency < 3 or is_name_tagged(word):
        weight += 1.0
    elif frequency > _VERY_COMMON:
        weight -= 1.0
    elif frequency > _COMMON:
        weight -= 0.5
    return weight


@cache
def _uses() -> tuple[tuple[str, float, re.Pattern[str]], ...]:
    """Return how names are used: the reason, the weight, and an expression whose first group is the name."""
    word = rf"(?!(?!和[平美顺]){_WITH}|隔壁|对门|邻居)({_ANY_CHARACTER}{{2,4}}?)"
    other = f"{_ANY_CHARACTER}{{2,3}}"
    home = rf"家(?:里|的|离|在|住|搭|有|借|吃|玩|最|就|也|都|没|那|条件|困难|情况|真|太|穷|{_END})"
    whose = f"的(?:{_one_of('kin')}|爸爸|妈妈|爷爷|奶奶|哥哥|姐姐|弟弟|妹妹|书包|作业|座位)"
    elder = "(?:爷爷|奶奶|叔叔|阿姨|伯伯|大爷|大娘|婶婶|婶子|姐姐|哥哥|大哥|大姐)"
    aunt = rf"(?:哥|姐|婶|叔|姨|爷|奶|伯|娘|嫂)(?:{_END}|的|说|也|在|来|过|就|家|知道|给)"
    of_family = (
        "[我俺他她你咱](?:的|家)?(?:大|二|三|四|小|表|堂|亲|干)?"
        "(?:弟弟|妹妹|哥哥|姐姐|[弟妹哥姐姑姨舅婶嫂](?![弟妹哥姐姑姨舅婶嫂妈妈父夫])|舅舅|姑姑|小姨|儿子|女儿|孙子|孙女|外孙|侄子|侄女|外甥|老婆|老公|媳妇|同桌|发小)"
    )
    elder_or_aunt = "(?:婆婆|爷爷|奶奶|公公|大爷|大娘|嬢嬢|孃孃|[叔婶姨嫂伯爷奶](?![叔婶姨嫂伯爷奶]))"
    pair = f"和{other}(?:都|，?他们|，?她们|两个|一起)|跟{other}(?:都|他们|两个|打|吵|坐|换)"
    spoken_of = "，?(?:这|那)个?名字|，[他她](?:姓|叫|成绩|爸|妈|不|也|是|家)"
    rules = (
        ("naming", 3.0, rf"(?:{_one_of('naming')}){word}(?={_END}|{_one_of('after_naming')})"),
        ("kin", 3.5, rf"{of_family}{word}(?={_END}|{_one_of('after_related')})"),
        ("kin", 2.5, rf"(?:{_one_of('related')}){word}(?={_END}|{_one_of('after_related')})"),
        ("kin", 3.0, rf"{_BEFORE}{word}(?=[他她]{_KIN}|[他她]们)"),
        ("kin", 2.5, rf"{_BEFORE}{word}(?={whose})"),
        ("called", 2.0, rf"{_BEFORE}{word}(?={home})"),
        ("called", 3.0, rf"(?:{_BEFORE}|隔壁){word}(?={elder})"),
        ("called", 2.5, rf"{word}(?={elder})"),
        ("called", 2.0, rf"(?:{_BEFORE}|隔壁){word}(?={aunt})"),
        ("with", 3.0, rf"{_WITH}{word}(?={_one_of('does_with')})"),
        ("with", 1.5, rf"{_WITH}{word}(?={_END})"),
        ("does", 3.0, rf"{_CLAUSE}{word}(?={_one_of('does_to_me')})"),
        ("does", 2.0, rf"{_CLAUSE}{word}(?={_one_of('does')})"),
        ("listed", 1.5, rf"(?:、|还有){word}(?={_END}|和|跟|几个|他们|都)"),
        ("listed", 1.5, rf"{_BEFORE}{word}(?=、)"),
        ("listed", 3.0, rf"{_BEFORE}{word}(?={pair})"),
        ("as", 3.0, rf"(?:像|比如|例如){word}(?=，|、|吧|父母|家|他|她)"),
        (
            "kin",
            3.0,
            rf"[我俺他她你咱](?:爸|妈|爹|娘|爷|奶|叔|伯|舅|姑|姨|哥|姐|弟|妹|男人|婆娘|舅舅|姑姑|叔叔|哥哥|姐姐|弟弟|妹妹|同桌)({_NICKNAME.pattern}|(?P<twice>{_NAME_CHARACTER})(?P=twice))",
        ),
        ("called", 3.0, rf"(?:^|[，。！？；、：\s]|的|{_WITH}|是|有){word}(?=老师|校长|主任|阿姨|师傅|书记|会计|医生)"),
        (
            "called",
            3.0,
            rf"(?:^|[，。！？；：“]){word}[，！](?=过来|快|来[，。吃帮给拿看]|你[过来快看听给]|给我|别|回来|吃饭|出来)",
        ),
        ("naming", 3.0, rf"(?:大的|小的|老大|老二|老三|老幺|另一个)(?:叫|是)?{word}(?={_END})"),
        ("listed", 1.5, rf"有{word}，(?:还|也)?有"),
        ("listed", 2.5, rf"一个{word}，(?={_ANY_CHARACTER}?(?:还有一?|又一|一)个)"),
        ("listed", 2.5, rf"，(?:还有一?|又一|一)个{word}(?=，[^一])"),
        ("called", 3.0, rf"{_BEFORE}{word}(?={elder_or_aunt})"),
        ("does", 4.0, rf"{_CLAUSE}{word}(?={_one_of('only_people')})"),
        ("does", 3.5, rf"{word}(?=骂了?[他她我你]|打了?[他她我]|欺负|哭了|气得|生气)"),
        (
            "does",
            2.0,
            rf"{_CLAUSE}{word}(?=[说笑骂打踢推抢喊教帮带送给问跟拉拿追骗怪怨](?:梦话|[他她你它]|人家|别人|老师|同学))",
        ),
        ("named", 4.0, rf"{_CLAUSE}{word}(?={spoken_of})"),
    )
    return tuple((reason, weight, re.compile(rule)) for reason, weight, rule in rules)


def may_name_somebody(word: str) -> bool:
    """Say whether ``word`` is no kin, no role, no subject of a school, no count and no time."""
    if word in _words("taught"):
        return False
    ends = ("们", "人", "家里", "老师", "同学", "校长", "主任", "族")
    if word in _no_person() or _KINDRED.fullmatch(word) or word.endswith(ends) or _COUNTED.fullmatch(word):
        return False
    return not (len(word) == 2 and word[0] == word[1] and is_said_twice(word[0]))


_COUNTED = re.compile(
    r"(?:第?[一二三四五六七八九十两几半]+|星期|礼拜|周)(?:[年月号天点节次回遍个亩块岁斤里路些样种沓圈座把条只本张楼层期秒下堂场份日末间排行步声趟件口题位名组类套顿双只支根张页字篇句笔元角丈尺寸倍成颗粒棵朵片瓶碗盘杯桶袋箱筐车户代届轮批幢栋单元门股把]|[一二三四五六日天])份?|.*(?:时间|时候)儿?"
)


def is_said_twice(character: str) -> bool:
    """Say whether a doubled character is a way of speaking and no name: 对对, 会会, 挺挺, but not 雨雨."""
    if character in words_of("given_characters.txt"):
        return False
    return tag_of(character)[:1] in "cpdurye" or character in _words("no")


@lru_cache(maxsize=4096)
def uses(text: str) -> tuple[Candidate, ...]:
    """Return each use of a word in ``text`` (simplified characters) that speaks for a name, with its own weight."""
    return tuple(_found_uses(text))


def _found_uses(text: str) -> Iterator[Candidate]:
    cuts = word_bounds(text)
    for reason, weight, rule in _uses():
        for match in _overlapping(rule, text):
            start, end = _without_light_words(text, *match.span(1), cuts)
            word = text[start:end]
            free = reason in {"naming", "named"} or not _talk(word)
            if len(word) > 1 and free and may_name_somebody(word) and _stands_alone(start, end, cuts, word):
                yield Candidate(start=start, end=end, kind="person", reason=reason, weight=weight)
    for start, end in _rare_subjects(text, cuts):
        if may_name_somebody(text[start:end]):
            yield Candidate(start=start, end=end, kind="person", reason="does", weight=1.5)
    for start, end, reason in _after_trigger(text, cuts):
        if may_name_somebody(text[start:end]):
            yield Candidate(start=start, end=end, kind="person", reason=reason, weight=3.0)
    for start, end in _beside_names(text, cuts):
        if may_name_somebody(text[start:end]):
            yield Candidate(start=start, end=end, kind="person", reason="listed", weight=3.0)
    for rule in (_NICKNAME, _TWICE, _transliterated()):
        for match in rule.finditer(text):
            if may_name_somebody(match[0]) and _stands_alone(match.start(), match.end(), cuts, match[0]):
                yield Candidate(start=match.start(), end=match.end(), kind="person", reason="form", weight=0.0)


def _rare_subjects(text: str, cuts: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield rare words that begin a clause and are followed by a verb: 保国管过一回."""
    bounds = sorted(cuts)
    for at, after in enumerate(bounds[:-1]):
        if at and not _BREAK.match(text[after - 1]):
            continue
        for number in range(at + 1, min(at + 4, len(bounds) - 1)):
            word = text[after : bounds[number]]
            following = text[bounds[number] : bounds[number + 1]]
            rare = len(word) in {2, 3} and _NAMED_ONLY.fullmatch(word) and frequency_of(word) < _USUAL
            if (
                rare
                and not _talk(word)
                and tag_of(word) not in _ACTS
                and (tag_of(following)[:1] == "v" or (following in _FOLLOW and _likely_given(word)))
            ):
                if _stands_alone(after, bounds[number], cuts, word):
                    yield after, bounds[number]
                break


@cache
def _triggers() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<naming>{_one_of('naming')})|(?P<as>像|比如|校长是|老师是|班长是|同桌是|还有)|(?P<kin>[我俺他她你咱](?:{_one_of('kin')}))"
    )


def _after_trigger(text: str, cuts: frozenset[int]) -> Iterator[tuple[int, int, str]]:
    """Yield what looks like a name after 叫, 像 or kin, whatever follows it: speech may come without punctuation."""
    bounds = sorted(cuts)
    for match in _triggers().finditer(text):
        start = match.end()
        if start not in cuts:
            continue
        first = bisect_left(bounds, start)
        for end in reversed(bounds[first + 1 : first + 4]):
            word = text[start:end]
            if 2 <= len(word) <= 3 and _NAMED_ONLY.fullmatch(word) and _looks_like_name(word):
                yield start, end, str(match.lastgroup)
                break


def _looks_like_name(word: str) -> bool:
    """Say whether the characters alone make a name likely: a full name, a nickname, a word people are named after."""
    if word in words_of("words_as_names.txt") or (is_name_tagged(word) and frequency_of(word) < _COMMON):
        return True
    unknown = frequency_of(word) < _USUAL and not _talk(word)
    formed = (_NICKNAME, _TWICE, _transliterated(), _full_name())
    if _full_name().fullmatch(word) and surname_of(word) not in plain_surnames() and not _NICKNAME.fullmatch(word):
        return False
    return unknown and (_of_given_characters(word) or any(rule.fullmatch(word) for rule in formed))


_FOLLOW = frozenset({"在", "从", "被", "把", "跟", "也", "都", "就", "还", "不", "没", "没有", "老", "总是", "经常"})


def _likely_given(word: str) -> bool:
    return _of_given_characters(word) or is_name_tagged(word) or _NICKNAME.fullmatch(word) is not None


_BREAK = re.compile(r"[，。！？；：、\s]")
_JOINS = frozenset({"、", "和", "跟", "还有", "与", "及"})


def _beside_names(text: str, cuts: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield the members of a list (甲、乙和丙) in which another member has the form of a name."""
    bounds = sorted(cuts)
    words = [(start, end) for start, end in pairwise(bounds) if end <= len(text)]
    members: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(words):
        if text[start:end] not in _JOINS:
            continue
        before, after = _member(text, words[:number][::-1]), _member(text, words[number + 1 :])
        if not members or before != members[-1]:
            yield from _named_beside(text, members)
            members = [before] if before else []
        members += [after] if after else []
    yield from _named_beside(text, members)


def _member(text: str, words: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the slice of two or three characters that the first of ``words``, neighbours, make together, if any."""
    taken: list[tuple[int, int]] = []
    for start, end in words[:3]:
        if not _NAMED_ONLY.fullmatch(text[start:end]) or sum(b - a for a, b in taken) + end - start > 3:
            break
        taken.append((start, end))
    start, end = (min(taken)[0], max(taken)[1]) if taken else (0, 0)
    return (start, end) if 2 <= end - start <= 3 else None


def _named_beside(text: str, members: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    named = [member for member in members if form_weight(text[slice(*member)]) >= _NAMED]
    yield from (member for member in members if any(other != member for other in named))


def _overlapping(rule: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of ``rule``, those too that begin inside the one before: 跟二狗 in 跟二狗和三毛."""
    at = 0
    while (match := rule.search(text, at)) is not None:
        yield match
        at = max(match.start(1), match.start() + 1)


def _without_light_words(text: str, start: int, end: int, cuts: frozenset[int]) -> tuple[int, int]:
    """Return a slice without the words of grammar that it begins with: 后来大炮 is 大炮, 住俺姑 is 俺姑."""
    inner = sorted(at for at in cuts if start < at < end)
    while inner and end - inner[0] > 1 and not _transliterated().fullmatch(text[start:end]):
        head, rest = text[start : inner[0]], text[inner[0] : end]
        one_word = len(inner) == 1 and (frequency_of(rest) > 0 or _NICKNAME.fullmatch(rest) is not None)
        light = head in _clause_words() or (len(head) > 1 and tag_of(head)[:1] in _LIGHT)
        if not (light or (len(head) == 1 and one_word and tag_of(head)[:1] in {*_LIGHT, "v"})):
            break
        start = inner.pop(0)
    while inner and inner[-1] - start > 1 and end - inner[-1] > 1 and tag_of(text[inner[-1] : end])[:1] in _LIGHT:
        end = inner.pop()
    return start, end


_LIGHT = frozenset("cprudqfym")


@cache
def _clause_words() -> frozenset[str]:
    return frozenset(word for word in _words("clause") if _HAN_ONLY.fullmatch(word))


_HAN_ONLY = re.compile(f"{_HAN_CHARACTER}+")


def _talk(word: str) -> bool:
    """Say whether ``word`` has a character of everyday talk, and is no rare word of the dictionary for all that."""
    if _TALK.search(word) is None or _transliterated().fullmatch(word):
        return False
    return frequency_of(word) == 0 or word[0] in "我你他她这那"


def _stands_alone(start: int, end: int, cuts: frozenset[int], word: str, often: int = _USUAL) -> bool:
    """Say whether the word begins and ends where words of the dictionary do, and is one word or none that it knows."""
    if start not in cuts or end not in cuts:
        return False
    inner = sorted(at for at in cuts if start <= at <= end)
    pieces = [word[a - start : b - start] for a, b in pairwise(inner)]
    if len(pieces) == 1 or (len(pieces) < 4 and _DIMINUTIVE.fullmatch(word)):
        return True
    return all(len(piece) == 1 or frequency_of(piece) < often or not is_everyday(piece) for piece in pieces)


def nicknames_of(full: str) -> frozenset[str]:
    """Return what somebody called ``full`` is called besides, where it is no everyday word.

    >>> sorted(nicknames_of("王小雨"))
    ['小雨', '阿雨', '雨儿', '雨娃', '雨雨']
    """
    surname = surname_of(full)
    given = full[len(surname) :]
    if not surname or not 1 <= len(given) <= 2:
        return frozenset()
    made = {given} if len(given) == 2 else set()
    for character in set(given) - set("小大老阿"):
        made |= {character * 2, f"小{character}", f"阿{character}", f"{character}儿", f"{character}娃"}
    made = {word for word in made if word[0] != word[-1] or not is_said_twice(word[0])}
    return frozenset(word for word in made if frequency_of(word) < _USUAL or is_name_tagged(word))


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What the uses of a word weigh together, its best reason, and whether it is sure enough to be replaced."""

    weight: float
    reason: str
    sure: bool


def wholes(text: str) -> Iterator[tuple[int, int]]:
    """Yield unknown words that stand where names stand (叫, 同桌): a name found inside one of them is a part of it."""
    for use in uses(text):
        if use.weight >= _NAMED and frequency_of(text[use.start : use.end]) == 0:
            yield use.start, use.end


def is_talk_around(text: str, start: int, end: int, name: tuple[int, int]) -> bool:
    """Say whether a name and words of everyday talk make up a slice that nobody is said to be called: 高乐来."""
    told = any(use.reason in _TOLD and (use.start, use.end) == (start, end) for use in uses(text))
    around = text[start : name[0]] + text[name[1] : end]
    return bool(around) and not told and all(character in _words("no") for character in around)


_TOLD = frozenset({"naming", "named", "kin"})


def transliterated_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield the slices that are written as names of other languages are, neighbouring ones together."""
    start = end = -1
    for match in _transliterated().finditer(text):
        if match.start() != end:
            if end > start:
                yield start, end
            start = match.start() + (_OUR_CLASS.match(text, max(match.start() - 1, 0)) is not None)
        end = match.end()
    if end > start:
        yield start, end


_OUR_CLASS = re.compile(r"[们个这那全一二三四五六七八九十0-9]班")


def whole_place(text: str, end: int, *, place: bool) -> int:
    """Return where a small place ends of which a part was found up to ``end`` (竹仔 of 竹仔坑), or ``end``."""
    cuts = word_bounds(text)
    if end < len(text) and end + 1 in cuts and (place or end in cuts) and _ONE_LAND.match(text, end):
        return end + 1
    return end


def begun_before(text: str, start: int, end: int) -> int:
    """Return where the rare word begins that a finding cuts at its head (马河 in 饮马河), or ``start``."""
    cuts = word_bounds(text)
    if start in cuts or end not in cuts:
        return start
    first = max(at for at in cuts if at < start)
    after = min(at for at in cuts if at > start)
    rare = frequency_of(text[first:end]) < _COMMON and frequency_of(text[first:after]) < _COMMON
    return first if rare and end - first <= _LONGEST_WORD else start


def numbered_school(text: str, end: int) -> int:
    """Return where a school by its number ends that begins at ``end``, right after a place (城关二小), or ``end``."""
    match = _AFTER_PLACE.match(text, end)
    return match.end() if match else end


_AFTER_PLACE = re.compile(
    r"第?[一二三四五六七八九十0-9]{1,2}(?:中学|小学|完小|高中|初中|中(?![午间心国等])|小(?![时孩组学朋]))"
)


def crosses_words(text: str, start: int, end: int) -> bool:
    """Say whether a slice begins or ends inside a word of the dictionary (孙子平 in 孙子平安)."""
    cuts = word_bounds(text)
    return start not in cuts or end not in cuts


def weighed(texts: Iterable[str]) -> dict[str, Evidence]:
    """Return the words of ``texts`` that may name a person, with the evidence for each.

    The weight is that of the word's form, of its strongest use, and half of each further kind of use; a word that only
    has the form of a name needs a given name's characters, and an everyday word needs more evidence than a rare one.
    """
    found: dict[str, dict[str, float]] = defaultdict(dict)
    used: Counter[str] = Counter()
    given = list(texts)
    for text in given:
        for word, by_reason in _uses_by_word(text).items():
            used[word] += 1
            for reason, weight in by_reason.items():
                found[word][reason] = max(found[word].get(reason, 0.0), weight)
    evidence = {word: _evidence(word, by_reason) for word, by_reason in found.items()}
    likely = {word: e for word, e in evidence.items() if e.weight >= _least(word, e)}
    return {word: e for word, e in likely.items() if _often_a_name(word, used[word], given)}


def _uses_by_word(text: str) -> dict[str, dict[str, float]]:
    words: dict[str, dict[str, float]] = defaultdict(dict)
    for use in uses(text):
        by_reason = words[text[use.start : use.end]]
        by_reason[use.reason] = max(by_reason.get(use.reason, 0.0), use.weight)
    return words


def _often_a_name(word: str, used: int, texts: Sequence[str]) -> bool:
    """Say whether a common word is used as a name in a fair share of the turns in which it is said."""
    if frequency_of(word) < _USUAL or is_name_tagged(word):
        return True
    share = _LEAST_SHARE if word in words_of("words_as_names.txt") else _SHARE
    return used >= share * sum(word in text for text in texts)


def _evidence(word: str, by_reason: dict[str, float]) -> Evidence:
    strongest = max(by_reason, key=lambda reason: by_reason[reason])
    weight = form_weight(word) + by_reason[strongest]
    weight += _FURTHER * (sum(by_reason.values()) - by_reason[strongest])
    if strongest == "form" and _TWICE.fullmatch(word) and word[0] not in words_of("given_characters.txt"):
        weight -= 2.0
    by_form = any(rule.fullmatch(word) for rule in (_NICKNAME, _TWICE, _transliterated()))
    full = _full_name().fullmatch(word) is not None and strongest in {"naming", "kin", "listed"}
    sure = weight >= MARK and frequency_of(word) < _USUAL and (full or (by_form and strongest != "form"))
    return Evidence(weight=weight, reason=strongest, sure=sure)


def _least(word: str, evidence: Evidence) -> float:
    """Return what ``word`` must weigh to be listed: the more it is a word for acts and times, the more."""
    frequency, tag = frequency_of(word), tag_of(word)
    least = LIST
    told = evidence.reason in {"naming", "named"} or word in words_of("words_as_names.txt")
    formed = is_name_tagged(word) or _of_given_characters(word) or _NICKNAME.fullmatch(word) is not None
    if not told and not formed:
        least += frequency > 0 and tag in _ACTS
    if frequency < _COMMON:
        return least
    if word in words_of("words_as_names.txt"):
        return least
    if tag[:1] in {"c", "p", "r", "u", "y", "d", "m", "q"} or word in _words("often"):
        return 2 * MARK
    weak = evidence.weight - form_weight(word) < _SURE_USE
    return least + (weak and _TALK.search(word) is not None)


def _of_given_characters(word: str) -> bool:
    return all(character in words_of("given_characters.txt") for character in word)


_ACTS = frozenset({"v", "vd", "vi", "l", "i", "d", "f", "ad"})


# Places

_LAND = "[窝坑厝寮坳岔凼坪坝湾沟冲垭岭庄营屯寨塘岗洼塬峪凹圩埠桥铺集渡滩嘴井窑坡梁坎崖洞溪河江湖山岛港口村镇乡堡墩]"
_DIGITS = "[一二三四五六七八九十0-9０-９]"
_AT_SCHOOL = "(?<=[在到去从读是念考上进转回于，。、])"
_NUMBER_OF_SCHOOL = (
    "(?:中学|小学|完小|中心校|中心小学|职中|职高|高中|初中|中(?![午间心国等学年级场部旬秋断奖])"
    "|小(?![时孩组学朋]|姐|块|点|伙)|幼(?!儿)|高(?![个兴考中度]))"
)
_NUMBERED = re.compile(
    rf"(?:(?:[县市镇区乡省]|城[东南西北关中厢]|实验|{_AT_SCHOOL}{_NAME_CHARACTER}{{2}})?第?{_DIGITS}{{1,2}}{_NUMBER_OF_SCHOOL}"
    rf"|[县市镇区乡]中(?![心间学午医]|的)|中心校|{_AT_SCHOOL}{_NAME_CHARACTER}{{2,4}}(?:学校|教学点|村小)"
    rf")(?={_END}|的|读|上|念|在|和|跟|是|老师|学生|那边|借读|毕业|就|也|了|考|都|转|不|还|门口|旁边|里|我|他|她|去|住|来|找|接|对面|后面)"
    rf"|{_AT_SCHOOL}{_HAN_CHARACTER}{{2,3}}(?:小学|中学|教学点|村小|幼儿园|国小|国中)(?!生|毕业)"
)
_LAND_END = re.compile(f"{_LAND}$|里$")
_MILES = re.compile(r"[一二三四五六七八九十]{1,2}里(?:铺|堡|店|桥|营|庄|屯|坪|河|沟|湾|坡|墩|棚|桩)")
_GROUP = re.compile(rf"第?{_DIGITS}{{1,3}}(?:生产队|大队|小队|村民小组|队(?![伍友列])|社(?![区会]))")


def place_uses(text: str) -> Iterator[Candidate]:
    """Yield what may name a small place or a school by its number in ``text`` (simplified characters)."""
    cuts = word_bounds(text)
    for start, end in _gone_to(text, cuts):
        yield Candidate(start=start, end=end, kind="place", reason="place", weight=LIST)
    for start, end in _land_words(text, cuts):
        yield Candidate(start=start, end=end, kind="place", reason="land", weight=LIST)
    yield from _organisations(text, cuts)
    for rule, reason in ((_NUMBERED, "number_school"), (_GROUP, "number_group"), (_MILES, "land")):
        for match in rule.finditer(text):
            if match.start() in cuts and not _any_school().fullmatch(match[0]):
                yield Candidate(start=match.start(), end=match.end(), kind="place", reason=reason, weight=LIST)


@cache
def _any_school() -> re.Pattern[str]:
    """Match what is no school's name: 我们小学, 读完小学, 镇上小学."""
    plain = words_of("no_places.txt") | words_of("empty_names.txt") | words_of("kept_places.txt")
    said = "[这那哪个所间家的了过完从把我你他她们每各某前后时候几两没不念读上到在]"
    core = f".?(?:{either_of(plain)}).?|.*{said}.*|[重普公私]点?立?"
    return re.compile(
        rf"{either_of(words_of('no_places.txt'))}|(?:{core})(?:小学|中学|教学点|村小|幼儿园|国小|国中|学校)|[这那我哪].*"
    )


_ONE_LAND = re.compile(rf"{_LAND}(?={_END}|的|那|这|人|后|去|来|搬|住|就|都|也)")
_LAND_WORD = re.compile(rf"{_ANY_CHARACTER}{{1,3}}{_LAND}(?:子|上|头)?")


def _land_words(text: str, cuts: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield rare words that end as names of small places do, each as long as it can be."""
    done = 0
    for start, after in pairwise(sorted(cuts)):
        if start < done or _goes().fullmatch(text[start:after]):
            continue
        for end in range(start + 5, start + 1, -1):
            word = text[start:end]
            if end not in cuts or len(word) < end - start or not _LAND_WORD.fullmatch(word):
                continue
            alone = _stands_alone(start, end, cuts, word, _VERY_COMMON)
            if alone and frequency_of(word) < _USUAL and _may_be_place(word, sure=False):
                yield start, end
                done = end
                break


def _gone_to(text: str, cuts: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield words that stand where places stand: after 在, 到, 去, 回 and the like, or before 那边."""
    bounds = sorted(cuts)
    for match in _goes().finditer(text):
        if match.end() not in cuts:
            continue
        first = bisect_left(bounds, match.end())
        for number in range(first + 1, min(first + 5, len(bounds))):
            start, end = match.end(), bounds[number]
            word = text[start:end]
            if not 2 <= end - start <= 5 or not _NAMED_ONLY.fullmatch(word) or _never_first().match(word):
                continue
            following = text[end : bounds[number + 1]] if number + 1 < len(bounds) else ""
            sure = _SURE_SPOT.match(text, end) is not None
            stands = _spot().match(text, end) is not None or tag_of(following)[:1] == "v" or is_place_tagged(word)
            stands = stands or (following == "了" and frequency_of(word) < _USUAL and tag_of(word) not in _ACTS)
            head = text[start : bounds[first + 1]]
            if end - start > len(head) and tag_of(head)[:1] in {*_LIGHT, "v"} and not _LAND_END.search(word):
                continue
            if stands and _may_be_place(word, sure=sure) and _stands_alone(start, end, cuts, word, _VERY_COMMON):
                yield start, end
                break


@cache
def _goes() -> re.Pattern[str]:
    there = rf"(?:{_CLAUSE}|的)(?={_ANY_CHARACTER}{{2,4}}(?:那边|那里|那儿|那头))"
    return re.compile(f"(?:{_one_of('goes')}|{there})")


@cache
def _never_first() -> re.Pattern[str]:
    return re.compile(f"{_one_of('goes')}|{_WITH}")


@cache
def _spot() -> re.Pattern[str]:
    return re.compile(f"{_END}|{_one_of('spot')}")


_SURE_SPOT = re.compile(_one_of("sure_spot"))


def _organisations(text: str, cuts: frozenset[int]) -> Iterator[Candidate]:
    """Yield words before what says an employer, a shop or a charity, as far back as they may belong to its name."""
    for match in _organisation_rule().finditer(text):
        starts = [at for at in range(match.start() - 4, match.start() - 1) if at >= 0 and at in cuts]
        for start in starts:
            word = text[start : match.start()]
            if _NAMED_ONLY.fullmatch(word) and may_name_somebody(word) and not _is_common(word):
                yield Candidate(start=start, end=match.end(), kind="place", reason="organisation", weight=LIST)
                break


@cache
def _organisation_rule() -> re.Pattern[str]:
    return re.compile(f"(?:{_one_of('organisation')}|(?=的?(?:志愿者|社工|义工)))")


_NAMED_ONLY = re.compile(f"{_ANY_CHARACTER}+")


def _is_common(word: str) -> bool:
    """Say whether ``word`` is made of nothing but words that everybody says."""
    return all(
        frequency_of(piece) >= _COMMON for piece in word_cutter().known_words(word) if len(piece) > 1 or len(word) < 3
    )


_IN_PLACES = "半分回明天月日书作得水电对一两上下前后左右中里外头河口学校书机车门水"
_NO_PLACE_CHARACTER = re.compile(f"[{''.join(c for c in _words('no') if c not in _IN_PLACES)}]")


_OPENINGS = ("门口", "路口", "村口", "巷口", "窗口", "校门口", "街口", "洞口", "胸口", "伤口", "楼梯口")


def _may_be_place(word: str, *, sure: bool) -> bool:
    frequency = frequency_of(word)
    if (
        word in words_of("no_places.txt")
        or word in words_of("kept_places.txt")
        or word in _words("nature")
        or not may_name_somebody(word)
    ):
        return False
    if is_place_tagged(word):
        return True
    inside = word[-1] == "里" and not (frequency == 0 and len(word) == 2 and tag_of(word[0])[:1] == "v")
    if _NO_PLACE_CHARACTER.search(word) or inside or word[-1] in "上下外边" or word.endswith(_OPENINGS):
        return False
    if sure and frequency < _COMMON:
        return True
    return frequency < _USUAL or word in words_of("places_like_words.txt")
