"""Examples: none stands under two codes, nor nearly."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from lbc_themes.codebook.draft import Draft, Place
from lbc_themes.codebook.problem import Problem
from lbc_themes.core.records import Example

NEAR = 0.6


class _Held(NamedTuple):
    place: Place
    part: str
    example: Example

    @property
    def key(self) -> str:
        text = self.example.text.zh or self.example.text.en
        return "".join(letter for letter in text.casefold() if letter.isalnum())

    @property
    def name(self) -> str:
        return f"{self.part} of {self.place.code}"


def _examples(draft: Draft) -> Iterator[_Held]:
    for code, place in draft.numbered():
        for kind in ("typical", "atypical", "close"):
            yield from (_Held(place, f"{kind}.{number}", each) for number, each in enumerate(getattr(code, kind)))


def _alike(draft: Draft) -> Iterator[tuple[_Held, _Held]]:
    first: dict[str, _Held] = {}
    for held in _examples(draft):
        if held.key and first.setdefault(held.key, held) is not held:
            yield first[held.key], held


def check_contradictions(draft: Draft) -> Iterator[Problem]:
    """Yield examples whose words are an example of another code as well."""
    for one, two in _alike(draft):
        if one.example.code != two.example.code:
            here, there = two.example.code, one.example.code
            zh = f"{two.part} 的例子在这里归 {here}，在 {one.place.code} 的 {one.part} 里归 {there}；只能归一个"
            yield two.place.error(
                two.part, zh, f"the example {two.part} takes {here} here and {there} in {one.name}; decide for one"
            )


def check_repeats(draft: Draft) -> Iterator[Problem]:
    """Yield examples that stand twice for the same code."""
    for one, two in _alike(draft):
        if one.example.code == two.example.code:
            zh = f"{two.part} 的例子与 {one.place.code} 的 {one.part} 相同"
            yield two.place.warning(two.part, zh, f"the example {two.part} repeats {one.name}")


def check_nearness(draft: Draft) -> Iterator[Problem]:
    """Yield examples of different codes in nearly the same words.

    Near means that of the pairs of neighbouring letters in either, at least ``NEAR`` are in both (the Jaccard index).
    """
    for one, two in _near(list(_examples(draft))):
        if one.key != two.key and one.example.code != two.example.code:
            zh = f"{two.part} 的例子与 {one.place.code} 的 {one.part} 几乎一样，却归不同的编码"
            yield two.place.warning(
                two.part, zh, f"the example {two.part} is nearly the same as {one.name}, yet takes another code"
            )


def _near(held: list[_Held]) -> Iterator[tuple[_Held, _Held]]:
    pairs = [{each.key[n : n + 2] for n in range(len(each.key) - 1)} for each in held]
    where: defaultdict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(pairs):
        common = Counter(other for pair in own for other in where[pair])
        for other in sorted(common):
            if common[other] >= NEAR * (len(own) + len(pairs[other]) - common[other]):
                yield held[other], held[number]
        for pair in own:
            where[pair].append(number)
