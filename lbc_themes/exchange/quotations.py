"""Coded words with who said them, and the Word report of quotations by theme."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_replace
from lbc_themes.core.messages import message
from lbc_themes.core.records import Language, Role, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, Participant, labelled_codings
from lbc_themes.exchange.refi_qda.xml import legal
from lbc_themes.exchange.wording import ATTRIBUTES, WORDS, role_name
from lbc_themes.reading.vocabulary import role_of_value

# --- Coded words, with who said them: what reports, member checks and triangulation are made of.


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """Words of one participant that carry a code. ``coders`` are all who gave it to exactly these words."""

    participant: str
    role: Role
    transcript_id: str
    start: int
    end: int
    text: str
    code_id: str
    coders: tuple[str, ...]


def quotes_of(contents: Contents, coders: Collection[str] | None = None) -> list[Quote]:
    """Return the quotes of ``coders`` (by default all people, not the machine), by transcript and place.

    The same code on the same words comes once. The role is the speaker's, or else the participant's.
    """
    transcripts = {transcript.id: transcript for transcript in contents.transcripts}
    people = {t: person for person in contents.participants for t in person.transcript_ids}
    wanted: dict[tuple[str, int, int, str], list[str]] = defaultdict(list)
    for c in labelled_codings(contents):
        if c.coder in coders if coders is not None else c.coder != MACHINE:
            wanted[c.transcript_id, c.start, c.end, c.code_id].append(c.coder)
    found = []
    for (transcript_id, start, end, code_id), names in wanted.items():
        transcript, person = transcripts[transcript_id], people.get(transcript_id)
        found.append(
            Quote(
                participant=person.id if person else transcript_id, role=_role(transcript, start, end, person),
                transcript_id=transcript_id, start=start, end=end, text=_said(transcript, start, end),
                code_id=code_id, coders=tuple(names),
            )
        )  # fmt: skip
    return found


def _role(transcript: Transcript, start: int, end: int, person: Participant | None) -> Role:
    spoken = [turn.role for turn in transcript.turns if turn.start < end and start < turn.end]
    role = next((role for role in spoken if role not in {Role.INTERVIEWER, Role.OTHER}), None)
    stated = role_of_value(person.attributes.get("role", "")) if person else None
    return role or stated or Role.OTHER


def _said(transcript: Transcript, start: int, end: int) -> str:
    """Return the participant's words in a slice; what the interviewer says between them is left out, with a mark."""
    theirs = [t for t in transcript.turns if t.role is not Role.INTERVIEWER and t.start < end and start < t.end]
    parts = [transcript.text[max(start, t.start) : min(end, t.end)].strip() for t in theirs]
    return " …… ".join(filter(None, parts)) or transcript.text[start:end].strip()


def by_code(quotes: Sequence[Quote]) -> Mapping[str, list[Quote]]:
    """Return quotes by code id."""
    found: dict[str, list[Quote]] = defaultdict(list)
    for quote in quotes:
        found[quote.code_id].append(quote)
    return found


def family(contents: Contents, code_id: str) -> tuple[str, ...]:
    """Return a code and every code below it, in codebook order."""
    book = contents.codebook
    return tuple(c.id for c in book if c.id == code_id or code_id in book.ancestors(c.id))


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
