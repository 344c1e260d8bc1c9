"""Tables of codes as .csv and .xlsx files."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lbc_themes.codebook.draft import Draft, Problem, code_path, id_of, ids_of, is_id, names_of, warning
from lbc_themes.codebook.fields import (
    BILINGUAL,
    TITLES,
    cells_of,
    clean,
    code_of,
    columns,
    heading,
    is_program_head,
    sections_of,
    unknown_speakers,
    wording,
)
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import cell_text, private_csv, private_replace
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Code, Codebook, Role
from lbc_themes.text.decoding import decode
from lbc_themes.text.safe_zip import check_package

# --- Which column of a table of codes holds what.

_LEVELS = {"group": 1, "subgroup": 2}
_NAMES = ("name", "name_zh", "name_en", "id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Heads:
    """``columns`` are the fields by column number, ``levels`` the column numbers from the root level down.

    ``passed_over`` are columns of counts and dates that other programs put beside their codes.
    """

    columns: Mapping[int, str]
    levels: tuple[int, ...]
    passed_over: frozenset[int] = frozenset()

    @property
    def known(self) -> frozenset[int]:
        """The numbers of the columns that are read."""
        return frozenset({*self.columns, *self.levels, *self.passed_over})

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """Return the cells of a row that hold anything, by field; columns of levels as ``level1`` and on."""
        named = {**self.columns, **{column: f"level{depth}" for depth, column in enumerate(self.levels, 1)}}
        held = {name: row[column].strip() for column, name in named.items() if column < len(row)}
        return {name: text for name, text in held.items() if text}

    def path(self, row: Sequence[str], before: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the names of a row's code from the root down, or None where the row names no code.

        ``before`` is the path of the row above, from which empty levels are filled.
        """
        cells = self.cells(row)
        own = next((clean(cells[name]) for name in _NAMES if name in cells), "")
        written = [clean(cells.get(f"level{depth}", "")) for depth in range(1, len(self.levels) + 1)]
        last = max((depth for depth, name in enumerate(written, 1) if name), default=0)
        deepest = len(written) if own else last
        if not own and not deepest:
            return None
        upper = _filled(written[:deepest], before)
        return (*upper, own) if own else upper


def _filled(written: list[str], before: tuple[str, ...]) -> tuple[str, ...]:
    path: list[str] = []
    same = True
    for depth, name in enumerate(written):
        kept = before[depth] if same and depth < len(before) else ""
        same = same and (not name or name == kept)
        if name or kept:
            path.append(name or kept)
    return tuple(path)


def heads_of(row: Sequence[str]) -> Heads | None:
    """Return what the columns hold, or None where the row is no head: a head names the code and one thing more."""
    meant = {column: meaning for column, cell in enumerate(row) if (meaning := heading(clean(cell)))}
    depths = {column: depth for column, m in meant.items() if (depth := m.level or _LEVELS.get(m.field, 0))}
    levels = {depth: column for column, depth in reversed(depths.items())}
    plain = {column: m for column, m in meant.items() if column not in depths}
    often = Counter(m.field for m in plain.values() if not m.language)
    columns: dict[int, str] = {}
    for column, m in plain.items():
        language = m.language or (_script(row[column]) if often[m.field] > 1 else "")
        key = f"{m.field}_{language}" if language and m.field in BILINGUAL else m.field
        if key not in columns.values():
            columns[column] = key
    beside = {column for column, cell in enumerate(row) if is_program_head(clean(cell))}
    names_code = bool(levels) or any(name in columns.values() for name in _NAMES)
    if not names_code or len({*columns, *beside}) + len(levels) < 2:
        return None
    return Heads(
        columns=columns, levels=tuple(levels[depth] for depth in sorted(levels)),
        passed_over=frozenset(beside - {*columns}),
    )  # fmt: skip


def _script(words: str) -> str:
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in words) else "en"


# --- A table of codes, one row a code, as a draft.

Row = Sequence[str]
_HEAD = 5
ROLES = ", ".join(Role)


@dataclass(slots=True)
class _Entry:
    """A row, or a parent that no row describes: its names from the root down, its cells and its row number."""

    path: tuple[str, ...]
    row: int
    cells: dict[str, str] = field(default_factory=dict)
    group: bool = False


