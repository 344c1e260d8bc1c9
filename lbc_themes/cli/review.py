"""lbc-themes review."""

from pathlib import Path
from typing import Annotated

import typer


def review_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="研究文件（.lbc） The study's file (.lbc).")],
    coder: Annotated[
        str | None, typer.Option(help="编码者姓名；不写则在网页上填 Your name; else the page asks.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任意空闲端口 Port; 0 takes a free one.")] = 0,
    encoder: Annotated[str, typer.Option(help="编码器 Encoder.")] = "e5-small-zh.v1",
    cache: Annotated[Path | None, typer.Option(help="向量缓存文件 File of the vector cache.")] = None,
    *,
    blind: Annotated[
        bool,
        typer.Option("--blind", help="独立编码：不显示建议和他人的编码 Show no suggestions and no one else's codes."),
    ] = False,
    no_learning: Annotated[
        bool, typer.Option("--no-learning", help="建议不随编码更新 Suggestions do not learn as you code.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="不保存向量 Keep no vectors.")] = False,
) -> None:
    """打开编码网页（只在本机）。 Serve the page on which people code, to this machine alone."""
    from lbc_themes.encoding import default_cache
    from lbc_themes.review import serve

    def announce(address: str) -> None:
        typer.echo(f"在浏览器中打开 open in a browser: {address}\n按 Ctrl+C 结束 press Ctrl+C to end")

    serve(
        study, coder=coder, port=port, blind=blind, learn=not no_learning, encoder=encoder,
        cache=None if no_cache else cache or default_cache(), announce=announce,
    )  # fmt: skip
