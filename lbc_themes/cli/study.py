"""lbc-themes study: new, add, status, suggest, themes, import, export, withdraw, backup, check, rescue, restore.

The codebook of a study is edited by lbc-themes study codebook, in a file of its own.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbc_themes.cli.check import refuse_doubtful, say_findings
from lbc_themes.cli.options import Coders, LanguageOption, StudyFile, said_language, say, unread_message
from lbc_themes.cli.study_codebook import codebook_app
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message, spoken_language, word_table

if TYPE_CHECKING:
    from lbc_themes.core.records import Transcript
    from lbc_themes.study import Status
    from lbc_themes.study.store import Damage


# --- lbc-themes study export and import: what goes to other programs and to people, and what comes back.


class Suggestions(StrEnum):
    """How a .qdpx holds what the machine suggests: as its codings, on codes of their own, or not at all."""

    CODINGS = "codings"
    SET = "set"
    NONE = "none"


def export_command(
    study: StudyFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="cli.help.export_out")],
    to: Annotated[str, typer.Option("--to", help="cli.help.to")],
    coder: Coders = None,
    language: LanguageOption = None,
    *,
    blind: Annotated[bool, typer.Option("--blind", help="cli.help.export_blind")] = False,
    force: Annotated[bool, typer.Option("--force", help="cli.help.force")] = False,
    suggestions: Annotated[Suggestions, typer.Option(help="cli.help.suggestions")] = Suggestions.CODINGS,
) -> None:
    """Write a study for other programs or for people; what is lost is said."""
    from lbc_themes.study import Study
    from lbc_themes.study.import_export import Export, export

    wanted = Export(
        kind=to,
        out=out,
        coders=tuple(coder or ()),
        language=said_language(language),
        blind=blind,
        force=force,
        suggestions=suggestions.value,
    )
    with Study.open(study) as held:
        losses = export(held.contents(), wanted)
    say(message("cli.written", path=out))
    for loss in losses:
        _say_loss(message("cli.loss_out", count=loss.count, text=loss.text), loss.where)


def import_command(
    study: StudyFile,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="cli.help.file",
        ),
    ],
    coder: Annotated[str, typer.Option(help="cli.help.import_coder")] = "",
    language: LanguageOption = None,
    positions: Annotated[str, typer.Option(help="cli.help.positions")] = "",
) -> None:
    """Take in what people did elsewhere; twice is once.

    Where STUDY does not exist yet, a .qdpx makes it.
    """
    from lbc_themes.study import Study
    from lbc_themes.study.import_export import Import, import_into

    wanted = Import(file=file, coder=coder, language=said_language(language), positions=positions)
    if not study.exists() and file.suffix.lower() in {".qdpx", ".qde"}:
        with Study.from_qdpx(file, study, positions=positions) as made:
            found = made.status()
            codings = sum(each.codings for each in found.coders)
            say(
                message(
                    "cli.study_of_project", study=study, interviews=found.transcripts, codes=found.codes,
                    codings=codings,
                )
            )  # fmt: skip
            losses = made.losses
    elif not file.exists():
        raise InputError(message("cli.no_such_file_give", file=file))
    else:
        with Study.open(study) as held:
            taken = import_into(held, wanted)
        say(message("cli.taken_in", decisions=taken.decisions, codings=taken.codings, memos=taken.memos))
        losses = taken.losses
    for loss in losses:
        _say_loss(message("cli.loss_in", count=loss.count, text=loss.text), loss.where)


# --- lbc-themes study themes and withdraw.

_STATUS_WIDTH = 3


Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="cli.help.address")]
Token = Annotated[str, typer.Option(envvar="LABEL_STUDIO_TOKEN", help="cli.help.token")]
AllowRemote = Annotated[bool, typer.Option("--allow-remote", help="cli.help.allow_remote")]


def push_command(
    study: StudyFile,
    address: Address,
    token: Token = "",
    coder: Coders = None,
    title: Annotated[str, typer.Option(help="cli.help.title")] = "",
    language: LanguageOption = None,
    *,
    allow_remote: AllowRemote = False,
) -> None:
    """Load a study into a running Label Studio as a project."""
    from lbc_themes import exchange
    from lbc_themes.study import Study

    server = exchange.label_studio_server(address, allow_remote=allow_remote)
    with Study.open(study) as held:
        contents = held.contents()
    number = exchange.push_label_studio(
        contents, server, token, title=title, coders=tuple(coder or ()) or None, language=said_language(language)
    )
    said = message("exchange.pushed", texts=len(contents.transcripts), host=server.host, number=number)
    typer.echo(said.said(spoken_language()))


def pull_command(
    study: StudyFile,
    address: Address,
    project: Annotated[int, typer.Option(help="cli.help.project")],
    token: Token = "",
    coder: Annotated[str, typer.Option(help="cli.help.pull_coder")] = "",
    *,
    allow_remote: AllowRemote = False,
) -> None:
    """Fetch the codings of a Label Studio project; twice is once."""
    from lbc_themes.study import Study
    from lbc_themes.study.import_export import pull_into

    with Study.open(study) as held:
        taken = pull_into(held, address, token, project, coder=coder, allow_remote=allow_remote)
    typer.echo(message("exchange.pulled", codings=taken.codings).said(spoken_language()))


def themes_command(
    study: StudyFile,
    encoder: Annotated[str, typer.Option(help="cli.help.encoder")] = "e5-small-zh.v1",
    seed: Annotated[int, typer.Option(help="cli.help.seed")] = 0,
    cache: Annotated[Path | None, typer.Option(help="cli.help.cache")] = None,
    *,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="cli.help.no_cache")] = False,
) -> None:
    """Find candidate themes beside the codebook, and keep them."""
    from lbc_themes.core.messages import word_table
    from lbc_themes.encoding import default_cache, load_encoder
    from lbc_themes.safeguards.distress import distress_cues, status_given
    from lbc_themes.study import Study
    from lbc_themes.study.themes import find_themes

    with Study.open(study) as held:
        found = find_themes(held, load_encoder(encoder, None if no_cache else cache or default_cache()), seed=seed)
        names = {code.id: code.name for code in held.codebook}
        texts = {passage.id: passage.text for passage in held.passages}
    statuses, language = word_table("words.status"), spoken_language()
    for theme in found.themes:
        key = status_given(theme.status, (distress_cues(texts[i]) for i in theme.passages))
        status = f"{statuses[key].said(language)} " if key else ""
        codes = "、".join(names[i].said(language) for i in theme.codes[:_STATUS_WIDTH] if i in names)
        size = message("cli.theme_size", passages=len(theme.passages), participants=theme.participants).said(language)
        typer.echo(f"{theme.id:>3}  {theme.name} · {size}{' · ' if status or codes else ''}{status}{codes}")
    if found.set_aside:
        typer.echo(message("cli.themes_set_aside", count=len(found.set_aside)).said(language))


def withdraw_command(
    study: StudyFile,
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="cli.help.participant")],
    by: Annotated[str, typer.Option("--by", help="cli.help.by")],
    *,
    whole_interviews: Annotated[bool, typer.Option("--whole-interviews", help="cli.help.whole_interviews")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="cli.help.yes")] = False,
) -> None:
    """Erase all that is of a participant who withdraws, for good."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        if not yes:
            ask = message("cli.withdraw_ask", study=study, participant=participant)
            typer.confirm(ask.said(spoken_language()), abort=True)
        done = held.withdraw(participant, by=by, whole_interviews=whole_interviews)
    say(
        message(
            "cli.withdrawn", interviews=done.transcripts, passages=done.passages, suggestions=done.suggestions,
            entries=done.entries, blanked=done.blanked,
        )
    )  # fmt: skip
    language = spoken_language()
    if not done.compacted:
        typer.echo(message("study.not_compacted", path=study).said(language))
    if done.remaining:
        typer.echo(message("study.still_mentioned", count=len(done.remaining)).said(language))
    for each in done.remaining:
        typer.echo(f"  {each.word} × {each.count}  {each.kind} {each.where}: …{each.excerpt}…")


