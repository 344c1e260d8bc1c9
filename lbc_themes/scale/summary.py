"""Counts and class statistics of a corpus, made part by part and put together in a tree."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
BRANCHES = 8


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Number, mean and sum of squared differences of some values, which two parts can put together."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Moments") -> "Moments":
        """Join two parts (Chan, Golub & LeVeque 1983, eq. 1.5)."""
        n = self.n + other.n
        if not n:
            return self
        apart = other.mean - self.mean
        mean = self.mean + apart * other.n / n
        return Moments(n=n, mean=mean, squares=self.squares + other.squares + apart**2 * self.n * other.n / n)

    @property
    def deviation(self) -> float:
        """The standard deviation, 0 where there is no value."""
        return float((self.squares / self.n) ** 0.5) if self.n else 0.0


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What is in a corpus.

    ``first`` counts first suggestions by code, ``among`` suggestions at any place, ``reasons`` why there was none,
    ``themes`` passages by theme, ``pairs`` themes with first suggestions. ``sure`` has the probabilities of a code's
    first suggestions, ``spread`` the distances of a theme's passages from its centre.
    """

    passages: int = 0
    first: Counter[str] = field(default_factory=Counter)
    among: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    themes: Counter[int] = field(default_factory=Counter)
    pairs: Counter[tuple[int, str]] = field(default_factory=Counter)
    sure: dict[str, Moments] = field(default_factory=dict)
    spread: dict[int, Moments] = field(default_factory=dict)

    def __add__(self, other: "Summary") -> "Summary":
        """Join two parts."""
        return Summary(
            passages=self.passages + other.passages, first=self.first + other.first, among=self.among + other.among,
            reasons=self.reasons + other.reasons, themes=self.themes + other.themes, pairs=self.pairs + other.pairs,
            sure=_both(self.sure, other.sure), spread=_both(self.spread, other.spread),
        )  # fmt: skip


def summary_of(part: "pd.DataFrame") -> Summary:
    """Return the summary of a part that ``worked`` made."""
    said = part[part["reason"] == ""]
    places = [column for column in part if str(column).startswith("code_")]
    return Summary(
        passages=len(part),
        first=Counter(said["code_1"]),
        among=Counter(code for place in places for code in said[place]),
        reasons=Counter(part.loc[part["reason"] != "", "reason"]),
        themes=Counter(part["theme"].tolist()),
        pairs=Counter(zip(said["theme"].tolist(), said["code_1"], strict=True)),
        sure={str(code): _moments(some) for code, some in said.groupby("code_1")["probability_1"]},
        spread={int(str(theme)): _moments(some) for theme, some in part.groupby("theme")["distance"]},
    )


def _moments(values: "pd.Series[float]") -> Moments:
    mean = float(values.mean())
    return Moments(n=len(values), mean=mean, squares=float(((values - mean) ** 2).sum()))


def _both(one: dict[T, Moments], other: dict[T, Moments]) -> dict[T, Moments]:
    return {key: one.get(key, Moments()) + other.get(key, Moments()) for key in sorted({*one, *other}, key=str)}


def summed(parts: Sequence[Summary]) -> Summary:
    """Return the summary of several parts, in their order."""
    return reduce(lambda one, other: one + other, parts, Summary())


def in_a_tree(parts: Sequence[T], join: Callable[[Sequence[T]], T]) -> T:
    """Join neighbours eight at a time until one is left; the tree's shape depends on their number alone.

    >>> in_a_tree(list("abcdefghij"), lambda some: "(" + "".join(some) + ")")
    '((abcdefgh)(ij))'
    """
    level = list(parts)
    while True:
        level = [join(level[at : at + BRANCHES]) for at in range(0, len(level), BRANCHES)]
        if len(level) <= 1:
            return level[0] if level else join([])
