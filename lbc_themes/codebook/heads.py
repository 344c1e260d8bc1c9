"""Which column of a table of codes holds what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lbc_themes.codebook.items import clean
from lbc_themes.codebook.words import BILINGUAL, heading

_LEVELS = {"group": 1, "subgroup": 2}
_NAMES = ("name", "name_zh", "name_en", "id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Heads:
    """``columns`` are the fields by column number, ``levels`` the column numbers from the root level down."""

    columns: Mapping[int, str]
    levels: tuple[int, ...]

    @property
    def known(self) -> frozenset[int]:
        """The numbers of the columns that are read."""
        return frozenset({*self.columns, *self.levels})

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
    names_code = bool(levels) or any(name in columns.values() for name in _NAMES)
    if not names_code or len(columns) + len(levels) < 2:
        return None
    return Heads(columns=columns, levels=tuple(levels[depth] for depth in sorted(levels)))


def _script(words: str) -> str:
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in words) else "en"
