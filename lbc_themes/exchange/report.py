"""A Word report of coded quotations by theme, with a table of participants, as in a findings chapter."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from lbc_themes.core.records import Language
from lbc_themes.core.study_log import Contents, Participant
from lbc_themes.exchange.docx_parts import document, save, table
from lbc_themes.exchange.quotes import Quote, by_code, family, quotes_of
from lbc_themes.exchange.tree import legal
from lbc_themes.exchange.words import ATTRIBUTES, WORDS, role_name
from lbc_themes.reading.vocabulary import role_of_value

_DEEPEST = 5


def write_quotations(
    contents: Contents,
    path: str | Path,
    *,
    coders: Collection[str] | None = None,
    themes: Mapping[str, Sequence[str]] | None = None,
    language: Language = "zh",
) -> None:
    """Write a .docx: the participants with their attributes, then each theme with its codes and their quotations.

    ``coders`` are whose codings are quoted, by default those of all people and not the machine's. ``themes`` maps the
    names of themes to code ids; by default the codes without a parent are the themes, with what is below them. Codes
    that nobody used are left out.
    """
    quotes = quotes_of(contents, coders)
    page = document(f"{WORDS['report'].said(language)}: {contents.name}")
    page.add_heading(WORDS["participants"].said(language), level=2)
    table(page, participant_rows(contents, quotes, language))
    page.add_heading(WORDS["findings"].said(language), level=2)
    found = by_code(quotes)
    if not found:
        page.add_paragraph(WORDS["no_quotes"].said(language))
    for name, code_ids in (themes or _roots(contents, language)).items():
        used = [i for i in contents.codebook.ids if found.get(i) and any(i in family(contents, c) for c in code_ids)]
        if used:
            page.add_heading(f"{legal(name)} ({_count([q for i in used for q in found[i]], language)})", level=3)
            _add_codes(page, used, found, contents, language)
    save(page, Path(path))


def _roots(contents: Contents, language: Language) -> dict[str, list[str]]:
    return {code.name.said(language): [code.id] for code in contents.codebook if code.parent is None}


def _count(quotes: Sequence[Quote], language: Language) -> str:
    people = len({quote.participant for quote in quotes})
    return WORDS["people_quotes"].said(language).format(people=people, quotes=len(quotes))


def _add_codes(
    page: Any,  # noqa: ANN401 (python-docx has no types)
    used: Sequence[str],
    found: Mapping[str, list[Quote]],
    contents: Contents,
    language: Language,
) -> None:
    people = {person.id: person for person in contents.participants}
    for code_id in used:
        code, quotes = contents.codebook[code_id], found[code_id]
        depth = min(_DEEPEST, 4 + max(0, len(contents.codebook.ancestors(code_id)) - 1))
        page.add_heading(f"{legal(code.name.said(language))} ({_count(quotes, language)})", level=depth)
        page.add_paragraph(legal(code.brief.said(language)))
        for quote in quotes:
            page.add_paragraph(legal(f"“{quote.text}” ({_who(quote, people, language)})"), style="Intense Quote")


def _who(quote: Quote, people: Mapping[str, Participant], language: Language) -> str:
    person = people.get(quote.participant)
    known = [person.attributes.get(key, "") for key in ("gender", "age", "grade")] if person else []
    comma = "，" if language == "zh" else ", "
    return comma.join([quote.participant, *filter(None, known)])


def participant_rows(contents: Contents, quotes: Sequence[Quote], language: Language) -> list[list[str]]:
    """Return the table of participants as cells, the heads first; columns nobody has a value in are left out."""
    people = contents.participants
    keys = list(dict.fromkeys(key for person in people for key, value in person.attributes.items() if value))
    heads = [ATTRIBUTES[key].said(language) if key in ATTRIBUTES else key for key in keys]
    said = [quote.participant for quote in quotes]
    return [
        [WORDS["participant"].said(language), *heads, WORDS["quotes"].said(language)],
        *([p.id, *(_value(p, key, language) for key in keys), str(said.count(p.id))] for p in people),
    ]


def _value(person: Participant, key: str, language: Language) -> str:
    value = person.attributes.get(key, "")
    role = role_of_value(value) if key == "role" and value else None
    return role_name(role, language) if role else value
