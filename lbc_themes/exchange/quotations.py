"""The Word report of quotations by theme, and what they say of each part of the theories."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_replace
from lbc_themes.core.messages import message
from lbc_themes.core.records import Language
from lbc_themes.core.study_log import Contents, Participant
from lbc_themes.exchange.matrices import FacetEvidence, facet_evidence, facet_name, facet_value_name, facets_of
from lbc_themes.exchange.quotes import Quote, by_code, family, quotes_of, spread
from lbc_themes.exchange.refi_qda.xml import legal
from lbc_themes.exchange.wording import ATTRIBUTES, WORDS, role_name
from lbc_themes.reading.vocabulary import role_of_value

# --- Pieces of Word documents.


def document(title: str, *, crosswise: bool = False) -> Any:  # noqa: ANN401 (python-docx has no types)
    """Return a new document with a title, in a typeface that has Chinese."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Pt

    made = docx.Document()
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(10.5)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    if crosswise:
        page = made.sections[0]
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = page.page_height, page.page_width
    made.add_heading(legal(title), level=1)
    return made


def table(made: Any, rows: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401
    """Add a table whose first row is its head, and return it."""
    grid = made.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for number, (line, cells) in enumerate(zip(grid.rows, rows, strict=True)):
        for cell, text in zip(line.cells, cells, strict=True):
            cell.paragraphs[0].add_run(legal(text)).bold = number == 0
    return grid


def save(made: Any, path: Path) -> None:  # noqa: ANN401
    """Write a document."""
    try:
        with private_replace(path) as beside:
            made.save(str(beside))
    except OSError as fault:
        raise InputError(
            message("exchange.cannot_written_check_folder_3", path=path, strerror=fault.strerror)
        ) from fault


_DEEPEST = 5


def write_quotations(
    contents: Contents,
    path: str | Path,
    *,
    coders: Collection[str] | None = None,
    themes: Mapping[str, Sequence[str]] | None = None,
    language: Language = "zh",
) -> None:
    """Write a .docx: the participants with their attributes, each theme with its codes and their quotations, theories.

    For each theory that the codebook's codes have facets of there is a table: what supports each of its parts, by whom,
    and what nothing supports.

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
    if found:
        _add_evidence(page, contents, coders, language)
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


def _add_evidence(
    page: Any,  # noqa: ANN401 (python-docx has no types)
    contents: Contents,
    coders: Collection[str] | None,
    language: Language,
) -> None:
    facets = facets_of(contents.codebook)
    if not facets:
        return
    page.add_heading(WORDS["evidence"].said(language), level=2)
    page.add_paragraph(WORDS["evidence_note"].said(language))
    heads = [WORDS[key].said(language) for key in ("part", "count", "examples", "unsupported")]
    for facet in facets:
        page.add_heading(legal(facet_name(facet).said(language)), level=3)
        rows = [_evidence_row(each, contents, language) for each in facet_evidence(contents, facet, coders=coders)]
        table(page, [heads, *rows])


def _evidence_row(evidence: FacetEvidence, contents: Contents, language: Language) -> list[str]:
    comma = "、" if language == "zh" else ", "
    name = facet_value_name(evidence.facet, evidence.value).said(language)
    unsupported = comma.join(contents.codebook[code_id].name.said(language) for code_id in evidence.unsupported)
    if not evidence.quotations:
        return [name, WORDS["nothing_supports"].said(language), "", unsupported]
    counted = f"{_count(evidence.quotations, language)}\n{comma.join(evidence.participants)}"
    examples = "\n".join(f"“{quote.text}” ({quote.participant})" for quote in spread(evidence.quotations))
    return [name, counted, examples, unsupported]


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
