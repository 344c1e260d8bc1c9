"""The short commands: cache, codebook, deidentify, encoder, review."""

from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.cli.options import say, unread_message
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message, spoken_language

# --- lbc-themes cache info and clear.

cache_app = typer.Typer(no_args_is_help=True, help="cli.commands.cache")
CacheFile = Annotated[Path | None, typer.Option("--cache", help="cli.help.cache_file")]


@cache_app.command("info", help="cli.commands.cache_info")
def info(cache: CacheFile = None) -> None:
    """Where the cache is and how large."""
    from lbc_themes.encoding import VectorCache, default_cache

    found = VectorCache(cache or default_cache()).info()
    say(message("cli.cache_info", path=found.path, vectors=found.vectors, size=f"{found.bytes / 1e6:.1f}"))


@cache_app.command("clear", help="cli.commands.cache_clear")
def clear(cache: CacheFile = None) -> None:
    """Delete the cache."""
    from lbc_themes.encoding import VectorCache, default_cache

    kept = VectorCache(cache or default_cache())
    kept.clear()
    say(message("cli.deleted", path=kept.path))


# --- lbc-themes codebook check and show.

codebook_app = typer.Typer(no_args_is_help=True, help="cli.commands.codebook")


@codebook_app.command("check", help="cli.commands.codebook_check")
def check(
    source: Annotated[str, typer.Argument(metavar="FILE", help="cli.help.codebook_source")],
) -> None:
    """List what is wrong or doubtful in a codebook; exit code 2 where there are errors."""
    from lbc_themes.codebook import check_codebook

    problems = check_codebook(source)
    for problem in problems:
        place = f":{problem.line}" if problem.line else ""
        code = f" {problem.code}" if problem.code else ""
        typer.echo(f"{source}{place} {problem.severity}{code} {problem.message.said(spoken_language())}")
    errors = sum(problem.severity == "error" for problem in problems)
    say(message("cli.problems", errors=errors, warnings=len(problems) - errors))
    if errors:
        raise typer.Exit(2)


@codebook_app.command("show", help="cli.commands.codebook_show")
def show(
    name: Annotated[str, typer.Argument(help="cli.help.codebook_source")],
    code: Annotated[str | None, typer.Option(help="cli.help.code")] = None,
) -> None:
    """Show the tree of codes, or one code in full."""
    from lbc_themes.codebook import code_description, load_codebook

    book = load_codebook(name)
    if code:
        typer.echo(f"{book[code].id}  {book[code].name.zh}  {book[code].name.en}\n\n{code_description(book[code])}")
        return
    say(message("cli.codebook_head", name=book.name, version=book.version, codes=len(book)))
    for entry in book:
        indent = "  " * len(book.ancestors(entry.id))
        typer.echo(f"{indent}{entry.id}  {entry.name.zh}  {entry.name.en} — {entry.brief.zh}")


# --- lbc-themes deidentify.


def deidentify_command(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="cli.help.source")],
    out: Annotated[Path, typer.Option(help="cli.help.deidentify_out")],
    key: Annotated[
        Path | None,
        typer.Option(help="cli.help.key"),
    ] = None,
    patterns_only: Annotated[bool, typer.Option("--patterns-only", help="cli.help.patterns_only")] = False,
) -> None:
    """Replace names and numbers; a person must still look."""
    from lbc_themes.safeguards.privacy import deidentify_folder, report_text

    unread: list[Bilingual] = []

    def note(_path: Path, error: InputError) -> None:
        unread.append(error.words)

    kept = key or out.with_name(f"{out.name}.key.json")
    written = deidentify_folder(source, out, kept, method="patterns" if patterns_only else "lac", on_error=note)
    typer.echo(report_text(written.report))
    say(message("cli.deidentified", copies=out, key_file=kept))
    if unread:
        raise InputError(unread_message(unread))


# --- lbc-themes encoder add, list and remove.

encoder_app = typer.Typer(no_args_is_help=True, help="cli.commands.encoder")


@encoder_app.command("add", help="cli.commands.encoder_add")
def add(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="cli.help.folder")],
    name: Annotated[str, typer.Option(help="cli.help.name")] = "",
    licence: Annotated[str, typer.Option(help="cli.help.licence")] = "",
    passage_prompt: Annotated[str | None, typer.Option(help="cli.help.passage_prompt")] = None,
    query_prompt: Annotated[str | None, typer.Option(help="cli.help.query_prompt")] = None,
) -> None:
    """Make an offline encoder of a model that you have downloaded."""
    from lbc_themes.encoding import add_encoder

    def report(step: Bilingual) -> None:
        typer.echo(step.said(spoken_language()), err=True)

    prompts = None
    if passage_prompt is not None or query_prompt is not None:
        prompts = {"passage": passage_prompt or "", "query": query_prompt or ""}
    card = add_encoder(folder, name, licence=licence, prompts=prompts, report=report)
    say(
        message(
            "cli.encoder_added", name=card.full_name, size=f"{card.size / 1e6:.0f}", licence=card.licence,
            mean=f"{card.fidelity_mean:.4f}", least=f"{card.fidelity_least:.4f}", short=card.name,
        )
    )  # fmt: skip


@encoder_app.command("list", help="cli.commands.encoder_list")
def list_encoders() -> None:
    """List the encoders that are there, the strongest first."""
    from lbc_themes.encoding import added_encoders, encoder_names

    for each in added_encoders().values():
        card = each.card
        typer.echo(f"{card.full_name}  {card.size / 1e6:.0f} MB  {card.licence}  {each.folder}")
    for name in encoder_names():
        typer.echo(name)


@encoder_app.command("remove", help="cli.commands.encoder_remove")
def remove(name: Annotated[str, typer.Argument(help="cli.help.its_name")]) -> None:
    """Delete an encoder that was added."""
    from lbc_themes.encoding import remove_encoder

    say(message("cli.deleted", path=remove_encoder(name)))


# --- lbc-themes review.


def review_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="cli.help.study")],
    coder: Annotated[str | None, typer.Option(help="cli.help.coder")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="cli.help.port")] = 0,
    encoder: Annotated[str, typer.Option(help="cli.help.encoder")] = "e5-small-zh.v1",
    cache: Annotated[Path | None, typer.Option(help="cli.help.cache")] = None,
    *,
    blind: Annotated[
        bool,
        typer.Option("--blind", help="cli.help.blind"),
    ] = False,
    no_learning: Annotated[bool, typer.Option("--no-learning", help="cli.help.no_learning")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="cli.help.no_cache")] = False,
) -> None:
    """Serve the page on which people code, to this machine alone."""
    from lbc_themes.encoding import default_cache
    from lbc_themes.review import serve

    def announce(address: str) -> None:
        say(message("cli.review_at", address=address))

    serve(
        study, coder=coder, port=port, blind=blind, learn=not no_learning, encoder=encoder,
        cache=None if no_cache else cache or default_cache(), announce=announce,
    )  # fmt: skip
