"""lbc-themes run."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbc_themes.core.errors import InputError

if TYPE_CHECKING:
    from lbc_themes.core.records import Transcript


def run_command(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="访谈文件或文件夹 A file or folder of interviews.")],
    out: Annotated[Path, typer.Option(help="输出文件夹 The folder for the results.")],
    codebook: Annotated[str, typer.Option(help="编码本名称或文件 A codebook's name or file.")] = "left-behind-children",
    seed: Annotated[int, typer.Option(help="随机种子 Seed.")] = 0,
    encoder: Annotated[str, typer.Option(help="编码器 Encoder.")] = "e5-small-zh.v1",
    top: Annotated[int, typer.Option(min=1, help="每段建议几个编码 Codes suggested a passage.")] = 3,
    form: Annotated[str | None, typer.Option(help="文稿形式，默认自动识别 Transcript form, if not recognised.")] = None,
    pictures: Annotated[
        str,
        typer.Option(help="报告里的图 Pictures: themes, bertopic (附加包 an extra), none."),
    ] = "themes",
    cache: Annotated[Path | None, typer.Option(help="向量缓存文件 File of the vector cache.")] = None,
    *,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="不保存向量 Keep no vectors.")] = False,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有结果 Overwrite earlier results.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="不显示进度 Say nothing.")] = False,
) -> None:
    """读取访谈，切分段落，建议编码，归并主题，写出报告。 Read interviews, suggest codes and themes, write a report."""
    from lbc_themes.cli.progress import ShownStages
    from lbc_themes.encoding import default_cache
    from lbc_themes.pipeline import RunOptions, Stages, run
    from lbc_themes.report import refuse_pictures, refuse_to_overwrite, write_outputs

    refuse_pictures(pictures)
    refuse_to_overwrite(out, force=force)
    options = RunOptions(
        source=source, codebook=codebook, out=out, seed=seed, encoder=encoder, top=top, form=form, pictures=pictures,
        cache=None if no_cache else cache or default_cache(), force=force,
    )  # fmt: skip
    stages = Stages() if quiet or not sys.stderr.isatty() else ShownStages()
    result = run(options, stages)
    with stages.stage("report"):
        written = write_outputs(result)
    if not quiet:
        suggested = sum(bool(suggestion.codes) for suggestion in result.suggestions)
        typer.echo(
            f"{len(result.transcripts)} 份访谈 interviews · {len(result.passages)} 个段落 passages · "
            f"{suggested} 段有建议 with a suggestion · {len(result.themes.themes_)} 个候选主题 candidate themes"
        )
        typer.echo(_read_as(result.transcripts))
        typer.echo(f"报告 report: {written[0]}")
    if result.unread:
        names = "\n".join(f"  {file.reason}" for file in result.unread)
        raise InputError(f"{len(result.unread)} 个文件没有读到，其余已完成 files not read, the rest is done:\n{names}")


def _read_as(transcripts: Sequence["Transcript"]) -> str:
    """Say by form how many interviews were read, and in which the roles were guessed."""
    from lbc_themes.core.messages import word_table

    names = word_table("words.forms")
    forms = Counter(transcript.form for transcript in transcripts)
    read = "、".join(f"{names[form].zh} {form} {number}" for form, number in forms.most_common())
    guessed = [t.id for t in transcripts if any("behaviour" in note or "no interviewer" in note for note in t.notes)]
    roles = f"；角色靠推断，请在报告里核对 roles guessed, check them in the report: {', '.join(guessed[:10])}"
    return f"读作 read as: {read}{roles if guessed else ''}"
