"""lbc-themes study codebook: add, rename, define, move, recolour, merge, split, retire, undo, history, export."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbc_themes.cli.options import StudyFile, say
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message, spoken_language

if TYPE_CHECKING:
    from lbc_themes.study import Study

codebook_app = typer.Typer(no_args_is_help=True, help="cli.commands.study_codebook")
By = Annotated[str, typer.Option("--by", help="cli.help.study_codebook_by")]
Why = Annotated[str, typer.Option("--why", help="cli.help.why")]
CodeId = Annotated[str, typer.Argument(metavar="CODE", help="cli.help.code_id")]
English = Annotated[str, typer.Option("--english", help="cli.help.english")]


@codebook_app.command("add", help="cli.commands.study_codebook_add")
def add(
    study: StudyFile,
    name: Annotated[str, typer.Argument(metavar="NAME", help="cli.help.its_name")],
    by: By,
    english: English = "",
    below: Annotated[str, typer.Option(help="cli.help.below")] = "",
    definition: Annotated[str, typer.Option(help="cli.help.definition")] = "",
    why: Why = "",
) -> None:
    """Add a code; a name is enough."""
    with _open(study) as held:
        words = Bilingual(zh=name, en=english) if english else name
        defined = Bilingual(zh=definition, en=definition)
        _done(held, held.codebook.add(words, by=by, why=why, parent=below or None, definition=defined))


@codebook_app.command("rename", help="cli.commands.study_codebook_rename")
def rename(
    study: StudyFile,
    code: CodeId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="cli.help.rename_name")],
    by: By,
    english: English = "",
    why: Why = "",
) -> None:
    """Rename a code; its id and all that is coded stay."""
    with _open(study) as held:
        words = Bilingual(zh=name, en=english) if english else name
        _done(held, held.codebook.rename(code, words, by=by, why=why))


@codebook_app.command("define", help="cli.commands.study_codebook_define")
def define(
    study: StudyFile,
    code: CodeId,
    definition: Annotated[str, typer.Argument(metavar="DEFINITION", help="cli.help.define_definition")],
    by: By,
    english: Annotated[str, typer.Option("--english", help="cli.help.define_english")] = "",
    why: Why = "",
) -> None:
    """Define a code."""
    with _open(study) as held:
        words = Bilingual(zh=definition, en=english or definition)
        _done(held, held.codebook.redefine(code, by=by, why=why, definition=words))


@codebook_app.command("move", help="cli.commands.study_codebook_move")
def move(
    study: StudyFile,
    code: CodeId,
    by: By,
    below: Annotated[str, typer.Option(help="cli.help.move_below")] = "",
    why: Why = "",
) -> None:
    """Put a code below another, or at the top."""
    with _open(study) as held:
        _done(held, held.codebook.move(code, below or None, by=by, why=why))


@codebook_app.command("recolour", help="cli.commands.study_codebook_recolour")
def recolour(
    study: StudyFile,
    code: CodeId,
    colour: Annotated[str, typer.Argument(metavar="COLOUR", help="cli.help.colour")],
    by: By,
    why: Why = "",
) -> None:
    """Give a code another colour."""
    from lbc_themes.codebook.draft import is_colour

    if not is_colour(colour):
        raise InputError(message("cli.edit.colour", colour=colour))
    with _open(study) as held:
        _done(held, held.codebook.recolour(code, colour, by=by, why=why))


@codebook_app.command("merge", help="cli.commands.study_codebook_merge")
def merge(
    study: StudyFile,
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="cli.help.codes")],
    into: Annotated[str, typer.Option(help="cli.help.into")],
    by: By,
    why: Why = "",
) -> None:
    """Merge codes; all that is coded follows, and it can be undone."""
    with _open(study) as held:
        _done(held, held.codebook.merge(codes, into, by=by, why=why))


@codebook_app.command("split", help="cli.commands.study_codebook_split")
def split(
    study: StudyFile,
    code: CodeId,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="cli.help.table")],
    by: By,
    why: Why = "",
) -> None:
    """Split a code: writes a table, reads it back when filled in."""
    with _open(study) as held:
        if table.exists():
            parts = _parts(table)
            _done(held, held.codebook.split(code, parts, by=by, why=why) if parts else held.codebook[code].id)
        else:
            say(message("cli.edit.split_sheet", path=table, count=_write_table(held, code, table)))


@codebook_app.command("retire", help="cli.commands.study_codebook_retire")
def retire(study: StudyFile, code: CodeId, by: By, why: Why = "") -> None:
    """Take a code out of use; refused while anything is coded with it."""
    with _open(study) as held:
        _done(held, held.codebook.retire(code, by=by, why=why))


@codebook_app.command("undo", help="cli.commands.study_codebook_undo")
def undo(
    study: StudyFile,
    by: By,
    version: Annotated[str, typer.Option(help="cli.help.version")] = "",
    why: Why = "",
) -> None:
    """Take a change back, with what it recoded."""
    with _open(study) as held:
        done = held.codebook.undo(by=by, why=why, version=version)
        if done is None:
            say(message("cli.edit.nothing"))
        else:
            say(message("cli.edit.undone", undone=done.version, version=held.codebook.version))


@codebook_app.command("history", help="cli.commands.study_codebook_history")
def history(study: StudyFile) -> None:
    """List every change of the codebook, oldest first."""
    with _open(study) as held:
        for edit in held.codebook_history():
            codes = ", ".join(edit.code_ids) + (f" → {edit.into}" if edit.into else "")
            parts = f" ({', '.join(edit.parts)})" if edit.parts else ""
            undone = f" {edit.undoes}" if edit.undoes else ""
            why = f"  {edit.why}" if edit.why else ""
            typer.echo(f"{edit.version}  {edit.time[:16]}  {edit.by}  {edit.action}{undone}  {codes}{parts}{why}")


@codebook_app.command("export", help="cli.commands.study_codebook_export")
def export(
    study: StudyFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="cli.help.study_codebook_export_out")],
    version: Annotated[str, typer.Option(help="cli.help.export_version")] = "",
) -> None:
    """Write any version of the codebook to a file."""
    from lbc_themes.codebook import write_codebook
    from lbc_themes.exchange import write_qdc

    with _open(study) as held:
        book = next((each for each in reversed(held.codebooks) if version in ("", each.version)), None)
        if book is None:
            raise InputError(
                message("cli.edit.no_version", version=version, versions=[each.version for each in held.codebooks])
            )
        if out.suffix.lower() == ".qdc":
            write_qdc(book, out, language=spoken_language())
        else:
            write_codebook(book, out)
        say(message("cli.edit.exported", version=book.version, path=out))


def _open(study: Path) -> "Study":
    from lbc_themes.study import Study

    return Study.open(study)


def _done(study: "Study", code_id: str) -> None:
    say(message("cli.edit.done", code=code_id, version=study.codebook.version))


_COLUMNS = ("key", "to", "quote", "coder")


def _write_table(study: "Study", code: str, path: Path) -> int:
    """Write every decision and coding with a code, to be filled in with the code each goes to; return how many."""
    from lbc_themes.core.files import private_csv
    from lbc_themes.core.records import Coding, Decision

    _ = study.codebook[code]
    rows = []
    for entry in study.standing():
        record = entry.record
        if isinstance(record, Decision) and code in record.code_ids:
            rows.append((entry.id, "", study.passage(record.passage_id).text, entry.coder))
        elif isinstance(record, Coding) and record.code_id == code:
            text = study.transcript(record.transcript_id).text
            rows.append((entry.id, "", text[record.start : record.end], entry.coder))
    with private_csv(path) as write_row:
        for row in (_COLUMNS, *rows):
            write_row(row)
    return len(rows)


def _parts(path: Path) -> dict[str, list[str | int]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for column in ("key", "to"):
        if rows and column not in rows[0]:
            raise InputError(message("cli.edit.split_column", path=path, column=column))
    parts: dict[str, list[str | int]] = {}
    for row in rows:
        to = (row["to"] or "").strip()
        if to:
            parts.setdefault(to, []).append(int(row["key"]))
    return parts
