"""Options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbc_themes.core.errors import InputError

if TYPE_CHECKING:
    from lbc_themes.core.records import Language

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="研究文件（.lbc） The study's file (.lbc).")]
LanguageOption = Annotated[str, typer.Option(help="语言 Language: zh, en.")]
Coders = Annotated[
    list[str] | None,
    typer.Option(help="只要这些编码者的，可写多次；默认全部 Whose codings; may come several times; all by default."),
]


def said_language(text: str) -> "Language":
    """Return a language; refuse any but zh and en."""
    if text == "zh":
        return "zh"
    if text == "en":
        return "en"
    raise InputError(f"--language is {text!r}; allowed are zh and en")
