"""lbc-themes study new, add, status, suggest and backup."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbc_themes.cli.check import refuse_doubtful, say_findings
from lbc_themes.cli.options import StudyFile
from lbc_themes.cli.study_files import export_command, import_command
from lbc_themes.cli.study_more import themes_command, withdraw_command
from lbc_themes.core.errors import InputError

if TYPE_CHECKING:
    from lbc_themes.core.records import Transcript
    from lbc_themes.study import Status

study_app = typer.Typer(
    no_args_is_help=True,
    help="研究文件：访谈、建议和决定都在一个文件里 A study in one file: interviews, suggestions, decisions.",
)
study_app.command("export")(export_command)
study_app.command("import")(import_command)
study_app.command("themes")(themes_command)
study_app.command("withdraw")(withdraw_command)
Input = Annotated[Path, typer.Argument(metavar="INPUT", help="访谈文件或文件夹 A file or folder of interviews.")]
Form = Annotated[str | None, typer.Option(help="文稿形式，默认自动识别 Transcript form, if not recognised.")]

Strict = Annotated[bool, typer.Option("--strict", help="有要看的文件就不加 Add nothing where a file needs a look.")]


@study_app.command("new")
def new(
    study: StudyFile,
    source: Input,
    codebook: Annotated[str, typer.Option(help="编码本名称或文件 A codebook's name or file.")] = "left-behind-children",
    form: Form = None,
    *,
    strict: Strict = False,
) -> None:
    """读取访谈，建立研究文件。 Read interviews and make a study of them."""
    from lbc_themes.codebook import load_codebook
    from lbc_themes.study import Study

    book = load_codebook(codebook)
    transcripts, unread = _read(source, form)
    if strict:
        refuse_doubtful(transcripts)
    with Study.create(study, transcripts, book) as made:
        typer.echo(
            f"{study}: {len(made.transcripts)} 份访谈 interviews · {len(made.passages)} 个段落 passages · "
            f"{book.name.zh} {book.name.en} {book.version}"
        )
    if not strict:
        say_findings(transcripts)
    _refuse_unread(unread)


@study_app.command("add")
def add(study: StudyFile, source: Input, form: Form = None, *, strict: Strict = False) -> None:
    """加入新的访谈；已有的不变。 Add interviews; those that are there stay as they are."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        transcripts, unread = _read(source, form)
        if strict:
            refuse_doubtful(transcripts)
        ids = held.add(transcripts)
        typer.echo(f"新增 {len(ids)} 份访谈 interviews added{': ' if ids else ''}{', '.join(ids)}")
    say_findings([transcript for transcript in transcripts if transcript.id in ids])
    _refuse_unread(unread)


@study_app.command("status")
def status(study: StudyFile) -> None:
    """进展：谁编了多少。 How far the study is, and who did how much."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        typer.echo("\n".join(_status_lines(held.status())))


@study_app.command("suggest")
def suggest(
    study: StudyFile,
    top: Annotated[int, typer.Option(min=1, help="每段建议几个编码 Codes suggested a passage.")] = 3,
    name: Annotated[str, typer.Option(help="这批建议的名称，默认编号加时间 Name of the run.")] = "",
    encoder: Annotated[str, typer.Option(help="编码器 Encoder.")] = "e5-small-zh.v1",
    cache: Annotated[Path | None, typer.Option(help="向量缓存文件 File of the vector cache.")] = None,
    *,
    no_learning: Annotated[
        bool, typer.Option("--no-learning", help="不参考已有的决定 Learn nothing from what people decided.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="不保存向量 Keep no vectors.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="不显示进度 Say nothing.")] = False,
) -> None:
    """为全部段落建议编码，存为一批。 Suggest codes for every passage, having learned from what people decided."""
    from lbc_themes.cli.progress import ShownStages
    from lbc_themes.encoding import default_cache, load_encoder
    from lbc_themes.pipeline import Stages
    from lbc_themes.study import Study
    from lbc_themes.study.suggestions import add_run

    stages = Stages() if quiet or not sys.stderr.isatty() else ShownStages()
    with Study.open(study) as held:
        used = load_encoder(encoder, None if no_cache else cache or default_cache())
        run, taught = add_run(held, used, top=top, learn=not no_learning, name=name, stages=stages)
        suggestions = held.suggestions(run)
    if not quiet:
        typer.echo(
            f"{run}: {len(suggestions)} 个段落 passages · {sum(bool(each.codes) for each in suggestions)} 段有建议 "
            f"with a suggestion · 参考了 {taught} 个已编段落 learned from coded passages"
        )


@study_app.command("backup")
def backup(
    study: StudyFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="新文件 The new file.")],
) -> None:
    """备份；别人可以同时继续编码。 Copy the study while others go on working."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        typer.echo(f"已备份 copied: {held.backup(out)}")


def _read(source: Path, form: str | None) -> tuple[list["Transcript"], list[str]]:
    from lbc_themes.reading import read_transcripts

    unread: list[str] = []
    transcripts = read_transcripts(source, form=form, on_error=lambda _, error: unread.append(str(error)))
    if not transcripts:
        raise InputError(f"{source}: no transcript could be read{': ' if unread else ''}{'; '.join(unread[:3])}")
    return transcripts, unread


def _refuse_unread(unread: list[str]) -> None:
    if unread:
        names = "\n".join(f"  {reason}" for reason in unread)
        raise InputError(f"{len(unread)} 个文件没有读到，其余已完成 files not read, the rest is done:\n{names}")


def _status_lines(found: "Status") -> list[str]:
    lines = [
        f"{found.path}",
        f"访谈 interviews: {found.transcripts} · 受访者 participants: {found.participants} · "
        f"段落 passages: {found.passages}",
        f"编码本 codebook: {found.codebook} {found.codebook_version} · 编码 codes: {found.codes}",
        f"建议 suggestions: {found.suggested} · 批 runs: {', '.join(found.runs) or '–'}",
        f"决定 decisions: {found.decisions} · 撤回 taken back: {found.retractions} · 备忘 memos: {found.memos}",
    ]
    people = [
        f"  {each.coder}: 段落 passages {each.passages}/{found.passages} · 编码 codings {each.codings} · "
        f"备忘 memos {each.memos}"
        for each in found.coders
    ]
    if found.adjudicated:
        people.append(f"  已裁定 adjudicated: {found.adjudicated}/{found.passages}")
    if found.withdrawals:
        lines.append(f"退出并删除 withdrawn and erased: {found.withdrawals}")
    return [*lines, *(people or ["  还没有人编码 nobody has coded yet"])]
