"""What a benchmark is: a module of this folder that asks one question."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import benchmarks
from lbc_themes.core.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One question and the way it is answered.

    ``main`` takes the folder of data sets and returns tables (see ``frame.tables``). ``head`` says what is compared and
    how to read it; ``note`` is the reading of the figures by a person. ``packages`` are those whose versions matter.
    ``pages`` returns of a result what stands in other pages of docs/, by the page's name.
    """

    name: str
    question: str
    data: tuple[str, ...]
    head: str
    note: str
    seed: int
    packages: tuple[str, ...]
    main: Callable[[Path], dict[str, Any]]
    pages: Callable[[dict[str, Any]], dict[str, str]] = lambda _: {}


def from_module(module: ModuleType) -> Benchmark | None:
    """Return the benchmark that ``module`` declares (NAME, QUESTION, DATA, ``main``), or None where it has no NAME."""
    if not hasattr(module, "NAME"):
        return None
    return Benchmark(
        name=module.NAME,
        question=module.QUESTION,
        data=tuple(module.DATA),
        head=inspect.cleandoc(module.__doc__ or ""),
        note=inspect.cleandoc(getattr(module, "NOTE", "")),
        seed=getattr(module, "SEED", 0),
        packages=tuple(getattr(module, "PACKAGES", ())),
        main=module.main,
        pages=getattr(module, "pages", lambda _: {}),
    )


def all_benchmarks() -> dict[str, Benchmark]:
    """Return every benchmark by name, in alphabetical order."""
    names = sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__) if not found.name.startswith("_"))
    declared = (from_module(importlib.import_module(f"benchmarks.{name}")) for name in names)
    return {benchmark.name: benchmark for benchmark in declared if benchmark}


def chosen(name: str) -> list[Benchmark]:
    """Return the benchmark ``name``, or every one for "all"."""
    known = all_benchmarks()
    if name == "all":
        return list(known.values())
    if name not in known:
        raise InputError(f"no benchmark {name!r}; known: {', '.join(known)}, all")
    return [known[name]]
