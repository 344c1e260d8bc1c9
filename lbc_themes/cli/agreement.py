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
    unit: Annotated[str, typer.Option(help="单位 What is counted: passage, turn, sentence, character.")] = "passage",
    out: Annotated[Path | None, typer.Option(help="写入 .md .docx 或 .csv；不写则显示 The file; else shown.")] = None,
    coder: Coders = None,
    draws: Annotated[int, typer.Option(min=0, help="自助抽样次数，0 为不给区间 Bootstrap draws; 0: none.")] = 1000,
    seed: Annotated[int, typer.Option(help="随机种子 Seed.")] = 0,
    language: LanguageOption = None,
    *,
    no_machine: Annotated[bool, typer.Option("--no-machine", help="只比较人 Compare people only.")] = False,
    coded_only: Annotated[
        bool, typer.Option("--coded-only", help="没人编码的单位不计 Leave out units that nobody coded.")
    ] = False,
    leave_rejected: Annotated[
        bool,
        typer.Option("--leave-rejected", help="只否定建议（x）的段落不计 Leave out what was only turned down (x)."),
    ] = False,
    mixed_up: Annotated[
        Path | None, typer.Option("--mixed-up", help="混淆清单（.csv） A worklist of codes that coders mix up.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 Overwrite.")] = False,
) -> None:
    """编码者一致性：每个编码和总体，带区间。 How far coders agree, for each code and overall, with intervals."""
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
