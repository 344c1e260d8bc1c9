"""Codes that coders mix up, with the places where, as a list to work through."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lbc_themes.agreement.ratings import Grid, Unit, UnitKind, prepare
from lbc_themes.core.records import Coding, Passage, Transcript


@dataclass(frozen=True, kw_only=True, slots=True)
class Mixup:
    """One unit to which ``coder`` alone gave ``code_id`` where ``other_coder`` alone gave ``other_code_id``."""

    unit: Unit
    coder: str
    code_id: str
    other_coder: str
    other_code_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """Two codes, in codebook order, and the units where two coders gave one each."""

    codes: tuple[str, str]
    mixups: tuple[Mixup, ...]

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units, each once, in the order of the text."""
        return tuple(dict.fromkeys(mixup.unit for mixup in self.mixups))

    @property
    def count(self) -> int:
        """How many units these are (for unit "character": characters)."""
        return sum(unit.size for unit in self.units)


def confusions(
    codings: Iterable[Coding],
    *,
    unit: UnitKind = "passage",
    passages: Sequence[Passage] | None = None,
    transcripts: Sequence[Transcript] | None = None,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    read: Mapping[str, Collection[str]] | None = None,
) -> list[Confusion]:
    """Return the pairs of codes that coders mix up, most often first.

    Two codes are mixed up on a unit where one coder gives the first and not the second, and another coder the second
    and not the first. A code that another coder merely left out is no mix-up. Arguments and refusals are those of
    ``agreement``.
    """
    material = prepare(
        codings, unit=unit, passages=passages, transcripts=transcripts, coders=coders, codes=codes, read=read,
        participants=None, include_uncoded=True,
    )  # fmt: skip
    order = {code: i for i, code in enumerate(material.grid.codes)}
    found: dict[tuple[str, str], list[Mixup]] = defaultdict(list)
    for mixup in _mixups(material.grid):
        one, two = sorted((mixup.code_id, mixup.other_code_id), key=order.__getitem__)
        found[one, two].append(mixup)
    listed = [Confusion(codes=pair, mixups=tuple(mixups)) for pair, mixups in found.items()]
    return sorted(listed, key=lambda c: (-c.count, order[c.codes[0]], order[c.codes[1]]))


def _mixups(grid: Grid) -> Iterator[Mixup]:
    pairs = list(combinations(range(len(grid.coders)), 2))
    for unit, marks in zip(grid.units, grid.marks, strict=True):
        for a, b in pairs:
            for x in (marks[a] & ~marks[b]).nonzero()[0]:
                for y in (marks[b] & ~marks[a]).nonzero()[0]:
                    yield Mixup(
                        unit=unit,
                        coder=grid.coders[a],
                        code_id=grid.codes[x],
                        other_coder=grid.coders[b],
                        other_code_id=grid.codes[y],
                    )
