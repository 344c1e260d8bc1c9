"""lbc-themes home, which is also what lbc-themes does alone, and the same without a console for the desktop."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.core.files import keep_process_private
from lbc_themes.core.messages import message, spoken_language


def home_command(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="研究所在的文件夹，默认用上次的 Where studies are kept.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任意空闲端口 Port; 0 takes a free one.")] = 0,
    encoder: Annotated[str, typer.Option(help="编码器 Encoder.")] = "e5-small-zh.v1",
    *,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="不打开浏览器 Print the address, open no browser.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="不保存向量 Keep no vectors.")] = False,
) -> None:
    """打开首页：列出研究、新建研究、导出（只在本机）。 Serve the home page, to this machine alone."""
    from lbc_themes.encoding import default_cache
    from lbc_themes.home import serve_home

    def announce(address: str) -> None:
        typer.echo(message("cli.home_open", address=address).said(spoken_language()))

    serve_home(
        folder, port=port, encoder=encoder, cache=None if no_cache else default_cache(), browser=not no_browser,
        announce=announce,
    )  # fmt: skip


def desktop() -> None:
    """Serve the home page for a shortcut on the desktop, where there is no console; it ends by a button on the page."""
    keep_process_private()
    if sys.stdout is None or sys.stderr is None:
        sys.stdout = sys.stderr = io.StringIO()
    from lbc_themes.encoding import default_cache
    from lbc_themes.home import serve_home

    serve_home(cache=default_cache(), announce=lambda _address: None)
