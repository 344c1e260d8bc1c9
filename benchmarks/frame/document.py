"""Write docs/benchmarks.md: what a person wrote of each benchmark, and tables made from the results."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.frame.benchmark import Benchmark
from benchmarks.frame.datasets import DataSet, all_declared
from benchmarks.frame.machine import ROOT
from benchmarks.frame.results import RESULTS, read
from benchmarks.frame.tables import markdown
from lbc_themes.core.errors import InputError

DOCUMENT = ROOT / "docs" / "benchmarks.md"

LEADING = ("learning",)
"""What a reader asks first; the rest follows in alphabetical order."""

_HEAD = """\
# Benchmarks

Made by `python -m benchmarks table` from `benchmarks/results/*.json`; edit the benchmark's own file, not this page.

No open Mandarin interviews about left-behind children with human codes were found. The figures below are therefore
measured on other material: interviews about other matters, app reviews, scales. They say how the methods compare, not
how well they will do in your study. Figures in square brackets are 95 % intervals; "–" means not defined.

    python -m benchmarks list
    python -m benchmarks run NAME --data FOLDER     # or: run all; FOLDER may stand in LBC_BENCH_DATA
    python -m benchmarks table

FOLDER holds one folder for each data set, named as in the list at the end of this page. None of the sets is part of the
project; each is declared in `benchmarks/datasets/` with its address, commit, licence and checksums. A set that differs
from its declaration is measured all the same, and the difference is said beside the result."""


def document(benchmarks: Iterable[Benchmark], results: Path = RESULTS) -> str:
    """Return the page."""
    ordered = sorted(benchmarks, key=lambda benchmark: benchmark.name not in LEADING)
    sections = [_section(benchmark, read(benchmark.name, results)) for benchmark in ordered]
    return "\n\n".join([_HEAD, *sections, _data_sets(all_declared())]) + "\n"


def embedded(benchmarks: Iterable[Benchmark], docs: Path, results: Path = RESULTS) -> dict[Path, str]:
    """Return the pages of ``docs`` in which tables of benchmarks stand, with the tables of the last results.

    A table stands between ``<!-- benchmark: NAME -->`` and ``<!-- end of benchmark -->``.
    """
    texts: dict[Path, str] = {}
    for benchmark in benchmarks:
        result = read(benchmark.name, results)
        for name, table in (benchmark.pages(result) if result else {}).items():
            page = docs / name
            text = texts.get(page) or page.read_text(encoding="utf-8")
            start, end = f"<!-- benchmark: {benchmark.name} -->\n", "<!-- end of benchmark -->"
            before, found, rest = text.partition(start)
            _, closed, after = rest.partition(end)
            if not (found and closed):
                raise InputError(f"{page}: no {start.strip()} ... {end}, where the table is to stand")
            texts[page] = f"{before}{start}\n{table}\n\n{end}{after}"
    return texts


def _section(benchmark: Benchmark, result: dict[str, Any] | None) -> str:
    parts = [f"## {benchmark.name}", f"**{benchmark.question}**", benchmark.head]
    if result is None:
        return "\n\n".join([*parts, "Not run yet."])
    parts += [markdown(table) for table in result["tables"]]
    parts += [benchmark.note] * bool(benchmark.note)
    return "\n\n".join([*parts, _stamp(result)])


def _stamp(result: dict[str, Any]) -> str:
    machine = result["machine"]
    differing = [f"{name} ({said})" for name, said in result["data"].items() if said != "as declared"]
    data = f"Data differing from the declaration: {', '.join(differing)}." if differing else "Data as declared."
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (
        f"*Run on {result['date']} at commit {result['commit']}, seed {result['seed']}, in {result['seconds']:,} s, on "
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, load "
        f"{machine['load_before']} before the run. {versions}. {data}*"
    )


def _data_sets(sets: Iterable[DataSet]) -> str:
    rows = [
        {"folder": one.name, "what it is": one.title, "address": one.source, "licence": one.licence} for one in sets
    ]
    return "## Data sets\n\n" + markdown({"title": "", "rows": rows})
