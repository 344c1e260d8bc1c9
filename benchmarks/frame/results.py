"""Run a benchmark and keep its result as JSON, with all that is needed to judge it."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.frame.benchmark import Benchmark
from benchmarks.frame.datasets import checked, declared
from benchmarks.frame.machine import commit, machine, versions
from benchmarks.frame.tables import tables_of
from lbc_themes.core.errors import InputError

RESULTS = Path(__file__).parent.parent / "results"


def run(benchmark: Benchmark, data: Path) -> dict[str, Any]:
    """Return the stamped result of ``benchmark`` on the sets in the folder ``data``."""
    said = checked([declared(name) for name in benchmark.data], data)
    stamp = {
        "benchmark": benchmark.name,
        "question": benchmark.question,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "machine": machine(),
        "versions": versions(benchmark.packages),
        "seed": benchmark.seed,
        "data": said,
    }
    begin = time.perf_counter()
    try:
        tables = tables_of(benchmark.main(data))
    except FileNotFoundError as error:
        raise InputError(
            f"{benchmark.name} needs {error.filename}, which is not there; said of the data: {said}"
        ) from error
    return {**stamp, "seconds": round(time.perf_counter() - begin, 1), "tables": tables}


def write(result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write a result to ``folder/NAME.json`` and return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['benchmark']}.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1, default=_plain) + "\n", encoding="utf-8")
    return path


def _plain(value: object) -> object:
    return value.item() if hasattr(value, "item") else str(value)


def read(name: str, folder: Path = RESULTS) -> dict[str, Any] | None:
    """Return the kept result of the benchmark ``name``, or None where it was not run."""
    path = folder / f"{name}.json"
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