study_app = typer.Typer(
    no_args_is_help=True,
    help="cli.commands.study",
)
study_app.add_typer(codebook_app, name="codebook")
study_app.command("export", help="cli.commands.study_export")(export_command)
study_app.command("import", help="cli.commands.study_import")(import_command)
study_app.command("push", help="cli.commands.study_push")(push_command)
study_app.command("pull", help="cli.commands.study_pull")(pull_command)
study_app.command("themes", help="cli.commands.study_themes")(themes_command)
study_app.command("withdraw", help="cli.commands.study_withdraw")(withdraw_command)
Input = Annotated[Path, typer.Argument(metavar="INPUT", help="cli.help.source")]
Form = Annotated[str | None, typer.Option(help="cli.help.form")]

Strict = Annotated[bool, typer.Option("--strict", help="cli.help.study_strict")]


@study_app.command("new", help="cli.commands.study_new")
def new(
    study: StudyFile,
    source: Input,
    codebook: Annotated[
        list[str] | None,
        typer.Option(help="cli.help.new_codebook"),
    ] = None,
    form: Form = None,
    *,
    strict: Strict = False,
) -> None:
    """Read interviews and make a study of them."""
    from lbc_themes.codebook import load_codebook, together
    from lbc_themes.study import Study

    book = together([load_codebook(name) for name in codebook or ["left-behind-children"]])
    transcripts, unread = _read(source, form)
    if strict:
        refuse_doubtful(transcripts)
    with Study.create(study, transcripts, book) as made:
        named = Bilingual(zh=f"{book.name.zh} {book.version}", en=f"{book.name.en} {book.version}")
        say(
            message(
                "cli.study_made", study=study, interviews=len(made.transcripts), passages=len(made.passages),
                codebook=named,
            )
        )  # fmt: skip
    if not strict:
        say_findings(transcripts)
    _refuse_unread(unread)


