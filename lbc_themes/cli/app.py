"""The command lbc-themes: its parts, and what becomes of errors."""

import sys
from typing import Any

import typer

from lbc_themes.cli.agreement import agreement_command
from lbc_themes.cli.check import check_command
from lbc_themes.cli.commands import cache_app, codebook_app, deidentify_command, encoder_app, review_command
from lbc_themes.cli.demo import demo_command
from lbc_themes.cli.home import home_command
from lbc_themes.cli.options import language_among
from lbc_themes.cli.run import run_command
from lbc_themes.cli.study import study_app
from lbc_themes.core.errors import LbcError
from lbc_themes.core.files import keep_process_private, prepare_console
from lbc_themes.core.messages import Language, Said, message, spoken_language, use_language

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False,
    help="访谈编码助手：切分、建议、归并主题；由人决定。 "
    "Suggests codes and themes for Mandarin interviews; a person decides.",
)  # fmt: skip


@app.callback(invoke_without_command=True)
def without_a_command(context: typer.Context) -> None:
    """Open the home page where no command is given."""
    if context.invoked_subcommand is None:
        home_command()


app.command("home")(home_command)
app.command("run")(run_command)
app.command("check")(check_command)
app.command("demo")(demo_command)
app.add_typer(study_app, name="study")
app.command("review")(review_command)
app.command("deidentify")(deidentify_command)
app.command("agreement")(agreement_command)
app.add_typer(codebook_app, name="codebook")
app.add_typer(encoder_app, name="encoder")
app.add_typer(cache_app, name="cache")


_BadUse: type[Exception] = typer.BadParameter.__mro__[1]
"""The UsageError of click, which typer takes from click or, since 0.20, carries itself."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 2 bad use or bad input (said in one line), 1 our fault."""
    keep_process_private()
    prepare_console()
    try:
        language, words = language_among(sys.argv[1:])
    except LbcError as error:
        _say_error(error, spoken_language())
        sys.exit(2)
    with use_language(language):
        _run(words)


def _run(words: list[str]) -> None:
    try:
        sys.exit(app(words, prog_name="lbc-themes", standalone_mode=False))
    except LbcError as error:
        _say_error(error, spoken_language())
    except _BadUse as error:
        _say_bad_use(error)
    except typer.Abort:
        sys.exit(130)
    sys.exit(2)


def _say_error(line: Said | str, language: Language) -> None:
    typer.echo(message("cli.error", line=line).said(language), err=True)


def _say_bad_use(error: Any) -> None:  # noqa: ANN401 (its class differs between releases of typer)
    text = error.format_message()
    if text and "\n" not in text:
        _say_error(f"{text} (lbc-themes --help)", spoken_language())
    else:
        error.show()
