"""A table of codes, one row a code, as a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lbc_themes.codebook.cells import code_of, unknown_speakers, wording
from lbc_themes.codebook.description import sections_of
from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.heads import Heads, heads_of
from lbc_themes.codebook.items import clean
from lbc_themes.codebook.naming import id_of, ids_of, is_id, names_of
from lbc_themes.codebook.problem import Problem, warning
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Role

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
        raise InputError(
            "none of the first five rows heads the columns of a codebook; head at least 编码 (id) or 名称 (name), and "
            "定义 (definition); 上级 (parent), 何时用 (include), 何时不用 (exclude), 例子 (examples) are read too"
        )
    entries = _entries(rows, number + 1, heads)
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
    return (warning(f"这些列没有读取：{listed}", f"these columns are not read: {listed}"),)


def _speakers(entries: list[_Entry]) -> Iterator[Problem]:
    for entry in entries:
        for word in unknown_speakers(entry.cells):
            zh, en = f"说话人“{word}”读不懂，没有读取", f"the speaker {word} is not understood and not read"
            yield warning(f"{zh}；可用 {ROLES}", f"{en}; allowed are {ROLES}", code=entry.path[-1], line=entry.row)


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
