"""The words of documents that people read, in both languages."""

from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Language, Role

STANCES = word_table("exchange.stances")
WORDS = word_table("exchange.documents")
ATTRIBUTES = word_table("exchange.attributes")


def role_name(role: Role, language: Language) -> str:
    """Return what a group is called."""
    return word_table("words.groups")[role.value].said(language)