def draft_of_rows(rows: Sequence[Row], stem: str) -> Draft:
    """Return the codes of a table. One of its first five rows heads the columns; ``stem`` is the bare name of the file.

    A row without a name goes on with the code above it; a column of levels or themes that is empty (merged cells)
    repeats what stands above; a parent that no row describes becomes a code described by its children.
    """
    number, heads = next(((n, h) for n, row in enumerate(rows[:_HEAD]) if (h := heads_of(row))), (0, None))
    if heads is None:
        raise InputError(message("codebook.none_first_five_rows"))
    entries = _entries(rows, number + 1, heads)
    if not heads.levels and "parent" not in heads.columns.values():
        entries = _as_tree(entries)
    first = entries[0].cells if entries else {}
    name = wording(first, "book_name")
    return Draft(
        id=clean(first.get("book", "")) or id_of(stem) or "codebook",
        version=clean(first.get("book_version", "")) or "1", source=clean(first.get("book_source", "")),
        name=name if name.zh or name.en else Bilingual(zh=stem, en=stem), codes=_codes(entries), unit="row",
        lines=tuple({"": entry.row} for entry in entries),
        problems=(*_unread(rows[number], heads), *_speakers(entries)),
    )  # fmt: skip


def _unread(row: Row, heads: Heads) -> tuple[Problem, ...]:
    unread = [clean(cell) for column, cell in enumerate(row) if cell.strip() and column not in heads.known]
    if not unread:
        return ()
    listed = ", ".join(unread)
    return (warning(message("codebook.columns_not_read", listed=listed)),)


def _speakers(entries: list[_Entry]) -> Iterator[Problem]:
    for entry in entries:
        for word in unknown_speakers(entry.cells):
            said = message("codebook.speaker_not_understood", word=word, allowed=ROLES)
            yield warning(said, code=entry.path[-1], line=entry.row)


def _entries(rows: Sequence[Row], first: int, heads: Heads) -> list[_Entry]:
    entries: list[_Entry] = []
    path: tuple[str, ...] = ()
    for number in range(first, len(rows)):
        cells = heads.cells(rows[number])
        if not cells:
            continue
        named = heads.path(rows[number], path)
        if named is None:
            _append(entries, cells)
            continue
        path = named
        entries.extend(_groups(path, entries, number + 1))
        entries.append(_Entry(path=path, row=number + 1, cells=_with_rules(cells)))
    return entries


def _as_tree(entries: list[_Entry]) -> list[_Entry]:
    r"""Return entries whose names are paths (``A > B``, ``A::B``, ``A\B``, ``A.B``, ``A: B``) below their parents.

    ``>``, ``::`` and ``\`` always part a path; a dot or a colon does where the part before it is a code of the table.
    """
    names = {entry.path[0] for entry in entries if len(entry.path) == 1}
    found: list[_Entry] = []
    for entry in entries:
        path = code_path(entry.path[0], names) if len(entry.path) == 1 else entry.path
        found.extend(_groups(path, found, entry.row))
        known = next((each for each in found if each.path == path and each.group), None)
        if known is not None:
            found.remove(known)
        found.append(replace(entry, path=path, cells=_renamed(entry.cells, path) if len(path) > 1 else entry.cells))
    return found


def _renamed(cells: Mapping[str, str], path: tuple[str, ...]) -> dict[str, str]:
    return {
        key: path[-1] if key in _NAMES and clean(text) not in {"", path[-1]} else text for key, text in cells.items()
    }


def _groups(path: tuple[str, ...], entries: list[_Entry], row: int) -> Iterator[_Entry]:
    known = {entry.path for entry in entries}
    for depth in range(1, len(path)):
        if path[:depth] not in known:
            yield _Entry(path=path[:depth], row=row, group=True)


def _append(entries: list[_Entry], cells: Mapping[str, str]) -> None:
    for key, value in cells.items() if entries else ():
        before = entries[-1].cells.get(key, "")
        entries[-1].cells[key] = f"{before}\n{value}" if before else value


def _with_rules(cells: dict[str, str]) -> dict[str, str]:
    parted = dict(cells)
    for key in ("rules", "rules_zh", "rules_en"):
        for name, text in sections_of(parted.pop(key, ""), "include").items():
            named = f"{name}{key.removeprefix('rules')}"
            parted[named] = f"{parted[named]}\n{text}" if named in parted else text
    return parted


def _codes(entries: list[_Entry]) -> tuple[Code, ...]:
    made = ids_of([entry.path for entry in entries])
    ids = [_own_id(entry) or made_id for entry, made_id in zip(entries, made, strict=True)]
    names = names_of((code_id, _named(entry)) for code_id, entry in zip(ids, entries, strict=True))
    of_path = {entry.path: code_id for entry, code_id in zip(entries, ids, strict=True)}
    codes = []
    for code_id, entry in zip(ids, entries, strict=True):
        parent = of_path[entry.path[:-1]] if len(entry.path) > 1 else clean(entry.cells.get("parent", "")) or None
        code = replace(code_of(entry.cells, code_id, parent, names), name=_named(entry))
        codes.append(_described(code, entry, entries) if entry.group else code)
    return tuple(codes)


