"""Privacy: pseudonyms for the people and places of a study, and the key that leads back."""

from lbc_themes.safeguards.privacy.candidates import nicknames_of
from lbc_themes.safeguards.privacy.deidentify import deidentify, reidentify
from lbc_themes.safeguards.privacy.entities import Kind
from lbc_themes.safeguards.privacy.folder import Written, deidentify_folder
from lbc_themes.safeguards.privacy.key import Entry, Key, Replaced, TranscriptKey, read_key, write_key
from lbc_themes.safeguards.privacy.report import Change, Look, PrivacyReport, privacy_report, report_text

__all__ = [
    "Change", "Entry", "Key", "Kind", "Look", "PrivacyReport", "Replaced", "TranscriptKey", "Written", "deidentify",
    "deidentify_folder", "nicknames_of", "privacy_report", "read_key", "reidentify", "report_text", "write_key",
]  # fmt: skip
