"""Everything that is wrong or doubtful in a codebook."""

from pathlib import Path

from lbc_themes.codebook.checks import errors_of, warnings_of
from lbc_themes.codebook.draft import draft_of
from lbc_themes.codebook.load import read_draft
from lbc_themes.codebook.problem import Problem
from lbc_themes.core.records import Codebook


def check_codebook(codebook: str | Path | Codebook) -> list[Problem]:
    """Return the problems of a codebook, errors before warnings and each in the order of the file.

    Takes what ``load_codebook`` takes, or a codebook in memory (then no problem has a line). Refuses only a file that
    cannot be read at all.
    """
    draft = draft_of(codebook) if isinstance(codebook, Codebook) else read_draft(codebook)
    return [*errors_of(draft), *warnings_of(draft)]
