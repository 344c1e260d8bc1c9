"""lbc-themes study themes and withdraw."""

from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.cli.options import StudyFile

_STATUS_WIDTH = 3


def themes_command(
    study: StudyFile,
    encoder: Annotated[str, typer.Option(help="编码器 Encoder.")] = "e5-small-zh.v1",
    seed: Annotated[int, typer.Option(help="随机种子 Seed.")] = 0,
    cache: Annotated[Path | None, typer.Option(help="向量缓存文件 File of the vector cache.")] = None,
    *,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="不保存向量 Keep no vectors.")] = False,
) -> None:
    """归并候选主题，与编码本对照，存入研究文件。 Find candidate themes beside the codebook, and keep them."""
    from lbc_themes.core.messages import word_table
    from lbc_themes.encoding import default_cache, load_encoder
    from lbc_themes.study import Study
    from lbc_themes.study.themes import find_themes

    with Study.open(study) as held:
        found = find_themes(held, load_encoder(encoder, None if no_cache else cache or default_cache()), seed=seed)
        names = {code.id: code.name for code in held.codebook}
    statuses = word_table("words.status")
    for theme in found.themes:
        status = f"{statuses[theme.status].zh} {statuses[theme.status].en} " if theme.status else ""
        codes = "、".join(f"{names[i].zh} {names[i].en}" for i in theme.codes[:_STATUS_WIDTH] if i in names)
        typer.echo(
            f"{theme.id:>3}  {theme.name} · {len(theme.passages)} 段 passages · {theme.participants} 人 participants"
            f"{' · ' if status or codes else ''}{status}{codes}"
        )


def withdraw_command(
    study: StudyFile,
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="受访者编号 The participant's id.")],
    by: Annotated[str, typer.Option("--by", help="谁来删除，记入日志 Who does this; the log keeps it.")],
    *,
    whole_interviews: Annotated[
        bool, typer.Option("--whole-interviews", help="多人访谈整份删除 Take shared interviews out whole.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 Do not ask.")] = False,
) -> None:
    """受访者退出：从研究文件彻底删除其全部内容，不可恢复。 A participant withdraws: erase all of theirs, for good."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        if not yes:
            typer.confirm(
                f"从 {study} 彻底删除 {participant} 的全部内容，不可恢复。继续？"
                f" Erase everything of {participant} from {study}, for good?",
                abort=True,
            )
        done = held.withdraw(participant, by=by, whole_interviews=whole_interviews)
    typer.echo(
        f"已删除 erased: {done.transcripts} 份访谈 interviews · {done.passages} 个段落 passages · "
        f"{done.suggestions} 条建议 suggestions · {done.entries} 条记录 lines of the log · "
        f"{done.blanked} 处他人记录中的引语 quotations elsewhere\n"
        "还需你自己处理 still to do by hand: 备份、导出文件、核对表、文稿和录音原件、向量缓存 "
        "backups, exports, member sheets, the interviews' own files and recordings, the vector cache (lbc-themes cache "
        "clear). 已发表的引语无法收回 What is published cannot be called back."
    )
