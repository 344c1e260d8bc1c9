"""Which column of a table is the speaker, which the speech, which the time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lbc_themes.reading.document import Grid, Row
from lbc_themes.reading.headers import meaning
from lbc_themes.reading.lines import bare, seconds
from lbc_themes.reading.vocabulary import is_speaker_word

_HEAD = 5
_SAMPLE = 400
_WIDEST = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Column numbers of a table whose rows are turns; ``first`` is the number of its first row of speech."""

    text: int
    speaker: int | None = None
    time: int | None = None
    role: int | None = None
    question: int | None = None
    first: int = 0


def turn_columns(grid: Grid) -> Columns | None:
    """Return the columns of a table of turns, from its header or, without one, from what stands in the columns."""
    return _by_header(grid) or _by_content(grid)


def places(row: Row) -> dict[str, int]:
    """Return the first column of every meaning that the headers in ``row`` have."""
    found: dict[str, int] = {}
    for column, cell in enumerate(row[:_WIDEST]):
        found.setdefault(meaning(cell.value), column)
    return found


def _by_header(grid: Grid) -> Columns | None:
    for number, row in enumerate(grid.rows[:_HEAD]):
        found = places(row)
        if "text" in found and found.keys() & {"speaker", "role", "time", "question", "respondent"}:
            speaker = next((found[name] for name in ("speaker", "respondent", "role") if name in found), None)
            others = {name: found.get(name) for name in ("time", "role", "question")}
            return Columns(text=found["text"], speaker=speaker, first=number + 1, **others)
    return None


def _by_content(grid: Grid) -> Columns | None:
    rows = grid.rows[:_SAMPLE]
    width = max(map(len, rows), default=0)
    if len(rows) < 2 or not 2 <= width <= 4:
        return None
    times = [column for column in range(width) if _share_of_times(rows, column) > 0.6]
    names = [column for column in range(width) if column not in times and _names_people(rows, column)]
    name = max(names, key=lambda column: _again(rows, column), default=None)
    left = [column for column in range(width) if column not in times and column != name]
    if name is None or not left:
        return None
    text = max(left, key=lambda column: _characters(rows, column))
    return _below_header(Columns(text=text, speaker=name, time=times[0] if times else None), rows[0], name)


def _below_header(columns: Columns, row: Row, name: int) -> Columns | None:
    """Return the columns for a table whose first row may be a header, or None where that header asks a question."""
    found = places(row)
    if not found.keys() - {"", "text", "time"}:
        return columns
    asks = columns.text < len(row) and bare(row[columns.text].value).endswith(("?", "？"))
    headed = name in (found.get("speaker"), found.get("role")) and not asks
    return replace(columns, first=1) if headed else None


def _values(rows: Sequence[Row], column: int) -> list[str]:
    return [value for row in rows if column < len(row) and (value := bare(row[column].value))]


def _characters(rows: Sequence[Row], column: int) -> int:
    return sum(map(len, _values(rows, column)))


def _share_of_times(rows: Sequence[Row], column: int) -> float:
    values = _values(rows, column)
    return sum(1 for value in values if ":" in value and seconds(value) is not None) / max(1, len(values))


def _again(rows: Sequence[Row], column: int) -> int:
    values = _values(rows, column)
    return len(values) - len(set(values))


def _names_people(rows: Sequence[Row], column: int) -> bool:
    values, again = _values(rows, column), _again(rows, column)
    short = max(map(len, values), default=99) <= 20
    comes_back = again * 2 >= len(values) or (again > 0 and len(values) < 6)
    return short and (comes_back or (bool(values) and all(map(is_speaker_word, values))))
