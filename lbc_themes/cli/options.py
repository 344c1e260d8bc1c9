"""Options that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, Language, message, spoken_language

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="cli.help.study")]
LanguageOption = Annotated[str | None, typer.Option(help="cli.help.language_option", show_default=False)]
Coders = Annotated[
    list[str] | None,
    typer.Option(help="cli.help.coders"),
]


def said_language(text: str | None) -> Language:
    """Return a language, by default the one that is spoken. Raises InputError if it is neither zh nor en."""
    if text is None:
        return spoken_language()
    if text == "zh":
        return "zh"
    if text == "en":
        return "en"
    raise InputError(message("cli.language", language=text))


def language_among(words: Sequence[str]) -> tuple[Language | None, list[str]]:
    """Take ``--language`` out of a command line, wherever it stands.

    Returns the language, None where it is not given, and the other words. What follows ``--`` stays.

    >>> language_among(["run", "--language", "en", "in/"])
    ('en', ['run', 'in/'])
    """
    language: Language | None = None
    rest: list[str] = []
    before = list(words)
    while before:
        word = before.pop(0)
        if word == "--":
            return language, [*rest, word, *before]
        if word == "--language":
            language = said_language(before.pop(0) if before else "")
        elif word.startswith("--language="):
            language = said_language(word.partition("=")[2])
        else:
            rest.append(word)
    return language, rest


def say(line: Bilingual) -> None:
    """Write a line to standard output in the language that is spoken."""
    typer.echo(line.said(spoken_language()))


def unread_message(reasons: Sequence[Bilingual]) -> Bilingual:
    """Return what is said of files that could not be read, one reason a line."""
    lines = Bilingual(zh="\n".join(f"  {r.zh}" for r in reasons), en="\n".join(f"  {r.en}" for r in reasons))
    return message("cli.unread", count=len(reasons), reasons=lines)
