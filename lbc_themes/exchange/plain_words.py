"""What was understood, in words for whoever said it: for children in words of theirs."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lbc_themes.core.records import Bilingual, Code, Language, Role
from lbc_themes.exchange.words import WORDS


@cache
def _table() -> Mapping[str, Bilingual]:
    with Path(__file__).with_name("plain_words.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["name"]: Bilingual(zh=row["zh"], en=row["en"]) for row in rows}


def understood(code: Code, role: Role, language: Language) -> str:
    """Return what a code says that a participant told: to children in plain words, to adults the code's brief.

    The plain words are those of the reference codebook's codes, known by their Chinese name; of other codes children
    too get the brief.
    """
    plain = _table().get(code.name.zh) if role is Role.CHILD else None
    if plain is None:
        return code.brief.said(language)
    return WORDS["child_told"].said(language).format(what=plain.said(language))
