"""lbc-themes demo."""

from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.cli.run import run_command


def demo_command(
    out: Annotated[Path, typer.Option(help="cli.help.results_folder")] = Path("lbc-themes-demo"),
    *,
    force: Annotated[bool, typer.Option("--force", help="cli.help.overwrite_results")] = False,
) -> None:
    """Code the invented interviews that travel with the library."""
    from lbc_themes.core.assets import demo_folder

    run_command(source=demo_folder() / "interviews", out=out, force=force)
