"""lbc-themes deidentify."""

from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.core.errors import InputError


def deidentify_command(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="访谈文件或文件夹 A file or folder of interviews.")],
    out: Annotated[Path, typer.Option(help="输出文件夹，须为空 An empty folder for the copies.")],
    key: Annotated[
        Path | None,
        typer.Option(help="对照表，单独保管；默认在输出文件夹旁 The key, kept apart; beside OUT by default."),
    ] = None,
    patterns_only: Annotated[
        bool, typer.Option("--patterns-only", help="不用模型，只按规则找 Without the model, by patterns only.")
    ] = False,
) -> None:
    """把人名、校名、单位、地名、号码换成化名；仍须人工检查。 Replace names and numbers; a person must still look."""
    from lbc_themes.safeguards.privacy import deidentify_folder, report_text

    unread: list[str] = []

    def note(_path: Path, error: InputError) -> None:
        unread.append(str(error))

    kept = key or out.with_name(f"{out.name}.key.json")
    written = deidentify_folder(source, out, kept, method="patterns" if patterns_only else "lac", on_error=note)
    typer.echo(report_text(written.report))
    typer.echo(f"副本 copies: {out}\n对照表（请单独保管） key (keep it apart): {kept}")
    if unread:
        names = "\n".join(f"  {reason}" for reason in unread)
        raise InputError(f"{len(unread)} 个文件没有读到，其余已完成 files not read, the rest is done:\n{names}")
