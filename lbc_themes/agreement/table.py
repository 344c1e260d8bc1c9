"""The agreement of coders as a record: figures with intervals, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Bilingual, Codebook, Language

if TYPE_CHECKING:
    import pandas as pd


Scope = Literal["overall", "pooled", "code"]
Kind = Literal["all", "human-human", "human-machine"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A figure with the ends of its 95 % interval; ``None`` where the data leave it undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something a reader of the table must know. ``topic`` is a fixed word, such as "prevalence-paradox"."""

    topic: str
    text: Bilingual
    code_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementRow:
    """Agreement of some coders on one code, on all codes pooled, or on the whole set of codes.

    ``scope`` "code": is the code ``code_id`` on the unit or not. "pooled": every code on every unit is one such
    decision. "overall": the set of codes on the unit is one value, so that with one code a unit this is the usual
    agreement over categories. ``units`` counts units (for "pooled": units times codes). ``measures`` holds estimates
    by the names in ``MEASURES``; a measure that does not apply is absent. ``prevalence`` is the share of units that
    each coder gave the code (overall: any code).
    """

    scope: Scope
    code_id: str
    coders: tuple[str, ...]
    units: int
    measures: Mapping[str, Estimate]
    prevalence: Mapping[str, Estimate]
    kind: Kind = "all"

    @property
    def kappa(self) -> Estimate:
        """Cohen's kappa of two coders, Fleiss' kappa of more."""
        return self.measures["cohen_kappa" if len(self.coders) == 2 else "fleiss_kappa"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementTable:
    """Rows overall, pooled and for each code, and the notices that belong to them.

    ``unit`` is what was counted, ``participants`` the number of people the bootstrap draws from, ``draws`` and
    ``seed`` what it was run with. ``include_uncoded`` says whether units that nobody coded count.
    """

    unit: str
    coders: tuple[str, ...]
    codes: tuple[str, ...]
    include_uncoded: bool
    participants: int
    draws: int
    seed: int
    rows: tuple[AgreementRow, ...]
    notices: tuple[Notice, ...] = field(default=())

    def row(self, name: str, kind: Kind | None = None, coders: tuple[str, ...] | None = None) -> AgreementRow:
        """Return the first row of a code id, "overall" or "pooled", with that kind and those coders where given."""
        for row in self.rows:
            named = row.code_id == name if row.scope == "code" else row.scope == name
            if named and kind in (None, row.kind) and coders in (None, row.coders):
                return row
        raise InputError(message("agreement.table_no_row_overall", name=name, codes=[*self.codes]))

    @property
    def overall(self) -> AgreementRow:
        """The row of whole sets of codes."""
        return self.row("overall")

    @property
    def pooled(self) -> AgreementRow:
        """The row of every code on every unit."""
        return self.row("pooled")

    def to_frame(self) -> pd.DataFrame:
        """Return one line a row; a measure fills three columns: its name, ``..._low`` and ``..._high``."""
        from lbc_themes.agreement.export import frame

        return frame(self)

    def to_markdown(self, language: Language = "en", codebook: Codebook | None = None) -> str:
        """Return the table and its notices in Markdown; ``codebook`` gives codes their names."""
        from lbc_themes.agreement.export import markdown

        return markdown(self, language, codebook)

    def write_docx(self, path: str | Path, language: Language = "en", codebook: Codebook | None = None) -> None:
        """Write the table and its notices as a Word document, on pages laid crosswise."""
        from lbc_themes.agreement.export import write_docx

        write_docx(self, Path(path), language, codebook)

    def write_csv(self, path: str | Path) -> None:
        """Write the rows of ``to_frame()`` as CSV in UTF-8 with a byte order mark, by which Excel shows Chinese."""
        from lbc_themes.agreement.export import write_csv

        write_csv(self, path)


# --- What measures, bars and columns are called, in Chinese and English.

MEASURES = word_table("agreement.measures")
COLUMNS = word_table("agreement.columns")
SCOPES = word_table("agreement.scopes")
KINDS = word_table("agreement.kinds")
UNITS = word_table("agreement.units")

_LANDIS_KOCH = ((0.81, "almost_perfect"), (0.61, "substantial"), (0.41, "moderate"), (0.21, "fair"), (0.0, "slight"))
_KRIPPENDORFF = ((0.800, "reliable"), (0.667, "tentative"))


def landis_koch(kappa: float) -> Bilingual:
    """Return the word of Landis & Koch (1977, Biometrics 33, 165) for a kappa.

    >>> landis_koch(0.61).en, landis_koch(-0.1).en
    ('substantial', 'poor')
    """
    word = next((word for bar, word in _LANDIS_KOCH if kappa >= bar), "poor")
    return word_table("agreement.landis_koch")[word]


def krippendorff_bar(alpha: float) -> Bilingual:
    """Return which bar of Krippendorff (2019, Content Analysis, section 12.4) an alpha reaches.

    >>> krippendorff_bar(0.7).en
    'tentative (.667 or more)'
    """
    word = next((word for bar, word in _KRIPPENDORFF if alpha >= bar), "not_reliable")
    return word_table("agreement.krippendorff")[word]
