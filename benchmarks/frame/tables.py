"""Tables made of what a benchmark returns.

A benchmark returns a mapping. A list of mappings under a key is a table of that title. A mapping of plain values is one
row named by its key; rows with the same columns stand in one table, in the order in which they came. A mapping of such
mappings is a table titled by its key; deeper ones are taken apart, their titles joined. A plain value is text, a
number, a truth value, None, or an estimate with its interval: ``{"value": ..., "low": ..., "high": ...}``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

Row = dict[str, Any]
FIRST = ""
"""The column that holds a row's name."""


class Table(TypedDict):
    """A title (may be empty) and rows; a row maps columns to plain values."""

    title: str
    rows: list[Row]


def tables_of(returned: Mapping[str, Any]) -> list[Table]:
    """Return the tables that ``returned`` stands for."""
    tables: list[Table] = []
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for title, value in _parts("", returned):
        if isinstance(value, list):
            tables.append({"title": title, "rows": value})
            continue
        row = {FIRST: title, **value}
        if tuple(row) not in by_columns:
            by_columns[tuple(row)] = []
            tables.append({"title": "", "rows": by_columns[tuple(row)]})
        by_columns[tuple(row)].append(row)
    return tables


def _parts(above: str, returned: Mapping[str, Any]) -> Iterator[tuple[str, list[Row] | Row]]:
    """Yield titles with rows, and names with one row."""
    for key, value in returned.items():
        title = f"{above}: {key}" if above else key
        if isinstance(value, Sequence) and not isinstance(value, str):
            yield title, [dict(row) for row in value]
        elif not _nested(value):
            yield title, {"value": value}
        elif value and all(_nested(part) and not any(map(_nested, part.values())) for part in value.values()):
            yield title, [{FIRST: name, **part} for name, part in value.items()]
        else:
            plain = {name: part for name, part in value.items() if not _deep(part)}
            if plain:
                yield title, plain
            yield from _parts(title, {name: part for name, part in value.items() if _deep(part)})


def _deep(value: object) -> bool:
    return _nested(value) or (isinstance(value, Sequence) and not isinstance(value, str))


def _nested(value: object) -> bool:
    return isinstance(value, Mapping) and "value" not in value


def columns_of(table: Table) -> list[str]:
    """Return the columns of all rows, each once, in the order of their first coming."""
    return list(dict.fromkeys(column for row in table["rows"] for column in row))


def cell(value: object) -> str:
    """Return a plain value as it stands in a table.

    >>> cell({"value": 0.46512, "low": 0.4, "high": 0.5213}), cell(1480), cell(None), cell(0.9961)
    ('0.465 [0.400, 0.521]', '1,480', '–', '0.996')
    """
    if isinstance(value, Mapping):
        middle, low, high = (value.get(part) for part in ("value", "low", "high"))
        return cell(middle) if low is None or high is None else f"{cell(middle)} [{cell(low)}, {cell(high)}]"
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)


def markdown(table: Table) -> str:
    """Return the table in Markdown, under its title where it has one."""
    columns = columns_of(table)
    lines = [columns, ["---"] * len(columns), *([_shown(row, column) for column in columns] for row in table["rows"])]
    drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"**{table['title']}**\n\n{drawn}" if table["title"] else drawn


def _shown(row: Row, column: str) -> str:
    return cell(row[column]).replace("|", "\\|").replace("\n", " ") if column in row else ""
