"""lbc-themes agreement."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from lbc_themes.cli.options import Coders, LanguageOption, StudyFile, said_language, say
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_csv, write_private
from lbc_themes.core.messages import message

if TYPE_CHECKING:
    from lbc_themes.agreement import AgreementTable, UnitKind
    from lbc_themes.core.records import Codebook, Language

_ENDINGS = (".md", ".docx", ".csv")


def agreement_command(
    study: StudyFile,
    unit: Annotated[str, typer.Option(help="cli.help.unit")] = "passage",
    out: Annotated[Path | None, typer.Option(help="cli.help.out")] = None,
    coder: Coders = None,
    draws: Annotated[int, typer.Option(min=0, help="cli.help.draws")] = 1000,
    seed: Annotated[int, typer.Option(help="cli.help.seed")] = 0,
    language: LanguageOption = None,
    *,
    no_machine: Annotated[bool, typer.Option("--no-machine", help="cli.help.no_machine")] = False,
    coded_only: Annotated[bool, typer.Option("--coded-only", help="cli.help.coded_only")] = False,
    leave_rejected: Annotated[
        bool,
        typer.Option("--leave-rejected", help="cli.help.leave_rejected"),
    ] = False,
    mixed_up: Annotated[Path | None, typer.Option("--mixed-up", help="cli.help.mixed_up")] = None,
    force: Annotated[bool, typer.Option("--force", help="cli.help.force")] = False,
) -> None:
    """How far coders agree, for each code and overall, with intervals."""
    from lbc_themes.study import Study
    from lbc_themes.study.compare import compare, mixed_up_rows

    spoken = said_language(language)
    _refuse(out, _ENDINGS, force=force)
    _refuse(mixed_up, (".csv",), force=force)
    kind = cast("UnitKind", unit)
    with Study.open(study) as held:
        table = compare(
            held, unit=kind, coders=coder or None, machine=not no_machine, include_uncoded=not coded_only, draws=draws,
            seed=seed, leave_rejected=leave_rejected,
        )  # fmt: skip
        book = held.codebook
        if mixed_up is not None:
            _write_csv(mixed_up_rows(held, unit=kind, coders=coder or None), mixed_up)
    _put(table, out, spoken, book)
    for path in filter(None, (out, mixed_up)):
        say(message("cli.written", path=path))


def _refuse(path: Path | None, endings: tuple[str, ...], *, force: bool) -> None:
    if path is not None and path.suffix.lower() not in endings:
        raise InputError(message("cli.ending_must", path=path, endings=[*endings]))
    if path is not None and path.exists() and not force:
        raise InputError(message("cli.already_name_another_give", path=path))


def _put(table: "AgreementTable", out: Path | None, language: "Language", book: "Codebook") -> None:
    if out is None:
        typer.echo(table.to_markdown(language, book))
        return
    try:
        if out.suffix.lower() == ".docx":
            table.write_docx(out, language, book)
        elif out.suffix.lower() == ".csv":
            table.write_csv(out)
        else:
            write_private(out, table.to_markdown(language, book))
    except OSError as fault:
        raise InputError(message("cli.cannot_written_check_folder_2", out=out, strerror=fault.strerror)) from fault


def _write_csv(rows: list[list[str]], path: Path) -> None:
    try:
        with private_csv(path) as write_row:
            for row in rows:
                write_row(row)
    except OSError as fault:
        raise InputError(message("cli.cannot_written_check_folder", path=path, strerror=fault.strerror)) from fault
