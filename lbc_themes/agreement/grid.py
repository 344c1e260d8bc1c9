"""Who put which code on which unit, as one array."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lbc_themes.agreement.arrays import Bools, Floats, Ints
from lbc_themes.agreement.units import Unit
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding


class NothingSharedError(InputError):
    """No unit that two of the coders worked through."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Codes on units.

    ``marks`` is (units, coders, codes): the coder put the code on the unit. ``read`` is (units, coders): the coder
    worked through the unit's transcript. ``size`` and ``participant`` are (units,); ``participant`` holds positions in
    ``participants``. ``dropped`` counts, for each coder, the codings that count for no unit.
    """

    units: tuple[Unit, ...]
    coders: tuple[str, ...]
    codes: tuple[str, ...]
    participants: tuple[str, ...]
    marks: Bools
    read: Bools
    size: Floats
    participant: Ints
    dropped: Mapping[str, int]


def build_grid(
    codings: Sequence[Coding],
    units: Sequence[Unit],
    *,
    coders: Sequence[str],
    codes: Sequence[str],
    read: Mapping[str, Collection[str]],
    participants: Mapping[str, str] | None,
    include_uncoded: bool,
) -> Grid:
    """Mark codes on units and keep the units that at least two coders worked through.

    A coding counts for a unit when it covers at least half of the unit, or at least half of the coding lies in it.
    """
    marks, dropped = _marks(codings, units, coders, codes)
    seen = np.array([[u.transcript_id in read[coder] for coder in coders] for u in units], dtype=bool).reshape(
        len(units), len(coders)
    )
    marks &= seen[:, :, None]
    kept = seen.sum(1) >= 2
    if not include_uncoded:
        kept &= marks.any((1, 2))
    units = [u for u, keep in zip(units, kept, strict=True) if keep]
    if not units:
        raise NothingSharedError(_nothing(coders, include_uncoded=include_uncoded))
    names = [_participant(u.transcript_id, participants) for u in units]
    order = sorted(set(names))
    return Grid(
        units=tuple(units), coders=tuple(coders), codes=tuple(codes), participants=tuple(order), marks=marks[kept],
        read=seen[kept], size=np.array([u.size for u in units], dtype=np.float64),
        participant=np.array([order.index(name) for name in names], dtype=np.int64), dropped=dropped,
    )  # fmt: skip


def _nothing(coders: Sequence[str], *, include_uncoded: bool) -> str:
    what = "worked through" if include_uncoded else "worked through and one of them coded"
    return (
        f"no unit that two of the coders {', '.join(coders)} {what}: "
        "check that the codings and the passages or transcripts carry the same transcript ids"
    )


def _participant(transcript_id: str, participants: Mapping[str, str] | None) -> str:
    if participants is None:
        return transcript_id
    if transcript_id not in participants:
        raise InputError(
            f"participants has no entry for transcript {transcript_id}; give every transcript id its participant"
        )
    return participants[transcript_id]


def _marks(
    codings: Sequence[Coding], units: Sequence[Unit], coders: Sequence[str], codes: Sequence[str]
) -> tuple[Bools, Mapping[str, int]]:
    marks = np.zeros((len(units), len(coders), len(codes)), dtype=bool)
    place = _Places(units)
    coder_at = {coder: i for i, coder in enumerate(coders)}
    code_at = {code: i for i, code in enumerate(codes)}
    dropped: Counter[str] = Counter()
    for coding in codings:
        if coding.coder not in coder_at or coding.code_id not in code_at:
            continue
        hit = place.counts_for(coding)
        marks[hit, coder_at[coding.coder], code_at[coding.code_id]] = True
        dropped[coding.coder] += len(hit) == 0
    return marks, {coder: n for coder, n in dropped.items() if n}


class _Places:
    """Slices of the units of each transcript, as arrays."""

    def __init__(self, units: Sequence[Unit]) -> None:
        rows: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
        for number, unit in enumerate(units):
            length = sum(b - a for a, b in unit.spans)
            rows[unit.transcript_id].extend((a, b, number, length) for a, b in unit.spans)
        self._rows = {key: np.array(found, dtype=np.int64).T for key, found in rows.items()}

    def counts_for(self, coding: Coding) -> Ints:
        """Return the positions of the units that the coding counts for."""
        if coding.transcript_id not in self._rows:
            return np.array([], dtype=np.int64)
        start, end, number, length = self._rows[coding.transcript_id]
        overlap = np.clip(np.minimum(end, coding.end) - np.maximum(start, coding.start), 0, None)
        touched = overlap > 0
        which, at = np.unique(number[touched], return_inverse=True)
        shared = np.bincount(at, weights=overlap[touched], minlength=len(which))
        whole = np.zeros(len(which))
        whole[at] = length[touched]
        found: Ints = which[(2 * shared >= whole) | (2 * shared >= coding.end - coding.start)]
        return found
