"""lbc-themes run."""

import sys
from collections import Counter
from importlib.util import find_spec
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
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="cli.help.source")],
    out: Annotated[Path, typer.Option(help="cli.help.results_folder")],
    codebook: Annotated[str, typer.Option(help="cli.help.codebook")] = "left-behind-children",
    seed: Annotated[int, typer.Option(help="cli.help.seed")] = 0,
    encoder: Annotated[str, typer.Option(help="cli.help.encoder")] = "e5-small-zh.v1",
    top: Annotated[int, typer.Option(min=1, help="cli.help.top")] = 3,
    form: Annotated[str | None, typer.Option(help="cli.help.form")] = None,
    pictures: Annotated[
        str | None,
        typer.Option(help="cli.help.pictures", show_default=False),
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="cli.help.cache")] = None,
    *,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="cli.help.no_cache")] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="cli.help.run_strict"),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="cli.help.overwrite_results")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="cli.help.quiet")] = False,
) -> None:
    """Read interviews, suggest codes and themes, write a report."""
    from lbc_themes.cli.progress import ShownStages
    from lbc_themes.encoding import default_cache
    from lbc_themes.pipeline import RunOptions, Stages, run
    from lbc_themes.report import refuse_pictures, refuse_to_overwrite, write_outputs

    if pictures is None:
        pictures = "themes" if find_spec("plotly") else "none"
        if pictures == "none" and not quiet:
            say(message("cli.no_pictures"))
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
    return message("cli.files_of_form", form=name, count=number)
