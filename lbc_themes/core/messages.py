"""What the library says to people, in Chinese and English: one catalogue, and the choice of a language.

The wordings stand in ``lbc_themes/messages/*.toml``, one file for each part of the library. ``message`` fills one in,
``word_table`` returns a table of terms, and an error carries both wordings (:class:`~lbc_themes.core.errors.LbcError`).
"""

import os
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol, runtime_checkable

Language = Literal["zh", "en"]

FOLDER = Path(__file__).parent.parent / "messages"
LANGUAGE_VARIABLE = "LBC_LANGUAGE"

_LIST_MARKS: Mapping[str, str] = {"zh": "、", "en": ", "}
_UNNAMED_LOCALES = ("", "c", "posix")
_DEFAULT_LANGUAGE: Language = "zh"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bilingual:
    """One wording in both languages.

    >>> Bilingual(zh="心理压力", en="Psychological stress").said("zh")
    '心理压力'
    """

    zh: str
    en: str

    def said(self, language: Language) -> str:
        """Return the wording in ``language``."""
        return self.zh if language == "zh" else self.en

    def in_both(self, between: str = " ") -> str:
        """Return the Chinese wording and the English one, for where it is not known which a person reads.

        >>> Bilingual(zh="编码", en="code").in_both(" / ")
        '编码 / code'
        """
        return f"{self.zh}{between}{self.en}"


@runtime_checkable
class Said(Protocol):
    """Anything with a wording in both languages: a ``Bilingual``, an error."""

    def said(self, language: Language) -> str:
        """Return the wording in ``language``."""
        ...


# --- The catalogue.


def message(key: str, **values: object) -> Bilingual:
    """Return the message ``key`` of the catalogue with its placeholders filled in.

    ``key`` is the file's name and the message's, joined by a dot ("reading.no_turns"). A value with wordings of its own
    (another message, an error) is put in in each language; a list or tuple of words is joined by "、" in Chinese and
    ", " in English. Raises KeyError if the catalogue has no such message or a placeholder gets no value: both are
    faults of the calling code, which a test finds.

    >>> message("core.missing_extra", package="dask", extra="dask", purpose="scale").en
    "scale needs the package dask: pip install 'lbc_themes[dask]'"
    """
    return filled(catalogue(key.partition(".")[0])[key], **values)


def filled(wording: Bilingual, **values: object) -> Bilingual:
    """Return a wording of a table with its placeholders filled in, each value as ``message`` takes it.

    >>> filled(Bilingual(zh="{who}说", en="{who} says"), who=Bilingual(zh="妈妈", en="mother")).zh
    '妈妈说'
    """
    return Bilingual(zh=_filled(wording.zh, values, "zh"), en=_filled(wording.en, values, "en"))


@cache
def word_table(prefix: str) -> Mapping[str, Bilingual]:
    """Return all wordings under ``prefix`` by the last part of their key, as for ``"words.roles"``.

    >>> word_table("words.roles")["child"].zh
    '儿童'
    """
    entries = catalogue(prefix.partition(".")[0]).items()
    table = {key.removeprefix(f"{prefix}."): wording for key, wording in entries if key.startswith(f"{prefix}.")}
    if not table:
        raise KeyError(prefix)
    return MappingProxyType(table)


def recognised(text: str, prefix: str) -> Bilingual:
    """Return a line that was stored in English (a note of a reader) in both languages.

    The message under ``prefix`` whose English wording matches ``text`` is filled in with what stands in its
    placeholders; a line that matches none stays as it is in both languages.
    """
    for pattern, wording in _patterns(prefix):
        if match := pattern.fullmatch(text):
            return Bilingual(zh=_filled(wording.zh, match.groupdict(), "zh"), en=text)
    return Bilingual(zh=text, en=text)


@cache
def catalogue(part: str) -> Mapping[str, Bilingual]:
    """Return the wordings of one part by their full keys, with placeholders as in ``str.format``."""
    path = FOLDER / f"{part}.toml"
    try:
        with path.open("rb") as file:
            return dict(_flattened(part, tomllib.load(file)))
    except FileNotFoundError:
        raise KeyError(f"no catalogue {path.name}") from None


def parts() -> tuple[str, ...]:
    """Return the names of the catalogue's files."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def placeholders(wording: str) -> set[str]:
    """Return the names of what is to be filled in.

    >>> sorted(placeholders("{file}: {count} of {total:.0f}"))
    ['count', 'file', 'total']
    """
    return {name for _, name, _, _ in string.Formatter().parse(wording) if name}


def _flattened(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Bilingual]]:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if set(value) == {"zh", "en"} and all(isinstance(text, str) for text in value.values()):
            yield key, Bilingual(zh=value["zh"], en=value["en"])
        else:
            yield from _flattened(key, value)


def _filled(wording: str, values: Mapping[str, object], language: Language) -> str:
    return wording.format(**{name: _worded(value, language) for name, value in values.items()})


def _worded(value: object, language: Language) -> object:
    if isinstance(value, Said):
        return value.said(language)
    if isinstance(value, list | tuple) and value and not any(isinstance(item, list | tuple) for item in value):
        return _LIST_MARKS[language].join(str(_worded(item, language)) for item in value)
    return value


@cache
def _patterns(prefix: str) -> tuple[tuple[re.Pattern[str], Bilingual], ...]:
    return tuple((re.compile(_pattern(wording.en), re.DOTALL), wording) for wording in word_table(prefix).values())


def _pattern(wording: str) -> str:
    pieces, seen = [], set[str]()
    for literal, name, _, _ in string.Formatter().parse(wording):
        pieces.append(re.escape(literal))
        if name:
            pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return "".join(pieces)


# --- The language that a person is spoken to in.

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


def spoken_language() -> Language:
    """Return the language in which the command line speaks.

    What ``use_language`` chose comes first, then the environment variable ``LBC_LANGUAGE``, then the system's locale.
    Where none of them names a language it is Chinese.
    """
    return _chosen.get() or _language_of(os.environ.get(LANGUAGE_VARIABLE, "")) or _system_language()


@contextmanager
def use_language(language: Language | None) -> Iterator[None]:
    """Speak ``language`` inside the block; None leaves the choice to the environment."""
    before = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(before)


def _language_of(name: str) -> Language | None:
    """Read "zh_CN.UTF-8", "en", "C", or Windows' "Chinese (Simplified)_China"; None where no language is named."""
    base = name.partition(".")[0].lower()
    if base in _UNNAMED_LOCALES:
        return None
    return "zh" if base.startswith(("zh", "chinese")) else "en"


def _system_language() -> Language:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if language := _language_of(os.environ.get(variable, "")):
            return language
    import locale

    return _language_of(locale.getlocale()[0] or "") or _DEFAULT_LANGUAGE
