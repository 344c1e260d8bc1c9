"""How far coders agree, people and machine: figures with intervals, what must be said beside them, codes mixed up."""

from lbc_themes.agreement.agreement import agreement, agreement_by_kind
from lbc_themes.agreement.confusion import Confusion, Mixup, confusions
from lbc_themes.agreement.ratings import Unit, UnitKind
from lbc_themes.agreement.table import (
    MEASURES,
    AgreementRow,
    AgreementTable,
    Estimate,
    Notice,
    krippendorff_bar,
    landis_koch,
)

__all__ = [
    "MEASURES", "AgreementRow", "AgreementTable", "Confusion", "Estimate", "Mixup", "Notice", "Unit", "UnitKind",
    "agreement", "agreement_by_kind", "confusions", "krippendorff_bar", "landis_koch",
]  # fmt: skip
