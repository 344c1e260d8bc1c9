"""lbc-themes home, which is also what lbc-themes does alone, and the same without a console for the desktop."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.core.files import keep_process_private
from lbc_themes.core.messages import message, spoken_language


def home_command(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="cli.help.home_folder")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="cli.help.port")] = 0,
    encoder: Annotated[str, typer.Option(help="cli.help.encoder")] = "e5-small-zh.v1",
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="cli.help.no_browser")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="cli.help.no_cache")] = False,
) -> None:
    """Serve the home page, to this machine alone."""
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