@study_app.command("add", help="cli.commands.study_add")
def add(study: StudyFile, source: Input, form: Form = None, *, strict: Strict = False) -> None:
    """Add interviews; those that are there stay as they are."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        transcripts, unread = _read(source, form)
        if strict:
            refuse_doubtful(transcripts)
        ids = held.add(transcripts)
        say(message("cli.interviews_added", count=len(ids), ids=[*ids] or message("core.none")))
    say_findings([transcript for transcript in transcripts if transcript.id in ids])
    _refuse_unread(unread)


@study_app.command("status", help="cli.commands.study_status")
def status(study: StudyFile) -> None:
    """How far the study is, and who did how much."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        typer.echo("\n".join(_status_lines(held.status())))


@study_app.command("suggest", help="cli.commands.study_suggest")
def suggest(
    study: StudyFile,
    top: Annotated[int, typer.Option(min=1, help="cli.help.top")] = 3,
    name: Annotated[str, typer.Option(help="cli.help.suggest_name")] = "",
    encoder: Annotated[str, typer.Option(help="cli.help.encoder")] = "e5-small-zh.v1",
    cache: Annotated[Path | None, typer.Option(help="cli.help.cache")] = None,
    *,
    no_learning: Annotated[bool, typer.Option("--no-learning", help="cli.help.suggest_no_learning")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="cli.help.no_cache")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="cli.help.quiet")] = False,
) -> None:
    """Suggest codes for every passage, having learned from what people decided."""
    from lbc_themes.cli.progress import ShownStages
    from lbc_themes.encoding import default_cache, load_encoder
    from lbc_themes.pipeline import Stages
    from lbc_themes.study import Study
    from lbc_themes.study.suggestions import add_run
    from lbc_themes.suggest.codebook_fit import misfit_message

    stages = Stages() if quiet or not sys.stderr.isatty() else ShownStages()
    with Study.open(study) as held:
        used = load_encoder(encoder, None if no_cache else cache or default_cache())
        run = add_run(held, used, top=top, learn=not no_learning, name=name, stages=stages)
        suggestions = held.suggestions(run.name)
        book = held.codebook.name
    if not quiet:
        suggested = sum(bool(each.codes) for each in suggestions)
        say(message("cli.run_made", run=run.name, passages=len(suggestions), suggested=suggested, taught=run.taught))
    if run.fit is not None and run.fit.misfit:
        said = misfit_message(run.fit, book, coded=run.coded)
        typer.echo(said.said(spoken_language()), err=quiet)


@study_app.command("backup", help="cli.commands.study_backup")
def backup(
    study: StudyFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="cli.help.new_file")],
) -> None:
    """Copy the study while others go on working."""
    from lbc_themes.study import Study

    with Study.open(study) as held:
        say(message("cli.copied", path=held.backup(out)))


