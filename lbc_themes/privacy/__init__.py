"""Privacy: pseudonyms for the people and places of a study, and the key that leads back."""

from lbc_themes.privacy.deidentify import deidentify, reidentify
from lbc_themes.privacy.folder import Written, deidentify_folder
from lbc_themes.privacy.key import Entry, Key, Replaced, TranscriptKey
from lbc_themes.privacy.key_file import read_key, write_key
from lbc_themes.privacy.kinds import Kind
from lbc_themes.privacy.report import Change, Look, PrivacyReport, privacy_report, report_text

__all__ = [
    "Change", "Entry", "Key", "Kind", "Look", "PrivacyReport", "Replaced", "TranscriptKey", "Written", "deidentify",
    "deidentify_folder", "privacy_report", "read_key", "reidentify", "report_text", "write_key",
]  # fmt: skip
