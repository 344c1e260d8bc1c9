"""Codebooks as files: load, check, write. The forms are .yaml, .csv, .xlsx and, for reading, REFI-QDA .qdc."""

from lbc_themes.codebook.draft import Problem, Severity
from lbc_themes.codebook.fields import code_description
from lbc_themes.codebook.files import check_codebook, load_codebook, together, write_codebook

__all__ = ["Problem", "Severity", "check_codebook", "code_description", "load_codebook", "together", "write_codebook"]