@study_app.command("check", help="cli.commands.study_check")
def check(
    study: StudyFile,
    since: Annotated[str, typer.Option(help="cli.help.since")] = "",
) -> None:
    """Check every record, and that the log was not changed."""
    from lbc_themes.study.recovery import check_study

    found = check_study(study, since=since)
    typer.echo(message("study.checked", path=study, records=found.records, head=found.head).said(spoken_language()))
    for line in found.structure:
        typer.echo(f"  {line}")
    for damage in found.damages:
        typer.echo(f"  {_damage_line(damage)}")
    if found.whole:
        typer.echo(message("study.whole").said(spoken_language()))
    else:
        typer.echo(message("study.not_whole", path=study).said(spoken_language()))
        raise typer.Exit(1)


@study_app.command("rescue", help="cli.commands.study_rescue")
def rescue(
    study: StudyFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="cli.help.new_file")],
    backup: Annotated[Path | None, typer.Option(help="cli.help.backup")] = None,
) -> None:
    """Save what is whole in a damaged study to a new file."""
    from lbc_themes.study.recovery import rescue_study

    done = rescue_study(study, out, backup=backup)
    language = spoken_language()
    said = message(
        "study.rescued", path=out, saved=done.saved, backup=done.from_backup, mended=done.mended,
        doubtful=len(done.doubtful), lost=len(done.lost),
    )  # fmt: skip
    typer.echo(said.said(language))
    for damage in (*done.doubtful, *done.lost):
        typer.echo(f"  {_damage_line(damage)}")
    if done.lost_file is not None:
        typer.echo(message("study.lost_file", path=done.lost_file).said(language))


@study_app.command("restore", help="cli.commands.study_restore")
def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="cli.help.restore_backup")],
    study: StudyFile,
) -> None:
    """Put a backup in a study's place; what it replaces is kept."""
    from lbc_themes.study.recovery import restore_study

    kept = restore_study(backup, study)
    typer.echo(message("study.restored", path=study, backup=backup).said(spoken_language()))
    if kept is not None:
        typer.echo(message("study.replaced_file_kept", path=kept).said(spoken_language()))


def _damage_line(damage: "Damage") -> str:
    fault = word_table("study.fault")[damage.fault].said(spoken_language())
    return f"{damage.kind} {damage.key}: {fault}"


def _read(source: Path, form: str | None) -> tuple[list["Transcript"], list[Bilingual]]:
    from lbc_themes.reading import read_transcripts

    unread: list[Bilingual] = []
    transcripts = read_transcripts(source, form=form, on_error=lambda _, error: unread.append(error.words))
    if not transcripts and not unread:
        raise InputError(message("cli.no_transcript", source=source))
    if not transcripts:
        raise InputError(message("cli.none_read", source=source, reasons=unread[:3]))
    return transcripts, unread


def _refuse_unread(unread: list[Bilingual]) -> None:
    if unread:
        raise InputError(unread_message(unread))


def _say_loss(line: Bilingual, where: str) -> None:
    typer.echo(f"{line.said(spoken_language())}{f' ({where})' if where else ''}")


def _status_lines(found: "Status") -> list[str]:
    book = f"{found.codebook} {found.codebook_version}"
    lines = [
        message(
            "cli.status", path=found.path, interviews=found.transcripts, participants=found.participants,
            passages=found.passages, codebook=book, codes=found.codes, suggested=found.suggested,
            runs=", ".join(found.runs) or "–", decisions=found.decisions, retractions=found.retractions,
            memos=found.memos,
        )
    ]  # fmt: skip
    if found.withdrawals:
        lines.append(message("cli.status_withdrawn", count=found.withdrawals))
    lines += [
        message(
            "cli.status_coder", coder=each.coder, passages=each.passages, all=found.passages, codings=each.codings,
            memos=each.memos,
        )
        for each in found.coders
    ]  # fmt: skip
    if found.adjudicated:
        lines.append(message("cli.status_adjudicated", adjudicated=found.adjudicated, all=found.passages))
    if not found.coders and not found.adjudicated:
        lines.append(message("cli.status_nobody"))
    return [line.said(spoken_language()) for line in lines]
