"""A codebook as a file holds it, before anyone knows whether it holds together."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lbc_themes.core.records import Bilingual, Code, Codebook, Example, Rule

# --- What a check finds in a codebook.

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One finding. An error stops ``load_codebook``; a warning does not.

    ``line`` is the line of a .yaml or .qdc file, the row of a table, or None where a codebook was checked in memory.
    """

    message: Bilingual
    severity: Severity = "error"
    code: str | None = None
    line: int | None = None


def error(words: Bilingual, *, code: str | None = None, line: int | None = None) -> Problem:
    """Return an error in ``words``."""
    return Problem(message=words, severity="error", code=code, line=line)


def warning(words: Bilingual, *, code: str | None = None, line: int | None = None) -> Problem:
    """Return a warning in ``words``."""
    return Problem(message=words, severity="warning", code=code, line=line)


Lines = Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Codes as written, and where.

    ``lines`` has one mapping a code: from a part of it ("", "name", "exclude.0") to its line; missing parts are
    looked up under "". ``unit`` is what the numbers count. ``problems`` were found while reading.
    """

    id: str
    codes: tuple[Code, ...]
    version: str = "1"
    name: Bilingual
    source: str = ""
    lines: tuple[Lines, ...] = ()
    problems: tuple[Problem, ...] = ()
    unit: str = "line"

    def numbered(self) -> Iterator[tuple[Code, "Place"]]:
        """Yield each code with the places of its parts."""
        for number, code in enumerate(self.codes):
            yield code, Place(code.id, self.lines[number] if number < len(self.lines) else {})


@dataclass(frozen=True, slots=True)
class Place:
    """One code's id, and where its parts stand."""

    code: str
    lines: Lines

    def error(self, part: str, words: Bilingual) -> Problem:
        """Return an error in ``part`` of the code."""
        return error(words, code=self.code, line=self.of(part))

    def warning(self, part: str, words: Bilingual) -> Problem:
        """Return a warning about ``part`` of the code."""
        return warning(words, code=self.code, line=self.of(part))

    def of(self, part: str = "") -> int | None:
        """Return the line of ``part``, or of what holds it."""
        while part and part not in self.lines:
            part = part.rpartition(".")[0]
        return self.lines.get(part)


def draft_of(codebook: Codebook) -> Draft:
    """Return a codebook in memory as a draft without lines."""
    return Draft(
        id=codebook.id, version=codebook.version, name=codebook.name, source=codebook.source, codes=codebook.codes,
    )  # fmt: skip


def codebook_of(draft: Draft) -> Codebook:
    """Return the codebook of a draft without errors. Where a wording lacks a language, the other stands in."""
    return Codebook(
        id=draft.id, version=draft.version, name=_both(draft.name), source=draft.source,
        codes=tuple(_completed(code) for code in draft.codes),
    )  # fmt: skip


def _both(words: Bilingual) -> Bilingual:
    return words if words.zh and words.en else Bilingual(zh=words.zh or words.en, en=words.en or words.zh)


def _instead(words: Bilingual, *others: Bilingual) -> Bilingual:
    return next((_both(each) for each in (words, *others) if each.zh or each.en), words)


def _completed(code: Code) -> Code:
    return replace(
        code,
        name=_both(code.name),
        brief=_instead(code.brief, code.definition, code.name),
        definition=_instead(code.definition, code.brief, code.name),
        include=_rules(code.include),
        exclude=_rules(code.exclude),
        typical=_examples(code.typical),
        atypical=_examples(code.atypical),
        close=_examples(code.close),
    )


def _rules(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(replace(rule, text=_both(rule.text)) for rule in rules)


def _examples(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    return tuple(replace(example, text=_both(example.text)) for example in examples)


# --- Ids from names, and names looked up as ids.

_NO_ID = re.compile(r"[^\w.\-]+")
Names = Mapping[str, str]


def id_of(name: str) -> str:
    """Return a name made into an id: lower case, letters of any script, digits, points, hyphens and underscores.

    >>> id_of("Lack of security"), id_of("缺乏安全感（新）")
    ('lack_of_security', '缺乏安全感_新')
    """
    return _NO_ID.sub("_", unicodedata.normalize("NFKC", name).casefold()).strip("_.-")


def is_id(text: str) -> bool:
    """Say whether ``text`` can stand as an id as it is."""
    return bool(text) and _NO_ID.search(text) is None


_ALWAYS = re.compile(r"\s*(?:>|::|\\|＞)\s*")
_WHERE_KNOWN = re.compile(r"\s*(?:\.|:\s|：)\s*")
_ROOTS = frozenset({"codes", "nodes", "codesystem", "code system", "编码", "节点", "代码", "代码系统"})


def code_path(name: str, names: Collection[str]) -> tuple[str, ...]:
    """Return the names from the root down that a code's name means in another program's list; ``names`` are all names.

    >>> code_path("情绪 > 想家", ()), code_path("情绪.想家.夜里", {"情绪", "想家"}), code_path("1.5 倍", ())
    (('情绪', '想家'), ('情绪', '想家', '夜里'), ('1.5 倍',))
    """
    parts = [part for part in _ALWAYS.split(name.strip()) if part]
    if len(parts) > 1 and parts[0].casefold() in _ROOTS:
        parts = parts[1:]
    if len(parts) > 1:
        return tuple(parts)
    whole = parts[0] if parts else name
    for mark in reversed(list(_WHERE_KNOWN.finditer(whole))):
        above, own = whole[: mark.start()], whole[mark.end() :]
        if above in names and own:
            # The part after it may be a path too, where names and not whole paths are known.
            return (*code_path(above, names), *code_path(own, names))
    return (whole,)


def ids_of(paths: Iterable[tuple[str, ...]]) -> list[str]:
    """Return one id for each path of names from the root down: the last name, or the whole path where others share it.

    >>> ids_of([("a",), ("a", "other"), ("b",), ("b", "other"), ("b", "c")])
    ['a', 'a.other', 'b', 'b.other', 'c']
    """
    listed = list(paths)
    often = Counter(id_of(path[-1]) for path in listed)
    ids: list[str] = []
    for path in listed:
        wanted = id_of(path[-1])
        wanted = wanted if often[wanted] == 1 else ".".join(map(id_of, path))
        ids.append(_free(wanted or "code", ids))
    return ids


def _free(wanted: str, taken: list[str]) -> str:
    number, tried = 1, wanted
    while tried in taken:
        number += 1
        tried = f"{wanted}_{number}"
    return tried


def names_of(codes: Iterable[tuple[str, Bilingual]]) -> Names:
    """Return every id and every name that only one code bears, in lower case, with the id it stands for."""
    listed = list(codes)
    keys = [(key, code_id) for code_id, name in listed for key in {name.zh.casefold(), name.en.casefold()}]
    bearers = Counter(key for key, _ in keys)
    names = {key: code_id for key, code_id in keys if bearers[key] == 1}
    return names | {code_id.casefold(): code_id for code_id, _ in listed}


def found(word: str, names: Names) -> str:
    """Return the id that ``word`` stands for, or ``word`` itself where it stands for none."""
    return names.get(word.strip().casefold(), word.strip())


# --- Colours as people and programs write them.

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
