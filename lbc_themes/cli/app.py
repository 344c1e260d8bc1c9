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
from lbc_themes.core.messages import Language, Said, catalogue, message, recognised, spoken_language, use_language

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False,
    help="cli.commands.lbc_themes",
)  # fmt: skip


@app.callback(invoke_without_command=True)
def without_a_command(context: typer.Context) -> None:
    """Open the home page where no command is given."""
    if context.invoked_subcommand is None:
        home_command()


app.command("home", help="cli.commands.home")(home_command)
app.command("run", help="cli.commands.run")(run_command)
app.command("check", help="cli.commands.check")(check_command)
app.command("demo", help="cli.commands.demo")(demo_command)
app.add_typer(study_app, name="study")
app.command("review", help="cli.commands.review")(review_command)
app.command("deidentify", help="cli.commands.deidentify")(deidentify_command)
app.command("agreement", help="cli.commands.agreement")(agreement_command)
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


def command_line() -> Any:  # noqa: ANN401 (typer brings a click of its own, or takes the installed one)
    """Return the commands as click has them, with what ``--help`` says in the language that is spoken.

    In the code a help text is its key in the catalogue. Raises KeyError where a command or an option has none.
    """
    built = typer.main.get_command(app)
    _say_help(built)
    return built


def _say_help(command: Any) -> None:  # noqa: ANN401
    wordings, language = catalogue("cli"), spoken_language()
    for each in (command, *(parameter for parameter in command.params if parameter.name != "help")):
        each.help = wordings[each.help or ""].said(language)
    for inner in getattr(command, "commands", {}).values():
        _say_help(inner)


def _run(words: list[str]) -> None:
    try:
        sys.exit(command_line()(words, prog_name="lbc-themes", standalone_mode=False))
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
        language = spoken_language()
        _say_error(f"{recognised(text, 'cli.usage').said(language)} (lbc-themes --help)", language)
    else:
        error.show()
