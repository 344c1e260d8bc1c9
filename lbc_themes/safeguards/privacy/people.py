"""Finding people: names that the study knows, forms that only names have, and what the model sees."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from lbc_themes.safeguards.privacy.entities import Found, Kind, Sight, is_everyday, tag_of, word_bounds
from lbc_themes.text.names import either_of, plain_surnames, rows_of, words_of

# How a Chinese name is said: 王小雨, 小雨, 王老师, 老王, 阿雨, 雨雨 are forms of the same few parts

_PREFIXES = "小老阿大"
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_KIN = re.compile(r"([\u4e00-\u9fff]{1,3})([叔婶姨哥姐嫂伯爷总])$")
_LONGEST_GIVEN = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """A form of a name: what stays as it is around the surname and the given name.

    ``last`` is set where the form holds only the last character of the given name ``given`` (阿强 of 志强), as often
    as it is said (强强).
    """

    before: str = ""
    surname: str = ""
    given: str = ""
    after: str = ""
    last: int = 0


@cache
def _title() -> re.Pattern[str]:
    return re.compile(rf"(.+?)({either_of(words_of('titles.txt'))})$")


def surname_of(word: str) -> str:
    """Return the surname that ``word`` begins with, or nothing."""
    return next(
        (word[:size] for size in (2, 1) if word[:size] in words_of("surnames.txt") and len(word[:size]) == size), ""
    )


def is_han(word: str) -> bool:
    """Say whether ``word`` is written in Chinese characters alone."""
    return _HAN.fullmatch(word) is not None


def parts_of(form: str, *, givens: Collection[str], by_last: Mapping[str, str]) -> Parts:
    """Take a form of a name (simplified characters) apart.

    Args:
        form: What is said.
        givens: Given names known from full names of the study.
        by_last: The given name by its last character, where only one known given name ends in it.

    >>> parts_of("王老师", givens=(), by_last={})
    Parts(before='', surname='王', given='', after='老师', last=0)
    >>> parts_of("阿强", givens=("志强",), by_last={"强": "志强"})
    Parts(before='阿', surname='', given='志强', after='', last=1)
    """
    titled = _title().match(form) or _KIN.match(form)
    if titled is None:
        return _bare(form, "", givens, by_last)
    return _bare(titled[1], titled[2], givens, by_last)


def _bare(word: str, after: str, givens: Collection[str], by_last: Mapping[str, str]) -> Parts:
    if word in givens or not is_han(word):
        return Parts(given=word, after=after)
    if len(word) == 1 and after:
        return _single_character(word, after, by_last)
    if len(word) == 2 and word[0] in _PREFIXES:
        return _nickname(word, after, by_last)
    if len(word) == 2 and word[0] == word[1]:
        return _doubled(word, after, by_last)
    surname = surname_of(word)
    if surname == word:
        return Parts(surname=surname, after=after)
    if surname and len(word) - len(surname) <= _LONGEST_GIVEN:
        return Parts(surname=surname, given=word[len(surname) :], after=after)
    return Parts(given=word, after=after)


def _single_character(word: str, after: str, by_last: Mapping[str, str]) -> Parts:
    if word in by_last and word not in plain_surnames():
        return Parts(given=by_last[word], after=after, last=1)
    return Parts(surname=word, after=after) if word in words_of("surnames.txt") else Parts(given=word, after=after)


def _nickname(word: str, after: str, by_last: Mapping[str, str]) -> Parts:
    if word[1] in by_last:
        return Parts(before=word[0], given=by_last[word[1]], after=after, last=1)
    if word[1] in words_of("surnames.txt"):
        return Parts(before=word[0], surname=word[1], after=after)
    return Parts(given=word, after=after)


def _doubled(word: str, after: str, by_last: Mapping[str, str]) -> Parts:
    if word[0] in by_last:
        return Parts(given=by_last[word[0]], after=after, last=len(word))
    return Parts(given=word, after=after)


_KNOWN, _PATTERN, _MODEL = 7, 6, 5
_SHARE = 0.3
_RELATED = (
    "(?:姐姐|哥哥|弟弟|妹妹|同桌|同学|闺女|女儿|儿子|孙子|孙女|外孙|侄子|侄女|外甥|表[哥姐弟妹]|堂[哥姐弟妹]|嫂子|大名)"
)
_BEFORE_TITLED = "(?:[过的找跟和给问让被把在到是听]|告诉|姓|语文|数学|英语|体育|音乐|美术|班主任|主任)"
_BY_CHARACTERS = "(?#by characters)"  # marks the rule that goes by characters alone
_OFFICE = "(?:老师|校长|主任|书记|主席|园长|院长|医生|大夫|会计|村长|镇长|支书|经理|教练|师傅)"
# Surnames that stand before an office as other words: 班老师, 原校长, 位老师, 总经理.
_NO_OFFICE = frozenset("班原位代单公东和全党支管常山水平双习养母国师言展由补通充利赛买才须战练初终总副")
_WORD_ENDS = "业家园林才的"
_LIST = re.compile(r"[\u4e00-\u9fff]{2,12}(?:、[\u4e00-\u9fff]{2,12})+")
_GRAMMAR = frozenset("那有都能过后让对当经家从和向于别时全应管候明幸匙成关连边")
_NO_NAME = re.compile(
    r"莫[管学说去来哭怕要得想做动看听讲喊吵闹].*|[俺我你他她它咱那这哪].*|[一二三四五六七八九十大小老堂表俺]+[叔婶姑姨舅伯爷奶娘爹妈爸哥姐弟妹嫂公婆孙]|.儿|.*族|.*(?:甲|头儿|妮儿|娃儿|个)"
)
_TRIMMED = re.compile(r"([小老][\u4e00-\u9fff])[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.\-]+(?: [A-Z][A-Za-z'’.\-]+)*")
_CODE = r"[A-Za-z]{0,3}[-_]?\d{0,4}"
_NUMBER = r"\s*[-_]?[\dA-Za-z一二三四五六七八九十甲乙丙]{0,4}"
_SAID_AFTER = r"(?=[，。！？；、：:,.!?\s）)”」』]|的|是|说|讲|和|跟|他|她|今年|在|也|就|啊|吧|呀|嘛|呢|$)"
_NOT_GIVEN = r"(?![的了是在我你他她也就都和说来去这那有没不么啥什])"


@cache
def _generic() -> re.Pattern[str]:
    return re.compile(f"{_CODE}|{either_of(words_of('roles.txt'))}{_NUMBER}", re.IGNORECASE)


@cache
def _rules() -> tuple[tuple[int, re.Pattern[str]], ...]:
    surname, every = either_of(plain_surnames()), either_of(words_of("surnames.txt") - _GRAMMAR)
    every_office = either_of(words_of("surnames.txt") - _GRAMMAR - _NO_OFFICE)
    title, second = either_of(words_of("titles.txt")), either_of(words_of("nickname_surnames.txt"))
    common, nick = either_of(words_of("given_characters.txt")), either_of(words_of("nickname_characters.txt"))
    before = rf"(?:^|[，。！？；、：\s]|{_BEFORE_TITLED})"
    given = rf"(?:{_NOT_GIVEN}[\u4e00-\u9fff]){{1,2}}?"
    return (
        (1, re.compile(rf"({surname}{title})")),
        (1, re.compile(rf"{before}((?:{every}){title})")),
        (1, re.compile(rf"{_BY_CHARACTERS}((?:{every_office}){_OFFICE})")),
        (
            1,
            re.compile(
                rf"{before}({surname}[大二三四五六幺小老]?(?:爷|叔|婶|姨|伯|总|工|哥|姐|嬢))(?=[有，。！？；、：\s的说在也就来去他她家])"
            ),
        ),
        (
            1,
            re.compile(
                rf"(?:名字(?:就)?(?:叫|是)|姓名[:：]?|名叫|叫做|我叫|他叫|她叫|有个(?:[^，。\s]{{0,4}})?叫|[^不]叫)\s*({every}{given}){_SAID_AFTER}"
            ),
        ),
        (1, re.compile(rf"(?<![\u4e00-\u9fff])({surname}{given})(?:[:：]|说[，：:])")),
        (1, re.compile(rf"([小老]{second})(?![字乡醋打子同林鼠])")),
        (1, re.compile(rf"((?:{every})某某?)(?!些|个|种|人)")),
        (1, re.compile(rf"姓({every})(?=[，。、的叫名,.\s]|$)")),
        (
            1,
            re.compile(
                r"(?:小名|外号|绰号|乳名|昵称|网名)(?:就)?(?:叫|是)([\u4e00-\u9fff]{2,3}?)(?=[，。！？；、\s]|$)"
            ),
        ),
        (1, re.compile(rf"{_BY_CHARACTERS}({surname}{common}{{2}})(?![师长])")),
        (1, re.compile(rf"(?<![大最从太很])([小阿]{nick})")),
        (1, re.compile(rf"(?:大名|真名|学名|原名|本名)(?:叫|是)?({every}{given}){_SAID_AFTER}")),
        (1, re.compile(r"(?:喊|叫|喊道)[:：]?[“\"「]([\u4e00-\u9fff]{2,3})[，,！!]")),
        (1, re.compile(rf"(?:隔壁|对门|邻居|同村)的?({given}(?:大爷|大娘|大妈|大叔|大婶|大伯|婶子|奶奶|爷爷))")),
        (1, re.compile(rf"{_RELATED}({common}{{2}})(?![{_WORD_ENDS}])")),
    )


@dataclass(kw_only=True)
class Known:
    """The names of a study: ``always`` are replaced wherever they stand, ``seen`` counts what the model took for names.

    ``fulls`` are full names, from which given names are derived.
    """

    always: set[str] = field(default_factory=set)
    fulls: set[str] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)

    def learn_label(self, label: str) -> None:
        """Take a speaker's label or a cell that holds a name; words that name a role are passed over."""
        for word in re.split(r"[（(）)\[\]【】/、，,]+", label):
            self._learn_word(word.strip())

    def _learn_word(self, word: str) -> None:
        if (
            len(word) < 2
            or _generic().fullmatch(word)
            or word in words_of("no_names.txt")
            or word in words_of("titles.txt")
        ):
            return
        if is_han(word) and len(word) > 6:
            return
        self.always.add(word)
        self._full(word)

    def learn_sights(self, text: str, sights: Iterable[Sight]) -> None:
        """Take what the model saw in ``text``."""
        titled = _titled(text)
        for seen, end, what in sights:
            start = _without_kin(text, seen, end)
            word = trimmed(text[start:end])
            if what == "person" and titled.get(start, 0) <= end and _can_be_name(word):
                self.seen[word] += 1
                self._full(word)

    def learn_patterns(self, text: str, is_word: Callable[[str, Found], bool]) -> None:
        """Take the full names that ``text`` has by their form, so that their given names are known elsewhere."""
        for found in _without_doubtful(text, list(_single(text, (), Dictionary(self.always)))):
            if found.rank == _PATTERN and is_word(text, found):
                self._full(text[found.start : found.end])

    def doubtful(self, texts: Iterable[str]) -> set[str]:
        """Return what stands in lists with known names and may hold a word beside a name (see `doubtful_edges`)."""
        names = Dictionary(self.always)
        return {text[a:b] for text in texts for a, b in doubtful_edges(text, list(names.find(text)))}

    def _full(self, word: str) -> None:
        surname = surname_of(word)
        named = is_han(word) and surname and len(word) - len(surname) in (1, 2) and len(word) > 2
        if named and re.search(rf"{either_of(words_of('titles.txt'))}$", word) is None:
            self.fulls.add(word)

    def labelled(self) -> set[str]:
        """Return the full names among those that labels, name columns and an earlier key gave."""
        return self.fulls & self.always

    @property
    def givens(self) -> set[str]:
        """Given names of two characters, out of the full names."""
        return {full[len(surname_of(full)) :] for full in self.fulls if len(full) - len(surname_of(full)) == 2}

    def by_last(self) -> dict[str, str]:
        """Return the given name by its last character, where only one given name ends in it."""
        ends = defaultdict(set)
        for given in self.givens:
            ends[given[-1]].add(given)
        return {last: next(iter(names)) for last, names in ends.items() if len(names) == 1}

    def everywhere(self, texts: Iterable[str]) -> "Dictionary":
        """Return the names to look up in every text.

        A name that only the model saw, and a given name cut from a full one, are looked up where they are rarely
        anything but a name: three characters, or tagged as a name in at least three of ten places.
        """
        doubtful = {word for word in {*self.seen, *self.givens} if len(word) == 2 and is_han(word)} - self.always
        counts = Dictionary(doubtful).counts(texts)
        sure = {word for word in doubtful if self.seen[word] >= _SHARE * max(counts[word], 1) or not is_everyday(word)}
        long = {word for word in {*self.seen, *self.fulls} if len(word) > 2}
        return Dictionary({*self.always, *sure, *long})


