"""A codebook as a file holds it, before anyone knows whether it holds together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lbc_themes.codebook.problem import Problem, error, warning
from lbc_themes.core.records import Bilingual, Code, Codebook, Example, Rule

Lines = Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Codes as written, and where.

    ``lines`` has one mapping a code: from a part of it ("", "name", "exclude.0") to its line; missing parts are
    looked up under "". ``unit`` is what the numbers count. ``problems`` were found while reading. ``bare`` says that
    the form allows codes without a definition, as coding programs write them.
    """

    id: str
    codes: tuple[Code, ...]
    version: str = "1"
    name: Bilingual
    source: str = ""
    lines: tuple[Lines, ...] = ()
    problems: tuple[Problem, ...] = ()
    unit: str = "line"
    bare: bool = False

    def numbered(self) -> Iterator[tuple[Code, "Place"]]:
        """Yield each code with the places of its parts."""
        for number, code in enumerate(self.codes):
            yield code, Place(code.id, self.lines[number] if number < len(self.lines) else {})


@dataclass(frozen=True, slots=True)
class Place:
    """One code's id, and where its parts stand."""

    code: str
    lines: Lines

    def error(self, part: str, zh: str, en: str) -> Problem:
        """Return an error in ``part`` of the code."""
        return error(zh, en, code=self.code, line=self.of(part))

    def warning(self, part: str, zh: str, en: str) -> Problem:
        """Return a warning about ``part`` of the code."""
        return warning(zh, en, code=self.code, line=self.of(part))

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
