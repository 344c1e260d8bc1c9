"""lbc-themes codebook check and show."""

from typing import Annotated

import typer

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
        typer.echo(f"{source}{place} {problem.severity}{code} {problem.message.zh} {problem.message.en}")
    errors = sum(problem.severity == "error" for problem in problems)
    typer.echo(f"{errors} 个错误 errors, {len(problems) - errors} 个提醒 warnings")
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
    typer.echo(f"{book.name.zh} {book.name.en} · {book.version} · {len(book)} 个编码 codes")
    for entry in book:
        indent = "  " * len(book.ancestors(entry.id))
        typer.echo(f"{indent}{entry.id}  {entry.name.zh}  {entry.name.en} — {entry.brief.zh}")
