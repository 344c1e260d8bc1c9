"""lbc-themes check: the audit of a reading alone, and what other commands say of it."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lbc_themes.cli.options import say
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message, spoken_language, word_table

if TYPE_CHECKING:
    from lbc_themes.core.records import Finding, Transcript

_SHOWN = 10


def check_command(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="cli.help.source")],
    form: Annotated[str | None, typer.Option(help="cli.help.form")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="cli.help.as_json")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="cli.help.strict")] = False,
) -> None:
    """List what to look at in how files were read; codes nothing."""
    from lbc_themes.reading import read_transcripts, to_check

    unread: list[tuple[Path, InputError]] = []
    transcripts = read_transcripts(source, form=form, on_error=lambda path, error: unread.append((path, error)))
    doubtful = to_check(transcripts)
    if as_json:
        held = {
            "files": [_as_data(transcript) for transcript in transcripts],
            "unread": [{"file": str(path), "reason": str(error)} for path, error in unread],
            "to_check": [transcript.id for transcript in doubtful],
        }
        typer.echo(json.dumps(held, ensure_ascii=False, indent=1))
    else:
        _print_table(transcripts)
        typer.echo(summary(transcripts, doubtful))
        for _, error in unread:
            say(message("cli.check_unread", line=error))
    if unread or (strict and doubtful):
        raise typer.Exit(2)


def _as_data(transcript: "Transcript") -> dict[str, Any]:
    turns = Counter(turn.speaker for turn in transcript.turns)
    roles = {turn.speaker: turn.role.value for turn in transcript.turns}
    return {
        "id": transcript.id, "file": transcript.source, "form": transcript.form, "turns": len(transcript.turns),
        "speakers": [{"speaker": name, "role": roles[name], "turns": number} for name, number in turns.items()],
        "findings": [finding_as_data(transcript, finding) for finding in transcript.findings],
        "notes": list(transcript.notes),
    }  # fmt: skip


def finding_as_data(transcript: "Transcript", finding: "Finding") -> dict[str, Any]:
    """Return a finding as JSON holds it, with its words in both languages and the line in question."""
    from lbc_themes.reading import advice, line_in_question, wording_of

    says, does = wording_of(finding), advice(finding)
    return {
        "kind": finding.kind, "severity": finding.severity.value, "details": finding.details, "line": finding.line,
        "start": finding.start, "end": finding.end, "text": line_in_question(transcript, finding),
        "zh": says.zh, "en": says.en, "advice_zh": does.zh, "advice_en": does.en,
    }  # fmt: skip


def _print_table(transcripts: Sequence["Transcript"]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from lbc_themes.reading import advice, line_in_question, wording_of

    language = spoken_language()
    severities = word_table("reading.severities")
    heads = word_table("cli.check_heads")
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(120, console.width))
    table = Table(show_lines=True)
    for name, ratio in (("file", 3), ("severity", 1), ("says", 5), ("advice", 4)):
        table.add_column(heads[name].said(language), ratio=ratio, overflow="fold")
    for transcript in transcripts:
        file = f"{transcript.id}\n{_read_as(transcript)}"
        if not transcript.findings:
            table.add_row(escape(file), severities["none"].said(language), "", "")
        for number, finding in enumerate(transcript.findings):
            line = line_in_question(transcript, finding)
            place = message("cli.check_place", line=finding.line, text=line).said(language) if finding.line else ""
            says = wording_of(finding).said(language) + (f"\n{place}" if place else "")
            severity = severities[finding.severity.value].said(language)
            table.add_row("" if number else escape(file), severity, escape(says), advice(finding).said(language))
    if transcripts:
        console.print(table)


def _read_as(transcript: "Transcript") -> str:
    names, language = word_table("words.forms"), spoken_language()
    form = names[transcript.form].said(language) if transcript.form in names else transcript.form
    speakers = len({turn.speaker for turn in transcript.turns})
    return message("cli.check_read", form=form, speakers=speakers, turns=len(transcript.turns)).said(language)


def summary(transcripts: Sequence["Transcript"], doubtful: Sequence["Transcript"]) -> str:
    """Return one line that says how many files to check."""
    return message("cli.check_summary", files=len(transcripts), doubtful=len(doubtful)).said(spoken_language())


def say_findings(transcripts: Sequence["Transcript"]) -> None:
    """Say in one line how many files to check, and list the first of them with what was found."""
    from lbc_themes.core.records import Severity
    from lbc_themes.reading import to_check, wording_of

    doubtful = to_check(transcripts)
    if not doubtful:
        return
    language = spoken_language()
    typer.echo(summary(transcripts, doubtful))
    for transcript in doubtful[:_SHOWN]:
        found = [finding for finding in transcript.findings if finding.severity is not Severity.NOTE]
        places = [wording_of(f).said(language) + (f" ({f.line})" if f.line else "") for f in found[:3]]
        typer.echo(f"  {transcript.id}: {'; '.join(places)}")
    if len(doubtful) > _SHOWN:
        typer.echo(message("cli.check_more", number=len(doubtful) - _SHOWN).said(language))


def refuse_doubtful(transcripts: Sequence["Transcript"]) -> None:
    """Raise InputError where a file needs a look, so that nothing is coded (``--strict``)."""
    from lbc_themes.reading import to_check

    if doubtful := to_check(transcripts):
        say_findings(transcripts)
        raise InputError(message("cli.check_strict", number=len(doubtful)))
