"""Reading transcripts: files of many forms become `Transcript` records whose turns are slices of the text as read."""

from lbc_themes.reading.audit import advice, audit, line_in_question, to_check, wording_of
from lbc_themes.reading.formats import FORMS
from lbc_themes.reading.read import explain, read_transcripts

__all__ = [
    "FORMS", "advice", "audit", "explain", "line_in_question", "read_transcripts", "to_check", "wording_of",
]  # fmt: skip
