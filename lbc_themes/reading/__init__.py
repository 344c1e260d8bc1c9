"""Reading transcripts: files of many forms become `Transcript` records whose turns are slices of the text as read."""

from lbc_themes.reading.formats import FORMS
from lbc_themes.reading.read import read_transcripts

__all__ = ["FORMS", "read_transcripts"]
