"""A run over friendly and hostile interviews, and what it leaves."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from lbc_themes.pipeline import RunOptions, RunResult, run

HOSTILE_NAME = "C09<img src=x onerror=alert(1)>.txt"
HOSTILE = (
    "访谈者：<script>alert('问')</script>平时谁管钱？\n"
    "小禾：=HYPERLINK(\"http://example.org\",\"点我\")家里没钱，校服费太贵了，爷爷说先不交。\n"
    "访谈者：还有呢？\n"
    "小禾：</style><script src=http://example.org/x.js></script>我想妈妈，{{ 7*7 }} & <b>想</b>得睡不着觉。\n"
    "访谈者：后来呢？\n"
    "小禾：后来我真的不想活了，跟谁都没有说过这个话，作业也不写了，课也听不懂。\n"
)  # fmt: skip


def hostile_run(folder: Path, codebook: Path, interviews: Mapping[str, str]) -> RunResult:
    """Run over ``interviews``, one that would break out of a page, and a file that cannot be read."""
    for name, text in {**interviews, HOSTILE_NAME: HOSTILE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "broken.docx").write_bytes(b"no document")
    return run(RunOptions(source=folder, codebook=str(codebook), out=folder / "unused"))


def into(result: RunResult, out: Path, **options: object) -> RunResult:
    """Return the same run, as if it had been told to leave its files in ``out``."""
    return dataclasses.replace(result, options=dataclasses.replace(result.options, out=out, **options))