def trimmed(word: str) -> str:
    """Return what the model saw without what it drew in behind 老马, 小王."""
    short = _TRIMMED.fullmatch(word)
    titled = word.endswith(tuple(words_of("titles.txt")))
    return short[1] if short and short[1][1] in words_of("surnames.txt") - _GRAMMAR and not titled else word


_KIN_BEFORE = re.compile(r"(?:[大二三四五六小老]?[姑姨叔舅婶嫂伯姊]|[爸妈爹娘爷奶哥姐弟妹])(?=[\u4e00-\u9fff]{2})")
_RANK_BEFORE = re.compile(r"老[大二三四五六幺](?=[\u4e00-\u9fff]{2})")


def _without_kin(text: str, start: int, end: int) -> int:
    """Return where the name begins that the model saw together with a word for kin (姑巧云)."""
    ranked = _RANK_BEFORE.match(text, start, end)
    match = _KIN_BEFORE.match(text, start, end) if start and text[start - 1] in "我俺他她你咱的家" else ranked
    return match.end() if match else start


def _can_be_name(word: str) -> bool:
    if word in words_of("no_names.txt") or word in words_of("titles.txt") or not 2 <= len(word) <= 20:
        return False
    if _NO_NAME.fullmatch(word):
        return False
    if not is_han(word):
        return "·" in word or (_LATIN.fullmatch(word) is not None and word[0].isupper() and len(word) > 2)
    return _is_pet_name(word) or not is_everyday(word)


