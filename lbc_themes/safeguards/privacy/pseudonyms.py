"""Giving pseudonyms: the same part of a name gets the same pseudonym throughout a study."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, count

from lbc_themes.safeguards.privacy.entities import LABELS, Kind
from lbc_themes.safeguards.privacy.people import is_han, parts_of
from lbc_themes.safeguards.privacy.places import split, split_organisation

# Characters that are the same in simplified and traditional script, and that begin or end no prefix of a nickname.
_SURNAMES = "江石白田方丁易武古丘尹和金康成史毛段黎常童章梅祝左柏宁柯桂匡宗冼沙巫卜晏甘屈苗凌成游席卫"
_FIRST = "思明安文子一宇天佳心若雨志亦可千以之元向南北沐青云知行言初禾允君如依令果念"
_SECOND = "然川宁舟晨辰林希清禾朗和月文言之行心之安昕越成凡乐远平悦溪宸星歌原野岸帆"
_PLACE_FIRST = "青云石松柳白清金玉梅竹杏桃禾泉沙木水月星南北东西上下天安平和"
_PLACE_SECOND = "溪泉川河坪林岩谷原丘田岭坡池湾沙洲港关台山峰塔桥亭川门口"

Part = tuple[Kind, str]


def _unique(characters: str) -> str:
    return "".join(dict.fromkeys(characters))


def _pool(first: str, second: str) -> Iterator[str]:
    """Yield pairs so that neighbours share no character, then numbered ones without end."""
    heads, tails = _unique(first), _unique(second)
    for shift in range(len(tails)):
        for at, head in enumerate(heads):
            tail = tails[(at + shift) % len(tails)]
            if head != tail:
                yield head + tail
    for number in count(1):
        yield f"某{number}"


def _surname_pool() -> Iterator[str]:
    yield from _unique(_SURNAMES)
    for number in count(1):
        yield f"某{number}"


class Pseudonyms:
    """Learned state: which part of a real name stands for which pseudonym.

    Parts are given in the order in which they are asked for, so the same transcripts in the same order get the same
    pseudonyms; the order tells nothing of the real names.

    Args:
        taken: Strings that no pseudonym may be, and texts that none may stand in.
        known: Parts and their pseudonyms from an earlier key.
    """

    def __init__(self, *, taken: Collection[str], texts: str, known: Iterable[tuple[Kind, str, str]] = ()) -> None:
        """Begin with the parts of an earlier key."""
        self.parts: dict[Part, str] = {(kind, real): pseudonym for kind, real, pseudonym in known}
        self._used = set(self.parts.values())
        self._taken, self._texts = taken, texts
        self._pools = {
            Kind.SURNAME: _surname_pool(),
            Kind.GIVEN_NAME: _pool(_FIRST, _SECOND),
            Kind.PLACE_NAME: _pool(_PLACE_FIRST, _PLACE_SECOND),
        }
        self._left: dict[Kind, list[str]] = {kind: [] for kind in self._pools}
        self._numbers = {kind: count(1) for kind in LABELS}

    def person(self, form: str, givens: Collection[str], by_last: Mapping[str, str]) -> str:
        """Return the pseudonym of a form of a name, in the same form: 王老师 to 江老师, 老王 to 老江."""
        parts = parts_of(form, givens=givens, by_last=by_last)
        given = self._part(Kind.GIVEN_NAME, parts.given) if parts.given else ""
        if parts.last:
            given = given[-1] * parts.last
        surname = self._part(Kind.SURNAME, parts.surname) if parts.surname else ""
        return f"{parts.before}{surname}{given}{parts.after}"

    def place(self, name: str) -> str:
        """Return the pseudonym of a place or school with its kind kept: 竹寨村 to 青溪村, 竹寨小学 to 青溪小学."""
        core, suffix = split(name)
        within, inner = split(core) if suffix and len(core) > 2 else (core, "")
        name_part = within if inner and len(within) > 1 else core
        return self._part(Kind.PLACE_NAME, name_part) + core[len(name_part) :] + suffix

    def organisation(self, name: str) -> str:
        """Return the pseudonym of an employer or office with its kind kept: 竹寨派出所 to 青溪派出所."""
        core, kind = split_organisation(name)
        within, level = split(core)
        place = within if level and len(within) > 1 else core
        return self._part(Kind.PLACE_NAME, place) + core[len(place) :] + kind

    def number(self, kind: Kind, real: str) -> str:
        """Return a placeholder such as 〔电话1〕, the same for the same digits."""
        plain = "".join(c for c in real if c.isalnum() or c in "@_").lower()
        if (kind, plain) not in self.parts:
            while (label := f"〔{LABELS[kind]}{next(self._numbers[kind])}〕") in self._used or label in self._texts:
                pass
            self._keep(kind, plain, label)
        return self.parts[kind, plain]

    def _part(self, kind: Kind, real: str) -> str:
        key = real if is_han(real) else real.lower()
        if (kind, key) not in self.parts:
            self._keep(kind, key, self._free(kind, real))
        return self.parts[kind, key]

    def _free(self, kind: Kind, real: str) -> str:
        """Return the first pseudonym left that shares no character with the real name; those passed over stay left."""
        passed: list[str] = []
        for name in chain(self._left[kind], self._pools[kind]):
            if self._is_free(kind, name):
                if name.startswith("某") or not set(name) & set(real):
                    break
                passed.append(name)
        self._left[kind] = [*dict.fromkeys((*passed, *self._left[kind]))]
        return name

    def _is_free(self, kind: Kind, name: str) -> bool:
        free = name not in self._used and name not in self._taken
        return free and (kind is Kind.SURNAME or name not in self._texts)

    def _keep(self, kind: Kind, real: str, pseudonym: str) -> None:
        self.parts[kind, real] = pseudonym
        self._used.add(pseudonym)
