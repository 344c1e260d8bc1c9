"""Triangulation: each theme by children, teachers and caregivers, side by side."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_csv
from lbc_themes.core.messages import message
from lbc_themes.core.records import Language, Role
from lbc_themes.core.study_log import Contents
from lbc_themes.exchange.quotes import Quote, family, quotes_of, spread
from lbc_themes.exchange.wording import STANCES, WORDS, role_name

Stance = Literal["agreeing", "mixed", "contrary", "silent"]
ROLES = (Role.CHILD, Role.TEACHER, Role.CAREGIVER)
_ENDS = (("positive", "negative"), ("negative", "positive"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """What one group says to a theme: its stance, how many people in how many quotes, and up to three of their quotes.

    ``participants`` are all who speak to it, for or against. Of a "contrary" voice the examples are quotes that speak
    against the theme, of every other those that speak for it.
    """

    role: Role
    stance: Stance
    participants: int
    quotes: int
    against: int
    examples: tuple[Quote, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Triangulated:
    """One theme (a code with those below it) and the voice of each group, in the order of ``ROLES``."""

    code_id: str
    voices: tuple[Voice, ...]


def triangulate(
    contents: Contents,
    *,
    coders: Collection[str] | None = None,
    themes: Sequence[str] | None = None,
    contrary: Mapping[str, str] | None = None,
) -> list[Triangulated]:
    """Return what each group says to each theme, as far as the codings tell.

    A group is "silent" where none of its words carry the theme, "contrary" where its words carry only the theme's
    opposite, "mixed" where they carry both, and "agreeing" otherwise. Counts, not tests: silence may mean that nobody
    asked.

    Args:
        contents: The study.
        coders: Whose codings count; by default those of all people.
        themes: Code ids, each with the codes below it; by default every code that occurs, and those above it.
        contrary: Code id to the code that says the opposite; by default ids that differ in ``positive`` and
            ``negative`` at their ends.
    """
    quotes = quotes_of(contents, coders)
    used = {quote.code_id for quote in quotes}
    book = contents.codebook
    chosen = (
        [book[i].id for i in themes] if themes is not None else [c.id for c in book if used & {*family(contents, c.id)}]
    )
    opposites = _opposites(contents) if contrary is None else {book[a].id: book[b].id for a, b in contrary.items()}
    rows = []
    for code_id in chosen:
        here = {*family(contents, code_id)}
        there = {*family(contents, opposites[code_id])} if code_id in opposites else set()
        rows.append(Triangulated(code_id=code_id, voices=tuple(_voice(r, quotes, here, there) for r in ROLES)))
    return rows


def _opposites(contents: Contents) -> dict[str, str]:
    ids = contents.codebook.ids
    pairs = ((i, f"{i.removesuffix(a)}{b}") for i in ids for a, b in _ENDS if i.endswith(a))
    return {a: b for a, b in pairs if b in ids}


def _voice(role: Role, quotes: Sequence[Quote], here: set[str], there: set[str]) -> Voice:
    mine = [quote for quote in quotes if quote.role is role]
    for_, against = ([quote for quote in mine if quote.code_id in codes] for codes in (here, there))
    stance: Stance = "silent"
    if for_:
        stance = "mixed" if against else "agreeing"
    elif against:
        stance = "contrary"
    shown = for_ or against
    return Voice(
        role=role, stance=stance, participants=len({quote.participant for quote in (*for_, *against)}),
        quotes=len(for_), against=len(against), examples=spread(shown),
    )  # fmt: skip


def triangulation_rows(rows: Sequence[Triangulated], contents: Contents, language: Language) -> list[list[str]]:
    """Return the table as cells, the heads first."""
    head = [WORDS["theme"].said(language), *(role_name(role, language) for role in ROLES)]
    body = [[contents.codebook[r.code_id].name.said(language), *(_cell(v, language) for v in r.voices)] for r in rows]
    return [head, *body]


def _cell(voice: Voice, language: Language) -> str:
    if voice.stance == "silent":
        return STANCES["silent"].said(language)
    count = WORDS["people_quotes"].said(language).format(people=voice.participants, quotes=voice.quotes + voice.against)
    lines = [f"{STANCES[voice.stance].said(language)} ({count})"]
    return "\n".join([*lines, *(f"“{quote.text}” ({quote.participant})" for quote in voice.examples)])


def write_triangulation(
    rows: Sequence[Triangulated], contents: Contents, path: str | Path, *, language: Language = "zh"
) -> None:
    """Write the table as .docx, or as .csv in UTF-8 with the mark by which Excel knows it."""
    from lbc_themes.exchange.quotations import document, save, table

    file, cells = Path(path), triangulation_rows(rows, contents, language)
    if file.suffix.lower() == ".csv":
        with private_csv(file) as write_row:
            for row in cells:
                write_row(row)
        return
    if file.suffix.lower() != ".docx":
        raise InputError(message("exchange.triangulation_written_docx_csv", file=file))
    page = document(WORDS["triangulation"].said(language), crosswise=True)
    page.add_paragraph(WORDS["triangulation_note"].said(language))
    table(page, cells)
    save(page, file)
