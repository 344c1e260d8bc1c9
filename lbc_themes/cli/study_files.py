"""lbc-themes study export and import: what goes to other programs and to people, and what comes back."""

from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.cli.options import Coders, LanguageOption, StudyFile, said_language
from lbc_themes.core.errors import InputError

_KINDS = "qdpx qdc xlsx docx members triangulation maxqda label-studio docbin codings.csv"


def export_command(
    study: StudyFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="文件；members 为文件夹 A file; for members a folder.")],
    to: Annotated[str, typer.Option("--to", help=f"导出什么 What to write: {_KINDS}.")],
    coder: Coders = None,
    language: LanguageOption = None,
    *,
    blind: Annotated[
        bool, typer.Option("--blind", help="xlsx：不带建议，供独立编码 xlsx: without suggestions, for double coding.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 Overwrite.")] = False,
) -> None:
    """导出给别的软件，或给人看的文件。 Write a study for other programs or for people; what is lost is said."""
    from lbc_themes.study import Study
    from lbc_themes.study.import_export import Export, export

    wanted = Export(
        kind=to, out=out, coders=tuple(coder or ()), language=said_language(language), blind=blind, force=force
    )
    with Study.open(study) as held:
        losses = export(held.contents(), wanted)
    typer.echo(f"已导出 written: {out}")
    for loss in losses:
        where = f" ({loss.where})" if loss.where else ""
        typer.echo(f"  未带出 left behind × {loss.count}: {loss.text.zh} {loss.text.en}{where}")


def import_command(
    study: StudyFile,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="xlsx csv qdpx qde lbc docx json，或成员核对表的文件夹 or a folder of sheets."
        ),
    ],
    coder: Annotated[str, typer.Option(help="编码者，文件里没写的话 Who coded, where the file does not say.")] = "",
    language: LanguageOption = None,
    positions: Annotated[
        str, typer.Option(help="项目文件怎样数位置 How a project counts positions: utf-16, code-points, …")
    ] = "",
) -> None:
    """读回填好的表、成员核对表、别的软件或另一份研究里的编码。 Take in what people did elsewhere; twice is once.

    STUDY 还不存在时，由 .qdpx 新建。 Where STUDY does not exist yet, a .qdpx makes it.
    """
    from lbc_themes.study import Study
    from lbc_themes.study.import_export import Import, import_into

    wanted = Import(file=file, coder=coder, language=said_language(language), positions=positions)
    if not study.exists() and file.suffix.lower() in {".qdpx", ".qde"}:
        with Study.from_qdpx(file, study, positions=positions) as made:
            found = made.status()
            typer.echo(
                f"{study}: {found.transcripts} 份访谈 interviews · {found.codes} 个编码 codes · "
                f"{sum(each.codings for each in found.coders)} 处编码 codings"
            )
            losses = made.losses
    elif not file.exists():
        raise InputError(f"{file}: no such file; give a sheet, project, study or folder of sheets that came back")
    else:
        with Study.open(study) as held:
            taken = import_into(held, wanted)
        typer.echo(
            f"读入 taken in: {taken.decisions} 个决定 decisions · {taken.codings} 处编码 codings · "
            f"{taken.memos} 条备忘 memos"
        )
        losses = taken.losses
    for loss in losses:
        where = f" ({loss.where})" if loss.where else ""
        typer.echo(f"  未带入 left behind × {loss.count}: {loss.text.zh} {loss.text.en}{where}")
