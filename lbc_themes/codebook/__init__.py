"""Codebooks as files: load, check, write. The forms are .yaml, .csv, .xlsx and, for reading, REFI-QDA .qdc."""

from lbc_themes.codebook.check import check_codebook
from lbc_themes.codebook.description import code_description
from lbc_themes.codebook.load import load_codebook
from lbc_themes.codebook.problem import Problem, Severity
from lbc_themes.codebook.write import write_codebook

__all__ = ["Problem", "Severity", "check_codebook", "code_description", "load_codebook", "write_codebook"]
