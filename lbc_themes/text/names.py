"""Word lists of names: what people, places and organisations are called in Mandarin (``data/names/``)."""

from functools import cache
from pathlib import Path

from lbc_themes.text.words import lines_of_file

_DATA = Path(__file__).parent / "data" / "names"


@cache
def words_of(name: str) -> frozenset[str]:
    """Return the words of the list ``data/names/<name>``, without the marks of doubt."""
    return frozenset(word.rstrip("?") for word in in_order(name))


@cache
def in_order(name: str) -> tuple[str, ...]:
    """Return the words of the list ``data/names/<name>`` in their order, marks included."""
    return tuple(word for _, line in lines_of_file(_DATA / name) for word in line.split())


@cache
def rows_of(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the table ``data/names/<name>``, cut at tabs."""
    return tuple(tuple(line.split("\t")) for _, line in lines_of_file(_DATA / name))


@cache
def plain_surnames() -> frozenset[str]:
    """Return the surnames that are not everyday words too."""
    return frozenset(word for word in in_order("surnames.txt") if not word.endswith("?"))


@cache
def either_of(words: frozenset[str]) -> str:
    """Return a regular expression that matches one of ``words``, the longest first."""
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"
