"""Corpora of any size: parquet in, parquet out, part by part, on one machine or on a Dask cluster."""

from lbc_themes.scale.parts import parts_of, read_part
from lbc_themes.scale.plan import Options, Plan, plan_of
from lbc_themes.scale.prepare import prepare
from lbc_themes.scale.steps import worked
from lbc_themes.scale.summary import Summary
from lbc_themes.scale.work import Result, on_frame, run

__all__ = [
    "Options",
    "Plan",
    "Result",
    "Summary",
    "on_frame",
    "parts_of",
    "plan_of",
    "prepare",
    "read_part",
    "run",
    "worked",
]
