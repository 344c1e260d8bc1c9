"""A study in one file: transcripts, passages, codebook versions, suggestions, and the log of what people decided."""

from lbc_themes.core.study_log import (
    MACHINE,
    Contents,
    Entry,
    Erased,
    Memo,
    Participant,
    Refusal,
    Retraction,
    Run,
)
from lbc_themes.study.codebook_versions import CodebookEdit
from lbc_themes.study.living_codebook import Conflict, EditConflictError, StudyCodebook
from lbc_themes.study.records import CoderStatus, FoundTheme, Status, StudyThemes
from lbc_themes.study.recovery import CheckReport, RescueReport, check_study, rescue_study, restore_study
from lbc_themes.study.store import DamagedStudyError, StudyReplacedError
from lbc_themes.study.study import Study
from lbc_themes.study.withdrawal import Withdrawal

__all__ = [
    "MACHINE", "CheckReport", "CodebookEdit", "CoderStatus", "Conflict", "Contents", "DamagedStudyError",
    "EditConflictError", "Entry", "Erased", "FoundTheme", "Memo", "Participant", "Refusal", "RescueReport",
    "Retraction", "Run", "Status", "Study", "StudyCodebook", "StudyReplacedError", "StudyThemes", "Withdrawal",
    "check_study", "rescue_study", "restore_study",
]  # fmt: skip
