"""``python -m benchmarks``: run a benchmark, list them all, remake the page of results."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as ShownTable

from benchmarks.frame import document, results
from benchmarks.frame.benchmark import all_benchmarks, chosen
from benchmarks.frame.tables import Table, cell, columns_of
from lbc_themes.core.errors import InputError, LbcError

WIDTH = 140
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
Data = Annotated[Path | None, typer.Option(envvar="LBC_BENCH_DATA", help="The folder that holds the data sets.")]
Reference = Annotated[
    Path | None,
    typer.Option(
        "--e5-reference", envvar="LBC_E5_REFERENCE", help="Float32 weights that the encoder is compared with."
    ),
]
Results = Annotated[Path, typer.Option("--results", help="The folder of the results.")]


@app.command("run")
def run_command(
    name: Annotated[str, typer.Argument(help="A benchmark, or all.")],
    data: Data = None,
    to: Results = results.RESULTS,
    reference: Reference = None,
) -> None:
    """Run one benchmark or all; write its result and show its tables."""
    wanted = chosen(name)
    if data is None:
        raise InputError("name the folder of the data sets with --data or LBC_BENCH_DATA; see docs/benchmarks.md")
    if reference:
        os.environ["LBC_E5_REFERENCE"] = str(reference)
    console, refused = Console(width=None if sys.stdout.isatty() else WIDTH), []
    for benchmark in wanted:
        try:
            with Console(stderr=True).status(f"{benchmark.name}: {benchmark.question}"):
                result = results.run(benchmark, data)
        except LbcError as error:
            refused.append(f"{benchmark.name}: {error}")
            continue
        for said in (f"{set_name}: {said}" for set_name, said in result["data"].items() if said != "as declared"):
            typer.echo(f"differs from its declaration: {said}", err=True)
        for table in result["tables"]:
            console.print(_shown(f"{benchmark.name}  {table['title']}", table))
        typer.echo(f"{results.write(result, to)} ({result['seconds']} s)")
    if refused:
        raise InputError("\n".join(refused))


@app.command("list")
def list_command(to: Results = results.RESULTS) -> None:
    """List the benchmarks: question, data sets, last run."""
    for benchmark in all_benchmarks().values():
        kept = results.read(benchmark.name, to)
        last = f"last run {kept['date']} at {kept['commit']}" if kept else "not run yet"
        typer.echo(f"{benchmark.name}: {benchmark.question} [{', '.join(benchmark.data)}] {last}")


@app.command("table")
def table_command(
    to: Results = results.RESULTS,
    out: Annotated[Path, typer.Option(help="The page to write.")] = document.DOCUMENT,
) -> None:
    """Remake the page of results, and the tables of results in the pages beside it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(document.document(all_benchmarks().values(), to), encoding="utf-8")
    typer.echo(str(out))
    for page, text in document.embedded(all_benchmarks().values(), out.parent, to).items():
        page.write_text(text, encoding="utf-8")
        typer.echo(str(page))


def _shown(title: str, table: Table) -> ShownTable:
    columns = columns_of(table)
    shown = ShownTable(*columns, title=title)
    for row in table["rows"]:
        shown.add_row(*(cell(row[column]) if column in row else "" for column in columns))
    return shown


def main() -> None:
    """Run the command line. Exit codes: 0 done, 2 bad use or data that are not there."""
    try:
        app()
    except LbcError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
