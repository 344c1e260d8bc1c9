"""The short commands: cache, codebook, deidentify, encoder, review."""

from pathlib import Path
from typing import Annotated

import typer

from lbc_themes.cli.options import say, unread_message
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message, spoken_language

# --- lbc-themes cache info and clear.

cache_app = typer.Typer(no_args_is_help=True, help="本机的向量缓存 The vector cache on this machine.")
CacheFile = Annotated[Path | None, typer.Option("--cache", help="缓存文件 The cache's file.")]


@cache_app.command("info")
def info(cache: CacheFile = None) -> None:
    """缓存在哪里，有多大。 Where the cache is and how large."""
    from lbc_themes.encoding import VectorCache, default_cache

    found = VectorCache(cache or default_cache()).info()
    say(message("cli.cache_info", path=found.path, vectors=found.vectors, size=f"{found.bytes / 1e6:.1f}"))


@cache_app.command("clear")
def clear(cache: CacheFile = None) -> None:
    """删除缓存。 Delete the cache."""
    from lbc_themes.encoding import VectorCache, default_cache

    kept = VectorCache(cache or default_cache())
    kept.clear()
    say(message("cli.deleted", path=kept.path))


# --- lbc-themes codebook check and show.

codebook_app = typer.Typer(no_args_is_help=True, help="检查和查看编码本 Check and show codebooks.")


@codebook_app.command("check")
def check(
    source: Annotated[str, typer.Argument(metavar="FILE", help="编码本文件或名称 A codebook's file or name.")],
) -> None:
    """列出编码本中的问题。 List what is wrong or doubtful in a codebook; exit code 2 where there are errors."""
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


@codebook_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="编码本文件或名称 A codebook's file or name.")],
    code: Annotated[str | None, typer.Option(help="只看一个编码 One code in full.")] = None,
) -> None:
    """显示编码树，或一个编码的全部内容。 Show the tree of codes, or one code in full."""
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
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="访谈文件或文件夹 A file or folder of interviews.")],
    out: Annotated[Path, typer.Option(help="输出文件夹，须为空 An empty folder for the copies.")],
    key: Annotated[
        Path | None,
        typer.Option(help="对照表，单独保管；默认在输出文件夹旁 The key, kept apart; beside OUT by default."),
    ] = None,
    patterns_only: Annotated[
        bool, typer.Option("--patterns-only", help="不用模型，只按规则找 Without the model, by patterns only.")
    ] = False,
) -> None:
    """把人名、校名、单位、地名、号码换成化名；仍须人工检查。 Replace names and numbers; a person must still look."""
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

encoder_app = typer.Typer(no_args_is_help=True, help="编码器：查看、添加、删除 Encoders: list, add, remove.")


@encoder_app.command("add")
def add(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="sentence-transformers 模型文件夹 A sentence-transformers folder.")
    ],
    name: Annotated[str, typer.Option(help="名称，默认用文件夹名 Its name here; the folder's by default.")] = "",
    licence: Annotated[str, typer.Option(help="许可，默认读 README Its licence; read from README.md.")] = "",
    passage_prompt: Annotated[
        str | None, typer.Option(help="段落前的提示语，默认按模型 What is put before a passage; the model's own.")
    ] = None,
    query_prompt: Annotated[
        str | None, typer.Option(help="编码前的提示语，默认按模型 What is put before a code; the model's own.")
    ] = None,
) -> None:
    """把下载好的模型变成本机的离线编码器。 Make an offline encoder of a model that you have downloaded."""
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


@encoder_app.command("list")
def list_encoders() -> None:
    """列出可用的编码器。 List the encoders that are there, the strongest first."""
    from lbc_themes.encoding import added_encoders, encoder_names

    for each in added_encoders().values():
        card = each.card
        typer.echo(f"{card.full_name}  {card.size / 1e6:.0f} MB  {card.licence}  {each.folder}")
    for name in encoder_names():
        typer.echo(name)


@encoder_app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="名称 Its name.")]) -> None:
    """删除添加过的编码器。 Delete an encoder that was added."""
    from lbc_themes.encoding import remove_encoder

    say(message("cli.deleted", path=remove_encoder(name)))


# --- lbc-themes review.


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
        say(message("cli.review_at", address=address))

    serve(
        study, coder=coder, port=port, blind=blind, learn=not no_learning, encoder=encoder,
        cache=None if no_cache else cache or default_cache(), announce=announce,
    )  # fmt: skip
