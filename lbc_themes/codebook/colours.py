"""Colours as people and programs write them."""

import re

GREY = "#888888"
_HEX = re.compile(r"#?([0-9A-Fa-f]{6})(?:[0-9A-Fa-f]{2})?")
_SHORT = re.compile(r"#?([0-9A-Fa-f])([0-9A-Fa-f])([0-9A-Fa-f])")
_TRIPLE = re.compile(r"(?:rgb)?\(?\s*(\d{1,3})\s*[,;，\s]\s*(\d{1,3})\s*[,;，\s]\s*(\d{1,3})\s*\)?", re.IGNORECASE)


def colour_of(text: str) -> str:
    """Return a colour as #RRGGBB where it can be read as one, grey where there is none, and else the text as it is.

    >>> colour_of("#0af"), colour_of("255, 0, 16"), colour_of("#FF000080"), colour_of(""), colour_of("red")
    ('#00AAFF', '#FF0010', '#FF0000', '#888888', 'red')
    """
    words = text.strip()
    if not words:
        return GREY
    if full := _HEX.fullmatch(words):
        return f"#{full[1].upper()}"
    if short := _SHORT.fullmatch(words):
        return "#" + "".join(2 * digit.upper() for digit in short.groups())
    if (triple := _TRIPLE.fullmatch(words)) and all(int(part) < 256 for part in triple.groups()):
        return "#" + "".join(f"{int(part):02X}" for part in triple.groups())
    return words


def is_colour(text: str) -> bool:
    """Say whether ``text`` is #RRGGBB."""
    return text.startswith("#") and len(text) == 7 and _HEX.fullmatch(text) is not None
