"""lbc-themes run."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbc_themes.cli.check import refuse_doubtful, say_findings
from lbc_themes.cli.options import say, unread_message
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message, word_table

if TYPE_CHECKING:
    from lbc_themes.pipeline import RunResult

_MOST_NAMED = 10


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
    strict: Annotated[
        bool,
        typer.Option("--strict", help="有要看的文件就不编码 Code nothing where a file needs a look."),
    ] = False,
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
    result = run(options, stages, before_coding=refuse_doubtful if strict else None)
    with stages.stage("report"):
        written = write_outputs(result)
    if not quiet:
        _say_result(result, written[0])
    if result.unread:
        raise InputError(unread_message([file.reason for file in result.unread]))


def _say_result(result: "RunResult", report: Path) -> None:
    """Say how much was read and suggested, as what the files were read, and where the report is."""
    say(
        message(
            "cli.run_result",
            interviews=len(result.transcripts),
            passages=len(result.passages),
            suggested=sum(bool(suggestion.codes) for suggestion in result.suggestions),
            themes=len(result.themes.themes_),
        )
    )
    names = word_table("words.forms")
    forms = Counter(transcript.form for transcript in result.transcripts)
    say(message("cli.read_as", forms=[_times(names[form], number) for form, number in forms.most_common()]))
    guessed = [t.id for t in result.transcripts if any("behaviour" in n or "no interviewer" in n for n in t.notes)]
    if guessed:
        say(message("cli.roles_guessed", interviews=guessed[:_MOST_NAMED]))
    if result.codebook_fit and result.codebook_fit.misfit:
        from lbc_themes.suggest.codebook_fit import misfit_message

        say(misfit_message(result.codebook_fit, result.codebook.name))
    say_findings(result.transcripts)
    say(message("cli.report_at", path=report))


def _times(name: Bilingual, number: int) -> Bilingual:
    return Bilingual(zh=f"{name.zh} {number} 份", en=f"{name.en} {number}")
