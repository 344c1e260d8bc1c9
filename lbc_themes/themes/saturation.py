"""Saturation: how much that is new each further interview brings, and when it stops."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.frames import data_frame
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.model import ThemeModel

USUAL = (9, 17)
"""Interviews within which most studies of one group with a narrow question saturate: Hennink & Kaiser (2022)."""

_BATCH = 64


@dataclass(frozen=True, kw_only=True)
class Saturation:
    """New codes (or themes) per interview.

    ``new`` and ``total`` are in the given order, one figure an interview; ``mean_total``, ``low_total`` and
    ``high_total`` are over shuffled orders (mean, 2.5th and 97.5th percentile). ``point`` is the number of interviews
    at which saturation is reached in the given order, None where it never is; ``points`` holds the points of the
    shuffled orders that reach it, of which ``reached`` is the share; ``median_point``, ``low_point`` and
    ``high_point`` sum them up.
    """

    interviews: tuple[str, ...]
    new: tuple[int, ...]
    total: tuple[int, ...]
    mean_total: tuple[float, ...]
    low_total: tuple[float, ...]
    high_total: tuple[float, ...]
    point: int | None
    points: tuple[int, ...] = field(repr=False)
    reached: float
    base: int
    run: int
    threshold: float

    @property
    def median_point(self) -> float | None:
        """The median point over the shuffled orders that reach saturation."""
        return float(np.median(self.points)) if self.points else None

    @property
    def low_point(self) -> float | None:
        """The 2.5th percentile of those points."""
        return float(np.percentile(self.points, 2.5)) if self.points else None

    @property
    def high_point(self) -> float | None:
        """The 97.5th percentile of those points."""
        return float(np.percentile(self.points, 97.5)) if self.points else None

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an interview: new and total in the given order, and the total over shuffled orders."""
        columns = {
            "number": range(1, len(self.interviews) + 1),
            "interview": self.interviews,
            "new": self.new,
            "total": self.total,
            "shuffled_total": self.mean_total,
            "shuffled_low": self.low_total,
            "shuffled_high": self.high_total,
        }
        return data_frame(columns, purpose="Saturation.to_frame()")


def saturation(
    codes: Mapping[str, Iterable[object]],
    *,
    base: int = 4,
    run: int = 2,
    threshold: float = 0.05,
    shuffles: int = 1000,
    random_state: int = 0,
) -> Saturation:
    """Return the saturation of codes over interviews.

    Args:
        codes: The codes (or themes) of each interview, in the order of the interviews. One without codes counts too.
        base: Base size: the first interviews, whose different codes are the measure of what is new.
        run: Run length: how many interviews in a row must bring little.
        threshold: New information threshold: at most this share of the base's number of codes.
        shuffles: How many random orders.
        random_state: Their seed.

    Saturation is reached after k interviews when the next ``run`` bring at most ``threshold`` times as many new codes
    as the base holds: Guest, Namey & Chen (2020), "A simple method to assess and report thematic saturation in
    qualitative research", PLoS ONE 15(5) e0232076. k is at least ``base``; no code in the base means no point.

    Raises:
        InputError: No interviews, or base, run, shuffles below 1, or a threshold that is not from 0 to 1.
    """
    _check(codes, base=base, run=run, threshold=threshold, shuffles=shuffles)
    interviews, present = tuple(codes), _presence([set(own) for own in codes.values()])
    new = _new_per_interview(present, np.arange(len(interviews))[None])
    chance = np.random.default_rng(random_state)
    orders = np.stack([chance.permutation(len(interviews)) for _ in range(shuffles)])
    shuffled = np.concatenate([_new_per_interview(present, orders[i : i + _BATCH]) for i in range(0, shuffles, _BATCH)])
    totals = shuffled.cumsum(axis=1)
    points = [point for row in shuffled if (point := _point(row, base, run, threshold)) is not None]
    low, high = np.percentile(totals, [2.5, 97.5], axis=0)
    return Saturation(
        interviews=interviews, new=tuple(new[0].tolist()), total=tuple(new[0].cumsum().tolist()),
        mean_total=tuple(totals.mean(axis=0).tolist()), low_total=tuple(low.tolist()), high_total=tuple(high.tolist()),
        point=_point(new[0], base, run, threshold), points=tuple(points), reached=len(points) / shuffles,
        base=base, run=run, threshold=threshold,
    )  # fmt: skip


def _check(codes: Mapping[str, Iterable[object]], *, base: int, run: int, threshold: float, shuffles: int) -> None:
    if not codes:
        raise InputError(message("themes.saturation_empty"))
    if base < 1 or run < 1 or shuffles < 1:
        raise InputError(message("themes.saturation_counts", base=base, run=run, shuffles=shuffles))
    if not 0 <= threshold <= 1:
        raise InputError(message("themes.saturation_threshold", threshold=threshold))


def _presence(own: Sequence[set[object]]) -> NDArray[np.bool_]:
    every = list(dict.fromkeys(code for codes in own for code in sorted(codes, key=repr)))
    return np.array([[code in codes for code in every] for codes in own], bool).reshape(len(own), len(every))


def _new_per_interview(present: NDArray[np.bool_], orders: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (orders, interviews): how many codes come for the first time at each place of each order."""
    places = np.argsort(orders, axis=1)
    first = np.where(present.T[None], places[:, None, :], len(present)).min(axis=2, initial=len(present))
    return np.stack([np.bincount(row, minlength=len(present) + 1)[: len(present)] for row in first])


def _point(new: NDArray[np.int64], base: int, run: int, threshold: float) -> int | None:
    held = int(new[:base].sum())
    if held == 0 or len(new) < base + run:
        return None
    for k in range(base, len(new) - run + 1):
        if new[k : k + run].sum() <= threshold * held + 1e-9:
            return k
    return None


def codes_by_interview(codings: Iterable[Coding], interviews: Sequence[str] | None = None) -> dict[str, frozenset[str]]:
    """Return the codes of each interview from codings, in the order of ``interviews`` or of first mention."""
    held: dict[str, set[str]] = {interview: set() for interview in interviews or ()}
    for coding in codings:
        if interviews is None or coding.transcript_id in held:
            held.setdefault(coding.transcript_id, set()).add(coding.code_id)
    return {interview: frozenset(codes) for interview, codes in held.items()}


def themes_by_interview(model: "ThemeModel") -> dict[str, frozenset[int]]:
    """Return the themes of each participant of a fitted model, in the order of the input."""
    held: dict[str, set[int]] = {}
    for group, label in zip(model.material_.groups, model.labels_.tolist(), strict=True):
        if group:
            held.setdefault(group, set()).update([label] if label >= 0 else [])
    return {group: frozenset(themes) for group, themes in held.items()}