def _is_pet_name(word: str) -> bool:
    return len(word) == 2 and (word[0] in "小阿" or word[0] == word[1])


class Dictionary:
    """Words to look up in a text at every place, the longest first."""

    def __init__(self, words: Iterable[str]) -> None:
        """Index ``words`` by their first character."""
        self._words = frozenset(words)
        sizes = defaultdict(set)
        for word in self._words:
            sizes[word[0]].add(len(word))
        self._sizes = {first: sorted(lengths, reverse=True) for first, lengths in sizes.items()}

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the slices of ``text`` that are one of the words; Latin words only whole."""
        at = 0
        while at < len(text):
            end = next((at + s for s in self._sizes.get(text[at], ()) if self._stands(text, at, at + s)), at)
            if end > at:
                yield at, end
            at = max(end, at + 1)

    def _stands(self, text: str, start: int, end: int) -> bool:
        word = text[start:end]
        if word not in self._words or len(word) < end - start:
            return False
        edges = text[max(start - 1, 0) : start], text[end : end + 1]
        return not (word.isascii() and any(edge.isascii() and edge.isalnum() for edge in edges))

    def counts(self, texts: Iterable[str]) -> Counter[str]:
        """Return how often each word stands in the texts."""
        return Counter(text[a:b] for text in texts for a, b in self.find(text))


def _titled(text: str) -> dict[int, int]:
    """Return where a surname with a title (吴奶奶) begins and ends; the model tends to see only a part of it."""
    return {match.start(1): match.end(1) for match in _rules()[0][1].finditer(text)}


def people(text: str, sights: Iterable[Sight], dictionary: Dictionary) -> Iterator[Found]:
    """Yield the people of ``text`` (simplified characters), with the titles that belong to them."""
    single = list(_single(text, sights, dictionary))
    yield from _without_doubtful(text, single)
    yield from _listed(text, {(found.start, found.end) for found in single})


def _without_doubtful(text: str, single: Sequence[Found]) -> Iterator[Found]:
    """Yield the findings but those that go by characters alone and end in what may be another word (李雪有)."""
    surely = {(found.start, found.end) for found in single if found.sure}
    doubtful = {(start, end) for start, end, sure in _members(text, surely) if not sure}
    yield from (found for found in single if found.sure or (found.start, found.end) not in doubtful)


def _single(text: str, sights: Iterable[Sight], dictionary: Dictionary) -> Iterator[Found]:
    for start, end in dictionary.find(text):
        yield Found(start=start, end=end, kind=Kind.PERSON, rank=_KNOWN)
    titled = _titled(text)
    for seen, end, what in sights:
        start = _without_kin(text, seen, end)
        word = trimmed(text[start:end])
        if what == "person" and titled.get(start, 0) <= end and _can_be_name(word):
            yield Found(start=start, end=start + len(word), kind=Kind.PERSON, rank=_MODEL)
    for group, rule in _rules():
        for match in rule.finditer(text):
            if match[group] not in words_of("no_names.txt"):
                yield Found(
                    start=match.start(group), end=match.end(group), kind=Kind.PERSON, rank=_PATTERN,
                    sure=not rule.pattern.startswith(_BY_CHARACTERS),
                )  # fmt: skip


def _listed(text: str, known: Collection[tuple[int, int]]) -> Iterator[Found]:
    """Yield names that stand in a list (甲、乙、丙) with a name: their surname may be an everyday word too."""
    for start, end, sure in _members(text, known):
        if sure:
            yield Found(start=start, end=end, kind=Kind.PERSON, rank=_PATTERN)


def doubtful_edges(text: str, known: Collection[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield slices that hold a name of a list with a name, of which the last or first character may be another word.

    In 王小雨、李雪来 somebody is called 李雪来, or 李雪 comes: replacing either may take a word or leave half a name.

    Args:
        text: A turn, in simplified characters.
        known: The slices of it that are names for certain.
    """
    for start, end, sure in _members(text, known):
        if not sure and not any(start < b and a < end for a, b in known):
            yield start, end


