"""Member checking: a sheet for each participant with what was understood, and its answers as memos."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import file_name, private_folder
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Code, Language, Role
from lbc_themes.core.study_log import Contents, Memo
from lbc_themes.exchange.quotations import document, save, table
from lbc_themes.exchange.quotes import Quote, by_code, quotes_of
from lbc_themes.exchange.refi_qda.xml import legal
from lbc_themes.exchange.wording import WORDS
from lbc_themes.text.safe_zip import check_package

# --- What was understood, in words for whoever said it: for children in words of theirs.


@cache
def _table() -> Mapping[str, Bilingual]:
    with Path(__file__).with_name("plain_words.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["name"]: Bilingual(zh=row["zh"], en=row["en"]) for row in rows}


def understood(code: Code, role: Role, language: Language) -> str:
    """Return what a code says that a participant told: to children in plain words, to adults the code's brief.

    The plain words are those of the reference codebook's codes, known by their Chinese name; of other codes children
    too get the brief.
    """
    plain = _table().get(code.name.zh) if role is Role.CHILD else None
    if plain is None:
        return code.brief.said(language)
    return WORDS["child_told"].said(language).format(what=plain.said(language))


_MOST = 3
_MARK = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
_EMPTY = re.compile(r"[\s_＿□☐]*")


def write_member_sheets(
    contents: Contents, folder: str | Path, *, coders: Collection[str] | None = None, language: Language = "zh"
) -> list[Path]:
    """Write one .docx for each participant with codings, and return their paths.

    Each code is a row: what we understood (for children in words of theirs, for adults the code's brief), up to three
    of the participant's own quotations, two cells to tick, and room to write. ``read_member_sheet`` brings the answers
    back. ``coders`` are whose codings count, by default those of all people.
    """
    where, quotes = Path(folder), quotes_of(contents, coders)
    private_folder(where)
    paths: list[Path] = []
    for person in contents.participants:
        mine = [quote for quote in quotes if quote.participant == person.id]
        if mine:
            path = where / file_name(person.id, ".docx", taken=[other.name for other in paths])
            _write(person.id, mine, contents, path, language)
            paths.append(path)
    return paths


def _write(name: str, quotes: Sequence[Quote], contents: Contents, path: Path, language: Language) -> None:
    role = Role.CHILD if all(quote.role is Role.CHILD for quote in quotes) else Role.OTHER
    whose = "child" if role is Role.CHILD else "member"
    page = document(WORDS[f"{whose}_title"].said(language).format(name=name))
    page.add_paragraph(WORDS[f"{whose}_intro"].said(language))
    heads = (f"{whose}_understood", f"{whose}_words", "member_right", "member_wrong", f"{whose}_say")
    rows = [[WORDS[head].said(language) for head in heads]]
    found = by_code(quotes)
    for code in contents.codebook:
        if code.id in found:
            words = "\n".join(f"“{quote.text}”" for quote in found[code.id][:_MOST])
            rows.append([understood(code, role, language), words, "□", "□", ""])
    grid = table(page, rows)
    used = [code.id for code in contents.codebook if code.id in found]
    for line, code_id in zip(grid.rows[1:], used, strict=True):
        _mark(line.cells[0].paragraphs[0], name, code_id)
    page.add_heading(WORDS["member_more"].said(language), level=2)
    more = table(page, [["\n\n\n"]])
    _mark(more.rows[0].cells[0].paragraphs[0], name, "")
    save(page, path)


def _mark(paragraph: Any, name: str, code_id: str) -> None:  # noqa: ANN401 (python-docx has no types)
    """Put in small grey what the row is about, so that the answer finds its way back."""
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(legal(f" {{{name}|{code_id}}}"))
    run.font.size, run.font.color.rgb = Pt(6), RGBColor(0xBB, 0xBB, 0xBB)


def read_member_sheet(
    path: str | Path, contents: Contents, *, coder: str = "", time: str = "", language: Language = "zh"
) -> list[Memo]:
    """Return the answers of a filled-in sheet as memos about the participant, for ``Study.record_memo``.

    ``coder`` is who enters them; by default the participant. Anything written into a cell to tick counts as a tick.
    Rows without an answer are passed over. Refuses a file that is no such sheet, or about a stranger.
    """
    import docx

    file = Path(path)
    try:
        data = file.read_bytes()
        check_package(data)
        tables = docx.Document(io.BytesIO(data)).tables
    except (OSError, KeyError, ValueError) as fault:
        raise InputError(message("exchange.readable_word_document_save", file=file, fault=fault)) from fault
    known = {person.id for person in contents.participants}
    answers = [answer for grid in tables for line in grid.rows for answer in _answers(_cells(line))]
    if not answers:
        raise InputError(message("exchange.no_sheet_member_checking", file=file))
    strangers = {name for name, *_ in answers} - known
    if strangers:
        raise InputError(message("exchange.no_participant_study", file=file, pop=strangers.pop()))
    memos = []
    for name, code_id, stance, said in answers:
        text = _memo(code_id, stance, said, contents, language)
        if text:
            memos.append(Memo(text=text, coder=coder or name, about="participant", about_id=name, time=time))
    return memos


def _cells(line: Any) -> list[str]:  # noqa: ANN401
    return [cell.text for cell in line.cells]


def _answers(cells: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    mark = _MARK.search(cells[0])
    if mark and len(cells) >= 5:
        right, wrong = (not _EMPTY.fullmatch(cell) for cell in cells[2:4])
        stance = "answer_wrong" if wrong else "answer_right" if right else ""
        yield mark[1], mark[2], stance, cells[4].strip()
    elif mark:
        yield mark[1], "", "", _MARK.sub("", cells[0]).strip()


def _memo(code_id: str, stance: str, said: str, contents: Contents, language: Language) -> str:
    if not (stance or said):
        return ""
    colon = "：" if language == "zh" else ": "
    book = contents.codebook
    about = f"〔{book[code_id].name.said(language)}〕" if code_id in book else ""
    word = WORDS[stance or "answer_said"].said(language)
    return f"{about}{word}{colon if said else ''}{said}"