def _own_id(entry: _Entry) -> str:
    """Return the id in the row. Where the row has no name, its id is a name, and may be made into an id."""
    own = clean(entry.cells.get("id", ""))
    has_name = any(key in entry.cells for key in ("name", "name_zh", "name_en"))
    return own if has_name or (is_id(own) and len(entry.path) == 1) else ""


def _named(entry: _Entry) -> Bilingual:
    name = wording(entry.cells, "name")
    return name if name.zh or name.en else Bilingual(zh=entry.path[-1], en=entry.path[-1])


def _described(code: Code, entry: _Entry, entries: list[_Entry]) -> Code:
    below = [each.path[-1] for each in entries if each.path[:-1] == entry.path]
    zh, en = f"{code.name.zh}，包括：{'、'.join(below)}", f"{code.name.en}, which holds {', '.join(below)}"
    text = Bilingual(zh=zh, en=en)
    return replace(code, brief=text, definition=text)


_BOOK = ("book", "book_version", "book_name_zh", "book_name_en", "book_source")
_WIDTHS = {"definition": 60, "include": 50, "exclude": 50, "typical": 60, "atypical": 40, "close": 40, "brief": 30}
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, IndexError, SyntaxError)
_CELL = 10_000_000


def read_csv(data: bytes, stem: str) -> Draft:
    """Return the codes of a .csv file in UTF-8, GB18030 or UTF-16, parted by commas, tabs or semicolons."""
    text, _ = decode(data)
    head = next((line for line in text[:20_000].split("\n") if any(mark in line for mark in ",\t;")), "")
    csv.field_size_limit(_CELL)
    parted_by = max(",\t;", key=head.count)
    try:
        table = csv.reader(io.StringIO(text, newline=""), delimiter=parted_by)
        rows = [[cell_text(cell) for cell in row] for row in table]
    except csv.Error as fault:
        raise InputError(message("codebook.readable_csv_file_save", fault=fault)) from fault
    return draft_of_rows(rows, stem)


def read_xlsx(data: bytes, stem: str) -> Draft:
    """Return the codes of the first visible sheet of an .xlsx file whose columns are headed as a codebook's."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    check_package(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [_rows(each.iter_rows(values_only=True)) for each in book.worksheets if each.sheet_state == "visible"]
    except (*_BROKEN, InvalidFileException) as fault:
        raise InputError(message("codebook.readable_workbook_open_excel", fault=fault)) from fault
    headed = [rows for rows in sheets if any(heads_of(row) for row in rows[:5])]
    return draft_of_rows((headed or sheets or [[]])[0], stem)


def _rows(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    return [["" if value is None else str(value) for value in row] for row in rows]


def table_of(codebook: Codebook) -> list[list[str]]:
    """Return a codebook as rows, the heads first. What belongs to the whole codebook stands with its first code."""
    keys = columns()
    book = [codebook.id, codebook.version, codebook.name.zh, codebook.name.en, codebook.source]
    rows = [[cells_of(code)[key] for key in keys] for code in codebook]
    return [
        [_title(key) for key in (*keys, *_BOOK)],
        *([*row, *(book if number == 0 else [""] * len(book))] for number, row in enumerate(rows)),
    ]


def _title(key: str) -> str:
    field, _, language = key.rpartition("_")
    return f"{TITLES[field]}_{language}" if field in BILINGUAL else TITLES[key]


def write_csv(codebook: Codebook, path: Path) -> None:
    """Write a codebook as .csv in UTF-8 with the mark by which Excel knows it."""
    with private_csv(path) as write_row:
        for row in table_of(codebook):
            write_row(row)


def write_xlsx(codebook: Codebook, path: Path) -> None:
    """Write a codebook as .xlsx, one row a code, with the head row frozen and each code in its colour."""
    import openpyxl
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    rows = table_of(codebook)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "codebook"
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for number, code in enumerate(codebook, 2):
        sheet.cell(number, 1).fill = PatternFill("solid", fgColor=code.colour.removeprefix("#"))
    for column, key in enumerate((*columns(), *_BOOK), 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(key.rpartition("_")[0], 18)
    sheet.freeze_panes = "B2"
    with private_replace(path) as beside:
        book.save(beside)
