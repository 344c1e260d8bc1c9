"""The whole way: from a folder of interviews to suggestions and candidate themes."""

from lbc_themes.run.job import run
from lbc_themes.run.result import RunOptions, RunResult, Unread
from lbc_themes.run.stages import Stages

__all__ = ["RunOptions", "RunResult", "Stages", "Unread", "run"]
