"""The agreement of coders as a record: figures with intervals, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
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
        """Write ``to_frame()`` as CSV in UTF-8 with a byte order mark, which Excel needs to show Chinese."""
        from lbc_themes.core.files import plain_cell, write_private

        table = self.to_frame().map(plain_cell)
        write_private(path, table.to_csv(index=False, lineterminator="\r\n"), encoding="utf-8-sig")


# --- What measures, bars and columns are called, in Chinese and English.

MEASURES: dict[str, Bilingual] = {
    "percent": Bilingual(zh="一致率", en="Percent agreement"),
    "cohen_kappa": Bilingual(zh="Cohen κ", en="Cohen's kappa"),
    "fleiss_kappa": Bilingual(zh="Fleiss κ", en="Fleiss' kappa"),
    "mean_cohen_kappa": Bilingual(zh="两两 Cohen κ 的平均", en="Mean pairwise Cohen's kappa"),
    "alpha": Bilingual(zh="Krippendorff α（名义）", en="Krippendorff's alpha (nominal)"),
    "ac1": Bilingual(zh="Gwet AC1", en="Gwet's AC1"),
    "brennan_prediger": Bilingual(zh="Brennan–Prediger κ", en="Brennan-Prediger"),
    "alpha_jaccard": Bilingual(zh="α（Jaccard 距离）", en="Alpha (Jaccard distance)"),
    "alpha_masi": Bilingual(zh="α（MASI 距离）", en="Alpha (MASI distance)"),
    "u_alpha": Bilingual(zh="分段 uα", en="Unitizing uα"),
    "bar_u_alpha": Bilingual(zh="分段 |uα（只看是否编码）", en="Unitizing |uα (coded or not)"),
    "cu_alpha": Bilingual(zh="分段 cuα（只看共同编码处）", en="Unitizing cuα (where both coded)"),
}
COLUMNS = {
    "kind": Bilingual(zh="比较", en="Comparison"),
    "coders": Bilingual(zh="编码者", en="Coders"),
    "code": Bilingual(zh="编码", en="Code"),
    "units": Bilingual(zh="单位数", en="Units"),
    "prevalence": Bilingual(zh="出现率", en="Prevalence"),
    "reading": Bilingual(zh="参照标准", en="Against the bars"),
    "notes": Bilingual(zh="说明", en="Notes"),
    "title": Bilingual(zh="编码者一致性", en="Agreement between coders"),
}
SCOPES = {
    "overall": Bilingual(zh="总体（整组编码相同才算一致）", en="Overall (the same set of codes)"),
    "pooled": Bilingual(zh="合并（每个编码在每个单位上各算一次）", en="Pooled (each code on each unit)"),
}
KINDS = {
    "all": Bilingual(zh="全部", en="All"),
    "human-human": Bilingual(zh="人—人", en="Human-human"),
    "human-machine": Bilingual(zh="人—机", en="Human-machine"),
}
UNITS = {
    "character": Bilingual(zh="字符", en="characters"),
    "sentence": Bilingual(zh="句子", en="sentences"),
    "passage": Bilingual(zh="段落", en="passages"),
    "turn": Bilingual(zh="话轮", en="turns"),
}

_LANDIS_KOCH = (
    (0.81, Bilingual(zh="几乎完全一致", en="almost perfect")),
    (0.61, Bilingual(zh="高度一致", en="substantial")),
    (0.41, Bilingual(zh="中等", en="moderate")),
    (0.21, Bilingual(zh="一般", en="fair")),
    (0.0, Bilingual(zh="轻微", en="slight")),
)
_KRIPPENDORFF = (
    (0.800, Bilingual(zh="可靠（≥ .800）", en="reliable (.800 or more)")),
    (0.667, Bilingual(zh="仅供初步结论（≥ .667）", en="tentative (.667 or more)")),
)


def landis_koch(kappa: float) -> Bilingual:
    """Return the word of Landis & Koch (1977, Biometrics 33, 165) for a kappa.

    >>> landis_koch(0.61).en, landis_koch(-0.1).en
    ('substantial', 'poor')
    """
    return next((word for bar, word in _LANDIS_KOCH if kappa >= bar), Bilingual(zh="差", en="poor"))


def krippendorff_bar(alpha: float) -> Bilingual:
    """Return which bar of Krippendorff (2019, Content Analysis, section 12.4) an alpha reaches.

    >>> krippendorff_bar(0.7).en
    'tentative (.667 or more)'
    """
    return next(
        (word for bar, word in _KRIPPENDORFF if alpha >= bar),
        Bilingual(zh="不足（< .667）", en="not reliable (under .667)"),
    )
