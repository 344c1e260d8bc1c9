"""What a check finds in a codebook."""

from dataclasses import dataclass
from typing import Literal

from lbc_themes.core.records import Bilingual

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One finding. An error stops ``load_codebook``; a warning does not.

    ``line`` is the line of a .yaml or .qdc file, the row of a table, or None where a codebook was checked in memory.
    """

    message: Bilingual
    severity: Severity = "error"
    code: str | None = None
    line: int | None = None


def error(zh: str, en: str, *, code: str | None = None, line: int | None = None) -> Problem:
    """Return an error with its wording in both languages."""
    return Problem(message=Bilingual(zh=zh, en=en), severity="error", code=code, line=line)


def warning(zh: str, en: str, *, code: str | None = None, line: int | None = None) -> Problem:
    """Return a warning with its wording in both languages."""
    return Problem(message=Bilingual(zh=zh, en=en), severity="warning", code=code, line=line)