def _members(text: str, known: Collection[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    for match in _LIST.finditer(text):
        if not any(match.start() <= start and end <= match.end() for start, end in known):
            continue
        at = match.start()
        items = match[0].split("、")
        for number, item in enumerate(items):
            end = at + len(item)
            if number == 0:
                member = _ending(text, at, end)
            elif number < len(items) - 1:
                start = _behind_join(text, at, end)
                member = (start, end, True) if _full_name().fullmatch(text, start, end) else None
            else:
                member = _beginning(text, _behind_join(text, at, end), end)
            if member and _can_be_listed(text[member[0] : member[1]]):
                yield member
            at = end + 1


def _can_be_listed(word: str) -> bool:
    return not is_everyday(word) and word not in words_of("no_names.txt")


@cache
def _full_name() -> re.Pattern[str]:
    return re.compile(rf"{either_of(words_of('surnames.txt'))}[\u4e00-\u9fff]{{1,2}}")


@cache
def _contexts(*kinds: str) -> frozenset[str]:
    return frozenset(word for row in rows_of("contexts.tsv") if row[0] in kinds for word in row[1].split())


def _behind_join(text: str, start: int, end: int) -> int:
    """Return where the name begins that follows 和, 还有 and the like at ``start``, or ``start``."""
    for join in sorted(_contexts("joins"), key=len, reverse=True):
        if text.startswith(join, start, end) and _full_name().match(text, start + len(join), end):
            return start + len(join)
    return start


def _ending(text: str, start: int, end: int) -> tuple[int, int, bool] | None:
    """Return the name that the first member of a list ends in, and whether it is sure where the name begins."""
    starts = [at for at in range(max(start, end - 4), end - 1) if _full_name().fullmatch(text, at, end)]
    if not starts:
        return None
    first, shorter = starts[0], starts[1:]
    if text[first] in _contexts("joins"):
        return (shorter[0], end, True) if shorter else (max(first, end - 2), end, False)
    if first not in word_bounds(text):
        whole = next((at for at in shorter if at in word_bounds(text)), None)
        return (first, end, False) if whole is None else (whole, end, True)
    return first, end, not (shorter and text[first] in _GRAMMAR)


def _beginning(text: str, start: int, end: int) -> tuple[int, int, bool] | None:
    """Return the name that the last member of a list begins with, and whether it is sure where the name ends."""
    surname = surname_of(text[start:end])
    short = start + len(surname) + 1
    if not surname or short > end:
        return None
    first = text[short - 1]
    if first in _contexts("never") - _AMBIGUOUS:
        return None
    if first in _contexts("no") - words_of("given_characters.txt"):
        return start, short, False
    if short == end:
        return start, short, True
    longer, sure = _second_character(text, short, end)
    return start, short + longer, sure


def _second_character(text: str, at: int, end: int) -> tuple[bool, bool]:
    """Say whether the character at ``at`` belongs to the name that may end before it, and whether that is sure."""
    bounds, character, following = word_bounds(text), text[at], text[at + 1 : end]
    in_names = character in words_of("given_characters.txt")
    talk = not in_names and character in _contexts("no", "never", "does", "kin")
    if not in_names and character in _contexts("never") - _AMBIGUOUS:
        return False, True
    if at not in bounds:
        return True, at + 1 in bounds
    if character == "和":
        own = not following or following[0] in _contexts("after_related")
        return own, True
    if at + 1 not in bounds:
        word = text[at : min(b for b in bounds if b > at)]
        return (False, True) if talk or (not in_names and tag_of(word)[:1] in _TALK_TAGS) else (True, False)
    if character == "来":
        return (False, True) if following and following[0] in _COMING else (True, False)
    if talk:
        return False, True
    if not following:
        return True, True
    if tag_of(character)[:1] in {*_TALK_TAGS, "v"} or character == "家":
        return True, False
    return True, in_names or following.startswith(tuple(_contexts("after_related")))


_AMBIGUOUS = frozenset("和来")  # words of talk that given names end in
_COMING = "了过找我你玩接看帮吃叫问借拿给跟上"
_TALK_TAGS = frozenset("cprudqfymt")
