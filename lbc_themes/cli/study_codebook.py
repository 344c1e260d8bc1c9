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

codebook_app = typer.Typer(
    no_args_is_help=True, help="研究里的编码本：改动都有人名和理由，可撤销 Edit a study's codebook; all can be undone."
)
By = Annotated[str, typer.Option("--by", help="谁改的 Who does this.")]
Why = Annotated[str, typer.Option("--why", help="理由 A reason, for the audit trail.")]
CodeId = Annotated[str, typer.Argument(metavar="CODE", help="编码的 id The code's id.")]
English = Annotated[str, typer.Option("--english", help="英文名称 The name in English.")]


@codebook_app.command("add")
def add(
    study: StudyFile,
    name: Annotated[str, typer.Argument(metavar="NAME", help="名称 Its name.")],
    by: By,
    english: English = "",
    below: Annotated[str, typer.Option(help="上级编码的 id The code above it.")] = "",
    definition: Annotated[str, typer.Option(help="定义 Its definition.")] = "",
    why: Why = "",
) -> None:
    """新建编码。 Add a code; a name is enough."""
    with _open(study) as held:
        words = Bilingual(zh=name, en=english) if english else name
        defined = Bilingual(zh=definition, en=definition)
        _done(held, held.codebook.add(words, by=by, why=why, parent=below or None, definition=defined))


@codebook_app.command("rename")
def rename(
    study: StudyFile,
    code: CodeId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="新名称 Its new name.")],
    by: By,
    english: English = "",
    why: Why = "",
) -> None:
    """改名；id 和已编的内容不变。 Rename a code; its id and all that is coded stay."""
    with _open(study) as held:
        words = Bilingual(zh=name, en=english) if english else name
        _done(held, held.codebook.rename(code, words, by=by, why=why))


@codebook_app.command("define")
def define(
    study: StudyFile,
    code: CodeId,
    definition: Annotated[str, typer.Argument(metavar="DEFINITION", help="定义 The definition.")],
    by: By,
    english: Annotated[str, typer.Option("--english", help="英文定义 The definition in English.")] = "",
    why: Why = "",
) -> None:
    """写定义。 Define a code."""
    with _open(study) as held:
        words = Bilingual(zh=definition, en=english or definition)
        _done(held, held.codebook.redefine(code, by=by, why=why, definition=words))


@codebook_app.command("move")
def move(
    study: StudyFile,
    code: CodeId,
    by: By,
    below: Annotated[str, typer.Option(help="放到哪个编码下面，默认最上层 Below which; the top by default.")] = "",
    why: Why = "",
) -> None:
    """移到另一个编码下面，或最上层。 Put a code below another, or at the top."""
    with _open(study) as held:
        _done(held, held.codebook.move(code, below or None, by=by, why=why))


@codebook_app.command("recolour")
def recolour(
    study: StudyFile,
    code: CodeId,
    colour: Annotated[str, typer.Argument(metavar="COLOUR", help="如 such as #b5cff0")],
    by: By,
    why: Why = "",
) -> None:
    """换颜色。 Give a code another colour."""
    from lbc_themes.codebook.draft import is_colour

    if not is_colour(colour):
        raise InputError(message("cli.edit.colour", colour=colour))
    with _open(study) as held:
        _done(held, held.codebook.recolour(code, colour, by=by, why=why))


@codebook_app.command("merge")
def merge(
    study: StudyFile,
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="要并入的编码 The codes to merge.")],
    into: Annotated[str, typer.Option(help="并入哪个编码 The code they go into.")],
    by: By,
    why: Why = "",
) -> None:
    """合并编码；已编的内容随之改写，可撤销。 Merge codes; all that is coded follows, and it can be undone."""
    with _open(study) as held:
        _done(held, held.codebook.merge(codes, into, by=by, why=why))


@codebook_app.command("split")
def split(
    study: StudyFile,
    code: CodeId,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="引文表（.csv） The table of quotations (.csv).")],
    by: By,
    why: Why = "",
) -> None:
    """拆分编码：先写出引文表，填好“to”再运行一次。 Split a code: writes a table, reads it back when filled in."""
    with _open(study) as held:
        if table.exists():
            parts = _parts(table)
            _done(held, held.codebook.split(code, parts, by=by, why=why) if parts else held.codebook[code].id)
        else:
            say(message("cli.edit.split_sheet", path=table, count=_write_table(held, code, table)))


@codebook_app.command("retire")
def retire(study: StudyFile, code: CodeId, by: By, why: Why = "") -> None:
    """停用编码；还有引文时不行。 Take a code out of use; refused while anything is coded with it."""
    with _open(study) as held:
        _done(held, held.codebook.retire(code, by=by, why=why))


@codebook_app.command("undo")
def undo(
    study: StudyFile,
    by: By,
    version: Annotated[str, typer.Option(help="哪个版本的改动，默认最近一次 Which version's change; the last.")] = "",
    why: Why = "",
) -> None:
    """撤销一次改动，连同改写的编码。 Take a change back, with what it recoded."""
    with _open(study) as held:
        done = held.codebook.undo(by=by, why=why, version=version)
        if done is None:
            say(message("cli.edit.nothing"))
        else:
            say(message("cli.edit.undone", undone=done.version, version=held.codebook.version))


@codebook_app.command("history")
def history(study: StudyFile) -> None:
    """列出编码本的每次改动。 List every change of the codebook, oldest first."""
    with _open(study) as held:
        for edit in held.codebook_history():
            codes = ", ".join(edit.code_ids) + (f" → {edit.into}" if edit.into else "")
            parts = f" ({', '.join(edit.parts)})" if edit.parts else ""
            undone = f" {edit.undoes}" if edit.undoes else ""
            why = f"  {edit.why}" if edit.why else ""
            typer.echo(f"{edit.version}  {edit.time[:16]}  {edit.by}  {edit.action}{undone}  {codes}{parts}{why}")


@codebook_app.command("export")
def export(
    study: StudyFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help=".xlsx .yaml .csv .qdc")],
    version: Annotated[str, typer.Option(help="哪个版本，默认现在的 Which version; the one in use by default.")] = "",
) -> None:
    """导出编码本的任一版本。 Write any version of the codebook to a file."""
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
