"""A code as one labelled text, for programs whose codes have a description and nothing else; and back."""

import re
from collections.abc import Iterator, Sequence

from lbc_themes.codebook.cells import FIELDS, cells_of
from lbc_themes.codebook.items import clean
from lbc_themes.codebook.words import BILINGUAL, TITLES, label
from lbc_themes.core.records import Code, Language

_LABEL = re.compile(r"([^\n:：]{1,40})[:：][ \t]*(.*)")
_LEFT_OUT = frozenset({"parent", "colour"})


def code_description(code: Code, languages: Sequence[Language] = ("zh", "en")) -> str:
    """Return everything a coder needs to apply ``code``, in labelled sections that ``load_codebook`` reads back.

    Parent and colour are left out: programs that hold a description hold those in their own places.
    """
    cells = cells_of(code)
    return "\n\n".join(
        f"{TITLES[field]}{f' ({language})' if language else ''}:{_body(cells[key])}"
        for field, language, key in _keys(languages)
        if cells[key]
    )


def _body(text: str) -> str:
    return f"\n{text}" if "\n" in text or text.startswith("1. ") else f" {text}"


def _keys(languages: Sequence[Language]) -> Iterator[tuple[str, str, str]]:
    for field in FIELDS:
        if field in BILINGUAL:
            yield from ((field, language, f"{field}_{language}") for language in languages)
        elif field not in _LEFT_OUT:
            yield field, "", field


def sections_of(text: str, usual: str = "definition") -> dict[str, str]:
    r"""Return the labelled sections of a text as cells. What stands before the first label goes under ``usual``.

    >>> sections_of("纳入: 说想家；盼回来\n排除: 只说没人管（归入family）", "include")
    {'include': '说想家；盼回来', 'exclude': '只说没人管（归入family）'}
    """
    cells: dict[str, str] = {}
    key = usual
    for line in clean(text).split("\n"):
        parts = _LABEL.fullmatch(line)
        known = label(parts[1]) if parts else None
        if parts and known:
            key = f"{known.field}_{known.language}" if known.language else known.field
        said = parts[2] if parts and known else line
        cells[key] = f"{cells[key]}\n{said}" if key in cells else said
    return {key: value.strip() for key, value in cells.items() if value.strip()}
