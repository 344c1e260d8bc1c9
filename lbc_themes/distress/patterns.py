"""Turns of phrase that speak of distress, and those that only sound like it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lbc_themes.distress.cue import DistressKind
from lbc_themes.text.word_tables import lines_of_file

_DATA = Path(__file__).parent / "data"
_MASK = "□"


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Where a pattern stands in a text of simplified characters."""

    kind: DistressKind
    strength: float
    start: int
    end: int


@cache
def _rows(name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("\t")) for _, line in lines_of_file(_DATA / name))


@cache
def _guards(kept: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row[1]) for row in _rows("guards.tsv") if (row[0] == "keep") == (kept == "keep"))


@cache
def _cues() -> tuple[tuple[DistressKind, float, re.Pattern[str]], ...]:
    return tuple((DistressKind(kind), float(strength), re.compile(rule)) for kind, strength, rule in _rows("cues.tsv"))


def masked(text: str) -> str:
    """Return ``text`` of the same length with idioms, degrees and denials struck out.

    >>> masked("累死了，也想死")
    '□□□，也想死'
    """
    kept = [match.span() for rule in _guards("keep") for match in rule.finditer(text)]
    characters = list(text)
    for rule in _guards("mask"):
        for match in rule.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in kept):
                characters[match.start() : match.end()] = _MASK * (match.end() - match.start())
    return "".join(characters)


def neutral(text: str) -> str:
    """Return ``text`` with what `masked` strikes out made commas, as the linear score reads it."""
    return masked(text).replace(_MASK, "，")


def matches(text: str) -> Iterator[Match]:
    """Yield where the patterns of ``data/cues.tsv`` stand in ``text`` (simplified characters), rule by rule."""
    plain = masked(text)
    for kind, strength, rule in _cues():
        for match in rule.finditer(plain):
            yield Match(kind=kind, strength=strength, start=match.start(), end=match.end())
