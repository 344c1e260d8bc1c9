"""A study in one file: transcripts, passages, codebook versions, suggestions, and the log of what people decided."""

from lbc_themes.exchange.contents import MACHINE, Contents, Entry, Memo, Participant, Retraction, Run
from lbc_themes.study.status import CoderStatus, Status
from lbc_themes.study.study import Study

__all__ = [
    "MACHINE", "CoderStatus", "Contents", "Entry", "Memo", "Participant", "Retraction", "Run", "Status", "Study",
]  # fmt: skip
